package approval

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/store"
)

// requestEntry is what the ledger keeps of a question.
type requestEntry struct {
	Request int64   `json:"request"`
	Step    string  `json:"step"`
	Digest  string  `json:"digest"`
	Round   int64   `json:"round"`
	Expires string  `json:"expires"`
	Content content `json:"content"`
}

// content is what people are shown of a question.
type content struct {
	Parts  []part `json:"parts"`
	Name   string `json:"name,omitempty"`
	NameEN string `json:"name_en,omitempty"`
	Note   string `json:"note,omitempty"`
	By     string `json:"by,omitempty"`
}

type part struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// voidEntry is what the ledger keeps of a question or an approval that
// something else was asked after.
type voidEntry struct {
	Request int64  `json:"request"`
	Step    string `json:"step"`
	Digest  string `json:"digest"`
	Was     State  `json:"was"`
	For     string `json:"for"` // the digest that was asked for instead
}

// Ask puts a question to people, and is no other question while the same one
// waits or was approved. One of another digest voids what was asked at that
// step before, and what was approved.
func (k *Keeper) Ask(ctx context.Context, r Request) (Standing, error) {
	if r.Digest == "" {
		r.Digest = Digest(r.Parts)
	}
	if err := r.check(); err != nil {
		return Standing{}, err
	}
	if r.Life <= 0 {
		r.Life = k.o.Life
	}
	// An approval that only seems to be one must not keep the question from
	// being asked.
	before, err := k.Standing(ctx, r.Subject)
	forged := errors.Is(err, errTampered)
	if err != nil && !forged {
		return Standing{}, err
	}
	stands := !forged && before.State != Void
	err = k.o.DB.Write(ctx, func(tx *store.Tx) error {
		now := k.o.Now()
		last, err := latest(tx, r.Ticket, r.Step)
		if err != nil {
			return err
		}
		round := int64(1)
		if last != nil {
			same := last.digest == r.Digest && stands
			if same && (last.at(now) == Requested || last.at(now) == Approved) {
				return nil
			}
			if round = last.round + 1; same && last.state == Rejected {
				round = last.round // nobody is told a second time of what was rejected as it is
			}
			if err := k.retire(tx, last, r.Digest, now); err != nil {
				return err
			}
		}
		return k.insert(tx, r, round, now)
	})
	if err != nil {
		return Standing{}, k.o.DB.Explain(err)
	}
	return k.Standing(ctx, r.Subject)
}

// retire ends what was asked before at this step.
func (k *Keeper) retire(tx *store.Tx, last *row, digest string, now time.Time) error {
	if last.state != Requested && last.state != Approved {
		return nil
	}
	if last.at(now) == Expired {
		_, err := tx.Exec(`UPDATE approval_requests SET state = ? WHERE id = ?`, string(Expired), last.id)
		return err
	}
	if _, err := tx.Exec(`UPDATE approval_requests SET state = ?, voided = ? WHERE id = ?`, string(Void), now.UnixMilli(), last.id); err != nil {
		return err
	}
	_, err := k.o.Ledger.Append(tx, "approval.voided", last.ticket, voidEntry{last.id, last.step, last.digest, last.state, digest})
	return err
}

func (k *Keeper) insert(tx *store.Tx, r Request, round int64, now time.Time) error {
	c := content{Name: r.Name, NameEN: r.NameEN, Note: r.Note, By: r.By}
	for _, p := range r.Parts {
		c.Parts = append(c.Parts, part(p))
	}
	shown, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode the request for %s: %w", r.Ticket, err)
	}
	expires := now.Add(r.Life)
	res, err := tx.Exec(`INSERT INTO approval_requests (ticket, step, digest, round, content, asked, life, expires, state, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
		r.Ticket, r.Step, r.Digest, round, string(shown), now.UnixMilli(), r.Life.Milliseconds(), expires.UnixMilli(), string(Requested))
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	e, err := k.o.Ledger.Append(tx, "approval.requested", r.Ticket, requestEntry{id, r.Step, r.Digest, round, stamp(expires), c})
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE approval_requests SET entry = ? WHERE id = ?`, e.Seq, id)
	return err
}

