package tracker

import (
	"context"
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

// List reads a part of the table, as it was last seen: that is
// now where changes can be noticed, and else the last look's time.
func (t *Tracker) List(ctx context.Context, q Query) (Page, error) {
	if q.Limit < 0 || q.Limit > mostPage {
		return Page{}, fault.New(fault.Invalid, "tracker.bad_limit", "limit", q.Limit, "most", mostPage)
	}
	if q.Limit == 0 {
		q.Limit = usualPage
	}
	if _, known := orders(nil)[strings.TrimPrefix(q.Sort, "-")]; !known && q.Sort != "" {
		return Page{}, fault.New(fault.Invalid, "tracker.bad_sort", "sort", brief(q.Sort))
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
	for _, r := range m.sorted(q.Sort) {
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
