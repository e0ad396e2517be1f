package gpu

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"uratori/internal/fault"
)

// open starts a probe of the first library that works. Each is tried in a
// process of its own, since a process can load one only.
func (p *Probe) open(ctx context.Context) (*child, error) {
	var worst error
	var absent []string
	for _, library := range p.o.Libraries {
		if filepath.IsAbs(library) {
			if _, err := os.Stat(library); errors.Is(err, fs.ErrNotExist) {
				absent = append(absent, library)
				continue // without a process for nothing
			}
		}
		c, err := p.try(ctx, library)
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrNotBuilt) {
			return c, err
		}
		if errors.Is(err, ErrNoLibrary) {
			absent = append(absent, library)
		}
		if worst == nil || weight(err) > weight(worst) {
			worst = err
		}
	}
	if worst == nil || errors.Is(worst, ErrNoLibrary) {
		return nil, fault.New(fault.Unavailable, "gpu.no_library", "libraries", strings.Join(absent, ", "))
	}
	return nil, worst
}

// try starts a probe and waits until it is ready. Whatever else becomes of it,
// it has ended then.
func (p *Probe) try(ctx context.Context, library string) (*child, error) {
	c, err := spawn(p.o.Program, p.o.Args, p.o.Env, library)
	if err != nil {
		return nil, lost(fault.New(fault.Unavailable, "gpu.not_started").Wrap(err))
	}
	limit := time.NewTimer(p.o.Start)
	defer limit.Stop()
	over := func(why error) error { return p.over(ctx, c, why, func(error) {}) }
	for {
		select {
		case m, ok := <-c.heard:
			switch {
			case !ok:
				return nil, over(nil)
			case m.Hello != nil:
				p.ready(c, *m.Hello)
				return c, nil
			case m.Refusal != nil:
				return nil, over(m.Refusal.fault(library))
			default:
				return nil, over(garbled(errors.New("no greeting came")))
			}
		case <-limit.C:
			return nil, over(lost(fault.New(fault.Unavailable, "gpu.silent_start", "span", p.o.Start)))
		case <-ctx.Done():
			return nil, over(ctx.Err())
		case a := <-p.unanswered():
			if a.what == askRenew {
				a.answer <- answer{} // this is a fresh one
			} else {
				a.answer <- answer{err: p.State().Problem}
			}
		}
	}
}

// unanswered are the questions that a probe which is tried again leaves without
// an answer: who asks a sick driver shall hear so at once. At a first start
// there is nothing to say yet, and they wait.
func (p *Probe) unanswered() <-chan *ask {
	if p.State().Problem == nil {
		return nil
	}
	return p.asks
}

func (p *Probe) ready(c *child, info Info) {
	p.met = true
	p.become(func(s *State) { s.Phase, s.Problem, s.Info, s.PID, s.NextTry = Ready, nil, info, c.pid, time.Time{} })
	p.o.Log.Info("the GPU probe is ready", "pid", c.pid, "library", info.Library, "driver", info.Driver, "events", info.Events)
	p.wake()
}

func lost(why error) error { return fault.New(fault.Unavailable, "gpu.probe_lost").Wrap(why) }

// garbled is a probe that talks in another way than it should.
func garbled(how error) error { return lost(fault.New(fault.Unavailable, "gpu.garbled").Wrap(how)) }

// over ends a probe process and returns why: the reason given, or else how the
// process ended. It does not return before a process that cannot be ended is
// gone, or ctx ends: another one would get stuck beside it. So tell hears why
// as soon as it is known.
func (p *Probe) over(ctx context.Context, c *child, why error, tell func(error)) error {
	ended := c.end(p.o.Grace, p.signal)
	if !ended {
		why = lost(fault.New(fault.Unavailable, "gpu.stuck", "pid", c.pid))
		p.become(func(s *State) { s.Phase, s.Problem = Lost, why })
		p.o.Log.Error("the GPU probe cannot be ended", "pid", c.pid)
		p.wake()
		tell(why)
		p.outwait(ctx, c, why)
		return why
	}
	p.o.Log.Debug("a GPU probe has ended", "pid", c.pid, "status", c.status, "stderr", c.said.all())
	switch {
	case why != nil:
	case c.noise != nil:
		why = garbled(c.noise)
	case c.said.summary() != "":
		why = lost(fault.New(fault.Unavailable, "gpu.died_saying", "status", c.status, "words", c.said.summary()))
	default:
		why = lost(fault.New(fault.Unavailable, "gpu.died", "status", c.status))
	}
	tell(why)
	return why
}

