package shim

import (
	"slices"

	"uratori/internal/process"
)

// groups makes a control group for each job of a shim, where this machine lets
// it. A job without one is kept all the same.
type groups struct {
	self   process.ID
	ground *process.Ground // nil before it was looked for, and where there is none
	looked bool
	made   int
	spare  *process.Group   // for the next job
	left   []*process.Group // of jobs that have ended
}

// longestGround leaves run.json, which has its length from the beginning, room for
// everything else.
const longestGround = record / 2

// next is a group for a job, nil where there can be none.
func (g *groups) next() *process.Group {
	if !g.looked {
		g.looked = true
		if ground, err := process.FindGround(); err == nil && len(ground.Path()) <= longestGround {
			ground.Tidy(g.self)
			g.ground = &ground
		}
	}
	group := g.spare
	if g.spare = nil; group == nil {
		group = g.make()
	}
	return group
}

func (g *groups) make() *process.Group {
	if g.ground == nil {
		return nil
	}
	g.made++
	group, err := g.ground.Make(process.GroupName(g.self, g.made))
	if err != nil {
		g.ground = nil
		return nil
	}
	return group
}

// drop lets a group go, which is removed when there is time.
func (g *groups) drop(group *process.Group) {
	_ = group.Close() // nothing was written
	g.left = append(g.left, group)
}

// rest uses the time between two jobs, in which nobody waits for the shim.
func (g *groups) rest() {
	g.left = slices.DeleteFunc(g.left, func(group *process.Group) bool { return group.Remove() == nil })
	if g.spare == nil {
		g.spare = g.make()
	}
}

// close removes what this shim needs no more. Where somebody is left in a group,
// whoever ends them removes it; see [process.RemoveGroup].
func (g *groups) close() {
	if g.spare != nil {
		g.drop(g.spare)
	}
	for _, group := range g.left {
		_ = group.Remove()
	}
}
