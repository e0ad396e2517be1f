package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/dashboard/console"
	"uratori/internal/fault"
)

// How much of a log goes out at once. What a browser keeps is bounded by its
// script.
const (
	tailLines    = 300
	tailBytes    = 256 << 10
	mostLogLines = 1000
	mostLogBytes = 512 << 10
	// mostDownloads is how many logs are sent as a whole at once.
	mostDownloads = 8
)

// turns counts what may be done so many times at once; who comes too late is
// told to come again.
type turns struct {
	most int32
	now  atomic.Int32
}

func (t *turns) take() bool {
	if t.now.Add(1) > t.most {
		t.now.Add(-1)
		return false
	}
	return true
}

func (t *turns) give() { t.now.Add(-1) }

// logRow is a row for the script of a page: its text is put in as text.
type logRow struct {
	At    int64       `json:"at"`
	Spans [][2]string `json:"s"` // names of styles, text
	Cut   bool        `json:"cut,omitzero"`
}

func logRows(rows []console.Row) []logRow {
	list := make([]logRow, len(rows))
	for i, r := range rows {
		list[i] = logRow{At: r.At, Spans: logSpans(r.Spans), Cut: r.Cut}
	}
	return list
}

func logSpans(spans []console.Span) [][2]string {
	list := make([][2]string, len(spans))
	for i, s := range spans {
		list[i] = [2]string{s.Class, s.Text}
	}
	return list
}

// logPiece is a piece of a log for the script of a page.
type logPiece struct {
	Attempt int      `json:"attempt"`
	From    int64    `json:"from"`
	To      int64    `json:"to"`
	Gap     int64    `json:"gap"` // so many bytes before it were not kept
	Size    int64    `json:"size"`
	Ended   bool     `json:"ended"`
	Rows    []logRow `json:"rows"`
}

func pieceOf(p control.LogPiece) logPiece {
	return logPiece{
		Attempt: p.Attempt, From: p.From, To: p.End(), Gap: p.Gap, Size: p.Size, Ended: p.Ended, Rows: logRows(console.Lines(p.From, p.Data)),
	}
}

// logAsk is which log an address names.
type logAsk struct {
	task    int64
	attempt int
	stream  string
}

// askOf reads it; the last attempt and what it prints where nothing is said.
func askOf(r *http.Request) (logAsk, error) {
	task, err := taskOf(r)
	if err != nil {
		return logAsk{}, err
	}
	a, err := attemptOf(r.URL.Query())
	a.task = task
	return a, err
}

func attemptOf(q url.Values) (logAsk, error) {
	a := logAsk{stream: q.Get("stream")}
	if a.stream == "" {
		a.stream = "stdout"
	}
	if text := q.Get("attempt"); text != "" {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 0 {
			return a, fault.New(fault.Invalid, "page.bad_address")
		}
		a.attempt = int(n)
	}
	if a.stream != "stdout" && a.stream != "stderr" {
		return a, fault.New(fault.Invalid, "page.bad_address")
	}
	return a, nil
}

// offset reads a place in a log.
func offset(q url.Values, name string, otherwise int64) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	const most = 1 << 48
	if err != nil || n < 0 || n > most {
		return 0, fault.New(fault.Invalid, "page.bad_address")
	}
	return n, nil
}

// answer sends what a script asked for, or why it cannot have it.
func (d *Dashboard) answer(w http.ResponseWriter, r *http.Request, ask func(context.Context, Daemon) (any, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), pageLimit)
	defer cancel()
	v, err := func() (any, error) {
		conn, err := d.o.Connect(ctx)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		return ask(ctx, conn)
	}()
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	raw, err := json.Marshal(v)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw) // the browser has gone otherwise
}

// refuse tells a script, or a picture's place in a page, why there is nothing.
func (d *Dashboard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	http.Error(w, fault.Explain(err, d.faces.of(r).lang), statusOf(err))
}

