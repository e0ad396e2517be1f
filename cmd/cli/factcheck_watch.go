package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// watcher checks again and again, and tells what has become different.
type watcher struct {
	*app
	ticket   string        // "" for all of them
	interval time.Duration // at least so often
	gap      time.Duration // at most so often, whatever the news: each check reads the sheet
	told     map[string]string
	end      error // the status of what was told last
}

// densest is how often news of the ledger may have the sheet read.
const densest = 5 * time.Second

// watch goes on until Ctrl-C. The daemon is started once; when somebody stops
// it, it stays stopped, and is met again when it is back.
func (a *app) watch(ctx context.Context, ticket string, interval time.Duration) error {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	w := watcher{app: a, ticket: ticket, interval: interval, gap: min(densest, interval), end: outcome(ledger.Unverifiable)}
	c, err := a.connect(ctx)
	for ctx.Err() == nil {
		if err == nil {
			err = w.follow(ctx, c)
			c.Close()
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			if senseless(err) {
				return err
			}
			w.failed(err)
		}
		wait(ctx, w.gap, nil)
		c, err = control.Dial(ctx, home, a.build)
	}
	return w.end
}

// follow checks for as long as the daemon answers.
func (w *watcher) follow(ctx context.Context, c *control.Client) error {
	ctx, stop := context.WithCancel(ctx)
	news := w.news(ctx, c)
	defer func() {
		stop()
		for range news { //nolint:revive // it is closed by who sends
		}
	}()
	for {
		limited, cancel := w.within(ctx, factLongest)
		reports, err := facts(limited, c, w.ticket)
		cancel()
		if err != nil {
			return err
		}
		w.changed(reports)
		wait(ctx, w.gap, nil)
		if !wait(ctx, w.interval-w.gap, news) {
			return nil
		}
	}
}

// news says when the ledger has something about the ticket. It is closed when
// there will be no more.
func (w *watcher) news(ctx context.Context, c *control.Client) <-chan struct{} {
	news := make(chan struct{}, 1)
	go func() {
		defer close(news)
		// The last entry comes at once, so that none falls between the first
		// check and this.
		for e, err := range c.Entries(ctx, control.Slice{Subject: w.ticket, Last: 1, Follow: true}) {
			if err != nil {
				return
			}
			if strings.HasPrefix(e.Kind, "factcheck.") {
				continue // a check is no news to itself
			}
			select {
			case news <- struct{}{}:
			default: // one is waiting already
			}
		}
	}()
	return news
}

// wait is over after d, or at news. It is false when nothing more will come.
func wait(ctx context.Context, d time.Duration, news <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case _, open := <-news:
		return open
	case <-t.C:
		return true
	}
}

// changed tells those reports that are not as they were.
func (w *watcher) changed(reports []control.FactReport) {
	first, told := w.told == nil, map[string]string{}
	news := first || len(reports) != len(w.told)
	for _, r := range reports {
		told[r.Ticket] = essence(r)
		if !first && w.told[r.Ticket] == told[r.Ticket] {
			continue
		}
		news = true
		w.space(first)
		w.tellFacts(r)
	}
	if news && w.ticket == "" {
		w.tellSum(reports)
	}
	w.told, w.end = told, judged(sum(reports))
}

// failed tells, once, that nothing can be looked at.
func (w *watcher) failed(err error) {
	text := fault.Explain(err, w.lang)
	if last, ok := w.told[""]; ok && last == text {
		return
	}
	w.space(w.told == nil)
	w.told, w.end = map[string]string{"": text}, w.unchecked(err)
	if w.json {
		w.print(control.ErrorBody{Error: control.Encode(w.end)})
		w.end = outcome(ledger.Unverifiable)
	}
}

func (w *watcher) space(first bool) {
	if !first && !w.json {
		fmt.Fprintln(w.out)
	}
}

// essence is what matters of a report: not when it was made, nor the entries
// of the ledger that the checking itself adds.
func essence(r control.FactReport) string {
	r.ReadAt = nil
	checks := make([]control.FactCheck, len(r.Checks))
	for i, c := range r.Checks {
		c.Evidence = nil
		checks[i] = c
	}
	r.Checks = checks
	raw, err := json.Marshal(r, json.Deterministic(true))
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
