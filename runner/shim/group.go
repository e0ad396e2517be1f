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
	left   []*process.Group // those that were not empty yet
}

// longestGround leaves run.json, which has its length from the beginning, room for
// everything else.
const longestGround = record / 2

// next is a group for a job, nil where there can be none.
func (g *groups) next() *process.Group {
	if !g.looked {
		g.looked = true
		if ground, err := process.FindGround(); err == nil && len(ground.Path()) <= longestGround {
			g.ground = &ground
		}
	}
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

// drop removes a group, and those that could not be removed before.
func (g *groups) drop(group *process.Group) {
	if group != nil {
		g.left = append(g.left, group)
	}
	g.left = slices.DeleteFunc(g.left, func(group *process.Group) bool { return group.Remove() == nil })
}
