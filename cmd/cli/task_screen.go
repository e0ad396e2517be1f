package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"unicode/utf8"
)

// pane is where the output of a job goes: to the byte, or, on a terminal,
// without what could move the cursor out of the job's own line.
type pane struct {
	to     io.Writer
	screen bool // it is a terminal

	kept   []byte // the beginning of something that the next piece ends
	inLine bool   // what was written last did not end a line
	erase  bool   // a carriage return: what follows replaces the line
}

// newPane writes to w, which may be an [output].
func newPane(w io.Writer) *pane {
	under := w
	if o, ok := w.(*output); ok {
		under = o.Writer
	}
	f, ok := under.(*os.File)
	return &pane{to: w, screen: ok && isTerminal(f)}
}

// write shows a piece of output.
func (p *pane) write(data []byte) error {
	if p.screen {
		data = p.harmless(append(p.kept, data...), false)
	} else if len(data) > 0 {
		p.inLine = data[len(data)-1] != '\n'
	}
	_, err := p.to.Write(data)
	return err
}

// end shows what was kept back, and ends a line that was begun on a terminal.
func (p *pane) end() error {
	rest := p.kept
	p.kept = nil
	if p.screen {
		rest = p.harmless(rest, true)
		if p.inLine {
			rest = append(rest, '\n')
			p.inLine = false
		}
	}
	_, err := p.to.Write(rest)
	return err
}

// breakLine ends a line that was begun, so that another text can follow.
func (p *pane) breakLine() error {
	if !p.inLine {
		return nil
	}
	p.inLine, p.erase = false, false
	_, err := p.to.Write([]byte("\n"))
	return err
}

// The control sequences of progress bars and of colours, which are left out;
// and the beginning of a sequence whose end is yet to come.
var (
	painting = regexp.MustCompile(`^\x1b\[[0-9;:]*[mKA]`)
	unended  = regexp.MustCompile(`^\x1b(?:\[[0-9;:]*)?$`)
)

// longestSequence is how much of a sequence is waited for, in bytes.
const longestSequence = 64

// harmless makes all controls but line feeds and tabs visible, and keeps back
// what is not complete yet unless it is the last. A carriage return lets what
// follows replace the line, as for a progress bar, so that nothing is hidden
// behind something shorter.
func (p *pane) harmless(data []byte, last bool) []byte {
	var out bytes.Buffer
	p.kept = nil
	for len(data) > 0 {
		if data[0] == '\x1b' {
			start := data[:min(len(data), longestSequence)]
			if n := len(painting.Find(start)); n > 0 {
				data = data[n:]
				continue
			}
			if !last && len(data) < longestSequence && unended.Match(data) {
				p.kept = bytes.Clone(data)
				break
			}
		}
		if !last && !utf8.FullRune(data) {
			p.kept = bytes.Clone(data)
			break
		}
		r, size := utf8.DecodeRune(data)
		p.put(&out, r, data[:size])
		data = data[size:]
	}
	return out.Bytes()
}

func (p *pane) put(out *bytes.Buffer, r rune, raw []byte) {
	switch {
	case r == '\n':
		out.WriteByte('\n')
		p.inLine, p.erase = false, false
		return
	case r == '\r':
		p.erase = p.inLine
		return
	case p.erase:
		out.WriteString("\r\x1b[K")
		p.erase = false
	}
	p.inLine = true
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		fmt.Fprintf(out, `\x%02x`, raw[0])
	case unseen(r):
		fmt.Fprintf(out, `\u%04x`, r)
	default:
		out.Write(raw)
	}
}
