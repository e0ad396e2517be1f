package tracker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"uratori/internal/fault"
	"uratori/sheets"
)

// How long a reader waits for the table before being shown what was last seen
// of it.
const (
	readLimit = 5 * time.Second
	// justNow is how old a look may be to count as one that was made for the
	// answer, where every look costs a request of a quota.
	justNow = time.Second
)

// Get reads a ticket from the table. Where the table cannot be read it is the
// ticket as it was last seen, with the reason in Stale.
func (t *Tracker) Get(ctx context.Context, id, reader string) (Ticket, error) {
	if err := checkTicket(id); err != nil {
		return Ticket{}, err
	}
	k, err := t.get(ctx, id)
	if err != nil {
		return Ticket{}, err
	}
	return k, t.show(ctx, reader, k)
}

func (t *Tracker) get(ctx context.Context, id string) (Ticket, error) {
	if k, ok := t.current(id); ok {
		return k, nil
	}
	bounded, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	v, err := t.o.Sheet.Look(bounded, id)
	if err == nil {
		r, err := v.Find(id)
		if err != nil {
			return Ticket{}, err
		}
		k := Ticket{ID: id, Row: r.Number, ReadAt: v.At, Pending: t.pending(id)}
		k.Fields = fieldsOf(&row{id: id, texts: r.Texts()}, columnsOf(v, t.o.Columns))
		return k, nil
	}
	if ctx.Err() != nil {
		return Ticket{}, ctx.Err()
	}
	k, ok := t.lastSeen(id)
	if !ok {
		return Ticket{}, err
	}
	k.Stale = err
	return k, nil
}

// current is a ticket from the mirror when that shows the table as it is.
func (t *Tracker) current(id string) (Ticket, bool) {
	version := t.tableVersion()
	t.mu.Lock()
	defer t.mu.Unlock()
	same := version >= 0 && version == t.version
	recent := version < 0 && t.o.Now().Sub(t.mirror.at) < justNow
	r := t.mirror.rows[id]
	if r == nil || len(r.twins) > 0 || r.number == 0 || t.problem != nil || !same && !recent {
		return Ticket{}, false
	}
	k := t.ticket(r)
	if same {
		k.ReadAt = t.o.Now()
	}
	return k, k.Pending == 0 // the table may hold what is being written
}

func (t *Tracker) lastSeen(id string) (Ticket, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.mirror.rows[id]
	if r == nil {
		return Ticket{}, false
	}
	return t.ticket(r), true
}

// ticket is a row of the mirror. The caller holds mu.
func (t *Tracker) ticket(r *row) Ticket {
	k := Ticket{ID: r.id, Row: r.number, ReadAt: t.mirror.at, Fields: fieldsOf(r, t.mirror.columns)}
	for _, w := range t.open {
		if w.ticket == r.id {
			k.Pending++
		}
	}
	return k
}

func (t *Tracker) pending(id string) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range t.open {
		if w.ticket == id {
			n++
		}
	}
	return n
}

func fieldsOf(r *row, columns []column) (fields []Field) {
	for i, c := range columns {
		if c.Name != "" && c.Name != sheets.Key {
			fields = append(fields, Field{c.Name, c.Header, r.text(i)})
		}
	}
	return fields
}

const (
	usualPage = 50
	mostPage  = 1000
)

// List reads a part of the table, in its order, as it was last seen: that is
// now where changes can be noticed, and else the last look's time.
func (t *Tracker) List(ctx context.Context, q Query) (Page, error) {
	if q.Limit < 0 || q.Limit > mostPage {
		return Page{}, fault.New(fault.Invalid, "tracker.bad_limit", "limit", q.Limit, "most", mostPage)
	}
	if q.Limit == 0 {
		q.Limit = usualPage
	}
	var stale error
	version := t.tableVersion()
	t.mu.Lock()
	current := !t.mirror.at.IsZero() && t.problem == nil && version == t.version
	t.mu.Unlock()
	if !current {
		bounded, cancel := context.WithTimeout(ctx, readLimit)
		defer cancel()
		_, stale = t.Sync(bounded)
	}
	p, err := t.page(q, stale)
	if err != nil {
		return Page{}, err
	}
	return p, t.show(ctx, q.Reader, p.Tickets...)
}

