package mcp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	protocol "github.com/mark3labs/mcp-go/mcp"

	"uratori/internal/fault"
)

// told is what every answer may carry beside what was asked for.
type told struct {
	Untrusted bool     `json:"untrusted,omitzero"` // it holds texts of other people or programs
	Note      string   `json:"note,omitempty"`
	Truncated []string `json:"truncated,omitempty"` // the members that were cut
	Whole     string   `json:"whole,omitempty"`     // where all of it is
	Cursor    string   `json:"next_cursor,omitempty"`
	Next      string   `json:"next,omitempty"` // what to do now
}

// mostBytes of an answer: more would drown the reader, and clients cut it.
const mostBytes = 25_000

// roomForWords is kept of that for the notes that are added last.
const roomForWords = 1_500

// cuts are tried one after the other until an answer fits: how long a text may
// be, in characters, and a list, in members.
var cuts = []struct{ text, list int }{
	{1 << 30, 1 << 30}, {8000, 1 << 30}, {4000, 1 << 30}, {2000, 1 << 30}, {1000, 500}, {500, 200}, {300, 100}, {200, 60}, {120, 30}, {80, 15}, {60, 6},
}

// spoken are members that this package writes itself; they are never cut.
var spoken = []string{"dashboard", "next", "note", "whole", "next_cursor"}

// answer is what a tool returns: a value whose JSON is an object, and the
// words that go with it.
type answer struct {
	value any
	told  told
	link  *protocol.ResourceLink // to all of it, for what may not fit
}

// result writes an answer for the wire, cut to what fits and without hidden
// characters. The text beside the object is the same object.
func (s *Server) result(a answer) (*protocol.CallToolResult, error) {
	raw, err := compact(a.value)
	if err != nil {
		return nil, err
	}
	var t trimmer
	for _, c := range cuts {
		t = trimmer{text: c.text, list: c.list}
		fitted, err := t.object(raw)
		if err != nil {
			return nil, err
		}
		if len(fitted) <= mostBytes-roomForWords {
			raw = fitted
			break
		}
	}
	if len(t.cut) > 0 {
		a.told.Truncated = append(a.told.Truncated, t.names()...)
		if a.link != nil && a.told.Whole == "" {
			a.told.Whole = a.link.URI
		}
	}
	if t.removed > 0 {
		a.told.Note = strings.TrimSpace(a.told.Note + " " + s.o.Lang.Say("mcp.note.removed", "count", t.removed))
	}
	if a.told.Untrusted {
		a.told.Note = strings.TrimSpace(s.o.Lang.Say("mcp.note.untrusted") + " " + a.told.Note)
	}
	if raw, err = joined(raw, a.told); err != nil {
		return nil, err
	}
	r := &protocol.CallToolResult{
		Content:           []protocol.Content{protocol.NewTextContent(string(raw))},
		StructuredContent: jsonRaw(raw),
	}
	if len(t.cut) > 0 && a.link != nil {
		r.Content = append(r.Content, *a.link)
	}
	return r, nil
}

// jsonRaw is JSON that is written as it is.
type jsonRaw []byte

// MarshalJSON implements encoding/json's interface.
func (r jsonRaw) MarshalJSON() ([]byte, error) { return r, nil }

// joined is an object with the members of another behind its own.
func joined(object []byte, t told) ([]byte, error) {
	more, err := compact(t)
	if err != nil || string(more) == "{}" {
		return object, err
	}
	if string(object) == "{}" {
		return more, nil
	}
	return slices.Concat(object[:len(object)-1], []byte(","), more[1:]), nil
}

// trimmer copies JSON with texts and lists of a bounded length.
type trimmer struct {
	text, list int
	removed    int      // hidden characters
	cut        []string // where something was left out
}

func (t *trimmer) object(raw []byte) ([]byte, error) {
	var out []byte
	err := t.value(raw, "", &out)
	return out, err
}

func (t *trimmer) value(raw jsontext.Value, place string, out *[]byte) error {
	switch raw.Kind() {
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		text = harmless(text, &t.removed)
		last := place[strings.LastIndexByte(place, '.')+1:]
		if list := []rune(text); len(list) > t.text && !slices.Contains(spoken, last) {
			text = string(list[:t.text]) + "…"
			t.cut = append(t.cut, place)
		}
		written, err := compact(text)
		*out = append(*out, written...)
		return err
	case '[':
		var list []jsontext.Value
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		if len(list) > t.list {
			list = list[:t.list]
			t.cut = append(t.cut, place)
		}
		*out = append(*out, '[')
		for i, v := range list {
			if i > 0 {
				*out = append(*out, ',')
			}
			if err := t.value(v, fmt.Sprintf("%s[%d]", place, i), out); err != nil {
				return err
			}
		}
		*out = append(*out, ']')
		return nil
	case '{':
		return t.members(raw, place, out)
	}
	*out = append(*out, raw...)
	return nil
}

func (t *trimmer) members(raw jsontext.Value, place string, out *[]byte) error {
	d := jsontext.NewDecoder(strings.NewReader(string(raw)))
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	*out = append(*out, '{')
	for first := true; d.PeekKind() != '}'; first = false {
		name, err := d.ReadValue()
		if err != nil {
			return err
		}
		if !first {
			*out = append(*out, ',')
		}
		*out = append(append(*out, name...), ':')
		var plain string
		if err := json.Unmarshal(name, &plain); err != nil {
			return err
		}
		v, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := t.value(v, strings.TrimPrefix(place+"."+plain, "."), out); err != nil {
			return err
		}
	}
	*out = append(*out, '}')
	return nil
}

// names are the places of cuts, not more than can be read.
func (t *trimmer) names() []string {
	const most = 10
	if len(t.cut) <= most {
		return t.cut
	}
	return append(slices.Clone(t.cut[:most]), fmt.Sprintf("… %d more", len(t.cut)-most))
}

// why is a fault in the reader's language, or the English text where there is
// no fault.
func (s *Server) why(problem *fault.Wire, text string) string {
	if problem == nil {
		return text
	}
	return fault.Explain(problem.Decode(), s.o.Lang)
}

// explain tells err in the reader's language.
func (s *Server) explain(err error) string { return fault.Explain(err, s.o.Lang) }
