package sheets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// valueRange is one range of an answer of the values API, as texts.
type valueRange struct {
	name   string // with the tab's title
	values [][]string
	// kinds are those of values that are no texts.
	kinds map[int]map[int]Kind
}

func (v *valueRange) note(outer, inner int, k Kind) {
	if k == Text {
		return
	}
	if v.kinds == nil {
		v.kinds = map[int]map[int]Kind{}
	}
	if v.kinds[outer] == nil {
		v.kinds[outer] = map[int]Kind{}
	}
	v.kinds[outer][inner] = k
}

// streamed takes values out of an answer as they arrive. Google's client reads
// an answer whole, then makes an interface of each cell: for a table of
// 100,000 rows that is several times the memory and time of the texts.
type streamed struct {
	ranges []valueRange
	err    error
}

type streamedKey struct{}

// streaming serves calls that wait for values.
type streaming struct{ base http.RoundTripper }

func (s streaming) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.base.RoundTrip(r)
	into, ok := r.Context().Value(streamedKey{}).(*streamed)
	if err != nil || !ok || answer.StatusCode != http.StatusOK {
		return answer, err
	}
	into.ranges, into.err = readValues(answer.Body)
	_ = answer.Body.Close() // all that is wanted was read
	answer.Body, answer.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
	return answer, nil
}

// streamValues makes a call whose answer is a BatchGetValuesByDataFilterResponse.
func streamValues(ctx context.Context, do func(context.Context) error) ([]valueRange, error) {
	var into streamed
	if err := do(context.WithValue(ctx, streamedKey{}, &into)); err != nil {
		return nil, err
	}
	return into.ranges, into.err
}

var errStrangeAnswer = errors.New("the answer is not what was asked for")

// readValues reads {"valueRanges":[{"valueRange":{"range":…,"values":[[…]]}}]}.
func readValues(r io.Reader) (ranges []valueRange, err error) {
	d := jsontext.NewDecoder(r)
	err = eachMember(d, func(name string) error {
		if name != "valueRanges" {
			return d.SkipValue()
		}
		return eachItem(d, func() error {
			ranges = append(ranges, valueRange{})
			return eachMember(d, func(name string) error {
				if name != "valueRange" {
					return d.SkipValue()
				}
				return readRange(d, &ranges[len(ranges)-1])
			})
		})
	})
	if err == nil {
		_, err = d.ReadToken()
		if errors.Is(err, io.EOF) {
			return ranges, nil
		}
		err = errors.Join(errStrangeAnswer, err)
	}
	return nil, fmt.Errorf("read the values of an answer: %w", err)
}

func readRange(d *jsontext.Decoder, into *valueRange) error {
	return eachMember(d, func(name string) error {
		switch name {
		case "range":
			t, err := d.ReadToken()
			if err == nil && t.Kind() == '"' {
				into.name = t.String()
			}
			return err
		case "values":
			return eachItem(d, func() error {
				var line []string
				err := eachItem(d, func() error {
					text, kind, err := readText(d)
					into.note(len(into.values), len(line), kind)
					line = append(line, text)
					return err
				})
				into.values = append(into.values, line)
				return err
			})
		}
		return d.SkipValue()
	})
}

func readText(d *jsontext.Decoder) (string, Kind, error) {
	t, err := d.ReadToken()
	if err != nil {
		return "", Text, err
	}
	switch t.Kind() {
	case '"':
		return t.String(), Text, nil
	case '0':
		return number(t.Float()), Number, nil
	case 't', 'f':
		return truth(t.Bool()), Bool, nil
	case 'n':
		return "", Text, nil
	}
	return "", Text, errStrangeAnswer
}

func eachMember(d *jsontext.Decoder, member func(name string) error) error {
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return errors.Join(errStrangeAnswer, err)
	}
	for {
		t, err := d.ReadToken()
		if err != nil || t.Kind() == '}' {
			return err
		}
		if err := member(t.String()); err != nil {
			return err
		}
	}
}

func eachItem(d *jsontext.Decoder, item func() error) error {
	if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
		return errors.Join(errStrangeAnswer, err)
	}
	for d.PeekKind() != ']' {
		if err := item(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}
