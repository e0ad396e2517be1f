package monitor

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Machine is where the sampler looks at the machine itself.
type Machine interface {
	// Memory is what is there, and what could be had without swapping.
	Memory() (total, available uint64, err error)
	// Disk is the same of the file system of a folder.
	Disk(folder string) (total, available uint64, err error)
}

// Host is this machine.
type Host struct{}

// Memory reads /proc/meminfo.
func (Host) Memory() (total, available uint64, err error) {
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		into := &total
		switch name {
		case "MemTotal":
		case "MemAvailable":
			into = &available
		default:
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			return 0, 0, fmt.Errorf("no number in %q", lines.Text())
		}
		kib, err := strconv.ParseUint(fields[0], 10, 64)
		if err != nil {
			return 0, 0, err
		}
		*into = kib << 10
	}
	if total == 0 {
		err = errors.New("no MemTotal in /proc/meminfo")
	}
	return total, available, errors.Join(err, lines.Err())
}

// Disk asks the file system.
func (Host) Disk(folder string) (total, available uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(folder, &st); err != nil {
		return 0, 0, fmt.Errorf("look at the disk of %s: %w", folder, err)
	}
	block := uint64(st.Bsize) //nolint:gosec // a block has a size
	return st.Blocks * block, st.Bavail * block, nil
}
