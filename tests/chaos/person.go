package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	api "google.golang.org/api/sheets/v4"
)

// Human is a person with the spreadsheet open. It looks at the table before
// it touches it, as people do, and it never gives a ticket's id to a second
// row, but for the copies that it makes on purpose.
type Human struct {
	Sheet  *Sheet
	Prefix string // of ids that look like the tracker's own

	mu     sync.Mutex
	random *rand.Rand
	n      int
	acts   atomic.Int64
	counts map[string]int
	copies []int // rows that repeat another's id
}

// NewHuman is somebody whose acts follow from a seed.
func NewHuman(s *Sheet, prefix string, seed uint64) *Human {
	return &Human{
		Sheet: s, Prefix: prefix, counts: map[string]int{},
		random: rand.New(rand.NewPCG(seed, 2)), //nolint:gosec // whims, not secrets
	}
}

// The table is kept between these sizes.
const (
	fewRows  = 12
	manyRows = 50
)

// Act does one thing somewhere in the table, or near a place that a write is
// about.
func (h *Human) Act(near []Place) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acts.Add(1)
	what := h.choose(len(near) > 0)
	h.counts[what]++
	switch what {
	case "type":
		return h.typed()
	case "tidy":
		return h.tidy()
	}
	copied := -1
	after, err := h.Sheet.Act(what, func(t Table) []*api.Request {
		tickets := h.tickets(t)
		if len(tickets) == 0 {
			return h.file(t)
		}
		row := tickets[h.random.IntN(len(tickets))]
		column := h.column(t)
		if len(near) > 0 {
			aim := near[h.random.IntN(len(near))]
			if aim.Row > 0 && aim.Row < len(t) {
				row = aim.Row
			}
			if aim.Column != t.column(ColumnID) {
				column = aim.Column
			}
		}
		if what == "copy" {
			var requests []*api.Request
			requests, copied = h.copy(t, row, tickets[len(tickets)-1]+1)
			return requests
		}
		return h.requests(what, t, row, column, tickets)
	})
	if err == nil && copied >= 0 {
		h.copies = append(h.copies, after[copied].ID)
	}
	return err
}

func (h *Human) requests(what string, t Table, row, column int, tickets []int) []*api.Request {
	last := tickets[len(tickets)-1]
	switch what {
	case "edit":
		return []*api.Request{h.Sheet.writeCell(row, column, h.text())}
	case "empty":
		return []*api.Request{h.Sheet.writeCell(row, column, "")}
	case "insert":
		return []*api.Request{h.Sheet.insertRow(row)}
	case "file":
		return h.file(t)
	case "delete":
		if len(tickets) < fewRows {
			return nil
		}
		return []*api.Request{h.Sheet.deleteRow(row)}
	case "sort":
		by := h.random.IntN(len(Headline()))
		return []*api.Request{h.Sheet.sortRows(1, last+1, by, h.random.IntN(2) == 0)}
	case "move":
		return []*api.Request{h.Sheet.moveRow(row, 1+h.random.IntN(last+1))}
	case "note": // below the table, with or without a gap
		return []*api.Request{h.Sheet.writeCell(len(t)+h.random.IntN(3), 1+h.random.IntN(len(Headline())-1), h.text())}
	}
	panic("no such act: " + what)
}

// choose weighs the acts: edits are what people do most.
func (h *Human) choose(near bool) string {
	n := h.random.IntN(100)
	acts := []struct {
		upTo int
		what string
	}{{40, "edit"}, {44, "empty"}, {52, "type"}, {62, "insert"}, {70, "file"}, {77, "delete"}, {85, "sort"}, {93, "move"}, {96, "note"}, {98, "copy"}, {100, "tidy"}}
	for _, a := range acts {
		if n < a.upTo && (!near || a.what != "type" && a.what != "tidy") {
			return a.what
		}
	}
	return "insert"
}

// text is one that nobody has written before.
func (h *Human) text() string {
	h.n++
	return fmt.Sprintf("人 %d\n編集済み ┌┐", h.n)
}

func (h *Human) column(t Table) int {
	names := []string{ColumnSummary, ColumnDetail, ColumnStatus, ColumnApprove, ColumnOwner, ColumnMemo}
	return t.column(names[h.random.IntN(len(names))])
}

// tickets are the rows that have an id, in order.
func (h *Human) tickets(t Table) (rows []int) {
	for i, r := range t {
		if t.key(r) != "" {
			rows = append(rows, i)
		}
	}
	return rows
}

// file makes a ticket by hand: below the table, or in a new row of it, under
// an id of one's own or the next in the series.
func (h *Human) file(t Table) (requests []*api.Request) {
	tickets := h.tickets(t)
	if len(tickets) > manyRows {
		return []*api.Request{h.Sheet.deleteRow(tickets[h.random.IntN(len(tickets))])}
	}
	h.n++
	id := fmt.Sprintf("HAND-%d", h.n)
	if h.random.IntN(3) == 0 {
		id = h.next(t)
	}
	row := len(t)
	if len(tickets) > 0 && h.random.IntN(2) == 0 {
		row = tickets[h.random.IntN(len(tickets))]
		requests = append(requests, h.Sheet.insertRow(row))
	} else if len(tickets) > 0 && h.random.IntN(2) == 0 {
		if below := tickets[len(tickets)-1] + 1; below >= len(t) || t[below].blank() {
			row = below // where the tracker will put its next one
		}
	}
	return append(requests, h.Sheet.writeRows(row, [][]string{{id, h.text(), "", "起票"}})...)
}

// next is the id that the tracker would give next, as people count.
func (h *Human) next(t Table) string {
	highest := 0
	for _, r := range t {
		if digits, ok := strings.CutPrefix(t.key(r), h.Prefix+"-"); ok {
			if n, err := strconv.Atoi(digits); err == nil {
				highest = max(highest, n)
			}
		}
	}
	return fmt.Sprintf("%s-%03d", h.Prefix, highest+1)
}

// typed writes what is no text: the sheet makes a number or a formula of it.
func (h *Human) typed() error {
	t := h.Sheet.Now()
	tickets := h.tickets(t)
	if len(tickets) == 0 {
		return nil
	}
	h.n++
	text := fmt.Sprint(1_000_000 + h.n)
	if h.random.IntN(3) == 0 {
		text = fmt.Sprintf("=1+%d", 1_000_000+h.n)
	}
	row := tickets[h.random.IntN(len(tickets))] // by the time it is typed another may stand there
	return h.Sheet.Type(fmt.Sprintf("%c%d", 'A'+rune(h.column(t)), row+1), text)
}

// copy repeats a row with its id.
func (h *Human) copy(t Table, row, at int) (requests []*api.Request, copied int) {
	if t.key(t[row]) == "" || len(t.find(t.key(t[row]))) > 1 {
		return nil, -1
	}
	return append([]*api.Request{h.Sheet.insertRow(at)}, h.Sheet.writeRows(at, [][]string{{t.key(t[row]), h.text()}})...), at
}

// tidy takes out the copies, all of them.
func (h *Human) tidy() error {
	_, err := h.Sheet.Act("tidy", func(t Table) (requests []*api.Request) {
		for i, r := range slices.Backward(t) {
			if slices.Contains(h.copies, r.ID) {
				requests = append(requests, h.Sheet.deleteRow(i))
			}
		}
		return requests
	})
	h.copies = nil
	return err
}

// Tidy takes out the copies before the person leaves.
func (h *Human) Tidy() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tidy()
}

// Acts is how many things the person did.
func (h *Human) Acts() int64 { return h.acts.Load() }
