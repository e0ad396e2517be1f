package work

import (
	"context"
	"fmt"
	"sync"
	"time"

	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/tracker"
	"uratori/tracker/workflow"
)

const (
	// mirrorLimit is how long the table is waited for; a write goes on after it.
	mirrorLimit = 30 * time.Second
	// mirrorAgain is when a table that could not be used is tried again.
	mirrorAgain = time.Minute
	// mirrorFirst is how many tickets are looked at after a start: what moved
	// just before a crash was not written.
	mirrorFirst = 20
	// mirrorReader tells this reader of the table from others.
	mirrorReader = "workflow"
)

// mirror shows people in the table how far tickets are, where the table has a
// column for it. Nothing depends on what it writes: a step that has passed has
// passed.
type mirror struct {
	flows   *workflow.Workflows
	tracker *tracker.Tracker
	house   daemon.House
	lang    phrase.Lang

	mu    sync.Mutex
	moves map[string]bool // tickets to look at
	news  chan struct{}
}

func newMirror(h daemon.House, t *tracker.Tracker, lang phrase.Lang) *mirror {
	return &mirror{tracker: t, house: h, lang: lang, moves: map[string]bool{}, news: make(chan struct{}, 1)}
}

// moved notes a ticket that came to another step.
func (m *mirror) moved(ticket string) {
	m.mu.Lock()
	m.moves[ticket] = true
	m.mu.Unlock()
	select {
	case m.news <- struct{}{}:
	default: // it is awake
	}
}

func (m *mirror) take() (tickets []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ticket := range m.moves {
		tickets = append(tickets, ticket)
	}
	clear(m.moves)
	return tickets
}

// run writes until ctx ends.
func (m *mirror) run(ctx context.Context) error {
	latest, err := m.flows.Latest(ctx, mirrorFirst)
	if err != nil {
		return err
	}
	for _, ticket := range latest {
		m.moved(ticket)
	}
	again := time.NewTimer(mirrorAgain)
	defer again.Stop()
	var failed []string
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.news:
		case <-again.C:
			for _, ticket := range failed {
				m.moved(ticket)
			}
			failed = nil
			again.Reset(mirrorAgain)
			continue
		}
		for _, ticket := range m.take() {
			if err := m.write(ctx, ticket); err != nil && ctx.Err() == nil {
				m.house.Log.Warn("the phase of a ticket was not written", "ticket", ticket, "error", fault.Explain(err, phrase.English))
				failed = append(failed, ticket)
			}
		}
	}
}

// write writes the phase of one ticket, unless the table shows it or has no
// place for it.
func (m *mirror) write(ctx context.Context, ticket string) error {
	ctx, cancel := context.WithTimeout(ctx, mirrorLimit)
	defer cancel()
	v, err := m.flows.Show(ctx, ticket)
	if err != nil {
		return err
	}
	text := m.say(v)
	row, err := m.tracker.Get(ctx, ticket, mirrorReader)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil // somebody took it out, which is told elsewhere
	}
	if err != nil {
		return err
	}
	if row.Stale != nil {
		return row.Stale
	}
	for _, f := range row.Fields {
		if f.Name != tracker.Phase || f.Text == text {
			continue
		}
		result, err := m.tracker.Update(ctx, tracker.Change{
			Ticket: ticket, Fields: map[string]string{tracker.Phase: text}, Expected: map[string]string{tracker.Phase: f.Text}, Reader: mirrorReader,
		})
		if err != nil {
			return err
		}
		if result.Verdict != ledger.Verified && !result.Queued {
			return result.Reason
		}
	}
	return nil
}

// say is a phase as people read it.
func (m *mirror) say(v workflow.View) string {
	if v.Current == 0 {
		return m.lang.Say("workflow.phase.finished")
	}
	step := v.Steps[v.Current-1]
	name := step.NameEN
	if m.lang == phrase.Japanese {
		name = step.Name
	}
	text := fmt.Sprintf("%d: %d/%d %s", step.Phase, step.Number, len(v.Steps), name)
	if step.State == workflow.Blocked {
		text += " " + m.lang.Say("workflow.phase.blocked")
	}
	return text
}
