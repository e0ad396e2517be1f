package tracker

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"uratori/internal/ledger"
)

// together has the loop find all of writes waiting when it next looks. Each
// must leave one write open.
func (h *house) together(writes ...func()) {
	h.t.Helper()
	entered, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := h.Tracker.do(context.Background(), func(context.Context) error {
			close(entered)
			<-release
			return nil
		})
		if err != nil {
			h.t.Error(err)
		}
	})
	<-entered
	for i, w := range writes {
		all.Go(w)
		for h.State().Pending <= i {
			time.Sleep(time.Millisecond) // of the bubble
		}
	}
	close(release)
	all.Wait()
}

func TestWritesToOneTicketAtOnce_AreAllRemembered(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.together(
			func() { h.change("INTG-001", "summary", "わたし") },
			func() { h.change("INTG-001", "detail", "わたしの詳細") },
		)
		if k, err := h.Get(context.Background(), "INTG-001", ""); err != nil || k.Fields[0].Text != "わたし" || k.Fields[1].Text != "わたしの詳細" {
			t.Errorf("%+v %v", k, err)
		}
		if r := h.change("INTG-001", "summary", "つぎ"); r.Verdict != ledger.Verified {
			t.Errorf("nobody has changed it: %+v", r)
		}
		if got := told(h.look().Changes); got != nil {
			t.Errorf("our own writes: %v", got)
		}
		if got := told(h.State().Recent); got != nil {
			t.Errorf("our own writes: %v", got)
		}
	}, []string{"INTG-001", "一", "詳細"})
}

func TestDraftsFiledTogether_HaveNotMoved(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		draft := func() { h.file(Draft{Fields: map[string]string{"summary": "s"}}) }
		h.together(draft, draft, draft)
		h.insertRow(2) // so that all of it is looked at again
		if got := told(h.look().Changes); got != nil {
			t.Errorf("nobody has moved anything: %v", got)
		}
	}, []string{"INTG-001", "一"})
}

// An id that looks like another is refused, also beside it.
func TestLookalikesFiledTogether_AreNotBothFiled(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		ctx, cancel := h.limit()
		defer cancel()
		file := func(id string) func() {
			return func() {
				if r, err := h.Create(ctx, Draft{ID: id, Fields: map[string]string{"summary": id}}); err != nil && !errors.Is(err, errLooksAlike) {
					t.Errorf("%+v %v", r, err)
				}
			}
		}
		h.together(file("INTG-1a"), file("intg-1A"))
		if rows := h.grid(); len(rows) != 2 {
			t.Errorf("%v", rows)
		}
	}, []string{"INTG-001", "一"})
}

func TestGetWhileAWriteIsReadBack_ShowsWhatIsThere(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.between("read", 1, func() {
			time.Sleep(10 * time.Millisecond) // of the bubble; the look was not now
			k, err := h.Get(context.Background(), "INTG-001", "")
			if err != nil || k.Stale == nil && k.ReadAt.Equal(time.Now()) && k.Fields[0].Text != h.cell("INTG-001", "概要") {
				t.Errorf("the table has %q: %+v %v", h.cell("INTG-001", "概要"), k, err)
			}
		})
		h.change("INTG-001", "summary", "新しい")
	}, []string{"INTG-001", "一"})
}

// leaving is a caller whose patience ends in the moment when a verdict comes.
type leaving struct {
	context.Context
	verdict func()
	once    sync.Once
}

func (l *leaving) Done() <-chan struct{} {
	l.once.Do(l.verdict)
	done := make(chan struct{})
	close(done)
	return done
}

// Either the caller learns that the draft is filed, or whoever was to be told
// of it in the caller's place.
func TestVerdictAsTheCallerLeaves_IsToldToSomebody(t *testing.T) {
	for range 50 {
		filed := false
		tr := &Tracker{gone: make(chan struct{}), o: Options{Filed: func(Ticket) { filed = true }}}
		w := &write{id: 1, kind: create, ticket: "INTG-001", told: make(chan struct{})}
		tr.open = []*write{w}
		r, err := tr.await(&leaving{Context: context.Background(), verdict: func() {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			w.result = &Result{Verdict: ledger.Verified}
			if w.awaits == 0 { // as settle does
				tr.o.Filed(w.filed(1))
			}
			w.tell()
		}}, w)
		if err != nil || r.Verdict != ledger.Verified && !filed {
			t.Fatalf("%+v %v", r, err)
		}
	}
}

func TestPendingBesideDraftsThatGetTheirID_IsNoRace(t *testing.T) {
	bubble(t, func(h *house) {
		filed := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			defer close(filed)
			h.file(Draft{Fields: map[string]string{"summary": "s"}})
		})
		all.Go(func() { // as Get does beside the loop
			for {
				select {
				case <-filed:
					return
				default:
					h.pending("INTG-001")
				}
			}
		})
		all.Wait()
	}, []string{"INTG-001", "一"})
}
