package browser

import (
	"fmt"
	"testing"
	"time"
)

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
