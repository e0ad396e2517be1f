package tracker

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"uratori/sheets/sheetstest"
)

// A person files a row under the very id that a draft gets, and when the draft
// is taken out to make room, rows move and the person's is hit instead: it has
// the same id, so only its texts tell.
func TestTwinsOfOneID_ThePersonsRowIsHit_ComesBackAndTheDraftGetsAnotherID(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart: ", restart), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, dir, []string{"INTG-001", "一"})
				h.blind = true
				h.start()
				defer func() { h.kill() }()
				h.look()
				writes, down := 0, false
				h.meet(func(_ int, r *http.Request) sheetstest.Fault {
					if down {
						return sheetstest.Refused
					}
					if kindOf(r) == "write" {
						switch writes++; writes {
						case 1:
							h.put("A3", []string{"INTG-002", "ひとの", "ひとの詳細"}) // pushed down by the draft
						case 2:
							h.deleteRow(2) // INTG-001 goes, rows move up
							down = restart
						}
					}
					return sheetstest.None
				})
				ctx, cancel := h.limit()
				defer cancel()
				result, err := h.Create(ctx, Draft{Fields: map[string]string{"summary": "新しい"}})
				if restart {
					h.kill()
					h.meet(nil)
					h.start()
				} else if err != nil || result.Ticket != "INTG-003" {
					t.Errorf("%+v, %v", result, err)
				}
				time.Sleep(5 * time.Minute) // of the bubble
				if got := h.cell("INTG-002", "詳細"); got != "ひとの詳細" {
					t.Errorf("the person's row: %q", got)
				}
				if got := h.cell("INTG-003", "概要"); got != "新しい" {
					t.Errorf("the draft: %q", got)
				}
				if n := len(h.grid()); n != 2 { // theirs and ours; what a person took out stays out
					t.Errorf("%d rows: %v", n, h.grid())
				}
			})
		})
	}
}