// Standing tells how a subject stands with people at this moment. An answer
// that was not given by whoever knows the passphrase is an error, and none.
func (k *Keeper) Standing(ctx context.Context, s Subject) (Standing, error) {
	none := Standing{State: None, Digest: s.Digest}
	if err := s.check(); err != nil {
		return none, err
	}
	last, err := readLatest(ctx, k.o.DB.Reader(), s.Ticket, s.Step)
	if err != nil {
		return none, k.o.DB.Explain(err)
	}
	if last == nil {
		return none, nil
	}
	now := k.o.Now()
	if last.digest != s.Digest {
		if state := last.at(now); state == Requested || state == Approved {
			none.State = Void
		}
		return none, nil
	}
	answer := Standing{State: last.at(now), Digest: s.Digest, RequestedAt: last.asked, ExpiresAt: last.expires, Entry: last.entry}
	if last.decision == "" {
		if last.state != Requested && last.state != Void && last.state != Expired {
			return none, k.tampered(ctx, "decision", s.Ticket, errors.New("there is an answer that nobody gave"))
		}
		return answer, nil
	}
	if last.decision != "" && last.state == Requested {
		return none, k.tampered(ctx, "decision", s.Ticket, errors.New("a question that was answered is open again"))
	}
	d, err := k.look(ctx, last)
	if errors.Is(err, errNoChannel) {
		none.State = Void
		return none, nil
	}
	if err != nil {
		return none, err
	}
	answer.DecidedAt, answer.Approver, answer.Channel, answer.Reason, answer.Entry = d.at(), d.Approver, d.Channel, d.Reason, last.seq
	if last.state == Rejected {
		answer.ExpiresAt = time.Time{}
	}
	return answer, nil
}

// Open are the questions that wait for an answer, of a ticket or of all, the
// oldest first.
func (k *Keeper) Open(ctx context.Context, ticket string) ([]Request, error) {
	rows, err := k.o.DB.Reader().QueryContext(ctx, selectRows+` WHERE state = 'requested' AND expires > ? AND (? = '' OR ticket = ?) ORDER BY id`,
		k.o.Now().UnixMilli(), ticket, ticket)
	waiting, err := every(rows, err)
	if err != nil {
		return nil, k.o.DB.Explain(err)
	}
	open := []Request{}
	for _, r := range waiting {
		q, err := r.request()
		if err != nil {
			return nil, err
		}
		open = append(open, q)
	}
	return open, nil
}

// request is a row as people are shown it.
func (r *row) request() (Request, error) {
	q := Request{
		Subject: Subject{r.ticket, r.step, r.digest}, Life: r.life, At: r.asked, Expires: r.expires,
	}
	var c content
	if err := json.Unmarshal([]byte(r.content), &c); err != nil {
		return q, fmt.Errorf("read the request for %s: %w", r.ticket, err)
	}
	q.Name, q.NameEN, q.Note, q.By = c.Name, c.NameEN, c.Note, c.By
	for _, p := range c.Parts {
		q.Parts = append(q.Parts, Part(p))
	}
	return q, nil
}

// row is a row of the table of requests.
type row struct {
	id                   int64
	ticket, step, digest string
	round                int64
	content              string
	asked, expires       time.Time
	life                 time.Duration
	state                State
	entry                int64
	voided               time.Time
	token, decision      string
	seq                  int64
	hash                 []byte
}

// at is the state of a row at a moment.
func (r *row) at(now time.Time) State {
	if (r.state == Requested || r.state == Approved) && !now.Before(r.expires) {
		return Expired
	}
	return r.state
}

const selectRows = `SELECT id, ticket, step, digest, round, content, asked, life, expires, state, entry, voided, token, decision, seq, hash FROM approval_requests`

const selectLatest = selectRows + ` WHERE ticket = ? AND step = ? ORDER BY id DESC LIMIT 1`

func scan(rows *sql.Rows) (*row, error) {
	var r row
	var asked, life, expires, voided int64
	err := rows.Scan(&r.id, &r.ticket, &r.step, &r.digest, &r.round, &r.content, &asked, &life, &expires, &r.state, &r.entry, &voided, &r.token, &r.decision, &r.seq, &r.hash)
	r.asked, r.expires, r.voided, r.life = time.UnixMilli(asked), time.UnixMilli(expires), time.UnixMilli(voided), time.Duration(life)*time.Millisecond
	return &r, err
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// latest is the last question at a step, nil when there was none.
func latest(tx *store.Tx, ticket, step string) (*row, error) {
	rows, err := tx.Query(selectLatest, ticket, step)
	return one(rows, err)
}

func readLatest(ctx context.Context, db querier, ticket, step string) (*row, error) {
	rows, err := db.QueryContext(ctx, selectLatest, ticket, step)
	return one(rows, err)
}

func one(rows *sql.Rows, err error) (*row, error) {
	list, err := every(rows, err)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// every reads the rows of a query to their end.
func every(rows *sql.Rows, err error) (list []*row, _ error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

const timeFormat = "2006-01-02T15:04:05.000Z"

// stamp is a time as the ledger keeps it, told as people are told it.
func stamp(at time.Time) string { return at.UTC().Format(timeFormat) }

func told(at time.Time) string { return at.Local().Format(time.DateTime) }
