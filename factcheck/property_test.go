package factcheck

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker"
)

// truth is what really happened to the sheet, kept beside everything that the
// tracker records, and who did it.
type truth struct {
	*world
	acts  map[SheetCell][]act
	looks map[int64]moment // by the time of the look
	calm  bool             // nothing happens while the table is looked at
}

type act struct {
	who  string // "us", "person", "ghost"
	text string
	seen bool // ours: it was read back
}

// moment is how everything was when the table was read.
type moment struct {
	*world
	acts map[SheetCell][]act
}

func (m *truth) log(cell SheetCell, a act) { m.acts[cell] = append(m.acts[cell], a) }

func (m *truth) freeze() {
	acts := map[SheetCell][]act{}
	for c, a := range m.acts {
		acts[c] = slices.Clone(a)
	}
	m.looks[m.now.UnixNano()+1e9] = moment{m.clone(), acts}
}

var (
	everyCell = []SheetCell{{"A-1", "概要"}, {"A-1", "詳細"}, {"A-2", "詳細"}}
	texts     = []string{"", "x", "y", "x ", "7", "=A1"}
)

// step does one thing to the world.
func (m *truth) step(t *rapid.T) {
	cell := rapid.SampledFrom(everyCell).Draw(t, "cell")
	is := tracker.Actual{Text: rapid.SampledFrom(texts).Draw(t, "text")}
	is.IsText = is.Text == "" || rapid.IntRange(0, 3).Draw(t, "kind") > 0
	there := m.rows[cell.Ticket] != nil
	switch what := rapid.SampledFrom([]string{"write", "write", "person", "person", "person", "late", "lost", "queued", "applied", "ghost", "look", "delete", "vanish", "twin"}).Draw(t, "what"); {
	case what == "write":
		m.write(cell, is.Text)
		m.log(cell, act{"us", is.Text, true})
	case what == "lost":
		m.submit(cell, is.Text, m.refuse)
		m.log(cell, act{"us", is.Text, false})
	case what == "queued":
		m.submit(cell, is.Text, func(*tracker.Written) {})
		m.log(cell, act{"us", is.Text, false})
	case what == "late": // it was there, and a person was faster than the reading
		m.write(cell, is.Text)
		r := m.written[cell]
		r.Verdict = ledger.Refuted
		m.written[cell] = r
		m.log(cell, act{"us", is.Text, false})
	case what == "applied":
		m.write(cell, is.Text)
		r := m.written[cell]
		r.Pending, r.Verdict = true, ledger.Unverifiable
		m.written[cell] = r
		m.log(cell, act{"us", is.Text, false})
	case what == "person" && there:
		m.put(cell, is)
		m.log(cell, act{"person", is.Text, false})
	case what == "ghost" && there:
		m.haunt(cell, is)
		m.log(cell, act{"ghost", is.Text, false})
	case what == "look":
		m.sync()
	case what == "delete" || what == "vanish":
		if what == "vanish" {
			m.sync() // what was seen, was seen
		}
		delete(m.rows, cell.Ticket)
		if what == "vanish" {
			delete(m.known, cell.Ticket)
		}
		for _, c := range everyCell {
			if c.Ticket == cell.Ticket {
				m.log(c, act{"ghost", "", false}) // what comes back is nobody's edit of a cell
			}
		}
	case what == "twin":
		m.twins[cell.Ticket] = !m.twins[cell.Ticket]
	}
}

// check is what a finding must keep, by the truth alone.
func (m *truth) check(t *rapid.T, cell SheetCell, f Finding) {
	at, known := m.looks[f.LookedAt.UnixNano()]
	if !known {
		t.Fatalf("%v: nothing was looked at: %+v", cell, f)
	}
	w, now, acts := at.written[cell], at.cell(cell), at.acts[cell]
	readable := at.rows[cell.Ticket] != nil && !at.twins[cell.Ticket]
	holds := readable && now.IsText && now.Text == w.Text

	// What happened since our last write, and who did it last.
	var after []act
	for i, a := range acts {
		if a.who == "us" {
			after = acts[i:]
		}
	}
	wasThere := len(after) > 0 && after[0].seen
	var person *act
	haunted := false
	for i := range after {
		switch after[i].who {
		case "person":
			person = &after[i]
		case "ghost":
			haunted = true
		}
	}
	explained := readable && wasThere && person != nil && person.text == now.Text && now.Text != w.Text

	switch f.Verdict {
	case ledger.Verified:
		if w.Pending || !holds && !explained {
			t.Fatalf("%v is not verified: it holds %+v, the last write is %+v, since then %+v", cell, now, w, after)
		}
		if holds == (f.Actual != nil) || explained && (len(f.Edits) == 0 || *f.Expected != w.Text || *f.Actual != now.Text) {
			t.Fatalf("%v: an edit must show, and nothing else: %+v", cell, f)
		}
	case ledger.Refuted:
		if holds || w.Pending || at.twins[cell.Ticket] && at.rows[cell.Ticket] != nil {
			t.Fatalf("%v is not refuted: %+v, %+v", cell, now, w)
		}
		if readable && wasThere && !haunted && now.Text != w.Text {
			t.Fatalf("%v: only people edited it, %+v, and it is called %v", cell, after, f.Reason)
		}
	case ledger.Unverifiable:
		if !w.Pending && readable && m.calm {
			t.Fatalf("%v could be looked at: %v", cell, f.Reason)
		}
		if f.Reason == nil {
			t.Fatalf("%v: no reason", cell)
		}
	}
}

