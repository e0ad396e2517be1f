package tracker

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/ledger"
	"uratori/sheets/sheetstest"
)

// The answer is lost, and with it the word of what was hit. The table knows.
func TestLostAnswer_OfAChangeThatMetAPerson_IsMadeGoodAllTheSame(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		writes := 0
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) != "write" {
				return sheetstest.None
			}
			if writes++; writes > 1 {
				return sheetstest.None
			}
			h.put("B2", []string{"ひとの"})
			return sheetstest.ResetAfter
		})
		r := h.update(Change{Ticket: "INTG-001", Fields: map[string]string{"summary": "エージェントの"}, Expected: map[string]string{"summary": "一"}})
		if len(r.Cells) != 1 || r.Cells[0].Actual == nil || *r.Cells[0].Actual != "ひとの" {
			t.Errorf("%+v", r)
		}
		h.drained()
		if d := cmp.Diff([][]string{{"INTG-001", "ひとの"}}, h.grid()); d != "" {
			t.Error(d)
		}
		if got := told(h.State().Recent); !slices.Equal(got, []string{"edited INTG-001 概要 \"一\"→\"ひとの\""}) {
			t.Errorf("%q", got)
		}
	}, []string{"INTG-001", "一"})
}

// dying runs f until the n-th write, which is carried out while its answer never
// comes because the tracker dies; the next tracker takes up what it left. act
// comes before each write.
func (h *house) dying(n int, act func(n int), f func()) {
	h.t.Helper()
	h.dies(n, act, f)
	h.start()
	h.drained()
	h.look()
}

// dies is dying without the next tracker.
func (h *house) dies(n int, act func(n int), f func()) {
	h.t.Helper()
	sent := make(chan struct{})
	writes := 0
	h.meet(func(_ int, r *http.Request) sheetstest.Fault {
		if kindOf(r) != "write" {
			if writes >= n {
				return sheetstest.Refused // it is as good as dead
			}
			return sheetstest.None
		}
		if writes++; writes <= n {
			act(writes)
		}
		switch {
		case writes < n:
			return sheetstest.None
		case writes == n:
			return sheetstest.ResetAfter
		}
		return sheetstest.Refused
	})
	h.way.After = func(r *http.Request) {
		close(sent)
		<-r.Context().Done()
	}
	defer func() { h.way.After = nil }()
	var asking sync.WaitGroup
	asking.Go(f)
	select {
	case <-sent:
	case <-time.After(5 * time.Minute): // of the bubble
		h.t.Errorf("there were %d writes, not %d", writes, n)
	}
	h.kill()
	asking.Wait()
	h.meet(nil)
}

func TestKilledBeforeTheAnswer_WhatTheChangeHit_IsMadeGoodByTheNext(t *testing.T) {
	update := func(h *house) {
		ctx, cancel := h.limit()
		defer cancel()
		_, _ = h.Update(ctx, Change{Ticket: "INTG-002", Fields: map[string]string{"summary": "新しい二"}, Expected: map[string]string{"summary": "二"}}) // killed before it can be told
	}
	for name, c := range map[string]struct {
		act  func(h *house)
		want [][]string
	}{
		"another's row that no look has seen": {
			func(h *house) { h.put("A3", []string{"INTG-099", "ひとの行"}, []string{"INTG-002", "二"}) },
			[][]string{{"INTG-001", "一"}, {"INTG-099", "ひとの行"}, {"INTG-002", "新しい二"}},
		},
		"a person's text": {
			func(h *house) { h.put("B3", []string{"ひとの"}) },
			[][]string{{"INTG-001", "一"}, {"INTG-002", "ひとの"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				h.look()
				h.dying(1, func(int) { c.act(h) }, func() { update(h) })
				if d := cmp.Diff(c.want, h.grid()); d != "" {
					t.Error(d)
				}
			}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
		})
	}
}

