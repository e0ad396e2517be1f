package factcheck

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/tracker"
)

var detail = SheetCell{"A-1", "詳細"}

// found checks one cell.
func found(t *testing.T, w *world, cell SheetCell) Finding {
	t.Helper()
	f, err := NewSheetCells(w).Check(t.Context(), []Claim{cell})
	if err != nil || len(f) != 1 {
		t.Fatalf("%v, %v", f, err)
	}
	return sound(SheetCellType, f[0])
}

func key(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestSheetCell_EachCase_HasItsVerdict(t *testing.T) {
	t.Parallel()
	unreachable := fault.New(fault.Unavailable, "sheets.unavailable")
	for name, tc := range map[string]struct {
		make             func(w *world)
		verdict          ledger.Verdict
		reason           string
		expected, actual string // "-": not told
		edits, looks     int
	}{
		"the text is there": {
			func(w *world) { w.write(detail, "x") }, ledger.Verified, "", "-", "-", 0, 1,
		},
		"nothing was written, and nothing is there": {
			func(w *world) { w.write(detail, "") }, ledger.Verified, "", "-", "-", 0, 1,
		},
		"the text is there though the write was refuted": {
			func(w *world) {
				w.submit(detail, "x", w.refuse)
				w.put(detail, text("x"))
			}, ledger.Verified, "", "-", "-", 0, 1,
		},
		"the text is there though the write was a conflict": {
			func(w *world) {
				w.submit(detail, "x", func(r *tracker.Written) { w.refuse(r); r.Conflict, r.ReadAt = true, time.Time{} })
				w.put(detail, text("x"))
			}, ledger.Verified, "", "-", "-", 0, 1,
		},
		"a person edited it and brought it back": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text("y"))
				w.sync()
				w.put(detail, text("x"))
			}, ledger.Verified, "", "-", "-", 0, 1,
		},
		"pending": {
			func(w *world) {
				w.submit(detail, "x", func(r *tracker.Written) { r.Reason = unreachable })
			}, ledger.Unverifiable, "factcheck.pending", "x", "", 0, 1,
		},
		"pending, and no look": {
			func(w *world) {
				w.submit(detail, "x", func(*tracker.Written) {})
				w.problem = unreachable
			}, ledger.Unverifiable, "factcheck.pending", "x", "-", 0, 1,
		},
		"pending, and the ticket is to be made": {
			func(w *world) {
				w.submit(detail, "x", func(*tracker.Written) {})
				delete(w.rows, "A-1")
			}, ledger.Unverifiable, "factcheck.pending", "x", "-", 0, 1,
		},
		"pending, though the text is there": {
			func(w *world) {
				w.submit(detail, "x", func(*tracker.Written) {})
				w.put(detail, text("x"))
			}, ledger.Unverifiable, "factcheck.pending_there", "x", "x", 0, 1,
		},
		"pending, though it claims to be verified": {
			func(w *world) {
				w.write(detail, "x")
				r := w.written[detail]
				r.Pending = true
				w.written[detail] = r
			}, ledger.Unverifiable, "factcheck.pending_there", "x", "x", 0, 1,
		},
		"a person edited it": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text("y"))
			}, ledger.Verified, "", "x", "y", 1, 1,
		},
		"a person emptied it": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text(""))
			}, ledger.Verified, "", "x", "", 1, 1,
		},
		"a person made it a number": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, tracker.Actual{Text: "7"})
			}, ledger.Verified, "", "x", "7", 1, 1,
		},
		"people edited it, twice": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text("y"))
				w.sync()
				w.put(detail, text("z"))
			}, ledger.Verified, "", "x", "z", 2, 1,
		},
		"nobody edited it": {
			func(w *world) {
				w.write(detail, "x")
				w.haunt(detail, text("y"))
			}, ledger.Refuted, "factcheck.changed", "x", "y", 0, 2,
		},
		"the newest edit does not explain it, an older one would": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text("y"))
				w.sync()
				w.put(detail, text("z"))
				w.haunt(detail, text("y"))
			}, ledger.Refuted, "factcheck.changed", "x", "y", 2, 2,
		},
		"the edit was before the write": {
			func(w *world) {
				w.put(detail, text("y"))
				w.sync()
				w.write(detail, "x")
				w.haunt(detail, text("y"))
			}, ledger.Refuted, "factcheck.changed", "x", "y", 0, 2,
		},
		"the edit was between the intent and the verdict": {
			func(w *world) {
				w.submit(detail, "x", func(r *tracker.Written) {
					w.put(detail, text("y"))
					w.sync()
					r.Verdict, r.Pending, r.ReadAt = ledger.Verified, false, w.tick()
					r.Evidence = append(r.Evidence, w.entry())
				})
			}, ledger.Refuted, "factcheck.changed", "x", "y", 0, 2,
		},
		"the edit was of another column": {
			func(w *world) {
				w.write(detail, "x")
				w.haunt(detail, text("y"))
				w.put(SheetCell{"A-1", "概要"}, text("y"))
			}, ledger.Refuted, "factcheck.changed", "x", "y", 0, 2,
		},
		"nothing tells when it was verified": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text("y"))
				r := w.written[detail]
				r.Evidence = nil
				w.written[detail] = r
			}, ledger.Refuted, "factcheck.changed", "x", "y", 0, 2,
		},
		"an edit tells no new text": {
			func(w *world) {
				w.write(detail, "x")
				w.haunt(detail, text(""))
				w.note(tracker.Event{Kind: tracker.Edited, Ticket: "A-1", Column: "詳細"})
			}, ledger.Refuted, "factcheck.changed", "x", "", 1, 2,
		},
		"a person edited it, but in a row that is gone": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text("y"))
				w.sync()
				delete(w.rows, "A-1")
				w.sync()
				w.rows["A-1"] = map[string]tracker.Actual{"詳細": text("y")}
			}, ledger.Refuted, "factcheck.changed", "x", "y", 1, 2,
		},
		"a person edited it after making the row again": {
			func(w *world) {
				w.write(detail, "x")
				delete(w.rows, "A-1")
				w.sync()
				w.rows["A-1"] = map[string]tracker.Actual{}
				w.sync()
				w.put(detail, text("y"))
			}, ledger.Verified, "", "x", "y", 1, 1,
		},
		"a write of ours is no edit": {
			func(w *world) {
				w.write(detail, "x")
				w.haunt(detail, text("y"))
				y := "y"
				w.note(tracker.Event{Kind: tracker.Wrote, Ticket: "A-1", Column: "詳細", New: &y})
			}, ledger.Refuted, "factcheck.changed", "x", "y", 0, 2,
		},
		"what has the number of the verdict is not later": {
			func(w *world) {
				w.write(detail, "x")
				w.haunt(detail, text("y"))
				y := "y"
				w.events = append(w.events, tracker.Event{Seq: w.seq, Kind: tracker.Edited, Ticket: "A-1", Column: "詳細", New: &y})
			}, ledger.Refuted, "factcheck.changed", "x", "y", 0, 2,
		},
		"the events are in no order": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text("y"))
				w.sync()
				w.put(detail, text("z"))
				w.sync()
				slices.Reverse(w.events)
			}, ledger.Verified, "", "x", "z", 2, 1,
		},
		"the write was refuted": {
			func(w *world) { w.submit(detail, "x", w.refuse) }, ledger.Refuted, "factcheck.never_there", "x", "", 0, 1,
		},
		"the write was refuted, and a person edited the cell": {
			func(w *world) {
				w.submit(detail, "x", w.refuse)
				w.put(detail, text("y"))
			}, ledger.Refuted, "factcheck.never_there", "x", "y", 0, 1,
		},
		"verified without a reading": {
			func(w *world) {
				w.write(detail, "x")
				w.put(detail, text("y"))
				r := w.written[detail]
				r.ReadAt = time.Time{}
				w.written[detail] = r
			}, ledger.Refuted, "factcheck.never_there", "x", "y", 0, 1,
		},
		"given up without a verdict": {
			func(w *world) {
				w.submit(detail, "x", func(r *tracker.Written) { r.Pending = false })
			}, ledger.Refuted, "factcheck.never_there", "x", "", 0, 1,
		},
		"a conflict": {
			func(w *world) {
				w.put(detail, text("theirs"))
				w.submit(detail, "x", func(r *tracker.Written) { w.refuse(r); r.Conflict = true })
			}, ledger.Refuted, "factcheck.conflict", "x", "theirs", 0, 1,
		},
		"a number that looks like it": {
			func(w *world) {
				w.write(detail, "42")
				w.put(detail, tracker.Actual{Text: "42"})
			}, ledger.Refuted, "factcheck.not_text", "42", "42", 0, 1,
		},
		"a formula that looks like it": {
			func(w *world) {
				w.write(detail, "=A1")
				w.put(detail, tracker.Actual{Text: "=A1"})
			}, ledger.Refuted, "factcheck.not_text", "=A1", "=A1", 0, 1,
		},
		"something strange where nothing was written": {
			func(w *world) {
				w.write(detail, "")
				w.put(detail, tracker.Actual{})
			}, ledger.Refuted, "factcheck.not_text", "", "", 0, 1,
		},
		"the row was deleted by a person": {
			func(w *world) {
				w.write(detail, "x")
				delete(w.rows, "A-1")
			}, ledger.Refuted, "factcheck.deleted", "x", "-", 0, 1,
		},
		"the row is gone, and nobody deleted it": {
			func(w *world) {
				w.write(detail, "x")
				delete(w.rows, "A-1")
				delete(w.known, "A-1")
			}, ledger.Refuted, "factcheck.gone", "x", "-", 0, 2,
		},
		"the row was deleted and made again, and is gone": {
			func(w *world) {
				w.write(detail, "x")
				row := w.rows["A-1"]
				delete(w.rows, "A-1")
				w.sync()
				w.rows["A-1"] = row
				w.sync()
				delete(w.rows, "A-1")
				delete(w.known, "A-1")
			}, ledger.Refuted, "factcheck.gone", "x", "-", 0, 2,
		},
		"the row was deleted before the write": {
			func(w *world) {
				delete(w.rows, "A-1")
				w.sync()
				w.write(detail, "x")
				delete(w.rows, "A-1")
				delete(w.known, "A-1")
			}, ledger.Refuted, "factcheck.gone", "x", "-", 0, 2,
		},
		"two rows": {
			func(w *world) {
				w.write(detail, "x")
				w.twins["A-1"] = true
			}, ledger.Unverifiable, "sheets.ambiguous", "x", "-", 0, 1,
		},
		"no look": {
			func(w *world) {
				w.write(detail, "x")
				w.problem = unreachable
			}, ledger.Unverifiable, "sheets.unavailable", "x", "-", 0, 1,
		},
		"the column is gone": {
			func(w *world) {
				w.write(detail, "x")
				w.headers = []string{"ID", "概要", "説明"}
			}, ledger.Unverifiable, "sheets.no_column", "x", "-", 0, 1,
		},
		"never written": {
			func(*world) {}, ledger.Unverifiable, "factcheck.no_write", "-", "-", 0, 1,
		},
		"what was written cannot be known": {
			func(w *world) {
				w.write(detail, "x")
				w.broken["A-1"] = fault.New(fault.Failed, "store.corrupt")
			}, ledger.Unverifiable, "store.corrupt", "-", "-", 0, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld("A-1", "A-2")
			tc.make(w)
			f := found(t, w, detail)
			told := func(s *string) string {
				if s == nil {
					return "-"
				}
				return *s
			}
			if f.Verdict != tc.verdict || key(f.Reason) != tc.reason || told(f.Expected) != tc.expected || told(f.Actual) != tc.actual {
				t.Errorf("%s, %v, expected %s, actual %s", f.Verdict, f.Reason, told(f.Expected), told(f.Actual))
			}
			if len(f.Edits) != tc.edits || w.looks != tc.looks {
				t.Errorf("%d edits, %d looks", len(f.Edits), w.looks)
			}
		})
	}
}

