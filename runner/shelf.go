package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/fault"
	"uratori/runner/items"
)

// OutputState is what a look at an output has come to.
type OutputState string

// The states of outputs. Nothing is valid but what a look has found whole.
const (
	OutputValid    OutputState = "valid"
	OutputWrong    OutputState = "wrong"    // it is there and does not count
	OutputChanging OutputState = "changing" // it was written to just now
	OutputUnknown  OutputState = "unknown"  // it is there and could not be judged
)

// Shown is an output that is there, as it was at the look.
type Shown struct {
	Item     int // number of the item, from 1
	Output   int // which of its outputs, from 0
	Input    string
	Path     string
	Size     int64
	Modified time.Time
	State    OutputState
	Reason   error // why it is not valid
	Format   items.Format
	Width    int // of a picture
	Height   int
	Blank    bool // each page of the picture has one colour
}

// ShelfQuery says which outputs of a task are wanted.
type ShelfQuery struct {
	Task int64
	Item int // only those of this item; 0: the newest of all
	Skip int // so many of the newest
	Most int // so many at most; 0 is 24
}

// Shelf is some outputs of a task, newest first.
type Shelf struct {
	Outputs []Shown
	There   int // so many are there
	Total   int // so many are to be made; 0 when it is not known what the task makes
	At      time.Time
}

const (
	usualShelf = 24
	mostShelf  = 200
	// shelfLife is how long a listing of outputs serves; one that took long
	// serves longer, so that looking never costs more than a tenth of the time.
	shelfLife  = time.Second
	shelfShare = 10
	// mostShelves are kept: of the tasks that somebody looks at.
	mostShelves = 16
)

// shelves are the listings of just now.
type shelves struct {
	mu   sync.Mutex
	list map[int64]*listing
}

// listing is which outputs of a task are there. Its lock is held while they are
// looked for, so that who asks at the same time waits for the one look.
type listing struct {
	mu    sync.Mutex
	at    time.Time
	until time.Time
	since time.Time // of the task at the look
	total int
	plan  *items.Plan
	there []place
}

// place is an output that is there.
type place struct {
	item, output int // indices
	size         int64
	modified     time.Time
}

// Shelf looks at the newest outputs of a task. All are listed; those that are
// told are judged as the verdict on the task judges them.
func (r *Runner) Shelf(ctx context.Context, q ShelfQuery) (Shelf, error) {
	if q.Most == 0 {
		q.Most = usualShelf
	}
	if q.Skip < 0 || q.Most < 0 || q.Most > mostShelf {
		return Shelf{}, fault.New(fault.Invalid, "task.out_of_range", "what", "limit", "value", q.Most, "low", 1, "high", mostShelf)
	}
	t, err := r.Task(ctx, q.Task)
	if err != nil {
		return Shelf{}, err
	}
	l := r.listing(t.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := r.relist(ctx, t, l); err != nil {
		return Shelf{}, err
	}
	s := Shelf{There: len(l.there), Total: l.total, At: l.at}
	if l.plan == nil {
		return s, nil
	}
	terms, err := r.terms(ctx, t)
	if err != nil {
		return Shelf{}, err
	}
	there := l.there
	if q.Item > 0 {
		there = slices.DeleteFunc(slices.Clone(there), func(p place) bool { return p.item != q.Item-1 })
	}
	from := min(q.Skip, len(there))
	for _, p := range there[from:min(from+q.Most, len(there))] {
		one, err := r.judged(ctx, l.plan.Items[p.item], p, terms)
		if err != nil {
			return Shelf{}, err
		}
		s.Outputs = append(s.Outputs, one)
	}
	return s, nil
}

func (r *Runner) listing(task int64) *listing {
	r.shelves.mu.Lock()
	defer r.shelves.mu.Unlock()
	l := r.shelves.list[task]
	if l == nil {
		if r.shelves.list == nil || len(r.shelves.list) >= mostShelves {
			r.shelves.list = map[int64]*listing{} // who asks again looks again
		}
		l = &listing{}
		r.shelves.list[task] = l
	}
	return l
}

// relist looks which outputs are there, where the last look has become old.
func (r *Runner) relist(ctx context.Context, t Task, l *listing) error {
	began := r.Now()
	if began.Before(l.until) && l.since.Equal(t.Since) {
		return nil
	}
	list, err := r.itemList(ctx, t)
	if err != nil {
		return err
	}
	next := listing{at: began, since: t.Since}
	if len(list) > 0 && len(t.Spec.Outputs) > 0 {
		if next.plan, err = items.Recall(t.Spec.Cwd, list, t.Spec.Outputs); err != nil {
			return err
		}
		for i, it := range next.plan.Items {
			next.total += len(it.Outputs)
			for k, path := range it.Outputs {
				if err := context.Cause(ctx); err != nil {
					return err
				}
				// What cannot be looked at is not there for a page of pictures.
				if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
					next.there = append(next.there, place{item: i, output: k, size: info.Size(), modified: info.ModTime()})
				}
			}
		}
		slices.SortStableFunc(next.there, func(a, b place) int {
			if c := b.modified.Compare(a.modified); c != 0 {
				return c
			}
			return b.item - a.item
		})
	}
	l.at, l.since, l.total, l.plan, l.there = next.at, next.since, next.total, next.plan, next.there
	now := r.Now()
	l.until = now.Add(max(shelfLife, shelfShare*now.Sub(began)))
	return nil
}