// A draft is to be taken out beside a person's row of the same id; the deletion
// hits a row that nobody has seen, be it of an id that is there already, and the
// tracker dies or lives.
func TestDeletion_ThatHitsAnotherRow_TheRowComesBack(t *testing.T) {
	for _, id := range []string{"INTG-099", "INTG-001", "INTG-002"} {
		for _, dies := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, the tracker dies: %v", id, dies), func(t *testing.T) {
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t, dir, []string{"INTG-001", "一"})
					h.blind = true
					h.start()
					defer func() { h.kill() }()
					h.look()
					hit := []string{id, "ひとの行", "", "", "承認します", "担当"}
					act := func(n int) {
						switch n {
						case 1:
							h.put("A3", []string{"INTG-002", "ひとの"}) // pushed down by the draft
						case 2:
							h.insertRow(3)
							h.put("A3", hit)
						}
					}
					file := func() {
						ctx, cancel := h.limit()
						defer cancel()
						_, _ = h.Create(ctx, Draft{Fields: map[string]string{"summary": "新しい"}}) // killed before it can be told
					}
					if dies {
						h.dying(2, act, file)
					} else {
						writes := 0
						h.meet(func(_ int, r *http.Request) sheetstest.Fault {
							if kindOf(r) == "write" {
								writes++
								act(writes)
							}
							return sheetstest.None
						})
						file()
						h.drained()
					}
					h.look()
					has := func(want ...string) bool {
						return slices.ContainsFunc(h.grid(), func(r []string) bool { return slices.Equal(r, want) })
					}
					if !has(hit...) || !has("INTG-001", "一") || !has("INTG-002", "ひとの") || !has("INTG-003", "新しい", "", "起票") || len(h.grid()) != 4 {
						t.Errorf("%q", h.grid())
					}
				})
			})
		}
	}
}

// The table cannot be asked for the picture at first, and meanwhile there is
// more to write: that waits, since its picture would take the place of the other.
func TestLostAnswer_WhenThePictureCannotBeReadAtFirst_NothingElseIsWrittenBefore(t *testing.T) {
	for _, killed := range []bool{false, true} {
		for _, fails := range []time.Duration{time.Second, 6 * time.Second, 30 * time.Second} {
			t.Run(fmt.Sprint("killed: ", killed, ", no reading for ", fails), func(t *testing.T) {
				bubble(t, func(h *house) {
					h.look()
					move := func() {
						h.put("A2", []string{"INTG-099", "ひとの"}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
					}
					update := func(id, text string) {
						ctx, cancel := h.limit()
						defer cancel()
						_, err := h.Update(ctx, Change{Ticket: id, Fields: map[string]string{"summary": text}})
						if err != nil && !killed {
							t.Error(err)
						}
					}
					until := time.Now().Add(fails)
					refuse := func(r *http.Request) sheetstest.Fault {
						if kindOf(r) == "read" && time.Now().Before(until) {
							return sheetstest.Refused
						}
						return sheetstest.None
					}
					var asking sync.WaitGroup
					if killed {
						h.dies(1, func(int) { move() }, func() { update("INTG-001", "新しい") })
						h.meet(func(_ int, r *http.Request) sheetstest.Fault { return refuse(r) })
						h.start()
					} else {
						begun := false
						h.meet(func(_ int, r *http.Request) sheetstest.Fault {
							if kindOf(r) != "write" || begun {
								return refuse(r)
							}
							begun = true
							move()
							return sheetstest.ResetAfter
						})
						asking.Go(func() { update("INTG-001", "新しい") })
					}
					asking.Go(func() { update("INTG-002", "次の") })
					asking.Wait()
					h.drained()
					h.look()
					if d := cmp.Diff([][]string{{"INTG-099", "ひとの"}, {"INTG-001", "新しい"}, {"INTG-002", "次の"}}, h.grid()); d != "" {
						t.Error(d)
					}
				}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
			})
		}
	}
}

// What the last change did can never be found out: that must not keep all
// others waiting for ever.
func TestRestart_WhenThePictureCannotBeReadAtAll_WritingGoesOn(t *testing.T) {
	bubble(t, func(h *house) {
		h.look()
		h.change("INTG-001", "summary", "新しい")
		h.stop()
		asked := 0
		h.meet(func(_ int, r *http.Request) sheetstest.Fault {
			if kindOf(r) != "read" {
				return sheetstest.None
			}
			body, err := r.GetBody()
			if err != nil {
				t.Error(err)
				return sheetstest.None
			}
			raw, err := io.ReadAll(body)
			if err != nil {
				t.Error(err)
			}
			if strings.Contains(string(raw), strconv.Itoa(pictures)) {
				asked++
				return sheetstest.S503
			}
			return sheetstest.None
		})
		h.start()
		began := time.Now()
		r := h.change("INTG-002", "summary", "次の")
		if took := time.Since(began); r.Verdict != ledger.Verified || took < lateLimit || asked < 2 {
			t.Errorf("%s after %v, asked %d times", r.Verdict, took, asked)
		}
	}, []string{"INTG-001", "一"}, []string{"INTG-002", "二"})
}

const pictures = 0x75726174 // the tab of pictures
