package tracker

import (
	"cmp"
	"slices"
	"strings"
)

// orders are the ways to sort a list of tickets, by the name of what they
// look at.
func orders(m *mirror) map[string]func(a, b *row) int {
	text := func(field string) func(a, b *row) int {
		return func(a, b *row) int {
			at := m.column(field)
			return strings.Compare(a.text(at), b.text(at))
		}
	}
	return map[string]func(a, b *row) int{
		"id":    func(a, b *row) int { return byNumber(a.id, b.id) },
		Summary: text(Summary),
		Status:  text(Status),
	}
}

// byNumber sorts ids of one prefix as their numbers, whatever zeros stand in
// front.
func byNumber(a, b string) int {
	ahead, an := number(a)
	behind, bn := number(b)
	return cmp.Or(strings.Compare(ahead, behind), cmp.Compare(len(an), len(bn)), strings.Compare(an, bn), strings.Compare(a, b))
}

// number are the digits at the end of an id, without zeros in front, and what
// is before them.
func number(id string) (before, digits string) {
	before = strings.TrimRight(id, "0123456789")
	return before, strings.TrimLeft(id[len(before):], "0")
}

// sorted are the rows of the table in an order that [Query] names; those that
// are equal in it stay in the order of the table. The caller holds mu.
func (m *mirror) sorted(by string) []*row {
	name, backwards := strings.CutPrefix(by, "-")
	compare := orders(m)[name]
	if compare == nil {
		return m.order
	}
	list := slices.Clone(m.order)
	slices.SortStableFunc(list, func(a, b *row) int {
		if backwards {
			return compare(b, a)
		}
		return compare(a, b)
	})
	return list
}
