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

// Of identifies the process that has pid now, zombies included. The error
// wraps fs.ErrNotExist when there is none.
func Of(pid int) (ID, error) {
	id, _, err := look(pid)
	return id, err
}

func look(pid int) (id ID, state string, err error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ID{}, "", fmt.Errorf("read the boot id: %w", err)
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ID{}, "", fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	state, start, err := parse(string(stat))
	if err != nil {
		return ID{}, "", fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	return ID{PID: pid, Start: start, Boot: strings.TrimSpace(string(boot))}, state, nil
}

// Alive tells whether exactly this process still runs. A zombie has ended: it
// runs no code and only waits for its parent to notice. An error means that
// the process could not be looked at, and nothing is known.
func (id ID) Alive() (bool, error) {
	now, state, err := look(id.PID)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return now == id && state != "Z" && state != "X", nil
}

// parse reads the state, field 3, and the start time, field 22. The name in field 2 is chosen by the process and
// may hold blanks and parentheses, so fields are counted after the last ")".
func parse(stat string) (state string, start uint64, err error) {
	end := strings.LastIndexByte(stat, ')')
	if end < 0 {
		return "", 0, fmt.Errorf("no process name in %q", stat)
	}
	const startAfterName = 19 // field 22, counted from field 3
	fields := strings.Fields(stat[end+1:])
	if len(fields) <= startAfterName {
		return "", 0, fmt.Errorf("only %d fields after the name", len(fields))
	}
	start, err = strconv.ParseUint(fields[startAfterName], 10, 64)
	return fields[0], start, err
}
