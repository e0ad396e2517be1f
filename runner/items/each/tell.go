package each

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"uratori/runner/items"
)

// step is a line of the progress file.
type step struct {
	Done  int    `json:"done"`
	Total int    `json:"total"`
	Item  string `json:"item"`
}

func (r *round) name(it items.Item) string { return items.Short(r.job.Cwd, it.Path) }

// announce heads what the command of an item writes, in a form that is read
// as progress too.
func (r *round) announce(it items.Item) {
	r.lock.Lock()
	defer r.lock.Unlock()
	fmt.Fprintf(r.stdout, "[%d/%d] %s\n", it.Index, r.job.Total, r.name(it))
	r.tell(it)
}

func (r *round) finish(it items.Item) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.done++
	r.tell(it)
}

// tell writes a line of progress. The lock is held.
func (r *round) tell(it items.Item) {
	if r.progress == nil {
		return
	}
	line, err := json.Marshal(step{Done: r.done, Total: r.job.Total, Item: r.name(it)})
	if err == nil {
		_, err = r.progress.Write(append(line, '\n'))
	}
	if err != nil {
		fmt.Fprintf(r.stderr, "uratori each: no more progress is told: %v\n", err)
		r.progress.Close() //nolint:errcheck // given up
		r.progress = nil
	}
}

// fail notes an item that is not done.
func (r *round) fail(it items.Item, why string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	line := fmt.Sprintf("%s: %s", r.name(it), why)
	fmt.Fprintf(r.stderr, "uratori each: %s\n", line)
	r.failed = append(r.failed, line)
	r.halted = r.halted || r.job.FailFast
}

// halt keeps further items from being begun, for a reason that is none of an
// item. An empty why was told of the item already.
func (r *round) halt(status int, why string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if why != "" {
		fmt.Fprintf(r.stderr, "uratori each: %s\n", why)
	}
	r.halted = true
	if r.status == 0 {
		r.status = status
	}
}

func (r *round) complain(format string, args ...any) {
	fmt.Fprintf(r.stderr, "uratori each: "+format+"\n", args...)
}

// end tells how it went and returns the exit status.
func (r *round) end(ctx context.Context) int {
	const most = 20 // lines that are told again
	if n := len(r.failed); n > 1 {
		r.complain("%d items failed:", n)
		for _, line := range r.failed[:min(n, most)] {
			r.complain("  %s", line)
		}
		if n > most {
			r.complain("  and %d more, each told above", n-most)
		}
	}
	if left := len(r.job.Items) - r.begun; left > 0 {
		r.complain("%d items were not begun", left)
	}
	switch {
	case ctx.Err() != nil:
		return exitTold
	case r.status != 0:
		return r.status
	case len(r.failed) > 0:
		return exitFailed
	}
	return exitDone
}
