package local

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"uratori/sheets/local/entry"
)

// A stored row is a JSON array with one element a cell: null, a string, a
// number, true or false, or an object {"f": formula} or {"v": one of the
// former, "type", "pattern", "note"} for a cell that wears something.

func encodeRow(cells []cell) (string, error) {
	var b bytes.Buffer
	e := jsontext.NewEncoder(&b)
	var failed error // a text that is not UTF-8, of which nothing may be stored
	put := func(t jsontext.Token) {
		if failed == nil {
			failed = e.WriteToken(t)
		}
	}
	put(jsontext.BeginArray)
	for _, c := range cells {
		if c.dress == nil && c.Kind != entry.Formula {
			put(plainToken(c.Value))
			continue
		}
		put(jsontext.BeginObject)
		if c.Kind == entry.Formula {
			put(jsontext.String("f"))
			put(jsontext.String(c.Text))
		} else {
			put(jsontext.String("v"))
			put(plainToken(c.Value))
		}
		for _, m := range [][2]string{{"type", c.format().Type}, {"pattern", c.format().Pattern}, {"note", c.note()}} {
			if m[1] != "" {
				put(jsontext.String(m[0]))
				put(jsontext.String(m[1]))
			}
		}
		put(jsontext.EndObject)
	}
	put(jsontext.EndArray)
	if failed != nil {
		return "", fmt.Errorf("encode a row: %w", failed)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

func plainToken(v entry.Value) jsontext.Token {
	switch v.Kind {
	case entry.Text, entry.Formula:
		return jsontext.String(v.Text)
	case entry.Number:
		return jsontext.Float(v.Number)
	case entry.Bool:
		return jsontext.Bool(v.Number != 0)
	case entry.Empty:
	}
	return jsontext.Null
}

// rowDecoder decodes the rows of a tab one after the other. Their cells come
// to stand side by side, so that walking down a column of many is quick.
type rowDecoder struct {
	text    bytes.Reader
	decoder jsontext.Decoder
	row     []cell
	slab    []cell
}

func (r *rowDecoder) decode(text []byte) ([]cell, error) {
	r.text.Reset(text)
	d := &r.decoder
	d.Reset(&r.text)
	if _, err := d.ReadToken(); err != nil {
		return nil, fmt.Errorf("decode a stored row: %w", err)
	}
	r.row = r.row[:0]
	for d.PeekKind() != ']' {
		c, err := decodeCell(d)
		if err != nil {
			return nil, fmt.Errorf("decode a stored row: %w", err)
		}
		r.row = append(r.row, c)
	}
	return r.keep(), nil
}

// keep copies the row to its place. A cell is appended to it only by a copy,
// so that it never grows into its neighbour.
func (r *rowDecoder) keep() []cell {
	const slab = 4096 // cells
	if n := len(r.row); cap(r.slab)-len(r.slab) < n {
		r.slab = make([]cell, 0, max(n, slab))
	}
	start := len(r.slab)
	r.slab = append(r.slab, r.row...)
	return r.slab[start:len(r.slab):len(r.slab)]
}

func decodeCell(d *jsontext.Decoder) (c cell, err error) {
	t, err := d.ReadToken()
	if err != nil || t.Kind() != '{' {
		c.Value = plainValue(t)
		return c, err
	}
	var format entry.Format
	var note string
	for {
		name, err := d.ReadToken()
		if err != nil {
			return c, err
		}
		if name.Kind() == '}' {
			return c.wear(format, note), nil
		}
		member := name.String()
		t, err := d.ReadToken()
		if err != nil {
			return c, err
		}
		switch member {
		case "f":
			c.Value = entry.Value{Kind: entry.Formula, Text: t.String()}
		case "v":
			c.Value = plainValue(t)
		case "type":
			format.Type = t.String()
		case "pattern":
			format.Pattern = t.String()
		case "note":
			note = t.String()
		}
	}
}

func plainValue(t jsontext.Token) entry.Value {
	switch t.Kind() {
	case '"':
		return entry.Value{Kind: entry.Text, Text: t.String()}
	case '0':
		return entry.Value{Kind: entry.Number, Number: t.Float()}
	case 't':
		return entry.Value{Kind: entry.Bool, Number: 1}
	case 'f':
		return entry.Value{Kind: entry.Bool}
	}
	return entry.Value{}
}
