// Package phrase holds every sentence that uratori says to a person, in
// English and in Japanese, side by side.
//
// A sentence has a key ("daemon.stopped") and named placeholders ("{pid}").
// Names, not positions, because the two languages put things in a different
// order. Values are inserted as they are and never expanded again, so a text
// that came from a sheet or a log cannot smuggle a placeholder in. Where English
// has another word for one than for many, {count|ticket|tickets} is the one that
// goes with the value.
//
// Log lines, code and the JSON of --json stay English whatever the locale.
// The package's tests read the source of the whole repository: a key that is
// used but missing, a sentence that nobody uses, a placeholder that differs
// between the languages or is not filled by a caller fails the build.
package phrase

import (
	"fmt"
	"strings"
)

// Lang is a language that the catalogue is complete in.
type Lang string

// The two languages of the product.
const (
	English  Lang = "en"
	Japanese Lang = "ja"
)

type text struct{ en, ja string }

// FromEnv picks the language as a POSIX program does: LC_ALL, then
// LC_MESSAGES, then LANG, the first that is set. URATORI_LANG goes before all
// of them, for people whose terminal runs in the C locale. Whatever is not
// Japanese is English.
func FromEnv(getenv func(string) string) Lang {
	for _, name := range []string{"URATORI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		value := strings.ToLower(getenv(name))
		if value == "" {
			continue
		}
		if value == "ja" || strings.HasPrefix(value, "ja_") || strings.HasPrefix(value, "ja-") || strings.HasPrefix(value, "ja.") {
			return Japanese
		}
		return English
	}
	return English
}

// Say renders the sentence of key. pairs are alternating placeholder names
// and values. An unknown key renders as the key between exclamation marks: a
// sentence is never silently empty.
func (l Lang) Say(key string, pairs ...any) string {
	return l.Render(key, Pairs(pairs...))
}

// Render is Say for values that are already a map, such as those that crossed
// the control socket.
func (l Lang) Render(key string, values map[string]string) string {
	t, ok := lookup(key)
	if !ok {
		return "!" + key + "!"
	}
	if l == Japanese {
		return expand(t.ja, values)
	}
	return expand(t.en, values)
}

// Known tells whether the catalogue has a sentence for key.
func Known(key string) bool {
	_, ok := lookup(key)
	return ok
}

// Pairs turns alternating names and values into the map that Render takes. A
// name without a value gets an empty one.
func Pairs(pairs ...any) map[string]string {
	if len(pairs) == 0 {
		return nil
	}
	values := make(map[string]string, (len(pairs)+1)/2)
	for i := 0; i < len(pairs); i += 2 {
		value := ""
		if i+1 < len(pairs) {
			value = fmt.Sprint(pairs[i+1])
		}
		values[fmt.Sprint(pairs[i])] = value
	}
	return values
}

func lookup(key string) (text, bool) {
	for _, part := range catalogue() {
		if t, ok := part[key]; ok {
			return t, true
		}
	}
	return text{}, false
}

// stands is what a placeholder stands for.
func stands(inner string, values map[string]string) (string, bool) {
	name, words, counted := strings.Cut(inner, "|")
	value, ok := values[name]
	if !counted || !ok {
		return value, ok
	}
	one, many, ok := strings.Cut(words, "|")
	if value == "1" {
		return one, ok
	}
	return many, ok
}

// expand replaces {name} by its value, {name|one|many} by the word for its value,
// and {{ and }} by literal braces, in one pass from left to right.
func expand(s string, values map[string]string) string {
	var out strings.Builder
	for s != "" {
		open := strings.IndexAny(s, "{}")
		if open < 0 {
			break
		}
		out.WriteString(s[:open])
		s = s[open:]
		if strings.HasPrefix(s, "{{") || strings.HasPrefix(s, "}}") {
			out.WriteByte(s[0])
			s = s[2:]
			continue
		}
		end := strings.IndexByte(s, '}')
		value, ok := "", false
		if end > 1 {
			value, ok = stands(s[1:end], values)
		}
		if !ok {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		out.WriteString(value)
		s = s[end+1:]
	}
	out.WriteString(s)
	return out.String()
}
