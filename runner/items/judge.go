package items

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Judge looks at outputs.
type Judge struct {
	Workers int              // items looked at at once; less than 1 is 1
	Seen    *Seen            // nil: nothing is remembered
	Now     func() time.Time // the wall clock, as file times go by it
}

// Terms are what an output must be besides whole.
type Terms struct {
	Since   time.Time     // older ones do not count; zero: any age will do
	Running bool          // the job may be at work: what it wrote within Settle does not count yet
	Settle  time.Duration // how long a finished file has not been written to
	Cuts    []time.Time   // when attempts were cut off: a file that is no picture, written within Settle before, does not count
	Log     *Log          // of a task with one run per item; else nil
}

// Output is an output that counts.
type Output struct {
	Path     string
	Size     int64
	Modified time.Time
	Format   Format
	Width    int // of a picture
	Height   int
	Blank    bool // a picture each page of which has one colour
}

// Sight is what a look at one item has shown.
type Sight struct {
	Done    bool
	Outputs []Output // those that count
	Wrong   []Wrong  // those that are there and do not; none when they are just missing
}

// Done is an item whose outputs all count.
type Done struct {
	Item    Item
	Outputs []Output
}

// Result is what a look at many items has shown.
type Result struct {
	Done      []Done
	Remaining []Item  // with Done all items, each in its order
	Wrong     []Wrong // of remaining items
}

// Remaining looks at all items. An item without outputs is done when t.Log
// says so; without a log nothing can show it, and it remains. An output that
// cannot be looked at is not an error but a [Wrong] whose Unknown is true; the
// error is that of ctx, and then nothing is known.
func (j Judge) Remaining(ctx context.Context, list []Item, t Terms) (Result, error) {
	if j.Seen == nil {
		j.Seen = NewSeen()
	}
	sights := make([]Sight, len(list))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range max(1, min(j.Workers, len(list))) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				var err error
				if sights[i], err = j.Look(ctx, list[i], t); err != nil {
					return // ctx has ended, for all of them
				}
			}
		})
	}
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return Result{}, err
	}
	var r Result
	for i, it := range list {
		if sights[i].Done {
			r.Done = append(r.Done, Done{Item: it, Outputs: sights[i].Outputs})
			continue
		}
		r.Remaining = append(r.Remaining, it)
		r.Wrong = append(r.Wrong, sights[i].Wrong...)
	}
	return r, nil
}

// Look looks at one item, as [Judge.Remaining] does at many. That its input is
// gone takes nothing from an output, but nothing can make a missing one either.
func (j Judge) Look(ctx context.Context, it Item, t Terms) (Sight, error) {
	if err := context.Cause(ctx); err != nil {
		return Sight{}, err
	}
	if j.Seen == nil {
		j.Seen = NewSeen()
	}
	in, inputErr := statFile(it.Path)
	last := lastRun{}
	if inputErr == nil {
		last = t.Log.last(it.Path, in, t.Since)
	}
	if len(it.Outputs) == 0 {
		return unseen(it, last, inputErr), nil
	}
	var s Sight
	absent := false
	for _, path := range it.Outputs {
		out, wrong, err := j.output(ctx, it, path, t, in, inputErr, last)
		if err != nil {
			return Sight{}, err
		}
		switch {
		case wrong != nil && wrong.Reason == missing:
			absent = true
		case wrong != nil:
			s.Wrong = append(s.Wrong, *wrong)
		default:
			s.Outputs = append(s.Outputs, out)
		}
	}
	if absent && gone(inputErr) {
		s.Wrong = append(s.Wrong, Wrong{Item: it, Reason: NoInput})
	}
	s.Done = len(s.Outputs) == len(it.Outputs)
	return s, nil
}

// unseen judges an item that nothing on the disk speaks for.
func unseen(it Item, last lastRun, inputErr error) Sight {
	switch {
	case last.ended && last.succeeded:
		return Sight{Done: true}
	case last.ended:
		return Sight{Wrong: []Wrong{{Item: it, Reason: Failed, Err: last.err}}}
	case gone(inputErr):
		return Sight{Wrong: []Wrong{{Item: it, Reason: NoInput}}}
	case inputErr != nil:
		return Sight{Wrong: []Wrong{{Item: it, Reason: Unreadable, Err: inputErr}}}
	}
	return Sight{}
}

// missing marks an output that is just not there.
const missing Reason = ""

func (j Judge) output(ctx context.Context, it Item, path string, t Terms, in file, inputErr error, last lastRun) (Output, *Wrong, error) {
	wrong := func(reason Reason, err error) (Output, *Wrong, error) {
		return Output{}, &Wrong{Item: it, Output: path, Reason: reason, Err: err}, nil
	}
	f, err := statFile(path)
	switch written := f.time(); {
	case gone(err):
		return wrong(missing, nil)
	case err != nil:
		return wrong(Unreadable, err)
	case !f.regular():
		return wrong(NotFile, nil)
	case t.Running && j.Now().Sub(written) < t.Settle:
		return wrong(Changing, nil)
	case f.size == 0:
		return wrong(Empty, nil)
	case before(written, t.Since, tick):
		return wrong(Early, nil)
	case inputErr == nil && before(written, in.time(), 0):
		return wrong(Stale, nil)
	case inputErr != nil && !gone(inputErr):
		return wrong(Unreadable, fmt.Errorf("%s: %w", it.Path, inputErr))
	case last.ended && !last.succeeded && !written.After(last.at):
		return wrong(Failed, last.err)
	}
	what, err := j.content(ctx, path, f)
	if err != nil {
		return Output{}, nil, err
	}
	if what.reason != "" {
		return wrong(what.reason, what.err)
	}
	if what.format == Other && t.cut(f.time()) || last.cutOff(what.format, f.time()) {
		return wrong(CutOff, nil)
	}
	return Output{
		Path: path, Size: f.size, Modified: f.time(), Format: what.format, Width: what.picture.width, Height: what.picture.height, Blank: what.flat,
	}, nil, nil
}

