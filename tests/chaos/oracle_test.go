package chaos

import (
	"slices"
	"testing"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// story makes a journal by hand: tables of three columns whose rows are
// numbered by their maker.
type story struct {
	Journal
	Clock
	looked int
	ops    []*Op
}

// line is a row: its number, and what stands under ID, 概要 and 詳細.
type line struct {
	id    int
	texts []string
}

func tell(rows ...line) *story {
	s := &story{}
	s.then(Beginning, rows...)
	return s
}

// then is the next state of the table.
func (s *story) then(by Author, rows ...line) *story {
	table := Table{{ID: 0, Cells: []Cell{{Text, ColumnID}, {Text, ColumnSummary}, {Text, ColumnDetail}}}}
	known := map[int]*Row{}
	if n := len(s.Entries); n > 0 {
		for _, r := range s.Entries[n-1].After {
			known[r.ID] = r
		}
	}
	for _, l := range rows {
		r := &Row{ID: l.id}
		for _, text := range l.texts {
			kind := Text
			switch {
			case text == "":
				kind = Empty
			case text[0] >= '0' && text[0] <= '9':
				kind = Number
			}
			r.Cells = append(r.Cells, Cell{kind, text})
		}
		if was := known[l.id]; was != nil && slices.Equal(was.Cells, r.Cells) {
			r = was
		}
		table = append(table, r)
	}
	if len(known) > 0 {
		table[0] = known[0]
	}
	s.Entries = append(s.Entries, Entry{Tick: s.Tick(), By: by, After: table, Came: s.Tick() - 1, Looks: []int{s.looked}})
	return s
}

// look is a reading of the whole table by the tracker.
func (s *story) look() *story {
	s.looked = len(s.Entries) - 1
	s.Readings = append(s.Readings, Reading{Tick: s.Tick(), Version: s.looked, Areas: []Area{{}}, Whole: true})
	return s
}

func (s *story) ask(op Op) *story {
	op.Asked = s.Tick()
	s.ops = append(s.ops, &op)
	return s
}

// say is an answer to the last request.
func (s *story) say(verdict ledger.Verdict, fields ...control.WriteField) *story {
	op := s.ops[len(s.ops)-1]
	op.Answered, op.Told, op.Numbers = s.Tick(), true, []int64{1}
	op.Answer = control.Write{Ticket: "A", Verdict: verdict, Fields: fields, Write: 1}
	return s
}

func (s *story) conflict() *story {
	s.ops[len(s.ops)-1].Answer.Conflict = true
	return s
}

func (s *story) judge() Judgement {
	var end [][]string
	for _, r := range s.Entries[len(s.Entries)-1].After {
		var texts []string
		for _, c := range r.Cells {
			texts = append(texts, c.Text)
		}
		end = append(end, texts)
	}
	return Judge(&s.Journal, s.ops, end)
}

func field(v ledger.Verdict) control.WriteField {
	return control.WriteField{Field: "summary", Column: ColumnSummary, Verdict: v}
}

func actual(f control.WriteField, text string) control.WriteField {
	f.Actual = &text
	return f
}

// owing is the story of a write to A that hit the row of B, where a person had
// just written: what the look had seen was put back, and not yet their text.
func owing() *story {
	a := line{1, []string{"A", "alt"}}
	return tell(a, line{2, []string{"B", "b"}}).
		ask(Op{Ticket: "A", Key: "k", Fields: map[string]string{ColumnSummary: "neu"}, Seen: map[string][]string{ColumnSummary: {"alt"}}}).
		look().then(Person, line{2, []string{"B", "人2"}}, a).then(Tracker, line{2, []string{"B", "neu"}}, a).
		look().then(Tracker, line{2, []string{"B", "b"}}, a).look()
}

func TestOracle_EachStory_IsJudgedAsItMustBe(t *testing.T) {
	verified, refuted := field(ledger.Verified), field(ledger.Refuted)
	conflict := actual(refuted, "人")
	conflict.Conflict = true
	edited := actual(verified, "人")
	edited.Edited = true
	update := Op{Ticket: "A", Key: "k", Fields: map[string]string{ColumnSummary: "neu"}, Seen: map[string][]string{ColumnSummary: {"alt"}}}
	filing := Op{Create: true, Key: "k", Fields: map[string]string{ColumnSummary: "neu"}}
	blind := update
	blind.Seen = nil
	expecting := update
	expecting.Expected = map[string]string{ColumnSummary: "人"}
	a, b := line{1, []string{"A", "alt"}}, line{2, []string{"B", "b"}}
	now, byHand := line{1, []string{"A", "neu"}}, line{1, []string{"A", "人"}}

	for name, c := range map[string]struct {
		story *story
		want  []Wrong
	}{
		"an honest update": {tell(a, b).ask(update).look().then(Tracker, now, b).look().say(ledger.Verified, verified), nil},
		"an honest create": {tell(b).ask(filing).look().then(Tracker, b, now).look().say(ledger.Verified, verified), nil},
		"verified, edited": {tell(a).ask(update).look().then(Tracker, now).then(Person, byHand).look().say(ledger.Verified, edited), nil},
		"put back late, and right": {
			owing().then(Tracker, line{2, []string{"B", "人2"}}, now).look().say(ledger.Verified, verified), nil,
		},
		"put back late, and they have written there since": {
			owing().then(Person, line{2, []string{"B", "人3"}}, a).look().then(Tracker, line{2, []string{"B", "人2"}}, now).look().say(ledger.Verified, verified), []Wrong{Astray},
		},
		"moved since": {tell(a, b).ask(update).look().then(Tracker, now, b).then(Person, b, now).look().say(ledger.Verified, verified), nil},

		"never there":           {tell(a).ask(update).look().say(ledger.Verified, verified), []Wrong{FalseVerified}},
		"there before only":     {tell(now).then(Person, a).ask(update).look().say(ledger.Verified, verified), []Wrong{FalseVerified}},
		"there too late":        {tell(a).ask(update).look().say(ledger.Verified, verified).then(Tracker, now), []Wrong{FalseVerified}},
		"in another's row":      {tell(b, a).ask(update).then(Person, a, b).look().then(Person, b, a).then(Tracker, line{2, []string{"B", "neu"}}, a).look().say(ledger.Verified, verified), []Wrong{Astray, FalseVerified}},
		"a number is no text":   {tell(a).ask(Op{Ticket: "A", Fields: map[string]string{ColumnSummary: "088"}}).look().then(Person, line{1, []string{"A", "088"}}).look().say(ledger.Verified, verified), []Wrong{FalseVerified}},
		"nobody read it":        {tell(a).ask(update).look().then(Tracker, now).say(ledger.Verified, verified), []Wrong{UnreadClaim}},
		"one cell is not":       {tell(a).ask(update).look().then(Tracker, now).look().say(ledger.Verified, verified, control.WriteField{Column: ColumnDetail, Verdict: ledger.Unverifiable}), []Wrong{FalseVerified}},
		"no cells at all":       {tell(a).ask(update).look().say(ledger.Verified), []Wrong{FalseVerified}},
		"no answer":             {tell(a).ask(update), []Wrong{Lost}},
		"no verdict":            {tell(a).ask(update).say(ledger.Unverifiable, field(ledger.Unverifiable)), []Wrong{Lost}},
		"refuted and there":     {tell(a).ask(update).look().then(Tracker, now).say(ledger.Refuted, refuted), []Wrong{LeftBehind}},
		"refuted and not":       {tell(a).ask(update).look().say(ledger.Refuted, actual(refuted, "alt")), nil},
		"refuted, told what":    {tell(a).ask(update).look().say(ledger.Refuted, actual(refuted, "人")), []Wrong{FalseReport}},
		"edited, told what":     {tell(a).ask(update).look().then(Tracker, now).look().say(ledger.Verified, edited), []Wrong{FalseReport}},
		"an honest conflict":    {tell(a).then(Person, byHand).ask(update).look().say(ledger.Refuted, actual(conflict, "人")).conflict(), nil},
		"conflict, but sent":    {tell(a).ask(update).look().then(Tracker, now).then(Person, byHand).look().say(ledger.Refuted, actual(conflict, "人")).conflict(), []Wrong{FalseReport}},
		"overwritten unseen":    {tell(a).then(Person, byHand).ask(update).look().then(Tracker, now).look().say(ledger.Verified, verified), []Wrong{Overwritten}},
		"overwritten again":     {tell(a).ask(update).look().then(Tracker, now).then(Person, byHand).look().then(Tracker, now).look().say(ledger.Verified, verified), []Wrong{Overwritten}},
		"emptied unseen":        {tell(byHand).then(Person, line{1, []string{"A"}}).ask(update).look().then(Tracker, now).look().say(ledger.Verified, verified), []Wrong{Overwritten}},
		"expected":              {tell(a).then(Person, byHand).ask(expecting).look().then(Tracker, now).look().say(ledger.Verified, verified), nil},
		"raced":                 {tell(a).ask(update).look().then(Person, byHand).then(Tracker, now).look().say(ledger.Verified, verified), nil},
		"raced, and put back":   {tell(a).ask(update).look().then(Person, byHand).then(Tracker, now).look().then(Tracker, byHand).look().say(ledger.Refuted, actual(refuted, "人")), nil},
		"raced, put back wrong": {tell(a).ask(update).look().then(Person, byHand).then(Tracker, now).look().then(Tracker, line{1, []string{"A", "anders"}}).look().say(ledger.Refuted, actual(refuted, "anders")), []Wrong{Astray}},
		"put back over another": {tell(a).ask(update).look().then(Person, byHand).then(Tracker, now).then(Person, line{1, []string{"A", "nochmal"}}).look().then(Tracker, byHand).look().say(ledger.Refuted, actual(refuted, "人")), []Wrong{Overwritten}},
		"raced astray, healed":  {tell(a, b).ask(update).look().then(Person, line{2, []string{"B", "人"}}, a).then(Tracker, line{2, []string{"B", "neu"}}, a).look().then(Tracker, line{2, []string{"B", "人"}}, now).look().say(ledger.Verified, verified), nil},
		"raced under a stray":   {tell(a, b).ask(update).look().then(Person, byHand, b).then(Tracker, now, b).look().then(Person, b, now).then(Tracker, b, line{1, []string{"A", "x"}}).look().then(Tracker, b, byHand).look().say(ledger.Refuted, actual(refuted, "人")), nil},
		"blind":                 {tell(a).ask(blind).look().then(Tracker, now).look().say(ledger.Verified, verified), nil},
		"two rows":              {tell(a).ask(Op{Create: true, Ticket: "A", Fields: map[string]string{ColumnSummary: "neu"}}).look().then(Tracker, a, line{3, []string{"A", "neu"}}).look().say(ledger.Verified, verified), []Wrong{Duplicate, Duplicate}},
		"two rows, blindly":     {tell().ask(filing).look().then(Tracker, now).then(Tracker, now, line{3, []string{"A", "neu"}}).look().say(ledger.Verified, verified), []Wrong{Duplicate}},
		"two rows, mended":      {tell().ask(filing).look().then(Tracker, now).then(Tracker, now, line{3, []string{"A", "neu"}}).look().then(Tracker, now).look().say(ledger.Verified, verified), nil},
		"a person's second":     {tell(a).then(Person, a, line{3, []string{"A", "人"}}), nil},
		"the wrong row":         {tell(a, b).ask(update).look().then(Tracker, a, line{2, []string{"B", "neu"}}).look().say(ledger.Refuted, actual(refuted, "alt")), []Wrong{Astray}},
		"moved, not put back":   {tell(a, b).ask(update).look().then(Person, b, a).then(Tracker, line{2, []string{"B", "neu"}}, a).look().then(Tracker, line{2, []string{"B", "neu"}}, now).look().say(ledger.Verified, verified), []Wrong{Astray}},
		"moved and put back":    {tell(a, b).ask(update).look().then(Person, b, a).then(Tracker, line{2, []string{"B", "neu"}}, a).look().then(Tracker, b, now).look().say(ledger.Verified, verified), nil},
		"put back as it wasn't": {tell(a, b).ask(update).look().then(Person, b, a).then(Tracker, line{2, []string{"B", "neu"}}, a).look().then(Tracker, line{2, []string{"B", "anders"}}, now).look().say(ledger.Verified, verified), []Wrong{Astray}},
		"twice, put back twice": {tell(a, b).ask(update).look().then(Person, b, a).then(Tracker, line{2, []string{"B", "neu"}}, a).
			ask(Op{Ticket: "A", Key: "k2", Fields: map[string]string{ColumnSummary: "neuer"}}).then(Person, a, line{2, []string{"B", "neu"}}).look().then(Person, line{2, []string{"B", "neu"}}, a).
			then(Tracker, line{2, []string{"B", "neuer"}}, a).look().then(Tracker, line{2, []string{"B", "neu"}}, a), []Wrong{Astray, Lost, Lost}},
		"below the table":      {tell(a, b).ask(Op{Ticket: "B", Fields: map[string]string{ColumnSummary: "neu"}}).look().then(Person, a).then(Tracker, a, line{9, []string{"", "neu"}}).look().say(ledger.Refuted, refuted), nil},
		"below it, undone":     {tell(a, b).ask(Op{Ticket: "B", Fields: map[string]string{ColumnSummary: "neu"}}).look().then(Person, a).then(Tracker, a, line{9, []string{"", "neu"}}).look().then(Tracker, a).look().say(ledger.Refuted, refuted), nil},
		"below it, a person's": {tell(a, line{9, []string{"", "人"}}).look().then(Tracker, a), []Wrong{Astray}},
		"another's column":     {tell(a).ask(update).look().then(Tracker, line{1, []string{"A", "neu", "x"}}).look().say(ledger.Verified, verified), []Wrong{Astray}},
		"a row taken out":      {tell(a, b).look().then(Tracker, a), []Wrong{Destroyed}},
		"a blank one, trimmed": {tell(a, line{5, nil}).look().then(Tracker, a), nil},
		"taken out by chance":  {tell(a, b).look().then(Person, b, a).then(Tracker, b), []Wrong{Destroyed}},
		"and put back":         {tell(a, b).look().then(Person, b, a).then(Tracker, b).look().then(Tracker, b, line{7, []string{"A", "alt"}}), nil},
		"nobody asked":         {tell(a).look().then(Tracker, a, line{4, []string{"C", "c"}}), []Wrong{Astray}},
		"thrown away, brought": {tell(a, b).look().then(Person, b).then(Tracker, b, line{8, []string{"A", "alt"}}), []Wrong{Resurrected}},
		"an id rewritten":      {tell(a).look().then(Tracker, line{1, []string{"C", "alt"}}), []Wrong{Astray}},
	} {
		t.Run(name, func(t *testing.T) {
			told := c.story.judge()
			var got []Wrong
			for _, v := range told.Violations {
				got = append(got, v.Wrong)
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("%v\nwant %q", told.Violations, c.want)
			}
		})
	}
}

func TestOracle_Counts_TellRacedFromBlindFromLate(t *testing.T) {
	update := Op{Ticket: "A", Key: "k", Fields: map[string]string{ColumnSummary: "neu"}, Seen: map[string][]string{ColumnSummary: {"alt"}}}
	blind := update
	blind.Seen = nil
	a, b := line{1, []string{"A", "alt"}}, line{2, []string{"B", "b"}}
	now, byHand := line{1, []string{"A", "neu"}}, line{1, []string{"A", "人"}}
	verified := field(ledger.Verified)

	raced := tell(a).ask(update).look().then(Person, byHand).then(Tracker, now).look().say(ledger.Verified, verified)
	raced.Entries[2].Resent = true
	if c := raced.judge().Counts; c.Raced != 1 || c.Resent != 1 || c.Blind != 0 || c.Verified != 1 || c.Writes != 1 {
		t.Errorf("%+v", c)
	}
	if c := tell(a).ask(blind).look().then(Tracker, now).look().say(ledger.Verified, verified).judge().Counts; c.Raced != 0 || c.Blind != 1 {
		t.Errorf("%+v", c)
	}
	good := tell(a).ask(update).look().then(Person, byHand).then(Tracker, now).look().then(Tracker, byHand).look().say(ledger.Refuted, actual(field(ledger.Refuted), "人"))
	if c := good.judge().Counts; c.Raced != 1 || c.MadeGood != 1 || c.Misplaced != 0 {
		t.Errorf("%+v", c)
	}
	late := tell(a).ask(update).look().say(ledger.Refuted, actual(field(ledger.Refuted), "alt"))
	late.then(Tracker, now).Entries[1].Came = late.ops[0].Answered - 1
	if told := late.judge(); told.Counts.Late != 1 || told.Counts.Refuted != 1 || len(told.Violations) > 0 {
		t.Errorf("%+v", told)
	}
	astray := tell(a, b).ask(update).look().then(Person, b, a).then(Tracker, line{2, []string{"B", "neu"}}, a).look().then(Tracker, b, now).look().say(ledger.Verified, verified)
	if c := astray.judge().Counts; c.Misplaced != 1 || c.Healed != 1 {
		t.Errorf("%+v", c)
	}
	twins := tell().ask(Op{Create: true, Key: "k", Fields: map[string]string{ColumnSummary: "neu"}}).look().then(Tracker, now).
		then(Tracker, now, line{3, []string{"A", "neu"}}).look().then(Tracker, now).look().say(ledger.Verified, verified)
	if c := twins.judge().Counts; c.Twins != 1 || c.TwinsHealed != 1 {
		t.Errorf("%+v", c)
	}
}

func TestOracle_TwoAnswersToOneRequest_AreNoted(t *testing.T) {
	a, now := line{1, []string{"A", "alt"}}, line{1, []string{"A", "neu"}}
	s := tell(a).ask(Op{Ticket: "A", Fields: map[string]string{ColumnSummary: "neu"}}).look().then(Tracker, now).look().say(ledger.Verified, field(ledger.Verified))
	s.ops[0].Numbers = []int64{1, 2}
	if told := s.judge(); len(told.Violations) != 1 || told.Violations[0].Wrong != OtherAnswer {
		t.Error(told.Violations)
	}
}

func TestOracle_ATableThatTheJournalDoesNotKnow_IsNoted(t *testing.T) {
	s := tell(line{1, []string{"A", "alt"}})
	told := Judge(&s.Journal, nil, [][]string{Headline(), {"A", "neu"}})
	if len(told.Violations) == 0 || told.Violations[0].Wrong != Untold {
		t.Error(told.Violations)
	}
}

// A reading counts only if it arrived, and only for the cells that it showed.
func TestOracle_AReadingThatDidNotShowTheCell_ProvesNothing(t *testing.T) {
	for name, spoil := range map[string]func(*Reading){
		"it was cut off":       func(r *Reading) { r.Whole = false },
		"it was of other rows": func(r *Reading) { r.Areas = []Area{{0, 1, 0, 0}} },
		"of other columns":     func(r *Reading) { r.Areas = []Area{{0, 0, 2, 3}} },
	} {
		a, now := line{1, []string{"A", "alt"}}, line{1, []string{"A", "neu"}}
		s := tell(a).ask(Op{Ticket: "A", Fields: map[string]string{ColumnSummary: "neu"}}).look().then(Tracker, now).look().say(ledger.Verified, field(ledger.Verified))
		spoil(&s.Readings[1])
		if told := s.judge(); len(told.Violations) != 1 || told.Violations[0].Wrong != UnreadClaim {
			t.Errorf("%s: %v", name, told.Violations)
		}
	}
}
