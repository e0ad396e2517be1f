// Package console shows what a job has printed as a terminal would: colours,
// bars that overwrite themselves, lines that are cleared.
//
// What a job prints is a stranger's text, and is told as text only. A [Row] has
// pieces of text with names of styles out of a fixed list, never markup; what a
// program could hide or turn round with (control characters, marks of direction,
// what is invisible, bytes that are no UTF-8) is shown as what it is. Colours are
// the sixteen of a terminal, which a page chooses so that they can be read: a
// background that is the colour of its text hides nothing. Links of a terminal
// are their text.
//
// A [Screen] takes a log in pieces, however they are cut, and tells the rows that
// have changed. A row is known by the offset at which it began, and only the last
// [Depth] rows can still change: a log is read from above, and is no screen.
package console

import "unicode/utf8"

const (
	// Depth is how many rows can still change: bars of tqdm stand beneath each
	// other.
	Depth = 64
	// Widest is how many columns of a row are shown.
	Widest = 4096
	// mostKept is how many rows that have changed are kept until they are asked
	// for.
	mostKept = 2000
	// mostMarks is how many combining marks a character may have.
	mostMarks = 4
)

// Span is a piece of a row in one style.
type Span struct {
	Class string // names of styles with spaces between them; may be empty
	Text  string
}

// Row is a line as it is to be seen.
type Row struct {
	At    int64 // where it began; rows of a log are in the order of these
	Spans []Span
	Cut   bool // it is longer than what is shown
}

// Text is what stands in a row, without styles.
func (r Row) Text() string {
	text := ""
	for _, s := range r.Spans {
		text += s.Text
	}
	return text
}

// cell is one column.
type cell struct {
	r     rune // 0: the right half of a wide character
	style style
}

// row is a line that may still change.
type row struct {
	at      int64
	cells   []cell
	marks   map[int][]rune // combining marks by column
	cut     bool
	changed bool
}

// Screen is what a log looks like after what was written to it. Not for
// concurrent use.
type Screen struct {
	rows  []*row // the last ones, oldest first
	cur   int
	col   int
	style style
	at    int64 // offset of the next byte

	state  state
	length int // of the escape sequence in hand
	params params
	part   [utf8.UTFMax]byte // of a character that is not whole yet
	have   int

	out     []Row // that changed and can change no more
	skipped int   // that were not kept in out
}

// New is a screen for a log from that offset on.
func New(at int64) *Screen {
	return &Screen{rows: []*row{{at: at}}, at: at}
}

// At is the offset of the next byte.
func (s *Screen) At() int64 { return s.at }

// Write takes the next bytes of the log.
func (s *Screen) Write(b []byte) {
	for _, c := range b {
		s.at++
		s.take(c)
	}
}

// Changed tells the rows that have changed since it was last asked, in order. Of
// very many the oldest are not told, only how many they were.
func (s *Screen) Changed() (list []Row, skipped int) {
	list, skipped = s.out, s.skipped
	s.out, s.skipped = nil, 0
	for _, r := range s.rows {
		if r.changed {
			r.changed = false
			list = append(list, r.shown())
		}
	}
	return list, skipped
}

// Lines is a whole piece of a log at once; at is where it begins. Of very many
// lines it is the last ones.
func Lines(at int64, b []byte) []Row {
	s := New(at)
	s.Write(b)
	list, _ := s.Changed()
	return list
}

// Plain is one line of text as it is shown, for where there are no rows.
func Plain(text string) []Span {
	var r row
	for _, c := range text {
		if c == '\r' || c == '\n' || c == '\t' {
			c = ' '
		}
		r.put(len(r.cells), c, 0)
	}
	return r.shown().Spans
}

// line goes to the next row, which is a new one where there is none yet.
func (s *Screen) line() {
	s.col = 0
	if s.cur++; s.cur < len(s.rows) {
		return
	}
	// The row that ended is told also when nothing stands in it.
	s.rows[s.cur-1].changed = true
	s.rows = append(s.rows, &row{at: s.at})
	if len(s.rows) <= Depth {
		return
	}
	if old := s.rows[0]; old.changed {
		if len(s.out) >= mostKept {
			drop := len(s.out) - mostKept + mostKept/4
			s.skipped += drop
			s.out = append(s.out[:0], s.out[drop:]...)
		}
		s.out = append(s.out, old.shown())
	}
	s.rows = append(s.rows[:0], s.rows[1:]...)
	s.cur--
}

// put writes a character at the cursor.
func (s *Screen) put(r rune) {
	s.col = s.rows[s.cur].put(s.col, r, s.style)
}

// put writes a character at a column, and tells the next column. What cannot be
// shown as it is stands there by its name.
func (r *row) put(col int, c rune, st style) int {
	if name := named(c); name != "" {
		for _, n := range name {
			col = r.set(col, n, 1, st|control)
		}
		return col
	}
	w := columns(c)
	if w > 0 {
		return r.set(col, c, w, st)
	}
	before := col - 1
	if before > 0 && before < len(r.cells) && r.cells[before].r == 0 {
		before--
	}
	if before < 0 || before >= len(r.cells) || len(r.marks[before]) >= mostMarks {
		return col // a mark on nothing
	}
	if r.marks == nil {
		r.marks = map[int][]rune{}
	}
	r.marks[before] = append(r.marks[before], c)
	r.changed = true
	return col
}

func (r *row) set(col int, c rune, w int, st style) int {
	if col+w > Widest {
		r.changed = r.changed || !r.cut
		r.cut = true
		return col
	}
	for len(r.cells) < col+w {
		r.cells = append(r.cells, cell{r: ' '})
	}
	for i := col; i < col+w; i++ {
		r.clear(i)
	}
	r.cells[col] = cell{c, st}
	if w > 1 {
		r.cells[col+1] = cell{0, st}
	}
	r.changed = true
	return col + w
}

// clear empties a column, and the other half of a wide character.
func (r *row) clear(col int) {
	if r.cells[col].r == 0 && col > 0 {
		r.cells[col-1].r = ' '
		delete(r.marks, col-1)
	}
	if col+1 < len(r.cells) && r.cells[col+1].r == 0 {
		r.cells[col+1].r = ' '
	}
	r.cells[col] = cell{r: ' '}
	delete(r.marks, col)
}

// erase empties columns from one up to another.
func (r *row) erase(from, to int) {
	to = min(to, len(r.cells))
	for i := from; i < to; i++ {
		r.clear(i)
	}
	if from < to {
		r.changed = true
	}
	if to == len(r.cells) && from < to {
		r.cells = r.cells[:from]
	}
	if from == 0 && len(r.cells) == 0 {
		r.cut = false
	}
}

// shown is the row in pieces of one style each.
func (r *row) shown() Row {
	one := Row{At: r.at, Cut: r.cut}
	var text []rune
	var st style
	end := func() {
		if len(text) > 0 {
			one.Spans = append(one.Spans, Span{st.class(), string(text)})
		}
		text = text[:0]
	}
	for i, c := range r.cells {
		if c.r == 0 {
			continue
		}
		if c.style != st {
			end()
			st = c.style
		}
		text = append(text, c.r)
		text = append(text, r.marks[i]...)
	}
	end()
	return one
}