// The one unforgivable error is a verified of something that is not true; the
// second is to call a person's edit a lie of ours.
func TestSheetCells_VerdictsAreTrue_WhateverHappened(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &truth{world: newWorld("A-1", "A-2"), acts: map[SheetCell][]act{}, looks: map[int64]moment{}}
		m.calm = rapid.Bool().Draw(t, "calm")
		m.between = func() {
			if !m.calm {
				for range rapid.IntRange(0, 2).Draw(t, "meanwhile") {
					m.step(t)
				}
			}
			m.freeze()
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			m.step(t)
		}
		var claims []Claim
		for _, c := range everyCell {
			if _, ok := m.written[c]; ok {
				claims = append(claims, c)
			}
		}
		fs, err := NewSheetCells(m.world).Check(t.Context(), claims)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range fs {
			m.check(t, claims[i].(SheetCell), f)
		}
	})
}

// judge alone, on records that contradict themselves in any way.
func TestJudge_RecordsOfAnyShape_VerifyOnlyWhatIsThereOrExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		some := func(name string) string { return rapid.SampledFrom(texts).Draw(t, name) }
		optional := func(name string) *string {
			if s := some(name); rapid.Bool().Draw(t, name+" told") {
				return &s
			}
			return nil
		}
		look := newWorld().now
		w := tracker.Written{
			Text: some("written"), Pending: rapid.Bool().Draw(t, "pending"), Conflict: rapid.Bool().Draw(t, "conflict"),
			Verdict:  rapid.SampledFrom([]ledger.Verdict{"", ledger.Verified, ledger.Refuted, ledger.Unverifiable}).Draw(t, "verdict"),
			Evidence: rapid.SliceOfN(rapid.Int64Range(1, 9), 0, 2).Draw(t, "evidence"),
		}
		if rapid.Bool().Draw(t, "read") {
			w.ReadAt = look
		}
		seen := told[tracker.Seen]{is: tracker.Seen{At: look}}
		actual := tracker.Actual{Text: some("actual"), IsText: rapid.Bool().Draw(t, "text")}
		shown := rapid.IntRange(0, 4).Draw(t, "shown") > 0
		if shown {
			seen.is.Cells = map[string]tracker.Actual{detail.Column: actual}
		}
		switch rapid.IntRange(0, 6).Draw(t, "trouble") {
		case 0:
			seen.err = fault.New(fault.NotFound, "sheets.no_book")
		case 1:
			seen.is.Err = fault.New(fault.NotFound, "sheets.not_found")
		case 2:
			seen.is.Err = fault.New(fault.Failed, "sheets.ambiguous")
		}
		seqs := rapid.Permutation([]int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).Draw(t, "seqs")
		var events []tracker.Event
		for range rapid.IntRange(0, 4).Draw(t, "events") {
			events = append(events, tracker.Event{
				Seq: seqs[len(events)], Kind: rapid.SampledFrom([]tracker.EventKind{tracker.Edited, tracker.Edited, tracker.Deleted, tracker.Created, tracker.Wrote}).Draw(t, "kind"),
				Column: rapid.SampledFrom([]string{detail.Column, detail.Column, "概要"}).Draw(t, "column"), Old: optional("old"), New: optional("new"),
			})
		}
		f, _ := judge(detail, w, seen, func() ([]tracker.Event, error) { return events, nil })

		looked := shown && seen.err == nil && seen.is.Err == nil
		var newest tracker.Event
		for _, e := range events {
			late := len(w.Evidence) > 0
			for _, n := range w.Evidence {
				late = late && e.Seq > n
			}
			if late && e.Kind == tracker.Edited && e.Column == detail.Column && e.Seq > newest.Seq {
				newest = e
			}
		}
		for _, e := range events {
			if e.Seq > newest.Seq && (e.Kind == tracker.Deleted || e.Kind == tracker.Created) {
				newest.New = nil
			}
		}
		holds := actual == tracker.Actual{Text: w.Text, IsText: true}
		edited := w.Verdict == ledger.Verified && !w.ReadAt.IsZero() && !w.Conflict && w.Text != actual.Text && newest.New != nil && *newest.New == actual.Text
		if want := looked && !w.Pending && (holds || edited); want != (f.Verdict == ledger.Verified) {
			t.Fatalf("%s, %v of %+v: %+v, %+v", f.Verdict, f.Reason, w, seen, events)
		}
		if (f.Verdict == ledger.Verified) != (f.Reason == nil) {
			t.Fatalf("%s because of %v", f.Verdict, f.Reason)
		}
		if !looked && f.Actual != nil || looked && !holds && *f.Actual != actual.Text || w.Pending && (key(f.Reason) == "factcheck.pending_there") != (looked && holds) {
			t.Fatalf("%+v tells what was not seen: %+v, %+v", f, w, seen)
		}
		unable := w.Pending || seen.err != nil || key(seen.is.Err) == "sheets.ambiguous" || seen.is.Err == nil && !shown
		if unable != (f.Verdict == ledger.Unverifiable) {
			t.Fatalf("%s, %v of %+v: %+v", f.Verdict, f.Reason, w, seen)
		}
	})
}
