package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// Op is a write that an agent asked for, and what it was told.
type Op struct {
	Agent    string
	Key      string
	Create   bool
	Ticket   string            // "": the daemon's to choose
	Fields   map[string]string // by header
	Expected map[string]string // by header
	// Seen is what the agent had seen in the cells, by header; nothing for a
	// cell that it had never been shown.
	Seen map[string][]string

	Asked, Answered int64
	Answer          control.Write // the last one
	Told            bool          // there was one
	Refused         string        // the key of the fault, instead of an answer
	Numbers         []int64       // of the write, one for each answer
}

// id is the ticket that the write is about.
func (o *Op) id() string {
	if o.Ticket != "" || !o.Told {
		return o.Ticket
	}
	return o.Answer.Ticket
}

// settled tells whether there is nothing more to learn by asking again.
func (o *Op) settled() bool {
	return o.Refused != "" || o.Told && !o.Answer.Queued && o.Answer.Verdict != ledger.Unverifiable
}

// Board is what the agents know together: which tickets there may be.
type Board struct {
	mu      sync.Mutex
	tickets []string
	ops     []*Op
	lies    []string // answers that contradict each other
}

// mostTickets keeps the agents at the same few tickets.
const mostTickets = 12

func (b *Board) add(ticket string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.tickets, ticket) {
		b.tickets = append(b.tickets, ticket)
		b.tickets = b.tickets[max(0, len(b.tickets)-mostTickets):]
	}
}

func (b *Board) lost(ticket string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tickets = slices.DeleteFunc(b.tickets, func(t string) bool { return t == ticket })
}

func (b *Board) pick(r *rand.Rand) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.tickets) == 0 {
		return "INTG-001"
	}
	return b.tickets[r.IntN(len(b.tickets))]
}

// Ops is all that was asked for.
func (b *Board) Ops() []*Op {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.ops)
}

// Agent asks for one thing after the other and remembers what it was shown.
type Agent struct {
	Name   string
	Daemon *Daemon
	Board  *Board
	Clock  *Clock

	random *rand.Rand
	n      int
	seen   map[string]map[string][]string // ticket, header
	last   *Op
}

// NewAgent is one whose wishes follow from a seed.
func NewAgent(name string, d *Daemon, b *Board, c *Clock, seed uint64) *Agent {
	return &Agent{
		Name: name, Daemon: d, Board: b, Clock: c, seen: map[string]map[string][]string{},
		random: rand.New(rand.NewPCG(seed, 3)), //nolint:gosec // wishes, not secrets
	}
}

// patience is how long an agent waits for a verdict before it does something
// else.
const patience = 4 * time.Second

// Step does one thing.
func (a *Agent) Step(ctx context.Context) error {
	switch n := a.random.IntN(100); {
	case n < 20:
		return a.submit(ctx, &Op{Create: true, Fields: a.fields(true)})
	case n < 26:
		a.n++
		return a.submit(ctx, &Op{Create: true, Ticket: fmt.Sprintf("%s-%d", strings.ToUpper(a.Name), a.n), Fields: a.fields(true)})
	case n < 28: // an id that is taken, as far as anybody knows
		return a.submit(ctx, &Op{Create: true, Ticket: a.Board.pick(a.random), Fields: a.fields(true)})
	case n < 72:
		return a.update(ctx)
	case n < 76 && a.last != nil: // once more, as after a lost answer
		return a.ask(ctx, a.last)
	case n < 80:
		return a.twice(ctx)
	case n < 84:
		return a.list(ctx)
	case n < 86:
		return a.Daemon.Do(ctx, func(c *control.Client) error {
			_, err := c.VerifyTicket(ctx, a.Board.pick(a.random))
			return passable(err)
		})
	}
	return a.show(ctx, a.Board.pick(a.random))
}

// update changes a ticket: half of the time one that was just looked at.
func (a *Agent) update(ctx context.Context) error {
	ticket := a.Board.pick(a.random)
	if a.random.IntN(2) == 0 {
		if err := a.show(ctx, ticket); err != nil {
			return err
		}
	}
	op := &Op{Ticket: ticket, Fields: a.fields(false)}
	if a.random.IntN(25) == 0 {
		op.Expected = map[string]string{slices.Sorted(maps.Keys(op.Fields))[0]: "誰も書いていない"}
	}
	if err := a.submit(ctx, op); err != nil {
		return err
	}
	if !op.Told || !op.Answer.Conflict || a.random.IntN(3) == 0 {
		return nil
	}
	again := &Op{Ticket: ticket, Fields: a.fields(false), Expected: map[string]string{}}
	for _, f := range op.Answer.Fields {
		if f.Conflict && f.Actual != nil {
			again.Fields[f.Column] = a.text(f.Column)
			again.Expected[f.Column] = *f.Actual
		}
	}
	return a.submit(ctx, again)
}

// twice sends the same request from two places at once.
func (a *Agent) twice(ctx context.Context) error {
	op := &Op{Create: a.random.IntN(2) == 0, Fields: a.fields(true)}
	if !op.Create {
		op.Ticket = a.Board.pick(a.random)
	}
	a.prepare(op)
	var both [2]control.Write
	var errs [2]error
	var all sync.WaitGroup
	for i := range both {
		all.Go(func() { both[i], errs[i] = a.call(ctx, op) })
	}
	all.Wait()
	for i := range both {
		if err := a.told(op, both[i], errs[i]); err != nil {
			return err
		}
	}
	return nil
}

// fields are some cells and what they are to hold.
func (a *Agent) fields(create bool) map[string]string {
	fields := map[string]string{}
	if create {
		fields[ColumnSummary] = a.text(ColumnSummary)
	}
	names := []string{ColumnSummary, ColumnDetail, ColumnDetail, ColumnStatus, ColumnMemo}
	for range 1 + a.random.IntN(2) {
		name := names[a.random.IntN(len(names))]
		fields[name] = a.text(name)
		if !create && a.random.IntN(20) == 0 {
			fields[name] = ""
		}
	}
	return fields
}

