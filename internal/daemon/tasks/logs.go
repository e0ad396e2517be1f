package tasks

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/runner"
)

// logs streams a job's output, each piece as it was written.
func (d *desk) logs(r *http.Request, yield func(any) error) error {
	q := r.URL.Query()
	ask := runner.LogQuery{Stream: q.Get("stream"), Follow: q.Get("follow") == strconv.FormatBool(true)}
	numbers, from := map[string]int64{}, map[string]int64{}
	for _, name := range []string{"task", "attempt", "lines", "since_ms", "from_stdout", "from_stderr"} {
		n, err := number(q.Get(name))
		if err != nil {
			return err
		}
		const most = 1 << 40
		if n < 0 || n > most {
			return fault.New(fault.Invalid, "task.out_of_range", "what", name, "value", n, "low", 0, "high", most)
		}
		numbers[name] = n
		if stream, ok := strings.CutPrefix(name, "from_"); ok && q.Has(name) {
			from[stream] = n
		}
	}
	ask.From = from
	ask.Task, ask.Attempt, ask.Lines = numbers["task"], int(numbers["attempt"]), int(numbers["lines"])
	if ms := numbers["since_ms"]; ms > 0 {
		ask.Since = d.house.Now().Add(-time.Duration(ms) * time.Millisecond)
	}
	return d.runner.Logs(r.Context(), ask, func(c runner.Chunk) error {
		return yield(control.LogChunk{Stream: c.Stream, Attempt: c.Attempt, Offset: c.Offset, Data: c.Data, Gap: c.Gap})
	})
}
