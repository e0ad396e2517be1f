package monitor

import (
	"errors"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// Words are a sentence in any language.
type Words struct {
	Key    string            `json:"key"`
	Values map[string]string `json:"values,omitempty"`
}

// Say is a sentence of the catalogue; pairs as in [phrase.Lang.Say].
func Say(key string, pairs ...any) Words { return say(key, pairs...) }

func say(key string, pairs ...any) Words { return Words{key, phrase.Pairs(pairs...)} }

// In is the sentence in a language.
func (w Words) In(lang phrase.Lang) string {
	if w.Key == "" {
		return ""
	}
	return lang.Render(w.Key, w.Values)
}

// English is the sentence in English.
func (w Words) English() string { return w.In(phrase.English) }

// span is a duration as every language reads it: 5m, 1h30m, 45s.
func span(d time.Duration) string {
	if d >= time.Minute {
		d = d.Round(time.Second)
	} else {
		d = d.Round(10 * time.Millisecond)
	}
	text := d.String()
	for _, unit := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, unit) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// size is a number of bytes for people.
func size(bytes uint64) string { return humanize.IBytes(bytes) }

// reason is the sentence of a fault.
func reason(err error) Words {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return Words{f.Key, f.Values}
	}
	return say("monitor.other", "error", err)
}
