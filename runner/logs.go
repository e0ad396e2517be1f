package runner

import (
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

// LogQuery says which part of a job's output is wanted.
type LogQuery struct {
	Task    int64
	Attempt int    // 0 is the last
	Stream  string // "stdout", "stderr", or empty for both
	Lines   int    // only so many at the end; 0 is all
	Since   time.Time
	Follow  bool // go on until the task has no attempt at work
	// From is where to go on in a stream, by its name: up to there it was seen
	// already, and Lines and Since say nothing about it.
	From map[string]int64
}

// Chunk is a piece of a job's output as it was written. One without data tells
// where a stream begins of which only the end was asked for: who loses us before
// there was any goes on from there.
type Chunk struct {
	Stream  string
	Attempt int
	Offset  int64
	Data    []byte
	Gap     int64 // so many bytes before it were not kept
}

// followEvery is how often a followed log is looked at. The kernel could tell
// of changes, but not on every file system that people keep their home on.
const followEvery = 200 * time.Millisecond

// mostTail bounds how far back the last lines are searched for.
const mostTail = 4 << 20

// Logs yields the output of an attempt, oldest first; of both streams the one
// that was written first comes first, as far as looks can tell.
func (r *Runner) Logs(ctx context.Context, q LogQuery, yield func(Chunk) error) error {
	if q.Stream != "" && q.Stream != "stdout" && q.Stream != "stderr" {
		return fault.New(fault.Invalid, "task.bad_stream", "stream", q.Stream)
	}
	for name, at := range q.From {
		if at < 0 {
			return fault.New(fault.Invalid, "task.out_of_range", "what", "from_"+name, "value", at, "low", 0, "high", "…")
		}
	}
	if q.Lines < 0 || q.Attempt < 0 {
		return fault.New(fault.Invalid, "task.out_of_range", "what", "lines", "value", q.Lines, "low", 0, "high", "…")
	}
	t, err := r.Task(ctx, q.Task)
	if err != nil {
		return err
	}
	number := q.Attempt
	if number == 0 {
		number = t.Attempt
	}
	for number == 0 {
		if !q.Follow || t.State.Final() {
			return nil // it never ran
		}
		if t, err = r.next(ctx, t); err != nil {
			return err
		}
		number = t.Attempt
	}
	for {
		a, err := r.attempt(ctx, t.ID, number)
		if err != nil {
			return err
		}
		if err := r.logOf(ctx, a, q, yield); err != nil || !q.Follow || q.Attempt != 0 {
			return err
		}
		// The next attempt is followed as well.
		for {
			if t, err = r.Task(ctx, t.ID); err != nil {
				return err
			}
			if t.Attempt > number || t.State.Final() {
				break
			}
			if t, err = r.next(ctx, t); err != nil {
				return err
			}
		}
		if t.Attempt == number {
			return nil
		}
		number, q.Lines, q.Since, q.From = number+1, 0, time.Time{}, nil
	}
}

// next is the task after its next change.
func (r *Runner) next(ctx context.Context, before Task) (Task, error) {
	for {
		news := r.News()
		t, err := r.Task(ctx, before.ID)
		if err != nil || t.State != before.State || t.Attempt != before.Attempt {
			return t, err
		}
		select {
		case <-news:
		case <-ctx.Done():
			return t, ctx.Err()
		}
	}
}

// logOf yields one attempt's output, and goes on while it is at work.
func (r *Runner) logOf(ctx context.Context, a Attempt, q LogQuery, yield func(Chunk) error) error {
	var streams []*stream
	for _, name := range []string{"stdout", "stderr"} {
		if q.Stream == "" || q.Stream == name {
			streams = append(streams, &stream{name: name, attempt: a.Number, path: filepath.Join(a.Folder, name)})
		}
	}
	if _, err := os.Stat(a.Folder); errors.Is(err, fs.ErrNotExist) && a.Ended != (time.Time{}) {
		return fault.New(fault.NotFound, "task.no_log", "task", a.Task, "attempt", a.Number)
	}
	for _, s := range streams {
		if err := s.begin(q); err != nil {
			return err
		}
		if _, known := q.From[s.name]; known || !q.Follow || q.Lines == 0 && q.Since.IsZero() {
			continue
		}
		if err := yield(Chunk{Stream: s.name, Attempt: s.attempt, Offset: s.offset}); err != nil {
			return err
		}
	}
	for {
		news := r.News()
		now, err := r.attempt(ctx, a.Task, a.Number)
		if err != nil {
			return err
		}
		for _, s := range streams {
			if err := s.read(ctx, yield); err != nil {
				return err
			}
		}
		if !q.Follow || !now.Ended.IsZero() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-news:
		case <-time.After(followEvery):
		}
	}
}

// stream is one of the two outputs of an attempt, read up to offset.
type stream struct {
	name    string
	attempt int
	path    string
	offset  int64
}

// begin finds where to begin.
func (s *stream) begin(q LogQuery) error {
	if at, known := q.From[s.name]; known {
		s.offset = at
		return nil
	}
	if q.Since.IsZero() && q.Lines == 0 {
		return nil
	}
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !q.Since.IsZero() && info.ModTime().Before(q.Since) {
		s.offset = info.Size()
		return nil
	}
	if q.Lines == 0 {
		return nil
	}
	s.offset, err = lastLines(s.path, info.Size(), q.Lines)
	return err
}

// lastLines is where the last n lines of a file begin.
func lastLines(path string, size int64, n int) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // only read from
	const step = 64 << 10
	buf := make([]byte, step)
	seen := 0
	for end := size; end > 0 && size-end < mostTail; {
		from := max(end-step, 0)
		part := buf[:end-from]
		if _, err := f.ReadAt(part, from); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		for i := len(part) - 1; i >= 0; i-- {
			if part[i] != '\n' || from+int64(i) == size-1 {
				continue
			}
			if seen++; seen == n {
				return from + int64(i) + 1, nil
			}
		}
		end = from
	}
	return max(size-mostTail, 0), nil
}

// read yields what is there behind the offset.
func (s *stream) read(ctx context.Context, yield func(Chunk) error) error {
	log, err := shim.OpenLog(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // only read from
	const piece = 64 << 10
	buf := make([]byte, piece)
	for ctx.Err() == nil {
		n, gap, err := log.ReadAt(buf, s.offset)
		if n == 0 {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		c := Chunk{Stream: s.name, Attempt: s.attempt, Offset: s.offset + gap, Data: buf[:n], Gap: gap}
		s.offset += gap + int64(n)
		if err := yield(c); err != nil {
			return err
		}
	}
	return ctx.Err()
}
