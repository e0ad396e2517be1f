package chaos

import (
	"fmt"
	"slices"
)

// Wrong is what a violation is about.
type Wrong string

// The violations.
const (
	FalseVerified Wrong = "verified, and it was never there"
	UnreadClaim   Wrong = "verified, and no reading showed it"
	Lost          Wrong = "lost: no verdict"
	LeftBehind    Wrong = "refuted, and its text is in the table"
	FalseReport   Wrong = "told what never stood there"
	OtherAnswer   Wrong = "the same request, another answer"
	Duplicate     Wrong = "one id on two rows"
	Overwritten   Wrong = "a person's text overwritten unseen"
	Astray        Wrong = "in another's row or cell, and not put back"
	Resurrected   Wrong = "a row that a person had taken out is there again"
	Destroyed     Wrong = "a row taken out that was not the tracker's"
	Untold        Wrong = "the table is not what the journal says"
)

// Violation is a broken promise.
type Violation struct {
	Wrong  Wrong
	Ticket string
	Entry  int // of the journal, -1 where there is none
	Row    int // its number, 0 where the ticket says enough
	What   string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: %s, entry %d: %s", v.Wrong, v.Ticket, v.Entry, v.What)
}

// Counts is what happened, good or bad.
type Counts struct {
	Writes, Verified, Edited, Refuted, Conflicts, TurnedDown, OnTwoRows, Nameless int
	// Blind writes covered a person's text, and their caller had never been
	// shown anything of that cell.
	Blind int
	// Raced writes covered what a person wrote between the look and the
	// request that went by it; of these, Resent were sent once more by the
	// same look; Late were carried out after their connection was lost.
	// MadeGood were covered by such a race, and put back.
	Raced, Resent, Late, MadeGood int
	Misplaced, Healed             int // cells written in another's row, and put back
	Twins, TwinsHealed            int // rows made a second time, and taken out again
	Needless                      int // conflicts about what the caller had been shown
	Undecidable                   int // cells of others that were emptied by a request without an answer: it could be a person's doing
	Deceived                      int // cells that the sheet itself showed and did not keep
}

// Judgement is what the oracle found.
type Judgement struct {
	Counts     Counts
	Violations []Violation
}

// stray is a text of ours in a place where it does not belong.
type stray struct {
	entry int
	text  Cell
	stood []Cell // there, when the tracker looked
	under *stray // that it covered
	was   *Cell  // a person's text that it covered, whatever looks had shown; nil for none
}

// raced is a cell that a person wrote between the look and the write of ours
// that covered it.
type raced struct{ stood, ours Cell }

type oracle struct {
	j      *Journal
	ops    []*Op
	byText map[string]*Op
	spells *spells
	astray map[ref]stray
	raced  map[ref]raced
	owed   map[ref]Cell    // a person's texts, in whose place what a look had shown was put back
	gone   map[string]*Row // rows that the tracker took out by accident, by ticket
	thrown map[string]*Row // rows that a person took out, by ticket
	told   Judgement
}

// Judge holds the journal against what the agents were told. end is the table
// as somebody else read it after all was done.
func Judge(j *Journal, ops []*Op, end [][]string) Judgement {
	o := &oracle{
		j: j, ops: ops, byText: map[string]*Op{}, spells: newSpells(),
		astray: map[ref]stray{}, raced: map[ref]raced{}, owed: map[ref]Cell{}, gone: map[string]*Row{}, thrown: map[string]*Row{},
	}
	for _, op := range ops {
		for _, text := range op.Fields {
			if text != "" {
				o.byText[text] = op
			}
		}
	}
	var before Table
	for n, e := range j.Entries {
		if e.By == Tracker {
			o.request(n, e, before)
		} else {
			o.forgive(before, e.After)
		}
		o.spells.follow(n, before, e.After)
		before = e.After
	}
	o.spells.close(len(j.Entries) - 1)
	for _, op := range ops {
		o.op(op)
	}
	o.end(before, end)
	return o.told
}

func (o *oracle) violation(w Wrong, ticket string, entry int, format string, values ...any) {
	o.told.Violations = append(o.told.Violations, Violation{w, ticket, entry, 0, fmt.Sprintf(format, values...)})
}

