// Package process tells processes apart for good.
//
// A pid alone is never trusted: pids are reused within minutes on a busy
// machine and start again after a reboot. The triple of boot id, pid and start
// time in clock ticks (field 22 of /proc/PID/stat) is unique, so a record of
// a process that was written before a crash can be judged afterwards.
package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// ID identifies one process of one boot of this machine.
type ID struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start_ticks"` // since boot, in clock ticks
	Boot  string `json:"boot_id"`
}

// Self identifies the calling process.
func Self() (ID, error) { return Of(os.Getpid()) }

// Of identifies the process that has pid now. The error wraps fs.ErrNotExist
// when there is none.
func Of(pid int) (ID, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ID{}, fmt.Errorf("read the boot id: %w", err)
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ID{}, fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	start, err := startTicks(string(stat))
	if err != nil {
		return ID{}, fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	return ID{PID: pid, Start: start, Boot: strings.TrimSpace(string(boot))}, nil
}

// Alive tells whether exactly this process still exists, as a zombie too. An
// error means that it could not be looked at, and nothing is known.
func (id ID) Alive() (bool, error) {
	now, err := Of(id.PID)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return now == id, nil
}

// startTicks reads field 22. The name in field 2 is chosen by the process and
// may hold blanks and parentheses, so fields are counted after the last ")".
func startTicks(stat string) (uint64, error) {
	end := strings.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, fmt.Errorf("no process name in %q", stat)
	}
	const startAfterName = 19 // field 22, counted from field 3
	fields := strings.Fields(stat[end+1:])
	if len(fields) <= startAfterName {
		return 0, fmt.Errorf("only %d fields after the name", len(fields))
	}
	return strconv.ParseUint(fields[startAfterName], 10, 64)
}
