package process

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

const boot = "this boot"

// world is a census of processes that are not there.
func world(t *Tree, all ...Process) *census {
	c := &census{tree: t, boot: boot, since: t.since(boot), all: map[int]Process{}, judged: map[int]standing{}}
	for _, p := range all {
		c.all[p.PID] = p
	}
	return c
}

func proc(pid, parent, session int, start uint64) Process {
	return Process{ID: ID{PID: pid, Start: start, Boot: boot}, Parent: parent, Session: session, Group: session, State: 'S', Threads: 1}
}

func (c *census) pids() []int {
	var pids []int
	for pid, p := range c.all {
		if c.judge(p).kind == member {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

func TestCensus_WhoBelongs(t *testing.T) {
	shim, main := proc(100, 50, 100, 1000), proc(101, 100, 101, 1010)
	daemon, otherShim := proc(50, 1, 50, 900), proc(200, 50, 200, 1100)
	tree := Tree{Root: shim.ID, Main: main.ID, Outside: []ID{daemon.ID, otherShim.ID}}
	lost := Tree{Main: main.ID, Outside: tree.Outside} // the shim was killed
	for name, tc := range map[string]struct {
		tree Tree
		all  []Process
		want []int
	}{
		"main and its children, not the shim, the daemon or another's job": {
			tree,
			[]Process{daemon, shim, main, proc(102, 101, 101, 1020), otherShim, proc(201, 200, 201, 1110)},
			[]int{101, 102},
		},
		"an orphan below the shim": {tree, []Process{daemon, shim, proc(103, 100, 103, 1020)}, []int{103}},
		"a daemon that the job has started, and the jobs of that daemon": {
			tree,
			[]Process{shim, main, proc(102, 101, 101, 1020), daemonOf(daemon, 102, 1030), proc(200, 50, 200, 1100), proc(201, 200, 201, 1110)},
			[]int{101, 102},
		},
		"another's shim that the shim has adopted": {
			tree,
			[]Process{shim, main, proc(200, 100, 200, 1100), proc(201, 200, 201, 1110)},
			[]int{101},
		},
		"main as an orphan":                       {lost, []Process{proc(101, 1, 101, 1010), proc(102, 101, 102, 1020)}, []int{101, 102}},
		"its session after main has gone":         {lost, []Process{proc(102, 1, 101, 1020)}, []int{102}},
		"an orphan that another's shim adopted":   {lost, []Process{daemon, otherShim, proc(102, 200, 101, 1020)}, []int{102}},
		"who is older than main":                  {lost, []Process{proc(102, 1, 101, 1009)}, nil},
		"the number of main was given away":       {lost, []Process{proc(101, 1, 101, 5000), proc(102, 101, 101, 5001)}, nil},
		"the pid of the shim was given away":      {tree, []Process{proc(100, 1, 100, 5000), proc(102, 100, 102, 5001)}, nil},
		"a parent that is younger than its child": {tree, []Process{shim, proc(102, 100, 101, 1020), proc(104, 105, 104, 1030), proc(105, 100, 105, 1040)}, []int{102, 105}},
		"one that was known":                      {Tree{Known: []ID{{PID: 102, Start: 1020, Boot: boot}}}, []Process{proc(102, 1, 102, 1020), proc(103, 102, 103, 1030)}, []int{102, 103}},
		"the pid of a known one":                  {Tree{Known: []ID{{PID: 102, Start: 1020, Boot: boot}}}, []Process{proc(102, 1, 102, 1021)}, nil},
		"another boot": {
			Tree{Root: ID{100, 1000, "before"}, Main: ID{101, 1010, "before"}, Known: []ID{{102, 1020, "before"}}},
			[]Process{shim, main, proc(102, 101, 101, 1020)},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			// The daemon's entries in Outside are by identity.
			tree := tc.tree
			for _, p := range tc.all {
				if (p.PID == daemon.PID || p.PID == otherShim.PID) && !slices.Contains(tree.Outside, p.ID) {
					tree.Outside = append(slices.Clone(tree.Outside), p.ID)
				}
			}
			if got := world(&tree, tc.all...).pids(); !slices.Equal(got, tc.want) {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}

func daemonOf(d Process, parent int, start uint64) Process {
	d.Parent, d.Start = parent, start
	return d
}

// In any forest, without other evidence, a process belongs exactly when the
// first of Root and the Outside ones that is met on the way up is Root.
func TestCensus_AnyForest_TheNearestDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		tree := Tree{}
		all := make([]Process, 0, n)
		for pid := 1; pid <= n; pid++ {
			all = append(all, proc(pid, rapid.IntRange(0, pid-1).Draw(t, "parent"), pid, uint64(pid))) //nolint:gosec // it is positive
		}
		tree.Root = all[rapid.IntRange(0, n-1).Draw(t, "root")].ID
		for range rapid.IntRange(0, 3).Draw(t, "outsiders") {
			tree.Outside = append(tree.Outside, all[rapid.IntRange(0, n-1).Draw(t, "outsider")].ID)
		}
		var want []int
		for _, p := range all {
			for up := p; ; up = all[up.Parent-1] {
				if slices.Contains(tree.Outside, up.ID) {
					break
				}
				if up.ID == tree.Root {
					if up != p {
						want = append(want, p.PID)
					}
					break
				}
				if up.Parent == 0 {
					break
				}
			}
		}
		if got := world(&tree, all...).pids(); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v of %s", got, want, fmt.Sprint(all))
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("7 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 18 4242 20")
	f.Add("7 (a) b) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 18 4242 20")
	f.Add("")
	f.Fuzz(func(t *testing.T, stat string) {
		p, err := parse(stat)
		if err == nil && p.Boot != "" {
			t.Errorf("%+v", p)
		}
	})
}
