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

// load reads a record, and looks that it is the one that was stored last.
func (w *Workflows) load(ctx context.Context, ticket string) (*record, error) {
	for before := int64(-1); ; {
		raw, turn, kept, err := w.stored(ctx, ticket)
		if err != nil {
			return nil, err
		}
		cause, err := w.forged(ctx, ticket, kept, keptEntry{turn, digest([]byte(raw))})
		if err != nil {
			return nil, err
		}
		if cause != nil && kept != before {
			before = kept // it may have been stored anew between our two looks
			continue
		}
		if cause != nil {
			return nil, w.tampered(ctx, ticket, cause)
		}
		if kept == 0 {
			return nil, fault.New(fault.NotFound, "workflow.not_started", "ticket", shown(ticket))
		}
		return recordOf(ticket, raw, turn)
	}
}

// stored is the row of a ticket; kept is 0 where there is none.
func (w *Workflows) stored(ctx context.Context, ticket string) (raw string, turn, kept int64, err error) {
	err = w.o.DB.Reader().QueryRowContext(ctx, `SELECT state, turn, kept FROM workflow_tickets WHERE ticket = ?`, ticket).Scan(&raw, &turn, &kept)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, 0, nil
	}
	return raw, turn, kept, w.o.DB.Explain(err)
}

func recordOf(ticket, raw string, turn int64) (*record, error) {
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

// keptEntry is what the ledger keeps of a record, each time that it is stored:
// whoever changes the record in the store, puts an older one back or takes it
// away has to change the ledger too.
type keptEntry struct {
	Turn   int64  `json:"turn"`
	SHA256 string `json:"sha256"`
}

const keptKind = "workflow.kept"

// forged tells why a record, or that there is none, cannot be so by what the
// ledger says, nil when it can. kept is the entry that the record names.
func (w *Workflows) forged(ctx context.Context, ticket string, kept int64, is keptEntry) (cause, err error) {
	if kept > 0 {
		cause = errors.New("the ledger knows nothing of it")
	}
	for e, err := range w.o.Ledger.OfKind(ctx, max(kept-1, 0), ticket, keptKind) {
		if err != nil {
			return nil, err
		}
		var was keptEntry
		if wrong := json.Unmarshal(e.Data, &was); wrong != nil || e.Seq != kept || was != is {
			return errors.New("the ledger knows another"), nil
		}
		cause = nil
	}
	return cause, nil
}

// tampered tells, once for each ticket, that a record is not what this package
// has stored.
func (w *Workflows) tampered(ctx context.Context, ticket string, cause error) error {
	w.mu.Lock()
	told := w.told[ticket]
	w.told[ticket] = true
	w.mu.Unlock()
	refusal := fault.New(fault.Failed, "workflow.tampered", "ticket", shown(ticket)).Wrap(cause)
	if told {
		return refusal
	}
	w.o.Log.Error("the record of a workflow was tampered with", "ticket", ticket, "error", cause)
	if _, err := w.o.Ledger.Record(ctx, "workflow.tampered", ticket, map[string]string{"cause": cause.Error()}); err != nil {
		return errors.Join(refusal, err)
	}
	return refusal
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
		kept, err := w.o.Ledger.Append(tx, keptKind, r.Ticket, keptEntry{turn + 1, digest(raw)})
		if err != nil {
			return err
		}
		finished := 0
		if !r.Finished.IsZero() {
			finished = 1
		}
		_, err = tx.Exec(`INSERT INTO workflow_tickets (ticket, root, finished, touched, turn, state, kept) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (ticket) DO UPDATE SET root = excluded.root, finished = excluded.finished, touched = excluded.touched, turn = excluded.turn, state = excluded.state, kept = excluded.kept`,
			r.Ticket, r.Root, finished, w.o.Now().UnixMilli(), turn+1, string(raw), kept.Seq)
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