// forgive forgets what went astray where a person has taken the row out.
func (o *oracle) forgive(before, after Table) {
	for _, r := range before {
		if after.row(r.ID) < 0 {
			o.thrown[before.key(r)] = r
		}
	}
	for at, text := range o.owed {
		i := after.row(at.row)
		if i < 0 || after[i].at(after.column(at.column)) == text || before.row(at.row) >= 0 && after[i].at(after.column(at.column)) != before[before.row(at.row)].at(before.column(at.column)) {
			delete(o.owed, at) // they have written there again
		}
	}
	for at := range o.astray {
		if after.row(at.row) < 0 {
			delete(o.astray, at)
		}
	}
}

// request judges a write of the tracker by what it changed.
func (o *oracle) request(n int, e Entry, before Table) {
	known := map[int]*Row{}
	for _, r := range before {
		known[r.ID] = r
	}
	for i, r := range e.After {
		was := known[r.ID]
		delete(known, r.ID)
		if was == r {
			continue
		}
		if was == nil && e.After.key(r) != "" {
			o.inserted(n, e, r, before)
			continue
		}
		if was == nil {
			was = &Row{} // below the table
		}
		for c := range max(len(was.Cells), len(r.Cells)) {
			if was.at(c) != r.at(c) {
				o.changed(n, e, r, i, c, was.at(c))
			}
		}
	}
	for _, r := range known {
		at := before.row(r.ID)
		if before.key(r) != "" || at < len(e.After) {
			o.deleted(n, e, r, before)
			continue
		}
		for c, was := range r.Cells { // its cells were emptied, and nothing is left below the table
			if was.Kind != Empty {
				o.changed(n, e, &Row{ID: r.ID}, at, c, was)
			}
		}
	}
}

// inserted judges a row that the tracker made.
func (o *oracle) inserted(n int, e Entry, r *Row, before Table) {
	key := e.After.key(r)
	if lost := o.gone[key]; lost != nil {
		for c := range Headline() {
			if lost.at(c) != r.at(c) {
				o.violation(Destroyed, key, n, "a row was put back, and %s is %q, not %q", e.After.name(c), r.at(c).Text, lost.at(c).Text)
			}
		}
		delete(o.gone, key)
		return
	}
	var op *Op
	for _, c := range r.Cells {
		if found := o.byText[c.Text]; found != nil {
			op = found
		}
	}
	if was := o.thrown[key]; was != nil && (op == nil || op.Answered < e.Came) && slices.EqualFunc(was.Cells, r.Cells, func(a, b Cell) bool { return a.Text == b.Text }) {
		o.violation(Resurrected, key, n, "%v", r.Cells)
		return
	}
	if op == nil || !op.Create || op.Ticket != "" && op.Ticket != key {
		o.violation(Astray, key, n, "nobody asked for this row: %s", e.What)
		return
	}
	for c, cell := range r.Cells {
		column := e.After.name(c)
		if want, asked := op.Fields[column]; cell.Kind != Empty && column != ColumnID && (cell.Kind != Text || asked && cell.Text != want || !asked && (column != ColumnStatus || cell.Text != filed)) {
			o.violation(Astray, key, n, "%s of a new row is %q", column, cell.Text)
		}
	}
	switch {
	case o.always(e, func(looked Table) bool { return len(looked.find(key)) > 0 }):
		o.violation(Duplicate, key, n, "a row was made whose id every look before had shown")
	case len(before.find(key)) > 0:
		o.told.Counts.Twins++
	}
}

// filed is the status of a new ticket.
const filed = "起票"

