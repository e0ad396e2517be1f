package shim

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// slim gives memory back while the shim waits. The program is large, and
// starting it has touched much of its code and constants; they are read again
// from the page cache when they are needed. Only mappings of files are given
// back that cannot be written to and of which no page was changed (a linker
// changes some): those are the same in the file.
func slim() error {
	const file = "/proc/self/smaps"
	smaps, err := os.Open(file)
	if err != nil {
		return err
	}
	defer smaps.Close() //nolint:errcheck // only read from
	var failed error
	var at mapping
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		line := lines.Text()
		if m, ok := parseMapping(line); ok {
			failed = errors.Join(failed, at.giveBack())
			at = m
		} else if anonymous, ok := strings.CutPrefix(line, "Anonymous:"); ok {
			at.same = strings.TrimSpace(anonymous) == "0 kB"
		}
	}
	return errors.Join(failed, at.giveBack(), lines.Err())
}

func slimOrComplain() {
	if err := slim(); err != nil {
		complain("give memory back", err)
	}
}

// forgetPeak makes the kernel forget how large this process has been.
func forgetPeak() {
	const peak = "5" // see proc_pid_clear_refs(5)
	_ = os.WriteFile("/proc/self/clear_refs", []byte(peak), 0)
}

// ownPeak is how large this process has been since then, in bytes.
func ownPeak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	return 0
}

// mapping is a range of addresses.
type mapping struct {
	from, to uintptr
	readOnly bool // private, of a file, and not to be written to
	same     bool // no page differs from the file
}

// parseMapping reads the first line of an entry; see proc_pid_smaps(5).
func parseMapping(line string) (mapping, bool) {
	var m mapping
	var flags, offset, device, path string
	var inode uint64
	n, _ := fmt.Sscanf(line, "%x-%x %s %s %s %d %s", &m.from, &m.to, &flags, &offset, &device, &inode, &path)
	const withoutPath = 6
	if n < withoutPath {
		return mapping{}, false
	}
	m.readOnly = (flags == "r-xp" || flags == "r--p") && inode != 0 && strings.HasPrefix(path, "/")
	return m, true
}

func (m mapping) giveBack() error {
	if !m.readOnly || !m.same {
		return nil
	}
	_, _, errno := unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
	if errno != 0 {
		return errno
	}
	return nil
}
