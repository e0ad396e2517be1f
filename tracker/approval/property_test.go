package approval

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"uratori/internal/fault"
)

// model is what the rules say, without tables, keys or transactions.
type model struct {
	steps map[string]*asked
	tries []time.Time
	level int
	until time.Time
	words string // the passphrase, "" for none
}

// asked is the last question at a step.
type asked struct {
	version int
	state   State // but for what time does to it
	expires time.Time
	token   string
	reject  bool
}

func (a *asked) at(now time.Time) State {
	if a == nil {
		return None
	}
	if (a.state == Requested || a.state == Approved) && !now.Before(a.expires) {
		return Expired
	}
	return a.state
}

func (m *model) standing(step string, version int, now time.Time) State {
	a := m.steps[step]
	switch state := a.at(now); {
	case a == nil:
		return None
	case a.version == version:
		return state
	case state == Requested || state == Approved:
		return Void
	}
	return None
}

func (m *model) ask(step string, version int, life time.Duration, now time.Time) {
	if a := m.steps[step]; a != nil && a.version == version && (a.at(now) == Requested || a.at(now) == Approved) {
		return
	}
	m.steps[step] = &asked{version: version, state: Requested, expires: now.Add(life)}
}

// try is whether a passphrase is taken, and what is said otherwise.
func (m *model) try(words string, now time.Time) error {
	if m.words == "" {
		return ErrNoPassphrase
	}
	if now.Before(m.until) {
		return ErrLocked
	}
	var kept []time.Time
	for _, t := range m.tries {
		if now.Sub(t) < 10*time.Minute {
			kept = append(kept, t)
		}
	}
	if words == m.words {
		m.tries, m.level, m.until = nil, 0, time.Time{}
		return nil
	}
	if m.tries = append(kept, now); len(m.tries) < 5 {
		return ErrWrong
	}
	span := 15 * time.Minute
	for range m.level {
		span = min(2*span, 24*time.Hour)
	}
	m.tries, m.level, m.until = nil, m.level+1, now.Add(span)
	return ErrLocked
}

func (m *model) decide(step string, version int, words, token string, reject bool, life time.Duration, now time.Time) error {
	a := m.steps[step]
	switch {
	case a == nil:
		return ErrNotAsked
	case a.version != version:
		return ErrOther
	case a.state == Approved || a.state == Rejected:
		if token == "" || token != a.token || reject != a.reject {
			return ErrDecided
		}
		return m.try(words, now)
	case a.at(now) == Expired:
		return ErrExpired
	}
	if err := m.try(words, now); err != nil {
		return err
	}
	a.token, a.reject, a.state = token, reject, Rejected
	if !reject {
		a.state, a.expires = Approved, now.Add(life)
	}
	return nil
}

const life = 6 * time.Hour

