package shim

import (
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/process"
)

const (
	// settled is after how long memory is given back: a job that runs so long,
	// or a spare that waits so long, is no matter of milliseconds.
	settled = 200 * time.Millisecond
	// tick is how often logs are looked at that may grow too large, and
	// soon, how often while they grow fast.
	tick = time.Second
	soon = 20 * time.Millisecond
	// slackest is the least that is given back at once.
	slackest = 64 << 10
)

// attempt serves one attempt to its end. An error is a fault that leaves the
// attempt without exit.json.
func (s *server) attempt(dir string) error {
	last, err := s.tend(dir)
	if err != nil {
		return err
	}
	s.gone = s.gone || last.Event == left
	s.say(last) // now that the lock is given back
	return nil
}

// tend returns the last event of an attempt.
func (s *server) tend(dir string) (event, error) {
	j, failure := prepare(dir)
	if failure != nil {
		return event{Event: failed, Failure: failure}, nil
	}
	defer j.close()
	j.groups = &s.groups
	if failure := j.start(s.self); failure != nil {
		exit := j.over(failure)
		return event{Event: failed, Failure: failure, Exit: &exit}, nil
	}
	t := tending{server: s, job: j, reaper: reap(j.run.Child.PID)}
	s.say(event{Event: started, Run: &j.run})
	alone, err := t.wait()
	last := event{Event: left}
	if err != nil || alone {
		last.Event = idle
	}
	if !t.told {
		last.Exit = t.exit
	}
	return last, err
}

// tending is a job that runs.
type tending struct {
	*server
	*job
	reaper
	exit    *Exit // once the first process has ended
	told    bool  // the daemon knows it
	slimmed bool
}

// errUnseen is the end of a job whose status somebody else has taken. The
// shim then leaves no exit.json: it would be a guess.
var errUnseen = errors.New("the kernel has not told how the job ended")

// wait returns true when no process of the job is left, and false when the
// daemon, or who sends SIGTERM, wants those that are to be left alone.
func (t *tending) wait() (bool, error) {
	timer := time.NewTimer(settled)
	defer timer.Stop()
	commands, ended, alone := t.commands, t.ended, t.alone
	var watch *sentry // once nobody listens
	defer func() { watch.end(t.term) }()
	for {
		select {
		case end := <-ended:
			ended = nil
			t.conclude(end)
			t.schedule(timer)
		case <-alone:
			alone = nil
			if t.exit == nil && len(ended) == 0 {
				return true, errUnseen
			}
		case <-timer.C:
			t.slimOnce()
			if t.exit != nil && t.exit.Unsaved != "" {
				t.save(t.exit)
			}
			t.schedule(timer)
		case <-watch.due():
			watch.look()
		case c, ok := <-commands:
			if !ok {
				commands = nil
				t.gone = true // nobody will hand over another attempt
				watch = t.sentry.begin()
			} else if c.Release && t.exit != nil {
				return t.release(alone), nil
			}
		case <-t.term:
			if t.exit != nil {
				t.gone = true
				return t.release(alone), nil
			}
		}
		// An exit that is not on the disk yet is kept for as long as anybody
		// may want it.
		if alone == nil && t.exit != nil && (t.exit.Unsaved == "" || homeless(t.folder)) {
			return true, nil
		}
	}
}

func (t *tending) slimOnce() {
	if t.slimmed {
		return
	}
	t.slimmed = true
	slim()
}

// conclude writes how the first process has ended. Where nothing more is to
// come, that is said with the last event; otherwise at once.
func (t *tending) conclude(end ending) {
	exit := end.exit(t.run)
	if exit.Usage.MaxRSSBytes <= t.peak {
		exit.Usage.MaxRSSBytes = 0
	}
	exit.Stdout, exit.Stderr = t.stdout.sum(), t.stderr.sum()
	t.save(&exit)
	t.exit = &exit
	if exit.Others || exit.Unsaved != "" {
		t.told = true
		t.say(event{Event: exited, Exit: &exit})
	}
}

// schedule looks after the logs, and arranges for the next time. A job whose
// logs have no cap wakes nobody.
func (t *tending) schedule(timer *time.Timer) {
	next := time.Duration(0)
	if t.spec.LogCap > 0 {
		slack := max(slackest, t.spec.LogCap/4)
		next = tick
		for _, l := range []*logCap{&t.stdout, &t.stderr} {
			if l.keep(slack) {
				next = soon
			}
		}
	}
	if t.exit != nil && t.exit.Unsaved != "" {
		next = tick
	}
	if next > 0 {
		timer.Reset(next)
	}
}

// release is the end of the attempt when it was asked for: at once, unless all
// processes are gone and only need to be reaped.
func (t *tending) release(alone <-chan struct{}) bool {
	if alone == nil {
		return true
	}
	if children() {
		return false
	}
	<-alone
	return true
}

// children tells whether this process has any that still run.
func children() bool {
	all, err := process.All()
	if err != nil {
		return true
	}
	for _, p := range all {
		if p.Parent == os.Getpid() && !p.Ended {
			return true
		}
	}
	return false
}

// signalName is "SIGKILL", or the number for those without a name.
func signalName(sig syscall.Signal) string {
	if name := unix.SignalName(sig); name != "" {
		return name
	}
	return strconv.Itoa(int(sig))
}