// text is one that nobody has written before.
func (a *Agent) text(column string) string {
	a.n++
	first := []string{"", "=", "'", "-", "+", "@", "┌──┐\n"}[a.random.IntN(7)]
	return fmt.Sprintf("%s%s の %d 番目の%s\n2 行目", first, a.Name, a.n, column)
}

// submit asks for a write for the first time.
func (a *Agent) submit(ctx context.Context, op *Op) error {
	a.prepare(op)
	return a.ask(ctx, op)
}

func (a *Agent) prepare(op *Op) {
	a.n++
	op.Agent, op.Key = a.Name, fmt.Sprintf("%s-%d", a.Name, a.n)
	op.Seen = map[string][]string{}
	for column := range op.Fields {
		op.Seen[column] = slices.Clone(a.seen[op.Ticket][column])
	}
	op.Asked = a.Clock.Tick()
	a.last = op
	a.Board.mu.Lock()
	defer a.Board.mu.Unlock()
	a.Board.ops = append(a.Board.ops, op)
}

// ask asks, and writes down what it is told.
func (a *Agent) ask(ctx context.Context, op *Op) error {
	w, err := a.call(ctx, op)
	return a.told(op, w, err)
}

func (a *Agent) call(ctx context.Context, op *Op) (w control.Write, err error) {
	fields := map[string]string{}
	for column, text := range op.Fields {
		fields[fieldName(column)] = text
	}
	expected := map[string]string{}
	for column, text := range op.Expected {
		expected[fieldName(column)] = text
	}
	err = a.Daemon.Do(ctx, func(c *control.Client) (err error) {
		wait := patience.Milliseconds()
		if op.Create {
			w, err = c.CreateTicket(ctx, control.CreateTicket{Ticket: op.Ticket, Fields: fields, Key: op.Key, Reader: op.Agent, WaitMS: wait})
			return err
		}
		w, err = c.UpdateTicket(ctx, control.UpdateTicket{Ticket: op.Ticket, Fields: fields, Expected: expected, Key: op.Key, Reader: op.Agent, WaitMS: wait})
		return err
	})
	return w, err
}

func (a *Agent) told(op *Op, w control.Write, err error) error {
	a.Board.mu.Lock()
	defer a.Board.mu.Unlock()
	if err != nil {
		if op.Told && op.settled() {
			a.Board.lies = append(a.Board.lies, fmt.Sprintf("%s had an answer, and was then refused: %v", op.Key, err))
		}
		f, ok := errors.AsType[*fault.Error](err)
		if !ok {
			return fmt.Errorf("%s: %w", op.Key, err)
		}
		op.Refused, op.Answered = f.Key, a.Clock.Tick()
		if f.Kind == fault.NotFound {
			a.Board.tickets = slices.DeleteFunc(a.Board.tickets, func(t string) bool { return t == op.Ticket })
		}
		return nil
	}
	if op.settled() && op.Answer.Verdict != w.Verdict {
		a.Board.lies = append(a.Board.lies, fmt.Sprintf("%s was told %s, and the second time %s", op.Key, op.Answer.Verdict, w.Verdict))
	}
	if !op.settled() {
		op.Answered = a.Clock.Tick()
	}
	op.Told, op.Answer = true, w
	op.Numbers = append(op.Numbers, w.Write)
	for _, f := range w.Fields {
		if f.Actual != nil {
			a.see(w.Ticket, f.Column, *f.Actual)
		} else if f.Verdict == ledger.Verified {
			a.see(w.Ticket, f.Column, op.Fields[f.Column])
		}
	}
	if op.Create && w.Verdict == ledger.Verified && !slices.Contains(a.Board.tickets, w.Ticket) {
		a.Board.tickets = append(a.Board.tickets, w.Ticket)
		a.Board.tickets = a.Board.tickets[max(0, len(a.Board.tickets)-mostTickets):]
	}
	return nil
}

func (a *Agent) see(ticket, column, text string) {
	if a.seen[ticket] == nil {
		a.seen[ticket] = map[string][]string{}
	}
	a.seen[ticket][column] = append(a.seen[ticket][column], text)
}

func (a *Agent) show(ctx context.Context, id string) error {
	var t control.Ticket
	err := a.Daemon.Do(ctx, func(c *control.Client) (err error) {
		t, err = c.Ticket(ctx, id, a.Name)
		return err
	})
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			a.Board.lost(id)
		}
		return passable(err)
	}
	for _, f := range t.Fields {
		a.see(id, f.Column, f.Text)
	}
	return nil
}

func (a *Agent) list(ctx context.Context) error {
	var page control.TicketPage
	err := a.Daemon.Do(ctx, func(c *control.Client) (err error) {
		page, err = c.Tickets(ctx, control.TicketQuery{Reader: a.Name, Limit: 20})
		return err
	})
	if err != nil {
		return passable(err)
	}
	for _, line := range page.Tickets {
		a.see(line.Ticket, ColumnSummary, line.Summary)
		a.see(line.Ticket, ColumnStatus, line.Status)
	}
	if n := len(page.Tickets); n > 0 {
		a.Board.add(page.Tickets[a.random.IntN(n)].Ticket)
	}
	return nil
}

// passable drops the faults that such weather brings.
func passable(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return nil
	}
	return err
}

// fieldName is what the tracker calls a column.
func fieldName(column string) string {
	switch column {
	case ColumnSummary:
		return "summary"
	case ColumnDetail:
		return "detail"
	case ColumnStatus:
		return "status"
	}
	return column
}
