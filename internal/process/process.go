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

func look(pid int) (id ID, ended bool, err error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ID{}, false, fmt.Errorf("read the boot id: %w", err)
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ID{}, false, fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	start, ended, err := parse(string(stat))
	if err != nil {
		return ID{}, false, fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	return ID{PID: pid, Start: start, Boot: strings.TrimSpace(string(boot))}, ended, nil
}

// Alive tells whether exactly this process still runs. A zombie has ended: it
// runs no code, holds no file and only waits for its parent to notice. One
// whose main thread is a zombie while others are still ending has not. An
// error means that the process could not be looked at, and nothing is known.
func (id ID) Alive() (bool, error) {
	now, ended, err := look(id.PID)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return now == id && !ended, nil
}

// parse reads the state (field 3), the number of threads (20) and the start
// time (22), see proc_pid_stat(5). The name in field 2 is chosen by the process and
// may hold blanks and parentheses, so fields are counted after the last ")".
func parse(stat string) (start uint64, ended bool, err error) {
	end := strings.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, false, fmt.Errorf("no process name in %q", stat)
	}
	const state, threads, began = 0, 17, 19 // counted from field 3
	fields := strings.Fields(stat[end+1:])
	if len(fields) <= began {
		return 0, false, fmt.Errorf("only %d fields after the name", len(fields))
	}
	ended = fields[state] == "X" || fields[state] == "Z" && fields[threads] == "1"
	start, err = strconv.ParseUint(fields[began], 10, 64)
	return start, ended, err
}