func TestSheetCell_TextsAreComparedToTheLetter(t *testing.T) {
	t.Parallel()
	for _, tc := range [][2]string{
		{"x", "x "},
		{"x", "x\n"},
		{"x", "\u200bx"},
		{"x", "\u200fx"},
		{"x", "X"},
		{"x", "ｘ"},
		{"が", "か\u3099"},
		{"a\nb", "a\r\nb"},
		{"é", "e\u0301"},
		{"", " "},
		{"'x", "x"},
		{"a\x00b", "a\x01b"},
		{strings.Repeat("詳", 49_999) + "a", strings.Repeat("詳", 49_999) + "b"},
	} {
		for _, pair := range [][2]string{tc, {tc[1], tc[0]}} {
			w := newWorld("A-1")
			w.write(detail, pair[0])
			if f := found(t, w, detail); f.Verdict != ledger.Verified {
				t.Errorf("%.20q: %s, %v", pair[0], f.Verdict, f.Reason)
			}
			w.haunt(detail, text(pair[1]))
			if f := found(t, w, detail); f.Verdict != ledger.Refuted || *f.Expected != pair[0] || *f.Actual != pair[1] {
				t.Errorf("%.20q for %.20q: %s", pair[1], pair[0], f.Verdict)
			}
			w.note(tracker.Event{Kind: tracker.Edited, Ticket: "A-1", Column: "詳細", Old: &pair[0], New: &pair[0]})
			if f := found(t, w, detail); f.Verdict != ledger.Refuted {
				t.Errorf("%.20q explains %.20q: %s", pair[0], pair[1], f.Verdict)
			}
		}
	}
}

