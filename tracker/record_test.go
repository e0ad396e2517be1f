package tracker

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/sheets"
)

// A look at a sorted or widely edited table is recorded in parts, of which the
// last may not come to be.
func TestRecordThatBreaksOff_TellsEachEditOnce(t *testing.T) {
	const n = 500 + 100
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart: ", restart), func(t *testing.T) {
			ctx := context.Background()
			db, err := store.Open(ctx, filepath.Join(t.TempDir(), "t.db"), ledger.Schema(), Schema())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }() // the test ends
			var stop func()
			left := -1
			now := func() time.Time {
				if left--; left == 0 {
					stop()
				}
				return time.Unix(0, 0).UTC()
			}
			book := ledger.New(db, now)
			begin := func() *Tracker {
				tr, err := New(ctx, Options{DB: db, Ledger: book, Book: "b", Prefix: "INTG", Now: time.Now})
				if err != nil {
					t.Fatal(err)
				}
				return tr
			}
			tr := begin()
			v := &sheets.View{At: time.Unix(1, 0).UTC(), Whole: true}
			columns := []column{{sheets.Key, "ID"}, {"a", "a"}, {"b", "b"}}
			look := func(text string) difference {
				d := difference{order: []*row{}}
				for i := range n {
					id := fmt.Sprintf("INTG-%04d", i)
					r := &row{id: id, place: float64(i + 1), texts: []string{id, text, text}}
					old := tr.mirror.rows[id]
					d.order = append(d.order, r)
					if old != nil && slices.Equal(old.texts, r.texts) {
						continue
					}
					d.put = append(d.put, r)
					if old == nil {
						continue
					}
					for at, c := range columns[1:] {
						was, is := old.texts[at+1], text
						d.events = append(d.events, Event{Kind: Edited, Ticket: id, Column: c.Header, Old: &was, New: &is})
					}
				}
				if tr.mirror.at.IsZero() {
					d.columns = columns
				}
				return d
			}
			if _, err := tr.record(ctx, v, look("old")); err != nil {
				t.Fatal(err)
			}
			tr = begin() // with all of it in the mirror
			broken, cancel := context.WithCancel(ctx)
			defer cancel()
			stop, left = cancel, 500/2
			if _, err := tr.record(broken, v, look("new")); err == nil {
				t.Log("it was recorded in one")
			} else {
				if restart {
					tr = begin()
				}
				if _, err := tr.record(ctx, v, look("new")); err != nil {
					t.Fatal(err)
				}
			}
			count := map[string]int{}
			for e, err := range book.Entries(ctx, 0, "") {
				if err != nil {
					t.Fatal(err)
				}
				if e.Kind == "tracker.edited" {
					count[e.Subject]++
				}
			}
			wrong := 0
			for i := range n {
				if count[fmt.Sprintf("INTG-%04d", i)] != 2 {
					wrong++
				}
			}
			if wrong > 0 {
				t.Errorf("%d of %d rows are not told as edited once a column", wrong, n)
			}
		})
	}
}
