package monitor

import (
	"context"
	"errors"
	"time"

	"uratori/internal/fault"
	"uratori/monitor/notify"
)

// troubleHold is for how many looks another part's trouble must last: a sheet
// that is out of reach for a moment is none.
const troubleHold = 12

// Follow reads what the ledger tells, until ctx ends.
func (m *Monitor) Follow(ctx context.Context) error { return m.follow(ctx) }

// Watch takes a sample each interval and acts on it, until ctx ends.
func (m *Monitor) Watch(ctx context.Context) error {
	s := &sampler{o: m.o}
	tick := time.NewTicker(m.o.Settings.Interval)
	defer tick.Stop()
	for {
		if err := m.round(ctx, s); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (m *Monitor) round(ctx context.Context, s *sampler) error {
	sample, err := s.take(ctx)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.last = sample
	m.mu.Unlock()
	return errors.Join(m.act(ctx, m.judge.look(sample)), m.troubled(ctx, sample.At), m.history.keep(ctx, sample))
}

// act does what a ruling wants.
func (m *Monitor) act(ctx context.Context, r ruling) error {
	if err := m.Find(ctx, r.found...); err != nil {
		return err
	}
	for _, k := range r.over {
		if err := m.Over(ctx, k.subject, k.kind); err != nil {
			return err
		}
	}
	for _, s := range r.stall {
		if err := m.o.Jobs.Stall(ctx, s.task, s.on); err != nil {
			m.o.Log.Warn("a task could not be marked", "task", s.task, "stalled", s.on, "error", err)
		}
	}
	for _, s := range r.stop {
		if err := m.stop(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// stop ends an attempt, and tells what became of it. That something is wrong
// is told even when nothing could be done.
func (m *Monitor) stop(ctx context.Context, s stopping) error {
	stopped, err := m.o.Jobs.Stop(ctx, s.job.Task, s.cause)
	if ctx.Err() != nil {
		return ctx.Err() // the next daemon finds the wish, and looks again
	}
	f := s.finding
	switch {
	case err != nil:
		m.o.Log.Error("a task could not be stopped", "task", s.job.Task, "error", err)
		f.Done, f.ToDo = say("monitor.stop.failed", "error", fault.Explain(err, m.o.Lang)), say("monitor.survivors.todo")
	case stopped.Again:
		f.Done = say("monitor.stop.again", "n", s.job.Attempt, "of", s.job.Attempts)
	default:
		f.Done = say("monitor.stop.done")
	}
	return m.Find(ctx, f)
}

// troubled holds what other parts complain of against time.
func (m *Monitor) troubled(ctx context.Context, at time.Time) error {
	if m.o.Troubles == nil {
		return nil
	}
	var r ruling
	now := map[string]bool{}
	for _, t := range m.o.Troubles() {
		now[t.Subject] = true
		f := Finding{Kind: "trouble", Subject: t.Subject, Level: notify.Normal, What: t.Words}
		m.judge.watch(&r, at, true, false, troubleHold, 0, f)
	}
	for k := range m.judge.gauges {
		if k.kind == "trouble" && !now[k.subject] {
			m.judge.watch(&r, at, false, true, troubleHold, 0, Finding{Kind: k.kind, Subject: k.subject})
		}
	}
	return m.act(ctx, r)
}