func TestSheetCell_EditIsShownWithItsEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.write(detail, "x")
	written := w.written[detail]
	written.Evidence = slices.Grow(written.Evidence, 1)
	w.written[detail] = written
	w.put(detail, text("y"))
	f := found(t, w, detail)
	e := w.events[len(w.events)-1]
	want := Edit{e.At, "x", "y"}
	if f.Verdict != ledger.Verified || !slices.Equal(f.Edits, []Edit{want}) || !slices.Equal(f.Evidence, append(slices.Clone(written.Evidence), e.Seq)) {
		t.Errorf("%+v", f)
	}
	if f.Row != 7 || !f.WrittenAt.Equal(written.At) || !f.ReadAt.Equal(written.ReadAt) || !f.LookedAt.Equal(w.now) {
		t.Errorf("%+v", f)
	}
	if written.Evidence[:3][2] != 0 {
		t.Error("the tracker's own evidence was changed")
	}
}

func TestSheetCell_DeletionNamesWhen(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.write(detail, "x")
	delete(w.rows, "A-1")
	f := found(t, w, detail)
	e := w.events[len(w.events)-1]
	if !strings.Contains(f.Reason.Error(), e.At.Local().Format(time.DateTime)) || f.Evidence[len(f.Evidence)-1] != e.Seq || f.Row != 0 {
		t.Errorf("%+v", f)
	}
}