func TestKeeper_DoesWhatTheRulesSay_WhateverHappensInWhateverOrder(t *testing.T) {
	steps := []string{"plan-approval", "completion-approval"}
	phrases := []string{right, "wrong passphrase", "a third passphrase"}
	rapid.Check(t, func(rt *rapid.T) {
		o, leave := openOffice(t)
		defer leave()
		m := &model{steps: map[string]*asked{}}
		step := rapid.SampledFrom(steps)
		version := rapid.IntRange(1, 3)
		of := func(step string, version int) Subject {
			s := subject(version)
			s.Step = step
			return s
		}
		decisions := 0
		rt.Repeat(map[string]func(*rapid.T){
			"ask": func(rt *rapid.T) {
				s, v := step.Draw(rt, "step"), version.Draw(rt, "version")
				r := request(v)
				r.Step, r.Life = s, life
				if _, err := o.Ask(context.Background(), r); err != nil {
					rt.Fatal(err)
				}
				m.ask(s, v, life, o.time())
			},
			"decide": func(rt *rapid.T) {
				s, v, words := step.Draw(rt, "step"), version.Draw(rt, "version"), rapid.SampledFrom(phrases).Draw(rt, "words")
				token, reject := rapid.SampledFrom([]string{"", "t1", "t2"}).Draw(rt, "token"), rapid.Bool().Draw(rt, "reject")
				d := Decision{Subject: of(s, v), Passphrase: []byte(words), Approver: "kiri", Channel: Web, Token: token, Reject: reject}
				if reject {
					d.Reason = "no"
				}
				before := m.steps[s].at(o.time())
				want := m.decide(s, v, words, token, reject, life, o.time())
				if want == nil && before == Requested {
					decisions++
				}
				if _, err := o.Decide(context.Background(), d); !same(err, want) {
					rt.Fatalf("%v, want %v", err, want)
				}
			},
			"many at once": func(rt *rapid.T) {
				s, v, n := step.Draw(rt, "step"), version.Draw(rt, "version"), rapid.IntRange(2, 5).Draw(rt, "count")
				// All are alike but for what they say, so that any may be the first.
				errs := make(chan error, n)
				for i := range n {
					go func() {
						d := Decision{Subject: of(s, v), Passphrase: []byte(right), Approver: fmt.Sprint("person ", i), Channel: Web}
						_, err := o.Decide(context.Background(), d)
						errs <- err
					}()
				}
				want := m.decide(s, v, right, "", false, life, o.time())
				won := 0
				for range n {
					err := <-errs
					switch {
					case err == nil:
						won++
					case want == nil && !errors.Is(err, ErrDecided):
						rt.Fatalf("%v", err)
					}
				}
				if want == nil && won != 1 || want != nil && won != 0 {
					rt.Fatalf("%d have won, want %v", won, want)
				}
				decisions += won
				if errors.Is(want, ErrWrong) || errors.Is(want, ErrLocked) {
					for range n - 1 { // the others have tried, too
						_ = m.try(right, o.time())
					}
				}
			},
			"passphrase": func(rt *rapid.T) {
				old, next := rapid.SampledFrom(append([]string{""}, phrases...)).Draw(rt, "old"), rapid.SampledFrom(phrases).Draw(rt, "new")
				err := o.SetPassphrase(context.Background(), []byte(old), []byte(next))
				switch {
				case m.words == "" && old == "":
					if err != nil {
						rt.Fatal(err)
					}
					m.words = next
				case old == "":
					if fault.KindOf(err) != fault.Conflict {
						rt.Fatal(err)
					}
				default:
					want := m.try(old, o.time())
					if !same(err, want) {
						rt.Fatalf("%v, want %v", err, want)
					}
					if want == nil {
						m.words = next
					}
				}
			},
			"restart": func(*rapid.T) { o.again() },
			"time": func(rt *rapid.T) {
				o.pass(rapid.SampledFrom([]time.Duration{time.Millisecond, time.Minute, 4 * time.Minute, 10 * time.Minute, 15 * time.Minute, time.Hour, life}).Draw(rt, "span"))
			},
			"": func(rt *rapid.T) {
				open := 0
				for _, s := range steps {
					for v := 1; v <= 3; v++ {
						got, err := o.Standing(context.Background(), of(s, v))
						if want := m.standing(s, v, o.time()); err != nil || got.State != want {
							rt.Fatalf("%s %d: %+v, want %s (%v)", s, v, got, want, err)
						}
					}
					if m.steps[s].at(o.time()) == Requested {
						open++
					}
				}
				list, err := o.Open(context.Background(), "INTG-088")
				if err != nil || len(list) != open {
					rt.Fatalf("%d wait, want %d (%v)", len(list), open, err)
				}
				set, until, err := o.Passphrase(context.Background())
				if wantUntil := m.until; err != nil || set != (m.words != "") || !o.time().Before(wantUntil) != until.IsZero() || !until.IsZero() && !until.Equal(wantUntil) {
					rt.Fatalf("set %v, locked until %v, want %v (%v)", set, until, wantUntil, err)
				}
				var n int
				err = o.db.Reader().QueryRowContext(context.Background(), `SELECT count(*) FROM ledger WHERE kind = 'approval.decided'`).Scan(&n)
				if err != nil || n != decisions {
					rt.Fatalf("%d answers in the ledger, want %d (%v)", n, decisions, err)
				}
			},
		})
		if n := len(o.entries("approval.tampered")); n != 0 {
			rt.Fatal("something was taken for a forgery")
		}
	})
}

// same tells whether an error is the one that is wanted.
func same(err, want error) bool {
	if want == nil {
		return err == nil
	}
	return errors.Is(err, want)
}