func (t *Tracker) page(q Query, stale error) (Page, error) {
	version := t.tableVersion()
	t.mu.Lock()
	defer t.mu.Unlock()
	m := &t.mirror
	if m.at.IsZero() {
		return Page{}, stale
	}
	p := Page{ReadAt: m.at, Stale: stale, Tickets: []Ticket{}}
	if version >= 0 && version == t.version {
		p.ReadAt = t.o.Now()
	}
	summary, status := m.column(Summary), m.column(Status)
	want := sheets.Fold(q.Text)
	after := q.After == ""
	for _, r := range m.order {
		if q.Status != "" && r.text(status) != q.Status {
			after = after || r.id == q.After
			continue
		}
		if want != "" && !r.mentions(want, summary) {
			after = after || r.id == q.After
			continue
		}
		p.Total++
		switch {
		case !after:
			after = r.id == q.After
		case len(p.Tickets) < q.Limit:
			k := Ticket{ID: r.id, Row: r.number, ReadAt: p.ReadAt}
			for _, at := range []int{summary, status} {
				if at >= 0 {
					k.Fields = append(k.Fields, Field{m.columns[at].Name, m.columns[at].Header, r.text(at)})
				}
			}
			p.Tickets = append(p.Tickets, k)
		case p.Next == "":
			p.Next = p.Tickets[len(p.Tickets)-1].ID
		}
	}
	if !after {
		return Page{}, fault.New(fault.NotFound, "tracker.no_after", "ticket", brief(q.After))
	}
	return p, nil
}

// mentions tells whether a folded text is in the id or the summary. The caller
// holds mu.
func (r *row) mentions(folded string, summary int) bool {
	if r.folded == "" {
		r.folded = sheets.Fold(r.id) + "\n" + sheets.Fold(r.text(summary))
	}
	return strings.Contains(r.folded, folded)
}

// Written are the last writes to each cell of a ticket, in the order of the
// columns. A write that was refused before anything was sent counts: somebody
// may believe in it.
func (t *Tracker) Written(ctx context.Context, id string) ([]Written, error) {
	writes, err := queryWrites(ctx, t.o.DB, `WHERE book = ? AND ticket = ? AND kind <> 'restore' AND claims ORDER BY id DESC`, t.o.Book, id)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	columns := t.mirror.columns
	t.mu.Unlock()
	var found []Written
	seen := map[string]bool{}
	for _, w := range writes {
		for _, c := range w.cells {
			name := canonical(c.Name, columns, t.o.Columns)
			if seen[name] || c.Spare && columnAt(columns, name) < 0 {
				continue
			}
			one := Written{
				Write: w.id, Field: name, Column: headerOf(columns, name), Text: c.Text, At: w.at, Evidence: []int64{w.intent},
			}
			if w.result == nil {
				r := w.unanswered(columns, nil)
				if open := t.find(w.id); open != nil {
					t.mu.Lock()
					r = open.unanswered(columns, t.problem)
					t.mu.Unlock()
				}
				one.Pending, one.Verdict, one.Reason = true, r.Verdict, r.Reason
			} else {
				one.Evidence = append(one.Evidence, w.verdict)
				one.judged(w.result, c.Name)
			}
			seen[name] = true
			found = append(found, one)
		}
	}
	place := func(w Written) int {
		if at := columnAt(columns, w.Field); at >= 0 {
			return at
		}
		return len(columns) // the table has it no more
	}
	slices.SortStableFunc(found, func(a, b Written) int { return place(a) - place(b) })
	return found, nil
}