func TestSheetCell_OneColumnIsGone_TheOthersAreCheckedAllTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1", "A-2")
	claims := []Claim{SheetCell{"A-1", "概要"}, detail, SheetCell{"A-2", "詳細"}, SheetCell{"A-2", "概要"}}
	for _, c := range claims {
		w.write(c.(SheetCell), "x")
	}
	w.headers = []string{"ID", "概要"}
	fs, err := NewSheetCells(w).Check(t.Context(), claims)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "sheets.no_column", "sheets.no_column", ""} {
		if key(fs[i].Reason) != want || (fs[i].Verdict == ledger.Verified) != (want == "") {
			t.Errorf("%d: %s, %v", i, fs[i].Verdict, fs[i].Reason)
		}
	}
}

func TestSheetCell_AllTicketsInOneLook(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1", "A-2", "A-3")
	var claims []Claim
	for _, ticket := range []string{"A-1", "A-2", "A-3"} {
		for _, column := range []string{"概要", "詳細"} {
			w.write(SheetCell{ticket, column}, ticket+column)
			claims = append(claims, SheetCell{ticket, column})
		}
	}
	fs, err := NewSheetCells(w).Check(t.Context(), claims)
	if err != nil || w.looks != 1 {
		t.Fatalf("%d looks, %v", w.looks, err)
	}
	for i, f := range fs {
		if f.Verdict != ledger.Verified {
			t.Errorf("%v: %s, %v", claims[i], f.Verdict, f.Reason)
		}
	}
}

func TestSheetCell_EditDuringTheLook_IsNoAccusation(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.write(detail, "x")
	w.between = func() { w.put(detail, text("y")); w.between = func() {} }
	if f := found(t, w, detail); f.Verdict != ledger.Verified || len(f.Edits) != 1 || w.looks != 2 {
		t.Errorf("%+v", f)
	}
}

func TestSheetCell_EditsWithoutEnd_AreNotJudged(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.write(detail, "x")
	w.between = func() { w.put(detail, text(w.now.String())) }
	if f := found(t, w, detail); f.Verdict != ledger.Unverifiable || key(f.Reason) != "factcheck.moving" || w.looks != mostLooks {
		t.Errorf("%+v", f)
	}
}

