package progress

import "bytes"

// Parser finds in a log what the job says about its progress. One parser
// reads one stream of one attempt.
type Parser struct {
	work    Work
	pattern *Pattern
	state   parserState
}

// parserState is what a parser has to remember.
type parserState struct {
	Frames  frames `json:"frames"`
	Bars    choice `json:"bars"`
	Drawn   choice `json:"drawn"`
	Lock    lock   `json:"lock"`
	Ignored int64  `json:"ignored,omitempty"`
}

// NewParser is a parser at the beginning of a stream. A nil pattern is none.
func NewParser(work Work, pattern *Pattern) *Parser {
	return &Parser{work: work.clean(), pattern: pattern}
}

// Write takes in the next bytes of the stream and calls see for whatever the
// frames that end in them say. Bytes that come later do not change it.
func (p *Parser) Write(b []byte, see func(Sighting)) {
	p.state.Frames.write(b, func(f frame) { p.read(f, see) })
}

// Peek looks at the frame that has not ended yet. tqdm begins a frame with the
// character that others end it with, so the newest is always open. Of an open
// frame nothing is believed but a bar that is whole, lest 1/30 is read where
// 1/300 is being written; one that is settled, since nothing was added for a
// while, is read like any other.
func (p *Parser) Peek(settled bool, see func(Sighting)) {
	f := &p.state.Frames
	if f.Spoilt || len(f.Text) == 0 {
		return
	}
	if settled {
		p.read(frame{text: f.Text, open: true}, see)
		return
	}
	if !bytes.HasSuffix(bytes.TrimRight(f.Text, " "), []byte("]")) || f.Escape != ground || p.state.Bars.Nested {
		return // among bars beneath each other its end tells which one it is
	}
	if b, ok := readBar(frame{text: f.Text}); ok && p.state.Bars.follows(p.work, b) {
		see(b.Sighting)
	}
}

// Ignored counts the lines that were meant to tell progress and could not be
// understood.
func (p *Parser) Ignored() int64 { return p.state.Ignored }

// skip leaves out a part of the stream.
func (p *Parser) skip() { p.state.Frames.spoil() }

// read calls see for whatever a frame says.
func (p *Parser) read(f frame, see func(Sighting)) {
	if s, ours, ok := magic(f.text); ours {
		switch {
		case ok:
			see(s)
		case !f.open:
			p.state.Ignored++
		}
		return
	}
	if p.pattern != nil {
		if s, ok := p.pattern.find(f.text); ok {
			see(s)
		}
	}
	if b, ok := readBar(f); ok {
		if (!f.open || !p.state.Bars.Nested) && p.state.Bars.follows(p.work, b) {
			see(b.Sighting)
		}
		return
	}
	text := narrow(f.text)
	if pairs := readPairs(text); len(pairs) > 0 {
		if pair, ok := p.state.Lock.choose(p.work, pairs); ok {
			see(Sighting{Source: Count, Counted: true, Done: pair.done, Total: pair.total, Item: file(f.text)})
		}
	}
	if f.open && p.state.Bars.Following {
		return // what looks like a percentage is the beginning of a bar
	}
	if s, ok := readShare(text); ok && p.state.Drawn.follows(Work{}, bar{Sighting: s, depth: f.up}) {
		see(s)
	}
}
