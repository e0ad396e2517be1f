package runner

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"uratori/internal/fault"
	"uratori/runner/shim"
)

// WindowQuery says which piece of one stream of an attempt is wanted.
type WindowQuery struct {
	Task    int64
	Attempt int    // 0 is the last
	Stream  string // "stdout" or "stderr"
	At      int64  // where the piece begins or, with Back, ends
	Back    bool   // with an At below 0: the end of what is there
	Lines   int    // at most so many; 0: as many as fit
	Bytes   int    // at most so many; 0 is the most
	Wait    time.Duration
}

// Window is a piece of a stream as it was written: all that was kept from From
// on, so many bytes.
type Window struct {
	Attempt int // 0 for a task that has never run
	From    int64
	Data    []byte
	Gap     int64 // so many bytes just before From were not kept
	Mid     bool  // From is in the middle of a line
	Size    int64 // of the whole stream, what was not kept included
	Ended   bool  // nobody writes to it any more
}

const (
	// mostWindow bounds a piece, and how far back the beginning of a line is
	// searched for.
	mostWindow = 1 << 20
	// mostWindowWait bounds how long a piece is waited for.
	mostWindowWait = 30 * time.Second
)

// Window reads a piece of a log of any size without reading the rest. A piece
// that would be empty because the job has not written further is waited for,
// at most so long.
func (r *Runner) Window(ctx context.Context, q WindowQuery) (Window, error) {
	path, w, err := r.streamOf(ctx, q.Task, q.Attempt, q.Stream)
	if err != nil || path == "" {
		return w, err
	}
	const mostLines = mostWindow // each has a byte at least
	switch {
	case q.Lines < 0 || q.Lines > mostLines:
		return w, fault.New(fault.Invalid, "task.out_of_range", "what", "lines", "value", q.Lines, "low", 0, "high", mostLines)
	case q.Bytes < 0 || q.Bytes > mostWindow:
		return w, fault.New(fault.Invalid, "task.out_of_range", "what", "bytes", "value", q.Bytes, "low", 0, "high", mostWindow)
	case q.Wait < 0 || q.Wait > mostWindowWait:
		return w, fault.New(fault.Invalid, "task.out_of_range", "what", "wait_ms", "value", q.Wait.Milliseconds(), "low", 0, "high", mostWindowWait.Milliseconds())
	}
	if q.Bytes == 0 {
		q.Bytes = mostWindow
	}
	until := time.NewTimer(q.Wait)
	defer until.Stop()
	for {
		news := r.News()
		a, err := r.attempt(ctx, q.Task, w.Attempt)
		if err != nil {
			return w, err
		}
		w.Ended = !a.Ended.IsZero()
		if err := w.read(path, q); err != nil {
			return w, err
		}
		if len(w.Data) > 0 || q.Wait == 0 || q.Back || w.Ended || w.Size < q.At {
			return w, nil
		}
		select {
		case <-ctx.Done():
			return w, ctx.Err()
		case <-until.C:
			return w, nil
		case <-news:
		case <-time.After(followEvery):
		}
	}
}

// streamOf is where a stream is kept; the path is empty for a task that has
// never run.
func (r *Runner) streamOf(ctx context.Context, task int64, number int, stream string) (string, Window, error) {
	if stream != "stdout" && stream != "stderr" {
		return "", Window{}, fault.New(fault.Invalid, "task.bad_stream", "stream", stream)
	}
	t, err := r.Task(ctx, task)
	if err != nil {
		return "", Window{}, err
	}
	if number == 0 {
		number = t.Attempt
	}
	if number == 0 {
		return "", Window{Ended: t.State.Final()}, nil
	}
	a, err := r.attempt(ctx, task, number)
	if err != nil {
		return "", Window{}, err
	}
	if _, err := os.Stat(a.Folder); errors.Is(err, fs.ErrNotExist) && !a.Ended.IsZero() {
		return "", Window{}, fault.New(fault.NotFound, "task.no_log", "task", task, "attempt", number)
	}
	return filepath.Join(a.Folder, stream), Window{Attempt: number}, nil
}

// read fills w with what is there now.
func (w *Window) read(path string, q WindowQuery) error {
	w.From, w.Data, w.Gap, w.Mid, w.Size = max(q.At, 0), nil, 0, false, 0
	log, err := shim.OpenLog(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // only read from
	if w.Size, err = log.Size(); err != nil {
		return err
	}
	if q.Back {
		return w.back(log, q)
	}
	buf := make([]byte, q.Bytes)
	n, gap, err := log.ReadAt(buf, w.From)
	if n == 0 {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return err
	}
	w.From, w.Gap, w.Data = w.From+gap, gap, buf[:n]
	if q.Lines > 0 {
		w.Data = w.Data[:head(w.Data, q.Lines)]
	}
	w.Mid, err = mid(log, w.From, w.Gap)
	return err
}

// back reads the lines that end at q.At.
func (w *Window) back(log *shim.LogFile, q WindowQuery) error {
	end := w.Size
	if q.At >= 0 {
		end = min(end, q.At)
	}
	from, to, gap, err := log.Before(end)
	if err != nil || to == from {
		w.From = 0
		return err
	}
	begin := max(from, to-int64(q.Bytes))
	buf := make([]byte, to-begin)
	n, more, err := log.ReadAt(buf, begin)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if more > 0 { // given back just now
		gap, from, begin = gap+more, begin+more, begin+more
	}
	data := buf[:n]
	cut := tail(data, q.Lines)
	if cut == 0 && begin > from {
		// Longer than is read at once: it begins at a line, where there is one.
		if i := bytes.IndexByte(data[:max(len(data)-1, 0)], '\n'); i >= 0 {
			cut = i + 1
		}
	}
	w.From, w.Data = begin+int64(cut), data[cut:]
	if w.From == from {
		w.Gap = gap
	}
	w.Mid, err = mid(log, w.From, w.Gap)
	return err
}

// mid tells whether an offset is in the middle of a line.
func mid(log *shim.LogFile, at, gap int64) (bool, error) {
	if at == 0 {
		return false, nil
	}
	if gap > 0 {
		return true, nil // how the line began is not known
	}
	var before [1]byte
	n, _, err := log.ReadAt(before[:], at-1)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n == 0 || before[0] != '\n', err
}

// head is how long the first n lines are.
func head(data []byte, n int) int {
	at := 0
	for ; n > 0; n-- {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			return len(data)
		}
		at += i + 1
	}
	return at
}

// tail is where the last n lines begin; 0 where there are not so many, or none
// are asked for.
func tail(data []byte, n int) int {
	if n == 0 {
		return 0
	}
	at := len(data)
	for ; n > 0 && at > 0; n-- {
		at = bytes.LastIndexByte(data[:at-1], '\n') + 1
	}
	return at
}