// logWindow answers with a piece of a log: from a place on, up to a place (back),
// or round one (around).
func (d *Dashboard) logWindow(w http.ResponseWriter, r *http.Request) {
	d.answer(w, r, func(ctx context.Context, conn Daemon) (any, error) {
		a, err := askOf(r)
		if err != nil {
			return nil, err
		}
		q := r.URL.Query()
		lines, err := offset(q, "lines", tailLines)
		if err != nil {
			return nil, err
		}
		ask := control.LogWindow{Task: a.task, Attempt: a.attempt, Stream: a.stream, Lines: int(min(lines, mostLogLines)), Bytes: mostLogBytes}
		ask.Back = q.Get("back") != ""
		otherwise := int64(0)
		if ask.Back {
			otherwise = -1
		}
		if ask.At, err = offset(q, "at", otherwise); err != nil {
			return nil, err
		}
		if q.Get("around") == "" {
			p, err := conn.LogWindow(ctx, ask)
			return pieceOf(p), err
		}
		return around(ctx, conn, ask)
	})
}

// around is a piece with a place in its middle.
func around(ctx context.Context, conn Daemon, ask control.LogWindow) (any, error) {
	ask.Lines, ask.Bytes = ask.Lines/2, ask.Bytes/2
	ahead, err := conn.LogWindow(ctx, ask)
	if err != nil {
		return nil, err
	}
	ask.Back = true
	before, err := conn.LogWindow(ctx, ask)
	if err != nil {
		return nil, err
	}
	if before.End() != ahead.From || len(before.Data) == 0 { // a gap lies between
		return pieceOf(ahead), nil
	}
	before.Data = append(before.Data, ahead.Data...)
	before.Size, before.Ended = ahead.Size, ahead.Ended
	return pieceOf(before), nil
}

// logSearch looks for a text in a whole log.
func (d *Dashboard) logSearch(w http.ResponseWriter, r *http.Request) {
	d.answer(w, r, func(ctx context.Context, conn Daemon) (any, error) {
		a, err := askOf(r)
		if err != nil {
			return nil, err
		}
		at, err := offset(r.URL.Query(), "at", 0)
		if err != nil {
			return nil, err
		}
		found, err := conn.SearchLog(ctx, control.LogSearch{Task: a.task, Attempt: a.attempt, Stream: a.stream, Text: short(r.URL.Query().Get("q")), At: at})
		if err != nil {
			return nil, err
		}
		answer := struct {
			Hits []logRow `json:"hits"`
			Next int64    `json:"next"`
			Done bool     `json:"done"`
			Size int64    `json:"size"`
		}{[]logRow{}, found.Next, found.Done, found.Size}
		for _, h := range found.Hits {
			answer.Hits = append(answer.Hits, logRow{At: h.At, Spans: logSpans(console.Plain(h.Line))})
		}
		return answer, nil
	})
}

// logFile sends a whole log as it was written. A browser saves it: it is never
// looked at as anything else than text.
func (d *Dashboard) logFile(w http.ResponseWriter, r *http.Request) {
	d.ofLog(w, r, d.downloads, d.sendLog)
}

// ofLog has a log sent that the address names, to one of so many at once.
func (d *Dashboard) ofLog(w http.ResponseWriter, r *http.Request, places *turns, send func(http.ResponseWriter, *http.Request, Daemon, logAsk)) {
	a, err := askOf(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	if !places.take() {
		crowded(w)
		return
	}
	defer places.give()
	conn, err := d.o.Connect(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	defer conn.Close()
	send(w, r, conn, a)
}

func (d *Dashboard) sendLog(w http.ResponseWriter, r *http.Request, conn Daemon, a logAsk) {
	ctx := r.Context()
	first, err := conn.LogWindow(ctx, control.LogWindow{Task: a.task, Attempt: a.attempt, Stream: a.stream, Bytes: 1})
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="task-%d-%d-%s.log"`, a.task, first.Attempt, a.stream))
	if first.Attempt == 0 {
		return // it has never run
	}
	out := stream{w, http.NewResponseController(w)}
	err = conn.Logs(ctx, control.TaskLogs{Task: a.task, Attempt: first.Attempt, Stream: a.stream}, func(c control.LogChunk) error {
		if c.Gap > 0 {
			if err := out.write(fmt.Appendf(nil, "\n[uratori: %d bytes were not kept here]\n", c.Gap)); err != nil {
				return err
			}
		}
		return out.write(c.Data)
	})
	if err != nil {
		// What has been sent is not all of it: the browser must not take it for
		// that.
		panic(http.ErrAbortHandler)
	}
}

// crowded tells to come again.
func crowded(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	http.Error(w, errCrowded.Error(), http.StatusServiceUnavailable)
}

// pause waits so long, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
