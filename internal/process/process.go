// Package process tells processes apart for good.
//
// A pid alone is never trusted: pids are reused within minutes on a busy
// machine and start again after a reboot. The triple of boot id, pid and start
// time in clock ticks (field 22 of /proc/PID/stat) is unique, so a record of
// a process that was written before a crash can be judged afterwards.
package process

import (
	"errors"
	"io/fs"
	"os"
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
	p, err := look(pid)
	return p.ID, err
}

// Beside identifies the process that has pid now, as [Of] does. id is one that
// runs, such as the caller's own: it knows the boot.
func (id ID) Beside(pid int) (ID, error) {
	p, err := one(pid, id.Boot)
	return p.ID, err
}

func look(pid int) (Process, error) {
	boot, err := bootID()
	if err != nil {
		return Process{}, err
	}
	return one(pid, boot)
}

// Alive tells whether exactly this process still runs. A zombie has ended: it
// runs no code, holds no file and only waits for its parent to notice. One
// whose main thread is a zombie while others are still ending has not. An
// error means that the process could not be looked at, and nothing is known.
func (id ID) Alive() (bool, error) {
	now, err := look(id.PID)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return now.ID == id && !now.Ended, nil
}
