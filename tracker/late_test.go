package tracker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/ledger"
	"uratori/sheets/sheetstest"
)

// late sends the first write on only after its answer was given up, and after
// more requests have gone by.
type late struct {
	h     *house
	after int
	kept  *http.Request
	n     int
}

func (l *late) RoundTrip(r *http.Request) (*http.Response, error) {
	if kindOf(r) == "write" && l.kept == nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		l.kept = r.Clone(context.Background())
		l.kept.Body = io.NopCloser(bytes.NewReader(body))
		return nil, io.ErrUnexpectedEOF
	}
	if l.kept != nil {
		if l.n++; l.n == l.after {
			answer, err := l.h.next.RoundTrip(l.kept)
			if err != nil {
				return nil, err
			}
			_ = answer.Body.Close()
		}
	}
	return l.h.next.RoundTrip(r)
}

func TestCreateThatArrivesLate_IsThereOnce(t *testing.T) {
	for after := 1; after < 8; after++ {
		t.Run(fmt.Sprint("after ", after, " requests"), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = true
				h.way.Next = &late{h: h, after: after}
				h.start()
				defer h.kill()
				h.look()
				if r := h.file(Draft{Fields: map[string]string{"summary": "新しい"}}); r.Verdict != ledger.Verified || r.Ticket != "INTG-002" {
					t.Errorf("%+v", r)
				}
				for range 3 { // the late one may come after the verdict
					h.look()
				}
				if d := cmp.Diff([][]string{{"INTG-001", "一"}, {"INTG-002", "新しい", "", "起票"}}, h.grid()); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// A person files the same id in the moment before our row arrives.
func TestCreateOfAnIDThatAPersonTakesJustThen(t *testing.T) {
	for _, free := range []bool{false, true} {
		t.Run(fmt.Sprint("ours to choose: ", free), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				h.between("write", 1, func() { h.put("A9", []string{"INTG-002", "ひとの"}) })
				d := Draft{ID: "INTG-002", Fields: map[string]string{"summary": "わたしの"}}
				if free {
					d.ID = ""
				}
				ctx, cancel := h.limit()
				defer cancel()
				r, err := h.Create(ctx, d)
				if h.cell("INTG-002", "概要") != "ひとの" {
					t.Errorf("%v", h.grid())
				}
				switch {
				case free && (err != nil || r.Verdict != ledger.Verified || r.Ticket != "INTG-003" || h.cell("INTG-003", "概要") != "わたしの"):
					t.Errorf("%+v %v", r, err)
				case !free && !errors.Is(err, ErrExists):
					t.Errorf("%+v %v", r, err)
				}
			}, []string{"INTG-001", "一"})
		})
	}
}

// People copy a row to make another of it.
func TestACopyThatAPersonMakes_IsNotTakenOut(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		begun := false
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) != "write" || begun {
				return sheetstest.None
			}
			begun = true
			return sheetstest.ResetBefore
		})
		h.file(Draft{Fields: map[string]string{"summary": "わたしの"}})
		time.Sleep(24 * time.Hour) // of the bubble
		h.put("A4", []string{"INTG-002", "わたしの", "", "起票"})
		h.look()
		if rows := h.grid(); len(rows) != 3 {
			t.Errorf("%v", rows)
		}
	}, []string{"INTG-001", "一"})
}

// A look for another write sees the late twin first.
func TestLateTwin_IsTakenOutWhoeverSeesItFirst(t *testing.T) {
	for _, blind := range []bool{true, false} {
		t.Run(fmt.Sprint("blind: ", blind), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = blind
				l := &late{h: h, after: 1 << 30}
				h.way.Next = l
				h.start()
				defer h.kill()
				h.look()
				h.file(Draft{Fields: map[string]string{"summary": "新しい"}})
				h.look()
				answer, err := h.next.RoundTrip(l.kept) // now it arrives
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				h.change("INTG-001", "summary", "別の")
				time.Sleep(5 * time.Minute) // of the bubble
				want := [][]string{{"INTG-001", "別の"}, {"INTG-002", "新しい", "", "起票"}}
				if d := cmp.Diff(want, h.grid()); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// An update that arrives after a person has edited covers that edit. It was
// not a person who did it.
func TestUpdateThatArrivesLate_IsNotTakenForAPersons(t *testing.T) {
	for _, blind := range []bool{true, false} {
		t.Run(fmt.Sprint("blind: ", blind), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = blind
				l := &late{h: h, after: 1 << 30}
				h.way.Next = l
				h.start()
				defer h.kill()
				h.look()
				h.change("INTG-001", "summary", "わたしの")
				h.put("B2", []string{"ひとの"})
				h.look()
				answer, err := h.next.RoundTrip(l.kept) // now it arrives
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				h.look()
				if got := told(h.State().Recent); !slices.Equal(got, []string{`edited INTG-001 概要 "わたしの"→"ひとの"`}) {
					t.Errorf("%v", got)
				}
			})
		})
	}
}

// The twin is to be taken out, another row is hit, and then the table does not
// answer for a while.
func TestRowTakenOutByAccident_ComesBackWhateverHappensNext(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart: ", restart), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = true
				l := &late{h: h, after: 1 << 30}
				h.way.Next = l
				h.start()
				defer func() { h.kill() }()
				h.look()
				h.file(Draft{Fields: map[string]string{"summary": "新しい"}})
				h.put("A4", []string{"INTG-007", "ひとの", "ひとの詳細", "", "承認します"})
				h.look()
				answer, err := h.next.RoundTrip(l.kept) // the twin arrives, below INTG-001
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				down := false
				h.meet(func(_ int, r *http.Request) sheetstest.Fault {
					if down {
						return sheetstest.Refused
					}
					if kindOf(r) == "write" {
						down = true
						h.deleteRow(2) // INTG-001 goes, rows move up
					}
					return sheetstest.None
				})
				ctx, cancel := h.limit()
				defer cancel()
				if _, err := h.Sync(ctx); err == nil {
					t.Log("the twin was taken out without a fault")
				}
				if restart {
					h.kill()
				}
				h.meet(nil)
				if restart {
					h.start()
				}
				time.Sleep(5 * time.Minute) // of the bubble
				if got := h.cell("INTG-007", "詳細"); got != "ひとの詳細" {
					t.Errorf("%q", got)
				}
				if got := h.cell("INTG-007", "承認"); got != "承認します" {
					t.Errorf("what a person wrote is theirs to keep: %q", got)
				}
			})
		})
	}
}

// A copy of a row, above it and without our text, is taken out again: what the
// row itself has held all along is no late copy of our request.
func TestACopyThatAPersonMakes_AndTakesOutAgain_LeavesTheTextThatWasThereAllAlong(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart: ", restart), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				begun := false
				h.meet(func(_ int, r *http.Request) sheetstest.Fault {
					if kindOf(r) != "write" || begun {
						return sheetstest.None
					}
					begun = true
					return sheetstest.ResetBefore // another copy of it may still arrive
				})
				if r := h.change("INTG-001", "detail", "エージェントの詳細、長いもの"); r.Verdict != ledger.Verified {
					t.Errorf("%+v", r)
				}
				h.insertRow(2)
				h.put("A2", []string{"INTG-001", "ひとの写し"})
				h.look()
				if restart {
					h.kill()
				}
				h.deleteRow(2)
				if restart {
					h.start()
				}
				h.look()
				h.drained()
				if d := cmp.Diff([][]string{{"INTG-001", "一", "エージェントの詳細、長いもの"}}, h.grid()); d != "" {
					t.Error(d)
				}
			}, []string{"INTG-001", "一"})
		})
	}
}