// changed judges a cell that a write of the tracker changed.
func (o *oracle) changed(n int, e Entry, r *Row, at, c int, was Cell) {
	cell, here, key := r.at(c), ref{r.ID, e.After.name(c)}, e.After.key(r)
	wrong, lost := o.astray[here]
	still := !o.never(e, func(looked Table) bool { return at < len(looked) && looked[at].ID == r.ID })
	op := o.byText[cell.Text]
	if cell.Kind == Empty && still {
		op = o.emptying(e, key, here.column, was)
	}
	meant := op != nil && op.id() == key && op.Fields[here.column] == cell.Text
	race, came := o.raced[here]
	delete(o.raced, here)
	theirs, owes := o.owed[here]
	delete(o.owed, here)
	switch {
	case owes && !meant && !lost && !came && cell == theirs:
		o.told.Counts.MadeGood++ // late, and right: nobody has written there since
		o.covered(n, e, here, key, was, &was, nil)
		return
	case came && cell == race.stood && (was == race.ours || !meant):
		o.told.Counts.MadeGood++
		if o.covered(n, e, here, key, was, &race.ours, nil) {
			o.raced[here] = raced{was, cell}
		}
		return
	case lost && slices.Contains(wrong.stood, cell):
		o.told.Counts.Healed++
		delete(o.astray, here)
		if wrong.was != nil && *wrong.was != cell {
			o.owed[here] = *wrong.was
		}
		for under := wrong.under; under != nil; under = under.under { // one at a time
			if cell == under.text && !slices.Contains(under.stood, cell) {
				o.astray[here] = *under
				break
			}
		}
		if o.covered(n, e, here, key, was, &wrong.text, nil) {
			o.raced[here] = raced{was, cell}
		}
		return
	case meant:
		delete(o.astray, here) // what went astray there is covered
		if o.covered(n, e, here, key, was, nil, op) {
			o.raced[here] = raced{was, cell}
		}
		return
	}
	// It is not what anybody wanted here: rows have moved, or it is a fault.
	o.told.Counts.Misplaced++
	if o.always(e, func(looked Table) bool { return at < len(looked) && looked[at].ID == r.ID }) {
		o.violation(Astray, key, n, "row %d %s was %v and became %v, which nobody wanted, and no row had moved since the look", at+1, here.column, was, cell)
		return
	}
	var stood []Cell
	for _, l := range e.Looks {
		looked, cell := o.j.Entries[l].After, Cell{}
		if i := looked.row(r.ID); i >= 0 {
			cell = looked[i].at(looked.column(here.column))
		}
		stood = append(stood, cell)
	}
	if !slices.Contains(stood, was) {
		o.told.Counts.Raced++ // no look showed what it covered
	}
	now := stray{entry: n, text: cell, stood: append(stood, was)}
	if set, known := o.spells.set[here]; known && !lost && !came && o.j.Entries[set].By == Person {
		now.was = &was
	}
	if came {
		now.stood = append(now.stood, race.stood) // which is still to be put back
	}
	if lost {
		now.stood, now.under = append(now.stood, wrong.stood...), &wrong
	}
	o.astray[here] = now
}

// always tells whether something is true of all looks that a request may have
// gone by.
func (o *oracle) always(e Entry, is func(Table) bool) bool {
	return !slices.ContainsFunc(e.Looks, func(l int) bool { return !is(o.j.Entries[l].After) })
}

// never tells whether something is true of none of those looks.
func (o *oracle) never(e Entry, is func(Table) bool) bool {
	return o.always(e, func(t Table) bool { return !is(t) })
}

// emptying is a write that was in work when the request came, and was to empty
// a cell; of several, one that may cover what stood there.
func (o *oracle) emptying(e Entry, key, column string, was Cell) (found *Op) {
	for _, op := range o.ops {
		text, ok := op.Fields[column]
		if !ok || text != "" || op.Ticket != key || op.Asked > e.Came || op.Answered < e.Came {
			continue
		}
		if found == nil || slices.Contains(op.Seen[column], was.Text) || len(op.Seen[column]) == 0 {
			found = op
		}
	}
	return found
}