// refusedOutright tells requests that were wrong in themselves.
func refusedOutright(err error) bool {
	return err != nil && (fault.KindOf(err) == fault.Invalid || errors.Is(err, ErrExists) || errors.Is(err, errLooksAlike) || errors.Is(err, sheets.ErrNotFound))
}

var errLooksAlike = fault.New(fault.Conflict, "tracker.looks_alike")

func (w *Written) judged(r *Result, name string) {
	w.Verdict, w.Conflict, w.Reason, w.ReadAt = r.Verdict, r.Conflict, r.Reason, r.ReadAt
	for _, c := range r.Cells {
		if c.Field == name || c.Field == w.Field {
			w.Column = c.Column // it may be called something else now
			w.Verdict, w.Conflict, w.Reason = c.Verdict, c.Conflict, c.Reason
			if w.Reason == nil {
				w.Reason = r.Reason
			}
		}
	}
}

// WrittenTickets are the tickets that this side ever wrote to.
func (t *Tracker) WrittenTickets(ctx context.Context) (ids []string, err error) {
	rows, err := t.o.DB.Reader().QueryContext(ctx, `SELECT DISTINCT ticket FROM tracker_writes
		WHERE book = ? AND kind <> 'restore' AND ticket <> '' AND claims ORDER BY ticket`, t.o.Book)
	if err != nil {
		return nil, t.o.DB.Explain(err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, t.o.DB.Explain(rows.Err())
}

// mostLooks is how often the table may change between two looks at it before
// it is said that it does not hold still.
const mostLooks = 5

// Fresh reads cells of tickets now, after recording what people changed since
// the last look, so that whatever it finds is explained by what is recorded.
func (t *Tracker) Fresh(ctx context.Context, want map[string][]string) (map[string]Seen, error) {
	var found map[string]Seen // the loop's, until it has answered
	err := t.do(ctx, func(ctx context.Context) (err error) {
		for range mostLooks {
			if _, err := t.sync(ctx); err != nil {
				return err
			}
			var held bool
			if found, held, err = t.fresh(ctx, want); err != nil || held {
				return err
			}
			t.mu.Lock()
			t.version = -1 // look again
			t.mu.Unlock()
		}
		return fault.New(fault.Unavailable, "sheets.moving", "tab", t.o.Book)
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// fresh reads cells exactly; held tells that they are as the mirror has them.
func (t *Tracker) fresh(ctx context.Context, want map[string][]string) (found map[string]Seen, held bool, err error) {
	var names, ids []string
	at := map[string]int{} // where the mirror has what was asked for
	for id, fields := range want {
		ids = append(ids, id)
		for _, name := range fields {
			i := t.mirror.meant(name)
			if _, had := at[name]; i >= 0 && !had {
				names, at[name] = append(names, name), i
			}
		}
	}
	slices.Sort(names)
	slices.Sort(ids)
	found, held = map[string]Seen{}, true
	for part := range slices.Chunk(ids, mostWrites) {
		bounded, cancel := context.WithTimeout(ctx, t.lookLimit())
		reading, err := t.o.Sheet.Read(bounded, names, part...)
		cancel()
		if err != nil {
			return nil, false, t.trouble(ctx, err)
		}
		for _, id := range part {
			f := reading.Rows[id]
			s := Seen{At: reading.At, Row: f.Row, Err: f.Err, Cells: map[string]Actual{}}
			for name, c := range f.Cells {
				s.Cells[name] = Actual{c.Text, c.Holds(c.Text)}
				// The mirror has a number as people see it, which a text cannot
				// be told from there.
				if r := t.mirror.rows[id]; r != nil && r.text(at[name]) != c.Text && c.Holds(c.Text) && !t.opening(id) {
					held = false
				}
			}
			if f.Err == nil && t.mirror.rows[id] == nil && !t.opening(id) {
				held = false
			}
			found[id] = s
		}
	}
	return found, held, nil
}

// opening tells that a ticket has writes without a verdict, whose texts are
// not in the mirror yet.
func (t *Tracker) opening(id string) bool { return t.pending(id) > 0 }
