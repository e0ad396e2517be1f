package local

import (
	"errors"
	"io/fs"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/process"
)

// processGone looks whether a process has ended. A number alone may be another
// process by now, so that, while somebody has it, only its start tells who.
func (s *session) processGone(c gate.Gone) factcheck.Finding {
	at := s.o.Now()
	now, err := process.Of(c.PID)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return verified(at)
	case err != nil:
		return unverifiable(fault.New(fault.Unavailable, "local.process_unseen", "pid", c.PID).Wrap(bare(err)))
	case c.Boot != "" && c.Boot != now.Boot:
		return verified(at) // nothing outlives a boot
	case c.Start != 0 && c.Start != now.Start:
		return verified(at) // it was given to another
	}
	alive, err := now.Alive()
	switch {
	case err != nil:
		return unverifiable(fault.New(fault.Unavailable, "local.process_unseen", "pid", c.PID).Wrap(bare(err)))
	case !alive:
		return verified(at) // a zombie, or it went just now
	case c.Start == 0:
		return unverifiable(fault.New(fault.Unavailable, "local.process_unknown", "pid", c.PID, "start", now.Start))
	}
	return refuted(at, fault.New(fault.Failed, "local.process_lives", "pid", c.PID))
}
