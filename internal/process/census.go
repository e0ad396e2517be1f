package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// census is one look at all processes, and who of them belongs to a tree.
type census struct {
	tree    *Tree
	self    int // always outside
	boot    string
	since   uint64 // no member is older
	all     map[int]Process
	judged  map[int]standing
	members []Process // living ones, oldest first
	last    int       // the newest pid of this machine before the look
	exact   bool      // no pid was given away during it: nobody can have been missed
	// unsettled tells that somebody could not be judged, since it is about to
	// have another program, or to be gone.
	unsettled bool
	buf       []byte
}

// standing is what a process is to a tree.
type standing struct {
	kind
	outside int // for an outsider: the pid of the nearest one that is Outside itself
}

type kind int

const (
	stranger kind = iota
	outsider
	member
	root
)

func (c *census) take() error {
	boot, err := bootID()
	if err != nil {
		return err
	}
	if c.last, err = newest(); err != nil {
		return err
	}
	all, err := All()
	if err != nil {
		return err
	}
	last, err := newest()
	if err != nil {
		return err
	}
	c.exact = last == c.last
	c.self, c.boot, c.since = os.Getpid(), boot, c.tree.since(boot)
	c.all, c.judged = make(map[int]Process, len(all)), make(map[int]standing, len(all))
	for _, p := range all {
		c.all[p.PID] = p
	}
	for _, p := range all {
		if c.judge(p).kind == member && !p.Ended {
			c.members = append(c.members, p)
		}
	}
	byAge(c.members)
	return nil
}

// newest is the pid that was given away last, to a process or a thread.
func newest() (int, error) {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, fmt.Errorf("read the newest pid: %w", err)
	}
	fields := strings.Fields(string(load))
	if len(fields) == 0 {
		return 0, errors.New("read the newest pid: /proc/loadavg is empty")
	}
	return strconv.Atoi(fields[len(fields)-1])
}

// born looks at the pids that were given away since the look, or the call
// before, and returns the members among them. It is quick, but does not follow the numbers
// when they begin anew, and finds threads as well.
func (c *census) born() ([]Process, error) {
	last, err := newest()
	if err != nil {
		return nil, err
	}
	var members []Process
	for pid := c.last + 1; pid <= last; pid++ {
		p, err := one(pid, c.boot)
		if unseen(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		delete(c.judged, pid)
		c.all[pid] = p
		if c.judge(p).kind == member && !p.Ended {
			members = append(members, p)
		}
	}
	c.last = last
	return members, nil
}

// settle gives those who could not be judged a moment.
func (c *census) settle() {
	if c.unsettled {
		time.Sleep(time.Millisecond)
	}
}

// since is a lower bound for the start of members: Main is the first of them.
func (t *Tree) since(boot string) uint64 {
	switch boot {
	case t.Main.Boot:
		return t.Main.Start
	case t.Root.Boot:
		return t.Root.Start
	default:
		return 0
	}
}

func (c *census) judge(p Process) standing {
	s, ok := c.judged[p.PID]
	if !ok {
		s = c.weigh(p)
		c.judged[p.PID] = s
	}
	return s
}

func (c *census) weigh(p Process) standing {
	switch {
	case p.PID == c.self, slices.Contains(c.tree.Outside, p.ID):
		return standing{outsider, p.PID}
	case p.ID == c.tree.Root:
		return standing{kind: root}
	}
	above := standing{}
	// A parent is never younger, also when it adopted an orphan. If this one
	// seems so, the pid changed hands while the census was taken.
	if parent, ok := c.all[p.Parent]; ok && parent.Start <= p.Start && parent.PID != p.PID {
		above = c.judge(parent)
	}
	switch above.kind {
	case root, member:
		return standing{kind: member}
	case outsider:
		if c.adopted(p, c.all[above.outside]) {
			return standing{kind: member}
		}
		return above
	default:
		if c.evidence(p) {
			return standing{kind: member}
		}
		return standing{}
	}
}

// evidence is what p itself shows, whoever its parents are.
func (c *census) evidence(p Process) bool {
	return c.known(p) || c.inSession(p) || c.inGroup(p) || c.carriesToken(p)
}

// adopted tells whether p came to descend from an outsider as an orphan of
// this tree: the shim died, and the next sub-reaper above it is another job's.
// What the outsider shows as well proves nothing, since p may have inherited
// it.
func (c *census) adopted(p, from Process) bool {
	return c.known(p) || c.inSession(p) && !c.inSession(from) || c.inGroup(p) && !c.inGroup(from) || c.carriesToken(p) && !c.carriesToken(from)
}

func (c *census) known(p Process) bool {
	return p.ID == c.tree.Main || slices.Contains(c.tree.Known, p.ID)
}

// inSession tells whether p is in the session or the process group that Main
// opened. The kernel gives no pid away that still names either, so the number
// is another's only when somebody else has that pid now, or when p is older.
func (c *census) inSession(p Process) bool {
	main := c.tree.Main
	if main.PID == 0 || main.Boot != c.boot || p.Start < main.Start || p.Session != main.PID && p.Group != main.PID {
		return false
	}
	holder, ok := c.all[main.PID]
	return !ok || holder.ID == main
}

// carriesToken reads the environment that p was started with. It is the
// expensive part of a census, so whoever is older than the job is spared. That
// of other users cannot be read; kernel threads have none.
func (c *census) carriesToken(p Process) bool {
	if c.tree.Token == "" || p.Start < c.since || p.Ended {
		return false
	}
	env, err := c.environ(p.PID)
	if err != nil {
		return false
	}
	if len(env) == 0 && between(p.PID) {
		c.unsettled = true
	}
	token := []byte(c.tree.Token)
	for entry := range bytes.SplitSeq(env, []byte{0}) {
		if bytes.Equal(entry, token) {
			return true
		}
	}
	return false
}

// between tells whether a process has no environment because it has given its
// memory up: in exec it gets another, in exit it does not, but may still hold
// files. Kernel threads never had any.
func between(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	const flags, envEnd, kernelThread = 6, 48, 0x00200000 // fields 9 and 51, counted from field 3
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) <= envEnd {
		return false
	}
	bits, err := strconv.ParseUint(fields[flags], 10, 64)
	return err == nil && bits&kernelThread == 0 && fields[envEnd] == "0"
}

// environ is valid until the next call.
func (c *census) environ(pid int) ([]byte, error) {
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing is written
	if c.buf == nil {
		const usual = 16 << 10
		c.buf = make([]byte, usual)
	}
	for n := 0; ; {
		m, err := f.Read(c.buf[n:])
		n += m
		if m == 0 || err != nil {
			if errors.Is(err, fs.ErrPermission) {
				return nil, err
			}
			return c.buf[:n], nil
		}
		if n == len(c.buf) {
			c.buf = append(c.buf, make([]byte, n)...)
		}
	}
}
