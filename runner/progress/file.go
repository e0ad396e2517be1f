package progress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// longestLine bounds a line of the progress file, in bytes.
const longestLine = 16 << 10

// ParseLine reads a line of the progress file: an object like
//
//	{"done":12,"total":30,"item":"p012.png","phase":"extract"}
//
// in which each member may be missing and percent may stand for the numbers.
// Other members are passed over. A line in which one of these is wrong is wrong
// as a whole.
func ParseLine(line []byte) (Sighting, error) {
	s := Sighting{Source: File}
	if len(line) > longestLine {
		return s, fmt.Errorf("a line of %d bytes", len(line))
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return s, fmt.Errorf("no JSON object: %w", err)
	}
	if members == nil { // null
		return s, errors.New("no JSON object")
	}
	var err error
	if s.Done, s.Counted, err = count(members["done"]); err != nil {
		return s, fmt.Errorf("done: %w", err)
	}
	if s.Total, _, err = count(members["total"]); err != nil {
		return s, fmt.Errorf("total: %w", err)
	}
	if s.Percent, s.Partial, err = figure(members["percent"]); err != nil {
		return s, fmt.Errorf("percent: %w", err)
	}
	for key, to := range map[string]*string{"item": &s.Item, "phase": &s.Phase} {
		if raw := members[key]; said(raw) {
			if err := json.Unmarshal(raw, to); err != nil {
				return s, fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	if !s.valid() {
		return s, errors.New("these numbers cannot be true together")
	}
	return s, nil
}

func said(raw json.RawMessage) bool { return len(raw) > 0 && !bytes.Equal(raw, []byte("null")) }

// figure reads a number.
func figure(raw json.RawMessage) (f float64, there bool, err error) {
	if !said(raw) {
		return 0, false, nil
	}
	f, err = strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return 0, false, fmt.Errorf("%.40q is no number", raw)
	}
	return f, true, nil
}

// count reads a number of things.
func count(raw json.RawMessage) (n int64, there bool, err error) {
	f, there, err := figure(raw)
	if !there {
		return 0, false, err
	}
	n, ok := whole(f)
	if !ok {
		return 0, false, fmt.Errorf("%.40q counts nothing", raw)
	}
	return n, true, nil
}

// lines cuts the progress file into lines.
type lines struct {
	Text    []byte `json:"text,omitempty"` // of the line that has not ended
	Spoilt  bool   `json:"spoilt,omitempty"`
	Partial bool   `json:"partial,omitempty"` // its beginning was left out by ourselves
	Ended   bool   `json:"ended,omitempty"`   // a line has
	Ignored int64  `json:"ignored,omitempty"`
}

// write takes in the next bytes and calls see for every line that ends in them
// and can be understood. The others are counted: they are never a reason to
// stop.
func (l *lines) write(b []byte, see func(Sighting)) {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		piece := b
		if end >= 0 {
			piece, b = b[:end], b[end+1:]
		} else {
			b = nil
		}
		if !l.Spoilt && len(l.Text)+len(piece) <= longestLine && bytes.IndexByte(piece, 0) < 0 {
			l.Text = append(l.Text, piece...)
		} else {
			l.Text, l.Spoilt = l.Text[:0], true
		}
		if end >= 0 {
			l.end(see)
		}
	}
}

func (l *lines) end(see func(Sighting)) {
	line := bytes.TrimSpace(l.Text)
	s, err := ParseLine(line)
	switch {
	case l.Partial:
	case l.Spoilt || len(line) > 0 && err != nil:
		l.Ignored++
	case len(line) > 0:
		see(s)
	}
	l.Text, l.Spoilt, l.Partial, l.Ended = l.Text[:0], false, false, true
}

// peek looks at the line that has not ended. An object says itself where it
// ends, so one that can be read is whole.
func (l *lines) peek(see func(Sighting)) {
	line := bytes.TrimSpace(l.Text)
	if l.Spoilt || len(line) == 0 {
		return
	}
	if s, err := ParseLine(line); err == nil {
		see(s)
	}
}

// skip leaves out a part of the file.
func (l *lines) skip() { l.Text, l.Spoilt, l.Partial = l.Text[:0], true, true }
