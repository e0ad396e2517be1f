package monitor

import (
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/monitor/notify"
)

// troubleHold is for how many looks another part's trouble must last: a sheet
// that is out of reach for a moment is none.
const troubleHold = 12

const kindTrouble = "trouble"

// Watch takes a sample each interval, or as soon as a GPU reports something,
// and acts on it, until ctx ends. Run one at a time.
func (m *Monitor) Watch(ctx context.Context) error {
	defer m.work.Wait()
	open, folders, err := m.openNow(ctx)
	if err != nil {
		return err
	}
	m.judge.restore(open)
	s := newSampler(m.o, folders)
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
		case <-m.o.GPUs.Changed():
		}
	}
}

// openNow is what the store says is open, and the folders of full disks, at
// which somebody must look before they are said to have room again.
func (m *Monitor) openNow(ctx context.Context) (map[key]notify.Priority, []string, error) {
	rows, err := m.o.DB.Reader().QueryContext(ctx, `SELECT subject, kind, level, told FROM monitor_incidents WHERE open = 1`)
	if err != nil {
		return nil, nil, m.o.DB.Explain(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	open := map[key]notify.Priority{}
	var folders []string
	for rows.Next() {
		var k key
		var text, words string
		var level notify.Priority
		var t told
		if err := rows.Scan(&k.subject, &k.kind, &text, &words); err != nil {
			return nil, nil, err
		}
		if err := errors.Join(level.UnmarshalText([]byte(text)), json.Unmarshal([]byte(words), &t)); err != nil {
			return nil, nil, err
		}
		open[k] = max(open[k], level)
		if k.kind == kindDisk {
			folders = append(folders, t.What.Values["folder"])
		}
	}
	return open, folders, m.o.DB.Explain(rows.Err())
}

func (m *Monitor) round(ctx context.Context, s *sampler) error {
	sample, err := s.take(ctx)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.last = sample
	m.mu.Unlock()
	r := m.judge.look(sample)
	m.troubled(&r, sample.At)
	return errors.Join(m.act(ctx, sample, r), m.history.keep(ctx, sample), m.tidy(ctx, sample.At))
}

// act does what a ruling wants. What was decided and cannot be stored is
// decided again: the error ends the loop, and it begins with what the store
// says. Only that an attempt is to be stopped is never forgotten.
func (m *Monitor) act(ctx context.Context, s Sample, r ruling) error {
	m.stopAll(ctx, s, r.stop)
	var err error
	if len(r.found)+len(r.lasts)+len(r.over)+len(r.gone) > 0 {
		err = m.o.DB.Write(ctx, func(tx *store.Tx) error { return m.store(tx, r) })
	}
	for _, s := range r.stall {
		if wrong := m.o.Jobs.Stall(ctx, s.task, s.on); wrong != nil && ctx.Err() == nil {
			m.o.Log.Warn("a task could not be marked", "task", s.task, "stalled", s.on, "error", wrong)
		}
	}
	return err
}

func (m *Monitor) store(tx *store.Tx, r ruling) error {
	for _, f := range r.found {
		if err := m.find(tx, f); err != nil {
			return err
		}
	}
	for _, k := range r.lasts {
		if err := m.persists(tx, k); err != nil {
			return err
		}
	}
	for _, k := range r.over {
		if err := m.calm(tx, k.subject, only(k.kind)); err != nil {
			return err
		}
	}
	for _, subject := range r.gone {
		if err := m.over(tx, subject, seen); err != nil {
			return err
		}
	}
	return nil
}

// stops are attempts that are being ended.
type stops map[attempt]*stop

type stop struct {
	stopping
	running bool // somebody is at it
}

// stopAll sees to it that attempts end that must, each without keeping the
// others, or the next look, waiting. One that could not be stopped is tried
// again at each look for as long as it runs.
func (m *Monitor) stopAll(ctx context.Context, s Sample, more []stopping) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for a := range m.silent {
		if !s.has(a) {
			delete(m.silent, a)
		}
	}
	for _, one := range more {
		a := attempt{one.job.Task, one.job.Attempt}
		if !one.cause.Since.IsZero() {
			m.silent[a] = one.cause.Since
		}
		if m.stops[a] == nil {
			m.stops[a] = &stop{stopping: one}
		}
	}
	for a, one := range m.stops {
		switch {
		case one.running:
		case !s.has(a):
			delete(m.stops, a)
		default:
			one.running = true
			m.work.Go(func() { m.stop(ctx, a, one) })
		}
	}
}

// silentSince is the last sign of life of an attempt that is stopped for want of
// one; zero where this daemon did not decide that.
func (m *Monitor) silentSince(task int64, number int) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.silent[attempt{task, number}]
}