// outwait answers questions until a stuck process is gone.
func (p *Probe) outwait(ctx context.Context, c *child, why error) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.ended:
			return
		case a := <-p.asks:
			a.answer <- answer{err: why}
		}
	}
}

// serve passes questions on, one at a time, until the probe is lost or to be
// renewed, and returns why.
func (p *Probe) serve(ctx context.Context, c *child) error {
	born := time.Now()
	silence := time.NewTimer(p.o.Silence)
	defer silence.Stop()
	silence.Stop()
	var open *ask // the question that the probe works on
	var id uint64
	reply := func(err error) {
		if open != nil {
			open.answer <- answer{err: err}
			open = nil
		}
	}
	fail := func(why error) error { return p.over(ctx, c, why, reply) }
	for {
		asks := p.asks
		if open != nil {
			asks = nil
		}
		select {
		case <-ctx.Done():
			reply(fault.New(fault.Unavailable, "gpu.stopped"))
			return fail(ctx.Err())
		case <-silence.C:
			why := lost(fault.New(fault.Unavailable, "gpu.silent", "span", p.o.Silence))
			reply(why) // ending it takes longer
			return fail(why)
		case a := <-asks:
			if a.what == askRenew {
				a.answer <- answer{}
				return fail(errRenew)
			}
			open = a
			id++
			if err := c.ask(request{ID: id, Ask: a.what}); err != nil {
				return fail(nil) // it has closed its input: how it ended says more
			}
			silence.Reset(p.o.Silence)
		case m, ok := <-c.heard:
			switch {
			case !ok:
				return fail(nil)
			case m.Event != nil:
				p.keep(*m.Event)
			case open == nil || m.ID != id:
				return fail(garbled(errors.New("an answer came to no question")))
			case m.Code != 0:
				return fail(lost(fault.New(fault.Unavailable, "gpu.count_failed", "code", m.Code)))
			default:
				silence.Stop()
				m.Readings = p.remember(open.what, m.Readings)
				open.answer <- answer{message: m}
				open = nil
				if slices.ContainsFunc(m.Readings, func(r Reading) bool { return r.Code != 0 }) && time.Since(born) > p.o.Rarely {
					return fail(errRenew) // a fresh one may see the GPU again
				}
			}
		}
	}
}

// keep holds an event until the next sample.
func (p *Probe) keep(e Event) {
	e.At = p.o.Now()
	p.mu.Lock()
	kept := len(p.events) < mostEvents
	if kept {
		p.events = append(p.events, e)
	}
	p.mu.Unlock()
	p.o.Log.Warn("a GPU reported an error", "xid", e.Xid, "gpu", e.Index, "uuid", e.UUID, "kept", kept)
	p.wake()
}

// remember completes a sample by GPUs that were there before and are listed no
// more: some fall off without any error.
func (p *Probe) remember(what string, readings []Reading) []Reading {
	if what != askSample {
		return readings
	}
	missing := maps.Clone(p.seen)
	for _, r := range readings {
		delete(missing, r.UUID)
		if r.UUID != "" {
			p.seen[r.UUID] = r.Device
		}
	}
	for i, r := range readings {
		if r.UUID != "" || r.Code == 0 {
			continue
		}
		// Lost before this probe process could ask who it is.
		for uuid, d := range missing {
			if d.Index == r.Index {
				readings[i].Device = d
				delete(missing, uuid)
				break
			}
		}
	}
	for _, uuid := range slices.Sorted(maps.Keys(missing)) {
		readings = append(readings, Reading{Device: missing[uuid], Code: codeNoGPU})
	}
	return readings
}