// terms are what an output of a task must be to count now.
func (r *Runner) terms(ctx context.Context, t Task) (items.Terms, error) {
	terms := items.Terms{Since: t.Since, Settle: inHand}
	if t.State.Active() {
		terms.Running, terms.Settle = true, r.Limits.Settle
	}
	var err error
	if terms.Cuts, err = r.cuts(ctx, t.ID); err != nil {
		return terms, err
	}
	if t.Spec.Each > 0 {
		terms.Log, err = items.ReadLog(r.checkpoint(t.ID))
	}
	return terms, err
}

// judged looks into one output.
func (r *Runner) judged(ctx context.Context, it items.Item, p place, terms items.Terms) (Shown, error) {
	path := it.Outputs[p.output]
	one := Shown{Item: it.Index, Output: p.output, Input: it.Path, Path: path, Size: p.size, Modified: p.modified, State: OutputUnknown}
	sight, err := items.Judge{Workers: 1, Seen: r.seen, Now: r.Now}.Look(ctx, it, terms)
	if err != nil {
		return one, err
	}
	for _, o := range sight.Outputs {
		if o.Path == path {
			one.State, one.Size, one.Modified = OutputValid, o.Size, o.Modified
			one.Format, one.Width, one.Height, one.Blank = o.Format, o.Width, o.Height, o.Blank
			return one, nil
		}
	}
	for _, w := range sight.Wrong {
		if w.Output == path {
			one.Reason = w.Fault()
			switch {
			case w.Reason == items.Changing:
				one.State = OutputChanging
			case !w.Unknown():
				one.State = OutputWrong
			}
			return one, nil
		}
	}
	one.State, one.Reason = OutputWrong, fault.New(fault.NotFound, "task.output_gone", "path", path)
	return one, nil
}

// OpenShown opens an output of a task, or the input of an item where output is
// below 0, for reading. It opens no file but those: a path is never taken from
// whoever asks. Within the folder in which the task works no link is followed
// out of it, and what the path leads to must be a regular file, not a link,
// before and after it was opened. Size and Mode are those of the open file.
func (r *Runner) OpenShown(ctx context.Context, task int64, item, output int) (*os.File, os.FileInfo, error) {
	t, err := r.Task(ctx, task)
	if err != nil {
		return nil, nil, err
	}
	list, err := r.itemList(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	none := fault.New(fault.NotFound, "task.no_output", "task", task, "item", item)
	if item < 1 || item > len(list) {
		return nil, nil, none
	}
	path := list[item-1]
	if output >= 0 {
		plan, err := items.Recall(t.Spec.Cwd, list, t.Spec.Outputs)
		if err != nil {
			return nil, nil, err
		}
		if output >= len(plan.Items[item-1].Outputs) {
			return nil, nil, none
		}
		path = plan.Items[item-1].Outputs[output]
	}
	f, info, err := openWithin(t.Spec.Cwd, path)
	if err != nil {
		kind := fault.Unavailable
		if errors.Is(err, os.ErrNotExist) {
			kind = fault.NotFound
		}
		if e, ok := errors.AsType[*os.PathError](err); ok {
			err = e.Err
		}
		return nil, nil, fault.New(kind, "task.not_shown", "path", path).Wrap(err)
	}
	return f, info, nil
}

// errLink is why a file is not opened although it may be there.
var errLink = errors.New("it is a link or no regular file")

// openWithin opens a regular file without leaving folder, or, for a path that
// is outside, without leaving the folder that it names.
func openWithin(folder, path string) (*os.File, os.FileInfo, error) {
	name, err := filepath.Rel(folder, path)
	if err != nil || !filepath.IsLocal(name) {
		folder, name = filepath.Dir(path), filepath.Base(path)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close() //nolint:errcheck // only looked through
	before, err := root.Lstat(name)
	switch {
	case err != nil:
		return nil, nil, err
	case !before.Mode().IsRegular():
		return nil, nil, errLink
	}
	// A pipe that takes its place must not hold anybody up.
	f, err := root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	after, err := f.Stat()
	if err == nil && (!after.Mode().IsRegular() || !os.SameFile(before, after)) {
		err = errLink
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, after, nil
}