func (m *Monitor) stop(ctx context.Context, a attempt, one *stop) {
	_, err := m.o.Jobs.Stop(ctx, one.job.Task, one.cause)
	m.mu.Lock()
	one.running = false
	if err == nil {
		delete(m.stops, a)
	}
	m.mu.Unlock()
	if err == nil || ctx.Err() != nil {
		return
	}
	m.o.Log.Error("a task could not be stopped", "task", one.job.Task, "error", err)
	f := about(one.job, kindNotEnded, notify.Critical, reason(one.cause.Reason))
	f.Done, f.ToDo = say("monitor.stop.failed", "error", fault.Explain(err, m.o.Lang)), say("monitor.survivors.todo")
	if err := m.Find(ctx, f); err != nil && ctx.Err() == nil {
		m.o.Log.Error("people could not be told", "task", one.job.Task, "error", err)
	}
}

// troubled holds what other parts complain of against time.
func (m *Monitor) troubled(r *ruling, at time.Time) {
	if m.o.Troubles == nil {
		return
	}
	now := map[string]bool{}
	for _, t := range m.o.Troubles() {
		now[t.Subject] = true
		m.judge.watch(r, at, true, false, troubleHold, 0, Finding{Kind: kindTrouble, Subject: t.Subject, Level: t.Level, What: t.Words, ToDo: t.ToDo})
	}
	for k := range m.judge.gauges {
		if k.kind == kindTrouble && !now[k.subject] {
			m.judge.watch(r, at, false, true, troubleHold, 0, Finding{Kind: k.kind, Subject: k.subject})
		}
	}
}

const (
	tidyEvery = time.Hour
	// A task that failed is a matter for people for so long.
	failedFor = 7 * 24 * time.Hour
	// Incidents are kept for so long after their end.
	incidentsKept = 366 * 24 * time.Hour
)

// tidy ends what nobody will end, and forgets what is old.
func (m *Monitor) tidy(ctx context.Context, now time.Time) error {
	if !m.tidied.IsZero() && now.Sub(m.tidied).Abs() < tidyEvery {
		return nil
	}
	m.tidied = now
	return m.o.DB.Write(ctx, func(tx *store.Tx) error {
		subjects, err := failedBefore(tx, now.Add(-failedFor))
		if err != nil {
			return err
		}
		for _, subject := range subjects {
			if err := m.over(tx, subject, only(kindFailed)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(`DELETE FROM monitor_incidents WHERE open = 0 AND resolved < ?`, now.Add(-incidentsKept).UnixMilli())
		return err
	})
}

// failedBefore are the tasks that failed long ago.
func failedBefore(tx *store.Tx, at time.Time) (subjects []string, err error) {
	rows, err := tx.Query(`SELECT subject FROM monitor_incidents WHERE open = 1 AND kind = ? AND seen < ?`, kindFailed, at.UnixMilli())
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var subject string
		if err := rows.Scan(&subject); err != nil {
			return nil, err
		}
		subjects = append(subjects, subject)
	}
	return subjects, rows.Err()
}
