// Package chaos proves the promise of the tracker while everything round it
// breaks: people edit, sort and delete in the same table, the wire to the
// table resets, lies and is late, and the daemon is killed.
//
// The sheet runs here, not in the daemon, so that every change to it goes
// through one gate and into a journal, whoever made it. Agents write down what
// they asked for and what they were told. An oracle that shares no code with
// the tracker or its client then holds one against the other.
//
// Every text that anybody writes occurs once, so that a text in a cell tells
// who put it there.
package chaos

import (
	"slices"
	"sync/atomic"
)

// Clock orders what happens: requests, answers, changes of the table.
type Clock struct{ n atomic.Int64 }

// Tick is a moment after all others.
func (c *Clock) Tick() int64 { return c.n.Add(1) }

// Kind is what sort of value a cell holds.
type Kind string

// The kinds. A formula is kept as its text.
const (
	Empty   Kind = ""
	Text    Kind = "text"
	Number  Kind = "number"
	Bool    Kind = "boolean"
	Formula Kind = "formula"
)

// Cell is what a cell holds.
type Cell struct {
	Kind Kind
	Text string
}

// holds tells whether the cell is exactly a text.
func (c Cell) holds(text string) bool {
	return c == Cell{Text, text} || text == "" && c.Kind == Empty
}

// Row is a row, which keeps its number wherever it is moved. Rows are shared
// by the tables of a journal and never changed.
type Row struct {
	ID    int
	Cells []Cell
}

func (r *Row) at(column int) Cell {
	if column >= 0 && column < len(r.Cells) {
		return r.Cells[column]
	}
	return Cell{}
}

func (r *Row) blank() bool {
	return !slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Kind != Empty })
}

// Table is a tab at one moment: the header and the rows below it, down to the
// last that holds anything.
type Table []*Row

// The columns of the table, as people named them.
const (
	ColumnID      = "ID"
	ColumnSummary = "概要"
	ColumnDetail  = "詳細"
	ColumnStatus  = "ステータス"
	ColumnApprove = "承認"
	ColumnOwner   = "担当" // the tracker has no name for these two
	ColumnMemo    = "メモ"
)

// Headline is the header row.
func Headline() []string {
	return []string{ColumnID, ColumnSummary, ColumnDetail, ColumnStatus, ColumnApprove, ColumnOwner, ColumnMemo}
}

func (t Table) column(name string) int {
	if len(t) == 0 {
		return -1
	}
	return slices.IndexFunc(t[0].Cells, func(c Cell) bool { return c.Text == name })
}

func (t Table) name(column int) string {
	if len(t) == 0 {
		return ""
	}
	return t[0].at(column).Text
}

// key is the ticket of a row, "" where it is none.
func (t Table) key(r *Row) string {
	if len(t) > 0 && r == t[0] {
		return ""
	}
	return r.at(t.column(ColumnID)).Text
}

// find is where the rows of a ticket stand.
func (t Table) find(key string) (rows []int) {
	for i, r := range t {
		if i > 0 && key != "" && t.key(r) == key {
			rows = append(rows, i)
		}
	}
	return rows
}

// row is where a row stands, -1 where it is gone.
func (t Table) row(id int) int {
	return slices.IndexFunc(t, func(r *Row) bool { return r.ID == id })
}

// Author is who changed the table.
type Author string

// The authors.
const (
	Beginning Author = "start"
	Person    Author = "person"
	Tracker   Author = "tracker"
)

// Entry is one change of the table, and the table after it.
type Entry struct {
	Tick  int64
	By    Author
	What  string
	After Table
	// Of the tracker's requests: its number, when it came, and the entries that
	// looks had shown since the request before, oldest first. One of them is
	// what it went by; others look at the same time.
	Request int
	Came    int64
	Looks   []int
	Resent  bool  // the same request had been turned away before
	Fault   Fault // that it met
}

// Reading is one answer that showed cells of the table.
type Reading struct {
	Tick    int64
	Version int // index of the entry that it shows
	Areas   []Area
	Whole   bool // the answer reached whoever asked
}

// Area is a part of a tab, its ends exclusive; an end of 0 is open.
type Area struct{ Row, EndRow, Column, EndColumn int }

func (a Area) covers(row, column int) bool {
	return row >= a.Row && (a.EndRow == 0 || row < a.EndRow) && column >= a.Column && (a.EndColumn == 0 || column < a.EndColumn)
}

func (r Reading) shows(row, column int) bool {
	return slices.ContainsFunc(r.Areas, func(a Area) bool { return a.covers(row, column) })
}

// Journal is all that happened to the table. The first entry is how it was at
// the start.
type Journal struct {
	Entries  []Entry
	Readings []Reading
	Undone   []Undone
}

// Undone is a write that was answered, and then undone.
type Undone struct {
	Tick    int64
	Request int
	What    string
	Texts   []string
}

// version is the entry that was the newest at a moment.
func (j *Journal) version(tick int64) int {
	i, _ := slices.BinarySearchFunc(j.Entries, tick+1, func(e Entry, t int64) int { return int(e.Tick - t) })
	return max(0, i-1)
}
