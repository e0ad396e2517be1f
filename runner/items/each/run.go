package each

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"uratori/runner/items"
)

// How the process ends.
const (
	exitDone    = 0
	exitFailed  = 1   // some items failed, or something was in the way of all
	exitRefused = 126 // the command is there and may not be started
	exitNoFile  = 127 // it is not there
	exitTold    = 143 // told to end: 128 + SIGTERM
)

// Run works the items of job off and returns the exit status of the process: 0
// when all are done. An item that is done already is passed over; one that
// fails leaves the others alone, unless the job says otherwise. Each command
// has stdout and stderr for its own, after a line that says which item it is
// for; they are plain files or terminals, never pipes of ours.
//
// When ctx ends no command is begun any more, those that run are sent SIGTERM
// and waited for: to end them by force is the business of whoever supervises.
func Run(ctx context.Context, job Job, stdout, stderr *os.File, now func() time.Time) int {
	r := &round{job: job, stdout: stdout, stderr: stderr, now: now, done: job.Total - len(job.Items)}
	r.judge = items.Judge{Seen: items.NewSeen(), Now: now}
	if err := r.open(); err != nil {
		r.complain("%v", err)
		return exitFailed
	}
	var workers sync.WaitGroup
	for range max(1, min(job.Jobs, len(job.Items))) {
		workers.Go(func() {
			for {
				it, ok := r.next(ctx)
				if !ok {
					return
				}
				r.work(ctx, it)
			}
		})
	}
	workers.Wait()
	r.close()
	return r.end(ctx)
}

// round is one run of a job.
type round struct {
	job            Job
	stdout, stderr *os.File
	now            func() time.Time
	judge          items.Judge
	log            *items.Log

	lock     sync.Mutex // of what follows
	progress *os.File   // nil: nobody is told, any more
	begun    int        // items that were taken
	done     int        // of the whole task
	failed   []string   // what is told of them at the end
	status   int        // of a fault that is in the way of all; 0: none
	halted   bool       // no other item is begun
}

func (r *round) open() (err error) {
	if r.log, err = items.OpenLog(r.job.Checkpoint); err != nil {
		return err
	}
	if r.job.Progress == "" {
		return nil
	}
	r.progress, err = os.OpenFile(r.job.Progress, os.O_WRONLY|os.O_CREATE|os.O_APPEND|unix.O_NONBLOCK, 0o600)
	if err != nil {
		r.complain("no progress is told: %v", err) // a display is no reason not to work
	}
	return nil
}

func (r *round) close() {
	if err := r.log.Close(); err != nil {
		r.halt(exitFailed, fmt.Sprintf("close the log of items: %v", err))
	}
	if r.progress != nil {
		r.progress.Close() //nolint:errcheck // nothing is waiting in it
	}
}

// next takes an item, while there is one to begin.
func (r *round) next(ctx context.Context) (items.Item, bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if ctx.Err() != nil || r.halted || r.begun == len(r.job.Items) {
		return items.Item{}, false
	}
	r.begun++
	return r.job.Items[r.begun-1], true
}

// work does one item, if it is not done.
func (r *round) work(ctx context.Context, it items.Item) {
	sight, err := r.judge.Look(ctx, it, items.Terms{Since: r.job.Since, Log: r.log})
	if err != nil {
		return // ctx has ended
	}
	if sight.Done {
		r.finish(it)
		return
	}
	if err := items.MakeFolders(ctx, []items.Item{it}); err != nil {
		r.fail(it, err.Error())
		return
	}
	run, err := r.log.Begin(it.Path, r.now())
	if errors.Is(err, items.ErrNoInput) {
		r.fail(it, err.Error())
		return
	}
	if err != nil {
		// Without the log nobody would know afterwards what was in hand.
		r.halt(exitFailed, err.Error())
		return
	}
	r.announce(it)
	r.start(ctx, it, &run)
	if run.Succeeded() && len(it.Outputs) > 0 {
		run.Error = r.lacking(ctx, it)
	}
	if err := r.log.End(run); err != nil {
		r.halt(exitFailed, err.Error())
	}
	if problem := run.Problem(); problem != nil {
		r.fail(it, fmt.Sprintf("%v after %s", problem, run.Took.Round(time.Millisecond)))
		return
	}
	r.finish(it)
}

// start runs the command of an item and notes in run how it ended.
func (r *round) start(ctx context.Context, it items.Item, run *items.Run) {
	argv := items.CommandFor(r.job.Argv, r.job.Cwd, it, r.job.Total)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.job.Cwd, r.stdout, r.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		run.Error = err.Error()
		// What cannot be started for one cannot be started for any.
		if !items.PerItem(r.job.Argv[0], len(it.Outputs)) {
			switch {
			case errors.Is(err, fs.ErrNotExist), errors.Is(err, exec.ErrNotFound):
				r.halt(exitNoFile, "")
			case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOEXEC):
				r.halt(exitRefused, "")
			}
		}
	} else {
		err := cmd.Wait()
		if cmd.ProcessState == nil {
			run.Error = err.Error() // it ended, and nobody knows how
		} else if run.Exit = cmd.ProcessState.ExitCode(); run.Exit < 0 {
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
				run.Signal = unix.SignalName(status.Signal())
			}
		}
	}
	run.Ended = r.now()
	run.Took = run.Ended.Sub(run.Started)
}

// lacking says what a command that ended well has not done. The look is
// finished even when the time has come to end: it decides whether the work of
// this item is lost.
func (r *round) lacking(ctx context.Context, it items.Item) string {
	sight, err := r.judge.Look(context.WithoutCancel(ctx), it, items.Terms{Since: r.job.Since})
	switch {
	case err != nil:
		return err.Error()
	case sight.Done:
		return ""
	case len(sight.Wrong) > 0:
		return "exit status 0, but " + sight.Wrong[0].Fault().Error()
	}
	made := map[string]bool{}
	for _, o := range sight.Outputs {
		made[o.Path] = true
	}
	for _, path := range it.Outputs {
		if !made[path] {
			return "exit status 0, but there is no " + path
		}
	}
	return "exit status 0, but not all outputs are there"
}
