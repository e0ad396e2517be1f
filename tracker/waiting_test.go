package tracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/ledger"
	"uratori/sheets"
	"uratori/sheets/sheetstest"
)

// queued leaves an update open, because the table cannot be used.
func (h *house) queued(c Change) Result {
	h.t.Helper()
	h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.S503 })
	defer h.meet(nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := h.Update(ctx, c)
	if err != nil || !r.Queued {
		h.t.Fatalf("%+v %v", r, err)
	}
	return r
}

func TestDraftQueuedBeforeTheFirstLook_IsFiledAfterARestart(t *testing.T) {
	for _, blind := range []bool{true, false} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, dir, []string{"INTG-001", "一"})
			h.blind = blind
			h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.Refused })
			h.start()
			defer h.kill()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			r, err := h.Create(ctx, Draft{Fields: map[string]string{"summary": "わたしの"}})
			if err != nil || !r.Queued {
				t.Fatalf("%+v %v", r, err)
			}
			h.kill()
			h.meet(nil)
			h.start()
			if got := h.settled("", r.Write); got.Verdict != ledger.Verified || got.Ticket != "INTG-002" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDraftWhoseFreeIDAPersonTookWhileItWaited_GetsAnother(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.Refused })
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		r, err := h.Create(ctx, Draft{Fields: map[string]string{"summary": "わたしの"}})
		if err != nil || !r.Queued {
			t.Fatalf("%+v %v", r, err)
		}
		h.kill()
		h.meet(nil)
		h.put("A3", []string{"INTG-002", "ひとの"})
		h.start()
		if got := h.settled(r.Ticket, r.Write); got.Verdict != ledger.Verified || got.Ticket != "INTG-003" || h.cell("INTG-002", "概要") != "ひとの" {
			t.Errorf("%+v %v", got, h.grid())
		}
	}, []string{"INTG-001", "一"})
}

// A write that was never applied is no reason to undo what a person wrote.
func TestPersonWritesTheQueuedTextElsewhere_IsNotUndone(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart: ", restart), func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				if restart {
					h.queued(Change{Ticket: "INTG-002", Fields: map[string]string{"status": "進行中"}})
					h.kill()
					h.put("D2", []string{"進行中"})
					h.start()
				} else {
					begun := false
					h.meet(func(_ int, r *http.Request) sheetstest.Fault {
						if kindOf(r) != "write" || begun {
							return sheetstest.None
						}
						begun = true
						h.put("D2", []string{"進行中"})
						return sheetstest.ResetBefore
					})
					h.change("INTG-002", "status", "進行中")
				}
				h.drained()
				h.look()
				want := [][]string{{"INTG-001", "一", "", "進行中"}, {"INTG-002", "二", "", "進行中"}}
				if d := cmp.Diff(want, h.grid()); d != "" {
					t.Error(d)
				}
				if got := told(h.State().Recent); !slices.Equal(got, []string{`edited INTG-001 ステータス "起票"→"進行中"`}) {
					t.Errorf("%v", got)
				}
			}, []string{"INTG-001", "一", "", "起票"}, []string{"INTG-002", "二", "", "起票"})
		})
	}
}

// The reading fails for a while, and people edit and the table is looked at
// in between.
func TestEditedBeforeALateReading_IsToldOnceAndAsItWas(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) == "read" {
				return sheetstest.S503
			}
			return sheetstest.None
		})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "わたしの"}})
		if err != nil || !r.Queued {
			t.Fatalf("%+v %v", r, err)
		}
		h.put("B2", []string{"ひとの"})
		h.look()
		h.meet(nil)
		h.settled("INTG-001", r.Write)
		h.insertRow(2)
		h.look()
		if got := told(h.State().Recent); !slices.Equal(got, []string{`edited INTG-001 概要 "わたしの"→"ひとの"`}) {
			t.Errorf("%v", got)
		}
	}, []string{"INTG-001", "一"})
}

// Before the first look a name may be that of any column.
func TestColumnAskedForBeforeTheFirstLook_IsTheOneMeant(t *testing.T) {
	for _, blind := range []bool{true, false} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, dir, []string{"INTG-001", "一"})
			h.put("F1", []string{"要約"})
			h.blind = blind
			h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.Refused })
			h.start()
			defer h.kill()
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"要約": "わたしの"}})
			if err != nil || !r.Queued {
				t.Fatalf("%+v %v", r, err)
			}
			h.meet(nil)
			h.settled("INTG-001", r.Write)
			if d := cmp.Diff([][]string{{"INTG-001", "一", "", "", "", "わたしの"}}, h.grid()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestProtectedRows_DoNotHoldUpOthers(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) == "write" {
				body, err := r.GetBody()
				if err != nil {
					t.Error(err)
				}
				raw, err := io.ReadAll(body)
				if err != nil {
					t.Error(err)
				}
				if strings.Contains(string(raw), "禁止") {
					return sheetstest.S403
				}
			}
			return sheetstest.None
		})
		var held [3]Result
		h.together(
			func() { held[0] = h.change("INTG-001", "summary", "禁止1") },
			func() { held[1] = h.change("INTG-002", "summary", "新しい") },
			func() { held[2] = h.change("INTG-003", "summary", "禁止3") },
		)
		time.Sleep(5 * time.Minute) // of the bubble
		if h.cell("INTG-002", "概要") != "新しい" {
			t.Errorf("%+v", held[1])
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"}, []string{"INTG-003", "三"})
}

// Who asks while the table is being waited for is told when that wait ends, and
// does not wait for another.
func TestSyncAskedForDuringALookThatFails_HasThatAnswer(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.put("B2", []string{"ひとの"}) // so that a look is needed
		h.meet(func(int, *http.Request) sheetstest.Fault { return sheetstest.Refused })
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if r, err := h.Update(ctx, Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "わたしの"}}); err != nil || !r.Queued {
			t.Fatalf("%+v %v", r, err)
		}
		for range 20 {
			limited, stop := h.limit()
			begun := time.Now()
			if _, err := h.Sync(limited); !errors.Is(err, sheets.ErrUnavailable) {
				t.Error(err)
			}
			if took := time.Since(begun); took > probeLimit+time.Second {
				t.Errorf("took %v", took)
			}
			stop()
			time.Sleep(700 * time.Millisecond) // of the bubble
		}
		h.meet(nil)
		h.look()
	}, []string{"INTG-001", "一"})
}
