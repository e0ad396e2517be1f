package process

import (
	"cmp"
	"errors"
	"slices"
)

// Tree is all processes of one job, however they try to be somebody else's.
//
// A process belongs when it descends from Root, which as a sub-reaper stays
// the ancestor of everybody who was orphaned; when it descends from another
// member; when it is in the session or the process group of Main; when it is in
// the control group Group; when it carries Token in the environment that it was
// started with; or when it was a member before. Root itself does not belong. Whoever is Outside never does,
// and neither does what descends from it without Root in between: a daemon may
// have been started by a job, with that job's token in its environment. The
// calling process is always outside.
//
// What can hide: a process that left the session, threw the environment away
// and lost its parents while Root was dead, all before it was ever looked at,
// where there is no Group; and one of another user, as after sudo, where the kernel hides those from this
// one (hidepid in proc(5)).
//
// A Tree is not for concurrent use.
type Tree struct {
	Root    ID     // the shim; zero when unknown
	Main    ID     // the job's first process, which called setsid; zero when unknown
	Token   string // "KEY=VALUE", random for each attempt; "" when unknown
	Group   string // path of the control group that Main was started in; "" for none
	Known   []ID   // members found so far; the methods keep it
	Outside []ID   // the shims of other attempts; the calling process is so by itself
}

// errUnsettled is the answer when somebody could not be judged for seconds.
var errUnsettled = errors.New("a process that may belong to the tree is neither running nor gone")

// Members lists who belongs and lives now, oldest first. It answers that
// nobody does only when that is certain.
func (t *Tree) Members() ([]Process, error) {
	const most = 2000
	still := stillness(0)
	for range most {
		c, err := t.look()
		if err != nil {
			return nil, err
		}
		if len(c.members) > 0 || still.saw(c, true) {
			return c.members, nil
		}
		c.settle()
	}
	return nil, errUnsettled
}

// look takes a census and remembers its members.
func (t *Tree) look() (*census, error) {
	c := &census{tree: t}
	if err := c.take(); err != nil {
		return nil, err
	}
	t.Known = t.Known[:0:0]
	for _, p := range c.members {
		t.Known = append(t.Known, p.ID)
	}
	return c, nil
}

// stillness decides when a tree is at rest: after one look during which no pid
// was given away on this machine, or, where that happens all the time, after
// many looks in a row. Nobody may be unsettled.
type stillness int

const many stillness = 40

// saw takes the result of one look, and tells whether the tree is at rest.
func (s *stillness) saw(c *census, still bool) bool {
	switch {
	case !still, c.unsettled:
		*s = 0
	case c.exact:
		*s = many
	default:
		*s++
	}
	return *s >= many
}

// byAge sorts parents before their children.
func byAge(all []Process) {
	slices.SortFunc(all, func(a, b Process) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.PID, b.PID))
	})
}
