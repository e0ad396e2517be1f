package tabfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"uratori/internal/fault"
)

// part reads one part of a workbook token by token, within bounds: memory
// does not grow with a text that has no end or with tags that are never
// closed, and an end that comes too early is an error and no end.
type part struct {
	book  *book
	name  string
	src   io.ReadCloser
	bytes meter
	xml   *xml.Decoder
	depth int
	done  bool // the root element was closed
}

// open opens the part of that name, which unpacks to limit bytes at most.
func (b *book) open(name string, limit uint64) (*part, error) {
	f := b.parts[name]
	if f == nil {
		return nil, b.damaged(name, errors.New("missing"))
	}
	if f.UncompressedSize64 > limit {
		return nil, fault.New(fault.Invalid, "tabfile.unpacks_too_big", "file", b.file, "part", name, "mib", limit>>20)
	}
	src, err := f.Open()
	if err != nil {
		return nil, b.damaged(name, err)
	}
	p := &part{book: b, name: name, src: src}
	p.bytes.src = src
	p.xml = xml.NewDecoder(&p.bytes)
	return p, nil
}

func (b *book) damaged(part string, cause error) error {
	return fault.New(fault.Invalid, "tabfile.damaged", "file", b.file, "part", part).Wrap(early(cause))
}

func (p *part) damaged(cause error) error { return p.book.damaged(p.name, cause) }

// early is err as a cause of a fault. An end of file that comes too early
// must not pass for the end of the table.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// next is the next token, and io.EOF after the whole part was read. Name
// spaces are left to the writer's taste: Excel has two for the same names.
func (p *part) next() (xml.Token, error) {
	p.bytes.left = maxToken
	token, err := p.xml.Token()
	switch {
	case errors.Is(err, io.EOF) && p.done:
		return nil, io.EOF
	case err != nil:
		return nil, p.damaged(err)
	}
	switch token.(type) {
	case xml.StartElement:
		if p.depth++; p.depth > maxDepth {
			return nil, p.damaged(fmt.Errorf("more than %d tags inside each other", maxDepth))
		}
	case xml.EndElement:
		p.depth--
		p.done = p.depth == 0
	}
	return token, nil
}

// skip passes over the element that was just started.
func (p *part) skip() error {
	for end := p.depth - 1; p.depth > end; {
		if _, err := p.next(); err != nil {
			return err
		}
	}
	return nil
}

// text appends the text of the element that was just started, cut off where
// it is longer than any cell may be.
func (p *part) text(out []byte) ([]byte, error) {
	for start, end := len(out), p.depth-1; p.depth > end; {
		token, err := p.next()
		if err != nil {
			return out, err
		}
		// Seven bytes can stand for one unit, as _x0041_.
		if t, ok := token.(xml.CharData); ok && len(out)-start <= 7*maxCellUnits {
			out = append(out, t...)
		}
	}
	return out, nil
}

// richText appends the text of all runs of the element that was just started.
// The readings that stand over Japanese words are none of it.
func (p *part) richText(out []byte) ([]byte, error) {
	for start, end := len(out), p.depth-1; p.depth > end; {
		token, err := p.next()
		if err != nil {
			return out, err
		}
		e, ok := token.(xml.StartElement)
		switch {
		case !ok:
			continue
		case e.Name.Local == "t" && len(out)-start <= 7*maxCellUnits:
			out, err = p.text(out)
		case e.Name.Local == "t", e.Name.Local == "rPh":
			err = p.skip()
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// elements calls each with every element of the part called name.
func (b *book) elements(name string, each func(xml.StartElement)) error {
	if b.parts[name] == nil {
		return nil
	}
	p, err := b.open(name, maxOtherPart)
	if err != nil {
		return err
	}
	defer func() { _ = p.src.Close() }()
	for {
		token, err := p.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			each(e)
		}
	}
}
