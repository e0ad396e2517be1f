package chaos

import (
	"slices"

	"uratori/internal/ledger"
)

// op judges what an agent was told of a write.
func (o *oracle) op(op *Op) {
	counts := &o.told.Counts
	counts.Writes++
	for _, number := range op.Numbers {
		if number != op.Numbers[0] {
			o.violation(OtherAnswer, op.id(), -1, "%s was writes %v", op.Key, op.Numbers)
		}
	}
	switch {
	case op.Refused != "":
		counts.TurnedDown++
		for _, text := range op.Fields {
			o.leftBehind(op, text)
		}
		return
	case op.Answer.Problem != nil && op.Answer.Problem.Code == "tracker.on_two_rows" && !op.Answer.Queued:
		counts.OnTwoRows++ // a person made another row of that id: which is meant, nobody can say
		return
	case !op.settled():
		o.violation(Lost, op.id(), -1, "%s ended as %+v", op.Key, op.Answer)
		return
	case op.Answer.Conflict:
		counts.Conflicts++
		for _, text := range op.Fields {
			if p := o.spells.of[text]; text != "" && len(p) > 0 && o.j.Entries[p[0].from].Tick < op.Answered {
				o.violation(FalseReport, op.id(), p[0].from, "%s: nothing is said to have been sent, and the table held %q", op.Key, text)
			}
		}
	case op.Answer.Verdict == ledger.Verified:
		counts.Verified++
	default:
		counts.Refuted++
	}
	all := ledger.Verified
	for _, f := range op.Answer.Fields {
		if f.Verdict != ledger.Verified {
			all = ledger.Refuted
		}
		o.field(op, f.Column, f.Verdict == ledger.Verified, f.Edited, f.Conflict, f.Actual)
	}
	if op.Answer.Verdict == ledger.Verified && (all != ledger.Verified || len(op.Answer.Fields) == 0) {
		o.violation(FalseVerified, op.id(), -1, "%s is verified, and not each of its cells", op.Key)
	}
}

func (o *oracle) field(op *Op, column string, verified, edited, conflict bool, actual *string) {
	text, asked := op.Fields[column]
	if !asked {
		text = filed // the status that a new ticket has
	}
	from, to := o.j.version(op.Asked), o.j.version(op.Answered)
	if edited {
		o.told.Counts.Edited++
	}
	if actual != nil && !o.stood(*actual, op.id(), column, from, to) {
		o.violation(FalseReport, op.id(), to, "%s: %s is said to have been %q", op.Key, column, *actual)
	}
	switch {
	case conflict:
		if actual == nil {
			o.violation(FalseReport, op.id(), to, "%s: %s is in conflict, and it is not said with what", op.Key, column)
		}
		o.leftBehind(op, text)
		if actual != nil && slices.Contains(op.Seen[column], *actual) && op.Expected[column] == "" {
			o.told.Counts.Needless++
		}
	case !verified:
		if asked && (actual == nil || *actual != text) {
			o.leftBehind(op, text)
		}
	case edited && slices.ContainsFunc(o.j.Undone, func(u Undone) bool { return slices.Contains(u.Texts, text) }):
		o.told.Counts.Deceived++ // the answer showed it, and a person wrote over it at once
	case !o.held(text, op.id(), column, from, to):
		o.violation(FalseVerified, op.id(), to, "%s: %s never held %q between entries %d and %d", op.Key, column, text, from, to)
	case !edited && !o.shown(op, column, text, from):
		o.violation(UnreadClaim, op.id(), to, "%s: %s = %q", op.Key, column, text)
	}
}

// stood tells whether the cell of a ticket said a text at some time.
func (o *oracle) stood(text, key, column string, from, to int) bool {
	if text != "" {
		return len(o.spells.during(text, key, column, from, to)) > 0
	}
	for _, e := range o.j.Entries[from : to+1] {
		for _, i := range e.After.find(key) {
			if e.After[i].at(e.After.column(column)).Kind == Empty {
				return true
			}
		}
	}
	return false
}

// held is stood for a text that is a text.
func (o *oracle) held(text, key, column string, from, to int) bool {
	return text == "" && o.stood(text, key, column, from, to) ||
		slices.ContainsFunc(o.spells.during(text, key, column, from, to), func(p *spell) bool { return p.cell.holds(text) })
}

// shown tells whether a reading that reached the tracker before the verdict
// showed the text in its cell.
func (o *oracle) shown(op *Op, column, text string, from int) bool {
	first, _ := slices.BinarySearchFunc(o.j.Readings, op.Asked, func(r Reading, t int64) int { return int(r.Tick - t) })
	for _, r := range o.j.Readings[first:] {
		if r.Tick > op.Answered {
			return false
		}
		t := o.j.Entries[max(r.Version, from)].After
		for _, i := range t.find(op.id()) {
			if r.Whole && r.Version >= from && t[i].at(t.column(column)).holds(text) && r.shows(i, t.column(column)) {
				return true
			}
		}
	}
	return false
}

// leftBehind looks for the text of a write that was not carried out.
func (o *oracle) leftBehind(op *Op, text string) {
	last := len(o.j.Entries) - 1
	for _, p := range o.spells.of[text] {
		if text == "" || p.to != last || p.key != op.id() {
			continue // in another's row it is astray
		}
		set := o.j.Entries[o.spells.set[p.ref]]
		if set.Tick > op.Answered && set.Came < op.Answered {
			o.told.Counts.Late++ // it was still on its way when that was said
			continue
		}
		o.violation(LeftBehind, p.key, o.spells.set[p.ref], "%s: %s still says %q", op.Key, p.column, text)
	}
}
