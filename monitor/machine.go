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
	Disk(folder string) (Disk, error)
}

// Disk is a file system.
type Disk struct {
	Device      string // by which it is known, until the next boot
	Total, Free uint64
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
func (Host) Disk(folder string) (Disk, error) {
	var fs unix.Statfs_t
	var dir unix.Stat_t
	if err := errors.Join(unix.Statfs(folder, &fs), unix.Stat(folder, &dir)); err != nil {
		return Disk{}, fmt.Errorf("look at the disk of %s: %w", folder, err)
	}
	block := uint64(fs.Bsize) //nolint:gosec // a block has a size
	return Disk{
		Device: fmt.Sprintf("%d:%d", unix.Major(dir.Dev), unix.Minor(dir.Dev)), Total: fs.Blocks * block, Free: fs.Bavail * block,
	}, nil
}
