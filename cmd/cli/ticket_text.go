package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/sheets"
)

// longestText is how much of a file is read, in bytes: five times what a cell
// holds at 4 bytes a character.
const longestText = 1 << 20

// checkText refuses what no cell can hold. what names the text.
func checkText(what string, text []byte) error {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return fault.New(fault.Invalid, "cli.text.not_utf8", "what", what, "offset", at)
		}
		if r == 0 {
			return fault.New(fault.Invalid, "cli.text.nul", "what", what, "offset", at)
		}
		at += size
	}
	return nil
}

// textFile reads a text from a file, or from stdin for -, to the letter but
// for a byte order mark.
func (a *app) textFile(ctx context.Context, path string) (string, error) {
	what := inline(path)
	if path == "-" {
		what = a.lang.Say("cli.text.stdin")
	}
	type result struct {
		raw []byte
		err error
	}
	read := make(chan result, 1)
	go func() { // Ctrl-C ends the wait for somebody who writes nothing
		raw, err := a.readSome(path)
		read <- result{raw, err}
	}()
	var r result
	select {
	case r = <-read:
	case <-ctx.Done():
		r.err = ctx.Err()
	}
	if r.err != nil {
		return "", fault.New(fault.Invalid, "cli.text.unreadable", "what", what).Wrap(r.err)
	}
	if len(r.raw) > longestText {
		return "", fault.New(fault.Invalid, "cli.text.too_big", "what", what, "limit", longestText)
	}
	if err := checkText(what, r.raw); err != nil {
		return "", err
	}
	text, marked := bytes.CutPrefix(r.raw, []byte("\ufeff"))
	if marked {
		a.note(a.lang.Say("cli.text.bom", "what", what))
	}
	return string(text), nil
}

func (a *app) readSome(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(io.LimitReader(a.in, longestText+1))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	return io.ReadAll(io.LimitReader(f, longestText+1))
}

// cells are texts by column, each column once under whatever name.
type cells struct {
	texts map[string]string // by the name that was given
	names map[string]string // the field that a header is known as
	from  map[string]string // the flag that a field came from
}

// newCells knows the headers of the settings. Settings that cannot be read
// are the daemon's to complain of.
func (a *app) newCells() cells {
	c := cells{texts: map[string]string{}, names: map[string]string{}, from: map[string]string{}}
	columns := config.Columns{}
	if home, err := config.FindHome(a.getenv); err == nil {
		if settings, err := config.Load(home, a.environ); err == nil {
			columns = settings.Tracker.Columns
		}
	}
	for _, column := range sheets.Columns(columns) {
		header := column.Texts[0]
		if header == "" {
			header = column.Texts[1]
		}
		c.names[strings.TrimSpace(header)] = column.Name
	}
	return c
}

// field is one name for a column that has several.
func (c cells) field(name string) string {
	name = strings.TrimSpace(name)
	if field, ok := c.names[name]; ok {
		return field
	}
	return name
}

func (c cells) has(field string) bool { return c.from[field] != "" }

func (c cells) put(flag, name, text string) error {
	if strings.TrimSpace(name) == "" {
		return fault.New(fault.Invalid, "cli.ticket.no_column", "flag", flag)
	}
	if err := checkText(flag, []byte(name)); err != nil {
		return err
	}
	field := c.field(name)
	if first := c.from[field]; first != "" {
		return fault.New(fault.Invalid, "cli.ticket.twice", "column", inline(short(name)), "first", first, "second", flag)
	}
	what := flag
	if flag != "--"+name {
		what += " " + inline(short(name))
	}
	if err := checkText(what, []byte(text)); err != nil {
		return err
	}
	c.from[field], c.texts[name] = flag, text
	return nil
}

// putAll takes arguments of the form 列=値. The name ends at the first =, so
// that a text may begin with one.
func (c cells) putAll(flag string, args []string, text func(string) (string, error)) error {
	for _, arg := range args {
		name, value, found := strings.Cut(arg, "=")
		if !found {
			return fault.New(fault.Invalid, "cli.ticket.no_equals", "flag", flag, "value", inline(short(strings.ToValidUTF8(arg, "�"))))
		}
		value, err := text(value)
		if err != nil {
			return err
		}
		if err := c.put(flag, name, value); err != nil {
			return err
		}
	}
	return nil
}

func asGiven(s string) (string, error) { return s, nil }
