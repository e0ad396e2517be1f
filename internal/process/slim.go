package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Slim gives memory back that this process does not need while it waits. The
// program is large, and starting it has touched much of its code and constants;
// they are read again from the page cache when they are needed. Only mappings of files are given
// back that cannot be written to and of which no page was changed (a linker
// changes some): those are the same in the file.
func Slim() error {
	debug.FreeOSMemory()
	clean, err := cleanMappings()
	if err != nil {
		return err
	}
	// From here on as little as possible is done, since whatever is touched
	// comes back.
	for _, m := range clean {
		// Else one touch may bring two megabytes back. Kernels without huge
		// pages refuse this advice, and do not need it.
		_ = m.advise(unix.MADV_NOHUGEPAGE)
		if errno := m.advise(unix.MADV_DONTNEED); errno != 0 {
			err = errno
		}
	}
	return err
}

// mapping is a range of addresses.
type mapping struct {
	from, to uintptr
}

func (m mapping) advise(advice uintptr) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_MADVISE, m.from, m.to-m.from, advice)
	return errno
}

// cleanMappings are the parts of this process that are files to the byte; see
// proc_pid_smaps(5).
func cleanMappings() ([]mapping, error) {
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil, err
	}
	defer smaps.Close() //nolint:errcheck // only read from
	var clean []mapping
	var at mapping
	readOnly := false
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		line := lines.Bytes()
		switch {
		case len(line) == 0:
		case line[0] < 'A' || line[0] > 'Z': // the first line of an entry
			if at, readOnly, err = parseMapping(string(line)); err != nil {
				return nil, err
			}
		case readOnly && bytes.HasPrefix(line, []byte("Anonymous:")) && bytes.HasSuffix(line, []byte(" 0 kB")):
			clean = append(clean, at)
		}
	}
	return clean, lines.Err()
}

// parseMapping reads the first line of an entry: addresses, access, offset,
// device, inode and path.
func parseMapping(line string) (m mapping, readOnlyFile bool, err error) {
	const addresses, access, inode, path = 0, 1, 4, 5
	fields := strings.Fields(line)
	if len(fields) <= inode {
		return m, false, fmt.Errorf("only %d fields in %q", len(fields), line)
	}
	low, high, _ := strings.Cut(fields[addresses], "-")
	from, err := strconv.ParseUint(low, 16, 64)
	if err != nil {
		return m, false, err
	}
	to, err := strconv.ParseUint(high, 16, 64)
	if err != nil {
		return m, false, err
	}
	if from >= to {
		return m, false, errors.New("an empty range: " + line)
	}
	mode := fields[access]
	readOnlyFile = (mode == "r-xp" || mode == "r--p") && fields[inode] != "0" && len(fields) > path && strings.HasPrefix(fields[path], "/")
	return mapping{uintptr(from), uintptr(to)}, readOnlyFile, nil
}
