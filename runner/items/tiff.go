package items

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/image/tiff"
)

// mostPages bounds the pages of one TIFF file.
const mostPages = 10_000

// tiff decodes every page: the decoder itself looks at the first alone.
func (s source) tiff() (picture, error) {
	var head [8]byte
	if err := readAt(s.all(), head[:], 0); err != nil {
		return picture{}, err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	if order.Uint16(head[2:]) != 42 {
		return picture{}, fmt.Errorf("%w: BigTIFF", errUnsupported)
	}
	var first picture
	seen := map[uint32]bool{}
	for at := order.Uint32(head[4:]); at != 0 || len(seen) == 0; {
		if seen[at] {
			return picture{}, errors.New("tiff: the pages go round in a circle")
		}
		seen[at] = true
		if len(seen) > mostPages {
			return picture{}, fmt.Errorf("%w: more than %d pages", errTooLarge, mostPages)
		}
		p, next, err := s.tiffPage(order, at)
		if err != nil {
			return picture{}, fmt.Errorf("page %d: %w", len(seen), err)
		}
		if len(seen) == 1 {
			first = p
		}
		at = next
	}
	return first, nil
}

// tiffPage decodes the page whose directory is at the given place, and returns
// the place of the next one, 0 when there is none.
func (s source) tiffPage(order binary.ByteOrder, at uint32) (p picture, next uint32, err error) {
	var count [2]byte
	if err := readAt(s.all(), count[:], int64(at)); err != nil {
		return p, 0, err
	}
	directory := make([]byte, tiffEntry*int(order.Uint16(count[:]))+4)
	if err := readAt(s.all(), directory, int64(at)+2); err != nil {
		return p, 0, err
	}
	entries, link := directory[:len(directory)-4], directory[len(directory)-4:]
	if err := s.tiffValues(order, entries); err != nil {
		return p, 0, err
	}
	page := s
	page.f = tiffFrom{ReaderAt: s.f, order: order, at: at}
	c, err := tiff.DecodeConfig(page.all())
	if err != nil {
		return p, 0, err
	}
	release, err := s.reserve(c)
	if err != nil {
		return p, 0, err
	}
	defer release()
	m, err := tiff.Decode(page.all())
	if err != nil {
		return p, 0, err
	}
	s.note(m)
	return picture{c.Width, c.Height}, order.Uint32(link), nil
}

// tiffEntry is the length of an entry of a directory, in bytes: tag, type,
// number of values, and the values or, if they are longer than four bytes, the
// place where they are.
const tiffEntry = 12

// tiffValues refuses a page some of whose values lie behind the end of the
// file, whether or not decoding needs them.
func (s source) tiffValues(order binary.ByteOrder, entries []byte) error {
	for ; len(entries) > 0; entries = entries[tiffEntry:] {
		var size int64
		switch order.Uint16(entries[2:]) {
		case 1, 2, 6, 7: // bytes and text
			size = 1
		case 3, 8:
			size = 2
		case 4, 9, 11, 13:
			size = 4
		case 5, 10, 12: // fractions and doubles
			size = 8
		}
		size *= int64(order.Uint32(entries[4:]))
		if size > 4 && int64(order.Uint32(entries[8:]))+size > s.size {
			return fmt.Errorf("tiff: the values of tag %d lie behind the end: %w", order.Uint16(entries), io.ErrUnexpectedEOF)
		}
	}
	return nil
}

// tiffFrom is a TIFF file that begins with another page.
type tiffFrom struct {
	io.ReaderAt
	order binary.ByteOrder
	at    uint32
}

func (t tiffFrom) ReadAt(p []byte, off int64) (int, error) {
	n, err := t.ReaderAt.ReadAt(p, off)
	var place [4]byte
	t.order.PutUint32(place[:], t.at)
	const first = 4 // where the header tells the place of the first page
	for i := range place {
		if j := first + int64(i) - off; j >= 0 && j < int64(n) {
			p[j] = place[i]
		}
	}
	return n, err
}

// readAt fills p or says that the file ends too early.
func readAt(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
