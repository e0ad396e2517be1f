package shim

import (
	"errors"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ending is what the reaper saw of the end of the job's first process.
type ending struct {
	status syscall.WaitStatus
	usage  Usage
	others bool // processes of the job are left
	at     time.Time
}

// reaper waits for the processes below the shim. There is one for each job,
// and nobody else waits: who waits for any child takes the status of every
// child.
type reaper struct {
	ended chan ending   // has room for one: the end of the first process
	alone chan struct{} // closed when no process is left, after ended
}

func reap(first int) reaper {
	r := reaper{ended: make(chan ending, 1), alone: make(chan struct{})}
	go r.work(first)
	return r
}

func (r reaper) work(first int) {
	defer close(r.alone)
	var end ending
	var user, system time.Duration
	over := false
	tell := func() {
		end.usage.UserMS, end.usage.SystemMS = user.Milliseconds(), system.Milliseconds()
		r.ended <- end
	}
	for {
		options := unix.WALL
		if over {
			options |= unix.WNOHANG // those that have ended already count among what was used
		}
		var status syscall.WaitStatus
		var usage syscall.Rusage
		pid, err := syscall.Wait4(-1, &status, options, &usage)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil: // ECHILD
			if over {
				tell()
			}
			return
		case pid == 0:
			end.others = true
			tell()
			r.rest()
			return
		}
		user += time.Duration(usage.Utime.Nano())
		system += time.Duration(usage.Stime.Nano())
		end.usage.add(usage)
		if pid == first {
			over, end.status, end.at = true, status, time.Now()
		}
	}
}

// rest reaps what outlived the first process.
func (r reaper) rest() {
	for {
		if _, err := syscall.Wait4(-1, nil, unix.WALL, nil); err != nil && !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}

func (u *Usage) add(r syscall.Rusage) {
	u.MaxRSSBytes = max(u.MaxRSSBytes, r.Maxrss<<10)
	u.MajorFaults += r.Majflt
	u.ReadBlocks += r.Inblock
	u.WriteBlocks += r.Oublock
}

// exit is what exit.json says.
func (e ending) exit(run Run) Exit {
	exit := Exit{StartedAt: run.StartedAt, EndedAt: e.at, Usage: e.usage, Others: e.others}
	if e.status.Signaled() {
		exit.Signal, exit.Core = signalName(e.status.Signal()), e.status.CoreDump()
		return exit
	}
	code := e.status.ExitStatus()
	exit.Code = &code
	return exit
}
