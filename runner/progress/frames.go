package progress

// Bounds on what is kept of a log.
const (
	longestFrame  = 2 << 10 // bytes; a longer frame tells no progress
	longestEscape = 4 << 10 // bytes; a longer escape sequence is none
)

// frames cuts the bytes of a log into what a terminal would show one after the
// other or one over the other. Escape sequences are taken out; line feeds,
// carriage returns, backspaces and whatever moves the cursor or clears the
// line end a frame. It is a machine that takes one byte at a time, so the cut
// into pieces is all the same to it.
type frames struct {
	Text   []byte `json:"text,omitempty"` // of the frame that has not ended
	Spoilt bool   `json:"spoilt,omitempty"`
	// Escape is the state inside an escape sequence.
	Escape  escape `json:"escape,omitempty"`
	Length  int    `json:"length,omitempty"`  // of the sequence so far
	Private bool   `json:"private,omitempty"` // it has a marker and moves no cursor
	Number  int    `json:"number,omitempty"`  // its first parameter
}

type escape uint8

const (
	ground  escape = iota
	escaped        // after ESC
	charset        // after ESC and an intermediate byte
	control        // after ESC [
	text           // in a string, after ESC ], P, X, ^ or _
	ending         // in a string after ESC, which may end it
)

const (
	esc = 0x1b
	bel = 0x07
	del = 0x7f
)

// frame is one of them.
type frame struct {
	text []byte // valid until the next call
	// up is how many lines the cursor went up at its end: a bar beneath
	// another one is written so.
	up   int
	open bool // it has not ended
}

// write takes in bytes and calls see for every frame that ends in them.
func (f *frames) write(b []byte, see func(frame)) {
	for _, c := range b {
		switch {
		case c == 0:
			// The log's cap frees its middle, which then reads as zeros: what
			// stands before and after them are not one line.
			f.Text, f.Spoilt, f.Escape = f.Text[:0], true, ground
		case c == '\n' || c == '\r': // ends an escape sequence that was none
			f.Escape = ground
			f.end(0, see)
		case f.Escape != ground:
			f.escape(c, see)
		case c == esc:
			f.begin(escaped)
		case c == '\b' || c == '\v' || c == '\f':
			f.end(0, see)
		case c < ' ' && c != '\t' || c == del:
		default:
			f.put(c)
		}
	}
}

func (f *frames) put(c byte) {
	switch {
	case f.Spoilt:
	case len(f.Text) == longestFrame:
		f.Text, f.Spoilt = f.Text[:0], true
	default:
		f.Text = append(f.Text, c)
	}
}

func (f *frames) begin(e escape) { f.Escape, f.Length, f.Private, f.Number = e, 0, false, 0 }

func (f *frames) end(up int, see func(frame)) {
	if len(f.Text) > 0 && !f.Spoilt {
		see(frame{text: f.Text, up: up})
	}
	f.Text, f.Spoilt = f.Text[:0], false
}

// spoil makes the frame in hand one that is not looked at: its beginning is
// missing.
func (f *frames) spoil() { *f = frames{Text: f.Text[:0], Spoilt: true} }

// escape takes the next byte of an escape sequence (ECMA-48).
func (f *frames) escape(c byte, see func(frame)) {
	f.Length++
	if c == esc && f.Escape != text && f.Escape != ending {
		f.begin(escaped)
		return
	}
	switch f.Escape {
	case escaped:
		switch {
		case c == '[':
			f.Escape = control
		case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
			f.Escape = text
		case c >= ' ' && c <= '/':
			f.Escape = charset
		default:
			f.Escape = ground
		}
	case charset:
		if c < ' ' || c > '/' {
			f.Escape = ground
		}
	case control:
		f.parameter(c, see)
	case text, ending:
		switch {
		case c == bel, c == '\\' && f.Escape == ending, f.Length > longestEscape:
			f.Escape = ground
		case c == esc:
			f.Escape = ending
		default:
			f.Escape = text
		}
	case ground:
	}
}

// parameter takes the next byte of a control sequence.
func (f *frames) parameter(c byte, see func(frame)) {
	switch {
	case c >= '0' && c <= '9':
		if f.Number < 1000 {
			f.Number = f.Number*10 + int(c-'0')
		}
	case c >= '<' && c <= '?':
		f.Private = true
	case c >= ' ' && c < '@' && f.Length <= longestEscape:
	default:
		f.Escape = ground
		if !f.Private {
			f.moved(c, see)
		}
	}
}

// moved ends the frame where the sequence that c ends moves the cursor away
// or clears the line.
func (f *frames) moved(c byte, see func(frame)) {
	switch c {
	case 'A', 'F': // up
		f.end(max(1, f.Number), see)
	case 'B', 'D', 'E', 'G', 'H', 'J', 'f', 'd', '`':
		f.end(0, see)
	case 'K':
		if f.Number > 0 { // 0 clears what comes after, where nothing is
			f.end(0, see)
		}
	case 'C': // forward
		f.put(' ')
	}
}
