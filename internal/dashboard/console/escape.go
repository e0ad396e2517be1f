package console

import "unicode/utf8"

// state is where a screen is in an escape sequence (ECMA-48).
type state uint8

const (
	ground  state = iota
	escaped       // after ESC
	charset       // after ESC and an intermediate byte
	csi           // after ESC [
	text          // in a string, after ESC ], P, X, ^ or _
	ending        // in a string after ESC, which may end it
)

const (
	esc = 0x1b
	bel = 0x07
	// longestEscape is in bytes; a longer one is none, so that one that never
	// ends does not swallow the log.
	longestEscape = 4096
	// mostParams is how many numbers of a sequence are looked at.
	mostParams = 32
	// mostParam is the largest number that means something.
	mostParam = 9999
)

// params are the numbers of a control sequence.
type params struct {
	list    [mostParams]int
	n       int
	private bool // a marker: the sequence is none of ours
	odd     bool // an intermediate byte
}

// get is a number, or otherwise where it is missing or 0.
func (p *params) get(i, otherwise int) int {
	if i < p.n && p.list[i] > 0 {
		return p.list[i]
	}
	return otherwise
}

// take takes one byte.
func (s *Screen) take(c byte) {
	switch {
	case c == '\n': // ends an escape sequence that was none
		s.broken()
		s.state = ground
		s.line()
	case c == '\r':
		s.broken()
		s.state = ground
		s.col = 0
	case s.state != ground:
		s.escape(c)
	case s.have > 0 || c >= utf8.RuneSelf:
		s.partial(c)
	default:
		s.plain(c)
	}
}

// plain takes a byte of ASCII outside of an escape sequence.
func (s *Screen) plain(c byte) {
	switch c {
	case esc:
		s.begin()
	case '\b':
		s.col = max(s.col-1, 0)
	case '\t':
		const stop = 8
		s.col = min((s.col/stop+1)*stop, Widest)
		r := s.rows[s.cur]
		for len(r.cells) < s.col { // as text it stands there too
			r.cells = append(r.cells, cell{r: ' '})
			r.changed = true
		}
	case bel: // nobody hears it
	default:
		s.put(rune(c))
	}
}

// partial takes a byte of a character of several.
func (s *Screen) partial(c byte) {
	if s.have > 0 && c < utf8.RuneSelf || s.have == len(s.part) {
		s.broken()
		s.again(c)
		return
	}
	s.part[s.have] = c
	s.have++
	if !utf8.FullRune(s.part[:s.have]) {
		return
	}
	r, n := utf8.DecodeRune(s.part[:s.have])
	if r == utf8.RuneError && n <= 1 {
		// The first byte is none; the others may begin another character.
		rest := s.part
		have := s.have
		s.have = 0
		s.put(invalid)
		for _, b := range rest[1:have] {
			s.again(b)
		}
		return
	}
	s.have = 0
	s.put(r)
}

// again takes a byte that was taken for something else before.
func (s *Screen) again(c byte) { s.take(c) }

// broken shows the bytes of a character that was not finished.
func (s *Screen) broken() {
	for ; s.have > 0; s.have-- {
		s.put(invalid)
	}
}

func (s *Screen) begin() { s.state, s.length, s.params = escaped, 0, params{} }

// escape takes the next byte of an escape sequence.
func (s *Screen) escape(c byte) {
	s.length++
	if c == esc && s.state != text && s.state != ending {
		s.begin()
		return
	}
	switch s.state {
	case escaped:
		switch {
		case c == '[':
			s.state = csi
		case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
			s.state = text
		case c >= ' ' && c <= '/':
			s.state = charset
		default:
			s.state = ground
			if c < ' ' || c >= utf8.RuneSelf {
				s.again(c)
			}
		}
	case charset:
		if c < ' ' || c > '/' {
			s.state = ground
		}
	case csi:
		s.control(c)
	case text, ending:
		switch {
		case c == bel, c == '\\' && s.state == ending, s.length > longestEscape:
			s.state = ground
		case c == esc:
			s.state = ending
		default:
			s.state = text
		}
	case ground:
	}
}

// control takes the next byte of a control sequence.
func (s *Screen) control(c byte) {
	p := &s.params
	switch {
	case s.length > longestEscape:
		s.state = ground
	case c >= '0' && c <= '9':
		p.n = max(p.n, 1)
		if n := &p.list[p.n-1]; *n <= mostParam {
			*n = *n*10 + int(c-'0')
		}
	case c == ';' || c == ':':
		p.n = max(p.n, 1)
		if p.n < mostParams {
			p.n++
		}
	case c >= '<' && c <= '?':
		p.private = true
	case c >= ' ' && c <= '/':
		p.odd = true
	case c < ' ' || c > '~': // not of a sequence: it was none
		s.state = ground
		s.again(c)
	default:
		s.state = ground
		if !p.private && !p.odd {
			s.do(c)
		}
	}
}

// do does what a control sequence wants, as far as it makes sense in a log: what
// was printed stays, so nothing clears what stands above.
func (s *Screen) do(c byte) {
	p := &s.params
	r := s.rows[s.cur]
	switch c {
	case 'm':
		s.style = s.style.after(p)
	case 'A', 'F': // up
		s.cur = max(s.cur-p.get(0, 1), 0)
		if c == 'F' {
			s.col = 0
		}
	case 'B', 'E': // down, as far as there are rows
		s.cur = min(s.cur+p.get(0, 1), len(s.rows)-1)
		if c == 'E' {
			s.col = 0
		}
	case 'C', 'a': // forward
		s.col = min(s.col+p.get(0, 1), Widest)
	case 'D': // back
		s.col = max(s.col-p.get(0, 1), 0)
	case 'G', '`': // to a column
		s.col = min(p.get(0, 1)-1, Widest)
	case 'K':
		switch p.get(0, 0) {
		case 0:
			r.erase(s.col, len(r.cells))
		case 1:
			r.erase(0, s.col+1)
		case 2:
			r.erase(0, len(r.cells))
		}
	case 'J':
		if p.get(0, 0) == 0 { // to the end of all
			r.erase(s.col, len(r.cells))
			for _, below := range s.rows[s.cur+1:] {
				below.erase(0, len(below.cells))
			}
		}
	case 'P': // takes characters away
		s.remove(r, p.get(0, 1))
	case 'X':
		r.erase(s.col, min(s.col+p.get(0, 1), len(r.cells)))
	}
}

// remove takes columns out at the cursor.
func (s *Screen) remove(r *row, n int) {
	if s.col >= len(r.cells) {
		return
	}
	n = min(n, len(r.cells)-s.col)
	rest := append([]cell(nil), r.cells[s.col+n:]...)
	r.erase(s.col, len(r.cells))
	for _, c := range rest {
		if c.r == 0 {
			continue
		}
		r.set(len(r.cells), c.r, max(columns(c.r), 1), c.style)
	}
	r.changed = true
}
