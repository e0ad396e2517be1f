package local

import (
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// out writes JSON whose order is right by construction: without the checks of
// an encoder a table of 100,000 rows is written in a third of the time.
type out struct {
	w     io.Writer
	buf   []byte
	after bool // a value was written, so that the next one follows a comma
}

// enough is when what was written is passed on.
const enough = 32 << 10 // bytes

// name writes a member's name, which its value must follow.
func (o *out) name(s string) {
	o.comma()
	o.buf = append(append(append(o.buf, '"'), s...), '"', ':') // a name of ours needs no escapes
	o.after = false
}

func (o *out) comma() {
	if o.after {
		o.buf = append(o.buf, ',')
	}
}

// WriteToken writes a value, or the begin or end of one.
func (o *out) WriteToken(t jsontext.Token) (err error) {
	switch t.Kind() {
	case '{', '[':
		o.comma()
		o.buf = append(o.buf, byte(t.Kind()))
		o.after = false
		return nil
	case '}', ']':
		o.buf = append(o.buf, byte(t.Kind()))
	case '"':
		o.comma()
		if o.buf, err = jsontext.AppendQuote(o.buf, t.String()); err != nil {
			return err
		}
	default:
		o.comma()
		o.buf = append(o.buf, t.String()...)
	}
	o.after = true
	if len(o.buf) > enough {
		return o.flush()
	}
	return nil
}

func (o *out) flush() error {
	_, err := o.w.Write(o.buf)
	o.buf = o.buf[:0]
	return err
}
