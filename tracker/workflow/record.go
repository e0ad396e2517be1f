package workflow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/tracker/approval"
)

// record is what the store knows of the workflow of a ticket.
type record struct {
	Ticket     string               `json:"ticket"`
	Root       string               `json:"root"`
	Own        bool                 `json:"own,omitzero"` // the definition is the project's
	Definition string               `json:"definition"`
	Settings   *string              `json:"settings,omitzero"` // uratori.toml; nil where there was none
	Snapshot   *gate.Snapshot       `json:"snapshot,omitzero"`
	Started    time.Time            `json:"started"`
	Finished   time.Time            `json:"finished,omitzero"`
	Steps      map[string]*progress `json:"steps"`
	Frozen     map[string]string    `json:"frozen,omitempty"` // SHA-256 by path
	turn       int64
}

// progress is what became of a step.
type progress struct {
	State    State             `json:"state"` // open, passed or blocked: the others follow from what is there now
	Reason   string            `json:"reason,omitempty"`
	Began    time.Time         `json:"began,omitzero"`
	Passed   time.Time         `json:"passed,omitzero"`
	Evidence []int64           `json:"evidence,omitempty"`
	Bases    []factcheck.Basis `json:"bases,omitempty"`
	Terms    string            `json:"terms,omitempty"`    // under which it passed: its text, and the settings
	Approved string            `json:"approved,omitempty"` // the digest that a person has approved
	Parts    []approval.Part   `json:"parts,omitempty"`    // and what that is of, as pinned since
	Checked  time.Time         `json:"checked,omitzero"`
	Found    []Found           `json:"found,omitempty"`
}

// Found is what the last check found of a claim.
type Found struct {
	Claim    string         `json:"claim"`
	Subject  string         `json:"subject"`
	Verdict  ledger.Verdict `json:"verdict"`
	Expected *string        `json:"expected,omitzero"`
	Actual   *string        `json:"actual,omitzero"`
	Why      *fault.Wire    `json:"why,omitempty"`
	LookedAt time.Time      `json:"looked_at,omitzero"`
	Evidence []int64        `json:"evidence,omitempty"`
}

// longestText is how much of a text a check keeps, in characters: the cell or
// the output that it is from has it whole.
const longestText = 2000

// mostFound is how many findings a check keeps; the ledger has the others.
const mostFound = 200

func foundOf(findings []factcheck.Finding) (list []Found) {
	brief := func(s *string) *string {
		if s == nil {
			return nil
		}
		if r := []rune(*s); len(r) > longestText {
			short := string(r[:longestText]) + "…"
			return &short
		}
		return s
	}
	// What is wanting goes first where there is too much.
	for _, verified := range []bool{false, true} {
		for _, f := range findings {
			if (f.Verdict == ledger.Verified) != verified || len(findings) > mostFound && len(list) == mostFound {
				continue
			}
			list = append(list, Found{
				Claim: f.Type, Subject: f.Subject, Verdict: f.Verdict, Expected: brief(f.Expected), Actual: brief(f.Actual),
				Why: fault.Encode(f.Reason), LookedAt: f.LookedAt, Evidence: f.Evidence,
			})
		}
	}
	return list
}

// errNotStarted is the fault of a ticket without a workflow.
var errNotStarted = fault.New(fault.NotFound, "workflow.not_started")

func (w *Workflows) load(ctx context.Context, ticket string) (*record, error) {
	var raw string
	var turn int64
	err := w.o.DB.Reader().QueryRowContext(ctx, `SELECT state, turn FROM workflow_tickets WHERE ticket = ?`, ticket).Scan(&raw, &turn)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "workflow.not_started", "ticket", shown(ticket))
	}
	if err != nil {
		return nil, w.o.DB.Explain(err)
	}
	r := &record{turn: turn}
	if err := json.Unmarshal([]byte(raw), r); err != nil {
		return nil, fmt.Errorf("the stored workflow of %s: %w", ticket, err)
	}
	if r.Steps == nil {
		r.Steps = map[string]*progress{}
	}
	if r.Frozen == nil {
		r.Frozen = map[string]string{}
	}
	return r, nil
}

// adder appends an entry to the ledger and returns its number.
type adder func(kind string, data any) (int64, error)

// save stores a record. change makes the entries that say why, and may finish
// the record by their numbers. It is refused when somebody else was first; the
// record is worth nothing then.
func (w *Workflows) save(ctx context.Context, r *record, change func(add adder) error) error {
	err := w.o.DB.Write(ctx, func(tx *store.Tx) error {
		var turn int64
		err := tx.Get(`SELECT coalesce(max(turn), 0) FROM workflow_tickets WHERE ticket = ?`, []any{r.Ticket}, &turn)
		if err != nil {
			return err
		}
		if turn != r.turn {
			return fault.New(fault.Conflict, "workflow.moved", "ticket", r.Ticket)
		}
		err = change(func(kind string, data any) (int64, error) {
			e, err := w.o.Ledger.Append(tx, kind, r.Ticket, data)
			return e.Seq, err
		})
		if err != nil {
			return err
		}
		raw, err := json.Marshal(r)
		if err != nil {
			return err
		}
		finished := 0
		if !r.Finished.IsZero() {
			finished = 1
		}
		_, err = tx.Exec(`INSERT INTO workflow_tickets (ticket, root, finished, touched, turn, state) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (ticket) DO UPDATE SET root = excluded.root, finished = excluded.finished, touched = excluded.touched, turn = excluded.turn, state = excluded.state`,
			r.Ticket, r.Root, finished, w.o.Now().UnixMilli(), turn+1, string(raw))
		return err
	})
	if err != nil {
		return w.o.DB.Explain(err)
	}
	r.turn++
	w.o.Moved(r.Ticket)
	return nil
}

// step is what became of a step so far.
func (r *record) step(id string) *progress {
	p := r.Steps[id]
	if p == nil {
		p = &progress{State: Open}
		r.Steps[id] = p
	}
	return p
}

// started lists tickets with a workflow, the one that was touched last first.
func (w *Workflows) started(ctx context.Context, root string, finished bool) (tickets []string, err error) {
	query, args := `SELECT ticket FROM workflow_tickets WHERE 1`, []any{}
	if !finished {
		query += ` AND finished = 0`
	}
	if root != "" {
		query, args = query+` AND root = ?`, append(args, root)
	}
	rows, err := w.o.DB.Reader().QueryContext(ctx, query+` ORDER BY touched DESC, ticket`, args...)
	if err != nil {
		return nil, w.o.DB.Explain(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	for rows.Next() {
		var ticket string
		if err := rows.Scan(&ticket); err != nil {
			return nil, w.o.DB.Explain(err)
		}
		tickets = append(tickets, ticket)
	}
	return tickets, w.o.DB.Explain(rows.Err())
}
