package dashboard

import (
	"context"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/dashboard/console"
)

const (
	// feedPace is how often a browser is sent what is new at most.
	feedPace = 100 * time.Millisecond
	// feedBytes is how much of a log is looked at at a time. Together they are
	// more than anybody reads; what is written faster is passed over, and said
	// so.
	feedBytes = 256 << 10
	// feedBehind is how far behind what is shown may be.
	feedBehind = 1 << 20
	// feedWait is how long the daemon is asked to wait for more.
	feedWait = 10 * time.Second
	// mostFeeds is how many logs are followed at once.
	mostFeeds = 64
)

// feedPiece is what a browser that follows a log is sent: the rows that have
// changed, by where they began.
type feedPiece struct {
	Reset   bool     `json:"reset,omitzero"` // what was shown before is no more
	Attempt int      `json:"attempt"`
	From    int64    `json:"from"`          // with Reset: where the first row begins
	Gap     int64    `json:"gap,omitzero"`  // with Reset: so many bytes before it were not kept
	Lost    int64    `json:"lost,omitzero"` // so many bytes before these rows were not kept
	Passed  int64    `json:"passed,omitzero"`
	Rows    []logRow `json:"rows"`
	Size    int64    `json:"size"`
	Ended   bool     `json:"ended,omitzero"`
}

// logFollow sends the end of a log and what comes after it, until the attempt
// has ended or the browser has gone. Each client asks for itself, at its own
// pace: one that does not keep up passes over what it has missed, and is told how
// much that was.
func (d *Dashboard) logFollow(w http.ResponseWriter, r *http.Request) {
	d.ofLog(w, r, d.feeds, d.feedLog)
}

func (d *Dashboard) feedLog(w http.ResponseWriter, r *http.Request, conn Daemon, a logAsk) {
	ctx := r.Context()
	f := &logFeed{ask: a, conn: conn, out: stream{w, http.NewResponseController(w)}}
	first, err := f.tail(ctx)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	if f.out.write([]byte("retry: 2000\n\n")) != nil || f.send(first) != nil {
		return
	}
	for !f.over && (d.near(r) || d.sessions.has(r)) {
		began := time.Now()
		if f.next(ctx) != nil || !pause(ctx, feedPace-time.Since(began)) {
			return
		}
	}
}

// logFeed is one client.
type logFeed struct {
	ask    logAsk
	conn   Daemon
	out    stream
	screen *console.Screen
	over   bool // nothing more comes
}

// tail begins at the last lines.
func (f *logFeed) tail(ctx context.Context) (feedPiece, error) {
	p, err := f.conn.LogWindow(ctx, control.LogWindow{
		Task: f.ask.task, Attempt: f.ask.attempt, Stream: f.ask.stream, At: -1, Back: true, Lines: tailLines, Bytes: tailBytes,
	})
	if err != nil {
		return feedPiece{}, err
	}
	f.ask.attempt = p.Attempt // the next one is another log
	f.screen = console.New(p.From)
	f.screen.Write(p.Data)
	rows, _ := f.screen.Changed()
	f.over = p.Ended
	return feedPiece{Reset: true, Attempt: p.Attempt, From: p.From, Gap: p.Gap, Rows: logRows(rows), Size: p.Size, Ended: p.Ended}, nil
}

// next waits for more and sends it.
func (f *logFeed) next(ctx context.Context) error {
	if f.ask.attempt == 0 { // it waits in the queue
		if !pause(ctx, time.Second) {
			return ctx.Err()
		}
		p, err := f.tail(ctx)
		switch {
		case err != nil:
			return err
		case f.ask.attempt == 0 && !f.over:
			return f.out.write([]byte(":\n\n"))
		}
		return f.send(p)
	}
	at := f.screen.At()
	p, err := f.conn.LogWindow(ctx, control.LogWindow{
		Task: f.ask.task, Attempt: f.ask.attempt, Stream: f.ask.stream, At: at, Bytes: feedBytes, Wait: feedWait,
	})
	switch {
	case err != nil:
		return err
	case p.Size < at: // it was cut: it begins anew
		again, err := f.tail(ctx)
		if err != nil {
			return err
		}
		return f.send(again)
	case len(p.Data) == 0 && p.Ended:
		f.over = true
		return f.send(feedPiece{Attempt: p.Attempt, Rows: []logRow{}, Size: p.Size, Ended: true})
	case len(p.Data) == 0:
		return f.out.write([]byte(":\n\n"))
	case p.Size-p.End() > feedBehind:
		last, err := f.tail(ctx)
		if err != nil {
			return err
		}
		last.Reset, last.Passed, f.over = false, last.From-at, false
		return f.send(last)
	}
	if p.Gap > 0 {
		f.screen = console.New(p.From)
	}
	f.screen.Write(p.Data)
	rows, skipped := f.screen.Changed()
	piece := feedPiece{Attempt: p.Attempt, Lost: p.Gap, Rows: logRows(rows), Size: p.Size}
	if skipped > 0 && len(rows) > 0 {
		piece.Passed = rows[0].At - at
	}
	return f.send(piece)
}

func (f *logFeed) send(p feedPiece) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return f.out.write(append(append([]byte("event: rows\ndata: "), raw...), "\n\n"...)) // JSON has no line breaks of its own
}