// covered judges what a write covered that came to the right cell. own is what
// it may always cover; op is nil where something was put back. It tells whether
// a person wrote that after the look.
func (o *oracle) covered(n int, e Entry, here ref, key string, was Cell, own *Cell, op *Op) (race bool) {
	set, known := o.spells.set[here]
	if !known || own != nil && was == *own || o.j.Entries[set].By == Tracker {
		return false
	}
	switch {
	case len(e.Looks) > 0 && set > slices.Min(e.Looks):
		o.told.Counts.Raced++
		if e.Resent {
			o.told.Counts.Resent++
		}
		return true
	case set == 0 && was.Kind == Empty:
		return false // nobody has ever written there
	case op == nil:
	case slices.Contains(op.Seen[here.column], was.Text):
		return false
	default:
		if text, ok := op.Expected[here.column]; ok && text == was.Text {
			return false
		} else if !ok && len(op.Seen[here.column]) == 0 {
			o.told.Counts.Blind++
			return false
		}
	}
	o.violation(Overwritten, key, n, "%s was %q since entry %d (%s), and the tracker had been shown entries %v", here.column, was.Text, set, o.j.Entries[set].What, e.Looks)
	return false
}

// deleted judges a row that the tracker took out.
func (o *oracle) deleted(n int, e Entry, r *Row, before Table) {
	key := before.key(r)
	made := o.spells.set[ref{r.ID, ColumnID}]
	if len(before.find(key)) > 1 && o.j.Entries[made].By == Tracker {
		o.told.Counts.TwinsHealed++
		for c, cell := range r.Cells {
			o.covered(n, e, ref{r.ID, before.name(c)}, key, cell, &Cell{}, nil)
		}
		return
	}
	at := before.row(r.ID)
	if o.always(e, func(looked Table) bool { return at < len(looked) && looked[at].ID == r.ID }) {
		o.violation(Destroyed, key, n, "row %d, and no row had moved since the look", at+1)
		return
	}
	o.told.Counts.Misplaced++
	if key != "" {
		o.gone[key] = r
	}
}

// end judges what is left, and whether the journal knows it.
func (o *oracle) end(last Table, read [][]string) {
	for i := range max(len(last), len(read)) {
		for c := range Headline() {
			var mine Cell
			var theirs string
			if i < len(last) {
				mine = last[i].at(c)
			}
			if i < len(read) && c < len(read[i]) {
				theirs = read[i][c]
			}
			if mine.Text != theirs {
				o.violation(Untold, "", -1, "row %d column %d is %q, and %q in the journal", i+1, c+1, theirs, mine.Text)
			}
		}
	}
	for i, r := range last {
		for c, cell := range r.Cells {
			op := o.byText[cell.Text]
			if op != nil && i > 0 && op.Create && op.Told && op.id() != last.key(r) && last.key(r) != "" && o.astray[ref{r.ID, last.name(c)}].text != cell {
				o.violation(Duplicate, last.key(r), o.spells.set[ref{r.ID, last.name(c)}], "%s was filed as %q", op.Key, op.id())
				break
			}
		}
	}
	for at, s := range o.astray {
		if i := last.row(at.row); i < 0 || last[i].at(last.column(at.column)) != s.text || slices.Contains(s.stood, s.text) {
			continue // something else is wrong there, and was noted
		}
		if s.text.Kind == Empty && !o.j.Entries[s.entry].Fault.arrives() {
			o.told.Counts.Undecidable++
			continue
		}
		if last.key(last[last.row(at.row)]) == "" {
			o.told.Counts.Nameless++ // see docs/reliability.md
			continue
		}
		o.violation(Astray, last.key(last[last.row(at.row)]), s.entry, "row %d %s still says %q, and not one of %v (%s)", last.row(at.row)+1, at.column, s.text.Text, s.stood, o.j.Entries[s.entry].Fault)
		o.told.Violations[len(o.told.Violations)-1].Row = at.row
	}
	for key, r := range o.gone {
		if len(last.find(key)) == 0 {
			o.violation(Destroyed, key, -1, "its row was taken out and not put back: %v", r.Cells)
		}
	}
	for i, r := range last {
		key := last.key(r)
		if rows := last.find(key); len(rows) > 1 && rows[0] == i {
			slices.SortFunc(rows, func(a, b int) int {
				return o.spells.set[ref{last[a].ID, ColumnID}] - o.spells.set[ref{last[b].ID, ColumnID}]
			})
			for _, second := range rows[1:] {
				if n := o.spells.set[ref{last[second].ID, ColumnID}]; o.j.Entries[n].By == Tracker {
					o.violation(Duplicate, key, n, "also in row %d at the end", second+1)
				}
			}
		}
	}
}
