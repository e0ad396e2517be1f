package local

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// An answer is a tree of these: members in order, so that large parts can be
// written without being built, and a field mask cuts branches off.
type (
	object []member
	array  []any
	member struct {
		name  string
		value any
	}
	// stream writes a large part by itself; mask is what is wanted of it.
	stream func(e *out, m mask) error
)

// put adds a member unless it is what protocol buffers leave out: zero.
func (o *object) put(name string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case int:
		if v == 0 {
			return
		}
	case int32:
		if v == 0 {
			return
		}
	case bool:
		if !v {
			return
		}
	case object:
		if v == nil {
			return
		}
	case array:
		if len(v) == 0 {
			return
		}
	}
	*o = append(*o, member{name, value})
}

func write(e *out, value any, m mask) error {
	switch v := value.(type) {
	case object:
		return writeObject(e, v, m)
	case array:
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for _, item := range v {
			if err := write(e, item, m); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndArray)
	case stream:
		return v(e, m)
	case string:
		return e.WriteToken(jsontext.String(v))
	case int:
		return e.WriteToken(jsontext.Int(int64(v)))
	case int32:
		return e.WriteToken(jsontext.Int(int64(v)))
	case float64:
		return e.WriteToken(jsontext.Float(v))
	case bool:
		return e.WriteToken(jsontext.Bool(v))
	}
	return fmt.Errorf("no JSON for a %T", value)
}

func writeObject(e *out, o object, m mask) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, member := range o {
		sub, wanted := m.sub(member.name)
		if !wanted {
			continue
		}
		e.name(member.name)
		if err := write(e, member.value, sub); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}