func TestSheetCell_WriteDuringTheLook_IsJudgedByTheNextLook(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.write(detail, "x")
	w.between = func() { w.write(detail, "y"); w.between = func() {} }
	if f := found(t, w, detail); f.Verdict != ledger.Verified || w.looks != 2 || f.WrittenAt != w.written[detail].At {
		t.Errorf("%+v", f)
	}
	// The old text may have come back just then: it is still not the last one.
	w.between = func() { w.write(detail, "z"); w.haunt(detail, text("y")); w.between = func() {} }
	if f := found(t, w, detail); f.Verdict != ledger.Refuted || *f.Expected != "z" {
		t.Errorf("%+v", f)
	}
	w.between = func() { w.write(detail, w.now.String()) }
	if f := found(t, w, detail); f.Verdict != ledger.Unverifiable || key(f.Reason) != "factcheck.moving" {
		t.Errorf("%+v", f)
	}
}

// nowhere answers a look without showing anything.
type nowhere struct{ *world }

func (nowhere) Fresh(context.Context, map[string][]string) (map[string]tracker.Seen, error) {
	return nil, nil
}

// blank shows rows without their cells.
type blank struct{ *world }

func (b blank) Fresh(ctx context.Context, want map[string][]string) (map[string]tracker.Seen, error) {
	seen, err := b.world.Fresh(ctx, want)
	for ticket, s := range seen {
		s.Cells = nil
		seen[ticket] = s
	}
	return seen, err
}

func TestSheetCell_LookThatShowsNothing_VerifiesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.write(detail, "") // what a cell that was not shown looks like
	for _, tr := range []Tracker{nowhere{w}, blank{w}} {
		fs, err := NewSheetCells(tr).Check(t.Context(), []Claim{detail})
		if err != nil || fs[0].Verdict != ledger.Unverifiable || key(fs[0].Reason) != "factcheck.not_shown" {
			t.Errorf("%+v, %v", fs, err)
		}
	}
	if _, _, err := NewSheetCells(nowhere{w}).Find(t.Context(), "A-1"); key(err) != "factcheck.not_shown" {
		t.Error(err)
	}
}

func TestSheetCell_WriteThatNeverSawTheHeader_GoesByItsField(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.submit(detail, "x", func(r *tracker.Written) { r.Column = "" })
	claims, err := NewSheetCells(w).Claims(t.Context(), "A-1")
	if err != nil || !slices.Equal(claims, []Claim{detail}) {
		t.Fatalf("%v, %v", claims, err)
	}
	if f := found(t, w, detail); key(f.Reason) != "factcheck.pending" {
		t.Errorf("%+v", f)
	}
}

func TestSheetCell_VerdictDuringTheLook_IsJudgedByTheNextLook(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.submit(detail, "x", func(*tracker.Written) {})
	w.between = func() {
		r := w.written[detail]
		w.refuse(&r)
		w.written[detail] = r
		w.between = func() {}
	}
	if f := found(t, w, detail); key(f.Reason) != "factcheck.never_there" || w.looks != 2 {
		t.Errorf("%+v, %d looks", f, w.looks)
	}
}

// twice tells of every write, and of an older one before and behind it.
type twice struct{ *world }

func (w twice) Written(ctx context.Context, ticket string) (all []tracker.Written, err error) {
	found, err := w.world.Written(ctx, ticket)
	for _, r := range found {
		old := r
		old.Write, old.Text = 0, "old"
		all = append(all, old, r, old)
	}
	return all, err
}

func TestSheetCell_LastOfSeveralWrites_IsJudged(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	w.write(detail, "x")
	fs, err := NewSheetCells(twice{w}).Check(t.Context(), []Claim{detail})
	if err != nil || fs[0].Verdict != ledger.Verified {
		t.Errorf("%+v, %v", fs, err)
	}
	w.haunt(detail, text("old"))
	fs, err = NewSheetCells(twice{w}).Check(t.Context(), []Claim{detail})
	if err != nil || fs[0].Verdict != ledger.Refuted || *fs[0].Expected != "x" {
		t.Errorf("%+v, %v", fs, err)
	}
}

func TestSheetCells_OneClaimACell_InTheOrderOfTheColumns(t *testing.T) {
	t.Parallel()
	w := newWorld("A-1")
	var want []Claim
	for _, column := range []string{"f", "b", "c", "d", "e", "a"} {
		w.headers = append(w.headers, column)
		w.write(SheetCell{"A-1", column}, "x")
		want = append(want, SheetCell{"A-1", column})
	}
	for range 20 {
		if claims, err := NewSheetCells(twice{w}).Claims(t.Context(), "A-1"); err != nil || !slices.Equal(claims, want) {
			t.Fatalf("%v, %v", claims, err)
		}
	}
}