// cut tells whether what was written at that time may have been cut off.
func (t Terms) cut(written time.Time) bool {
	for _, cut := range t.Cuts {
		if !written.After(cut) && cut.Sub(written) < t.Settle {
			return true
		}
	}
	return false
}

// tick is how far the clock of file times may lag behind: it moves 100 to 1000
// times a second.
const tick = 10 * time.Millisecond

// before tells whether a file was written before a moment, as far as its time
// can show: some file systems keep whole seconds only. slack is how far the
// clock of the moment may be ahead.
func before(written, moment time.Time, slack time.Duration) bool {
	if written.Nanosecond() == 0 {
		moment = moment.Truncate(time.Second)
	}
	return written.Add(slack).Before(moment)
}

// content looks into the file at path, which was f a moment ago. The error is
// that of ctx.
func (j Judge) content(ctx context.Context, path string, f file) (sight, error) {
	if what, ok := j.Seen.recall(path, f); ok {
		return what, nil
	}
	what, err := j.read(ctx, path, f)
	if err != nil {
		return sight{}, err
	}
	const racy = 2 * time.Second // no file system has coarser times
	changed := max(time.Unix(f.modified.Unix()).UnixNano(), time.Unix(f.attended.Unix()).UnixNano())
	if what.reason != Changing && what.reason != Unreadable && j.Now().Sub(time.Unix(0, changed)) > racy {
		j.Seen.remember(path, f, what)
	}
	return what, nil
}

func (j Judge) read(ctx context.Context, path string, f file) (sight, error) {
	open, err := openRegular(path)
	switch {
	case gone(err), errors.Is(err, errNotRegular):
		return sight{reason: Changing}, nil
	case err != nil:
		return sight{reason: Unreadable, err: err}, nil
	}
	defer open.Close() //nolint:errcheck // only read
	if now, err := statOpen(open); err != nil || now != f {
		return sight{reason: Changing}, nil
	}
	what := j.examine(ctx, path, j.source(ctx, open, f.size))
	if err := context.Cause(ctx); err != nil {
		return sight{}, err
	}
	// What was found holds for the file as it was only if it still is so.
	opened, errOpened := statOpen(open)
	placed, errPlaced := statFile(path)
	if errOpened != nil || errPlaced != nil || opened != f || placed != f {
		return sight{reason: Changing}, nil
	}
	return what, nil
}

// Open judges the content of a regular file that the caller has opened and
// called path. The error is that of ctx.
func (j Judge) Open(ctx context.Context, open *os.File, path string) (Output, *Wrong, error) {
	if j.Seen == nil {
		j.Seen = NewSeen()
	}
	wrong := func(reason Reason, err error) (Output, *Wrong, error) {
		return Output{}, &Wrong{Item: Item{Path: path}, Output: path, Reason: reason, Err: err}, nil
	}
	f, err := statOpen(open)
	switch {
	case err != nil:
		return wrong(Unreadable, err)
	case !f.regular():
		return wrong(NotFile, nil)
	case f.size == 0:
		return wrong(Empty, nil)
	}
	what := j.examine(ctx, path, j.source(ctx, open, f.size))
	if err := context.Cause(ctx); err != nil {
		return Output{}, nil, err
	}
	if now, err := statOpen(open); err != nil || now != f {
		return wrong(Changing, nil)
	}
	if what.reason != "" {
		return wrong(what.reason, what.err)
	}
	return Output{
		Path: path, Size: f.size, Modified: f.time(), Format: what.format, Width: what.picture.width, Height: what.picture.height, Blank: what.flat,
	}, nil, nil
}

func (j Judge) source(ctx context.Context, open *os.File, size int64) source {
	flat := true
	return source{ctx: ctx, f: open, size: size, room: j.room(ctx), flat: &flat}
}

// examine judges the content of a file.
func (j Judge) examine(ctx context.Context, path string, s source) sight {
	head := make([]byte, min(headLength, s.size))
	if err := readAt(s.all(), head, 0); err != nil {
		return sight{reason: Unreadable, err: reasonOf(err)}
	}
	format := expected(path, head)
	if format == Other {
		return sight{format: Other}
	}
	if len(head) < headLength {
		return sight{format: format, reason: Truncated}
	}
	if have := sniffed(head); have != format {
		why := fmt.Errorf("it is not a %s file", format)
		if have != Other {
			why = fmt.Errorf("it is a %s file", have)
		}
		return sight{format: format, reason: Mismatch, err: why}
	}
	p, err := s.decode(format)
	switch {
	case err == nil:
		return sight{format: format, picture: p, flat: s.flat != nil && *s.flat}
	case diskError(err):
		return sight{format: format, reason: Unreadable, err: reasonOf(err)}
	}
	reason := judged(err)
	if reason == Broken && !s.closed(format) {
		reason = Truncated
	}
	return sight{format: format, reason: reason, err: err}
}

func diskError(err error) bool {
	_, disk := errors.AsType[syscall.Errno](err)
	return disk && !errors.Is(err, io.EOF)
}

// room gives a decoding its share of the memory for pixels.
func (j Judge) room(ctx context.Context) func(int64) (func(), error) {
	return func(pixels int64) (func(), error) {
		if pixels > mostPixels {
			return nil, fmt.Errorf("%w: %d", errTooLarge, pixels)
		}
		if err := j.Seen.room.Acquire(ctx, pixels); err != nil {
			return nil, err
		}
		return func() { j.Seen.room.Release(pixels) }, nil
	}
}
