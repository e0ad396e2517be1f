package items

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Counter counts outputs for a progress display. It opens no file and decides
// nothing: what it counts may turn out not to be whole. It lists folders, which
// also works where no change is announced (the disks of Windows in WSL2), and
// looks at each output until it has something in it and is new enough, then no
// more unless it vanishes.
//
// Not for concurrent use.
type Counter struct {
	since   time.Time
	list    []Item
	folders map[string]map[string]*made // by folder and name; each belongs to one item
	left    []int                       // outputs of each item that are not there yet
	tally   Tally
}

// made is an output of an item.
type made struct {
	item  int
	there bool
}

// Tally is what a [Counter] saw.
type Tally struct {
	Done   int // items whose outputs are all there
	Total  int
	Latest string    // the input whose output was written last; empty while there is none
	At     time.Time // when that was
}

// NewCounter counts the outputs of items that were not written before since
// and are no older than their inputs.
func NewCounter(list []Item, since time.Time) *Counter {
	c := &Counter{since: since, list: list, folders: map[string]map[string]*made{}, left: make([]int, len(list))}
	c.tally.Total = len(list)
	for i, it := range list {
		for _, path := range it.Outputs {
			dir := c.folders[filepath.Dir(path)]
			if dir == nil {
				dir = map[string]*made{}
				c.folders[filepath.Dir(path)] = dir
			}
			dir[filepath.Base(path)] = &made{item: i}
			c.left[i]++
		}
	}
	return c
}

// Count looks once. A folder that cannot be listed holds nothing; the error is
// that of ctx.
func (c *Counter) Count(ctx context.Context) (Tally, error) {
	for dir, outputs := range c.folders {
		names, err := list(ctx, dir)
		if err != nil {
			return Tally{}, err
		}
		present := make(map[string]bool, min(len(names), len(outputs)))
		looked := 0
		for _, name := range names {
			m := outputs[name]
			if m == nil {
				continue
			}
			present[name] = true
			if m.there {
				continue
			}
			if looked++; looked%1024 == 0 && ctx.Err() != nil {
				return Tally{}, context.Cause(ctx)
			}
			c.look(filepath.Join(dir, name), m)
		}
		for name, m := range outputs {
			if m.there && !present[name] {
				c.set(m, false)
			}
		}
	}
	return c.tally, nil
}

func (c *Counter) look(path string, m *made) {
	f, err := statFile(path)
	if err != nil || !f.regular() || f.size == 0 || before(f.time(), c.since, tick) {
		return
	}
	it := c.list[m.item]
	if in, err := statFile(it.Path); err == nil && before(f.time(), in.time(), 0) {
		return
	}
	c.set(m, true)
	if f.time().After(c.tally.At) {
		c.tally.Latest, c.tally.At = it.Path, f.time()
	}
}

func (c *Counter) set(m *made, there bool) {
	m.there = there
	if there {
		if c.left[m.item]--; c.left[m.item] == 0 {
			c.tally.Done++
		}
		return
	}
	if c.left[m.item]++; c.left[m.item] == 1 {
		c.tally.Done--
	}
}

// list is the names in a folder, none where it cannot be listed.
func list(ctx context.Context, dir string) ([]string, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil //nolint:nilerr // see Count
	}
	names, err := f.Readdirnames(-1)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, nil //nolint:nilerr // see Count
	}
	return names, nil
}
