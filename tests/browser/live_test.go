package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A page that is open goes with the workflow from phase to phase, and with the
// job from what it calls a phase to the next.
func TestTicketPage_FollowsThePhases(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ticket := s.ticket("抽出の自動化", "全ページ")
	b := s.tab()
	b.language("ja")
	b.visit(page(ticket))
	b.lives()
	loads := value[float64](b, `performance.timeOrigin`)
	s.asks(ticket)
	b.until("the step at which a person is asked", `document.querySelector("#step-4[open]") && !document.querySelector("#step-1[open]")`)
	if phases := b.text("#ticket-steps .steps"); strings.Count(phases, "フェーズ ") != 5 || strings.Index(phases, "フェーズ 1") > strings.Index(phases, "SOW") {
		t.Error(phases)
	}
	b.click("#step-9 summary") // somebody reads on
	s.flow(ticket, "block", "--reason", "原画を待つ")
	b.sees("#step-4", "原画を待つ")
	if b.count("#step-9[open]") != 1 {
		t.Error("what somebody had opened was closed")
	}
	s.enqueue(ticket, "--", "sh", "-c", `
		echo '{"done":0,"total":2,"phase":"読み込み"}' >>"$URATORI_PROGRESS"
		while [ ! -e loaded ]; do sleep 0.02; done
		echo '{"done":1,"total":2,"phase":"切り抜き"}' >>"$URATORI_PROGRESS"
		while [ ! -e cut ]; do sleep 0.02; done`)
	b.sees("#ticket-tasks", "読み込み")
	s.write("loaded", "")
	b.sees("#ticket-tasks", "切り抜き")
	if text := b.text("#ticket-tasks"); strings.Contains(text, "読み込み") {
		t.Error("both phases at once: " + text)
	}
	s.write("cut", "")
	if again := value[float64](b, `performance.timeOrigin`); again != loads {
		t.Error("the page was loaded again")
	}
}

// A page that is open tells how far a real job is, without being loaded again.
func TestTicketPage_FollowsARunningJob(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ticket := s.ticket("抽出の自動化", "全ページから人物を抽出する\n・30ページ")
	b := s.tab()
	b.language("ja")
	b.visit(page(ticket))
	b.lives()
	loads := value[float64](b, `performance.timeOrigin`)
	id := s.extracts(ticket, 200*time.Millisecond)
	b.sees("#ticket-tasks", fmt.Sprintf("#%d", id))
	for _, far := range []string{fmt.Sprintf("3 / %d", leaves), fmt.Sprintf("%d / %d", leaves, leaves)} {
		b.sees("#ticket-tasks", far)
	}
	b.until("the end of the job", `document.querySelector("#ticket-tasks .chip.succeeded")`)
	if again := value[float64](b, `performance.timeOrigin`); again != loads {
		t.Error("the page was loaded again")
	}
}
