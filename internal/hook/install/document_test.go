package install

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func must(t testing.TB, raw string) *document {
	t.Helper()
	d, err := read([]byte(raw))
	if err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	return d
}

func TestDocument_IsChangedWhereItIsMeant_AndNowhereElse(t *testing.T) {
	for _, tc := range []struct{ name, before, after string }{
		{"empty", "{}\n", "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n"},
		{"empty with blanks", "{ }", "{\n  \"a\": {\n    \"b\": 1\n  }\n}"},
		{"beside another", "{\n    \"z\": 1.50,\n    \"y\": [1, 2]\n}\n", "{\n    \"z\": 1.50,\n    \"y\": [1, 2],\n    \"a\": {\n        \"b\": 1\n    }\n}\n"},
		{"one line", `{"z":{"q":1}}`, "{\"z\":{\"q\":1}, \"a\": {\n  \"b\": 1\n}}"},
		{"into an object", "{\n\t\"a\": {\n\t\t\"c\": 2\n\t}\n}", "{\n\t\"a\": {\n\t\t\"c\": 2,\n\t\t\"b\": 1\n\t}\n}"},
		{"into an empty object", "{\n  \"a\": {}\n}", "{\n  \"a\": {\n    \"b\": 1\n  }\n}"},
		{"in place of another", "{ \"a\" : { \"b\" : \"old\" , \"c\":3 } }", "{ \"a\" : { \"b\" : 1 , \"c\":3 } }"},
		{"Windows", "{\r\n  \"z\": 1\r\n}\r\n", "{\r\n  \"z\": 1,\r\n  \"a\": {\r\n    \"b\": 1\r\n  }\r\n}\r\n"},
	} {
		d := must(t, tc.before)
		if err := d.set(named("a", "b"), 1); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.after, string(d.raw)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

func TestDocument_Remove_TakesOneCommaWithIt(t *testing.T) {
	for _, tc := range []struct{ before, after string }{
		{`{"a":1}`, `{}`},
		{"{\n  \"a\": 1,\n  \"b\": 2\n}", "{\n  \"b\": 2\n}"},
		{"{\n  \"b\": 2,\n  \"a\": 1\n}", "{\n  \"b\": 2\n}"},
		{`{"b":2 , "a":1 , "c":3}`, `{"b":2 , "c":3}`},
		{`{"b":2}`, `{"b":2}`},
	} {
		d := must(t, tc.before)
		if err := d.remove(named("a")); err != nil || string(d.raw) != tc.after {
			t.Errorf("%s: %s %v", tc.before, d.raw, err)
		}
	}
}

func TestRead_WhatIsNoJSON_IsRefused(t *testing.T) {
	for _, raw := range []string{
		"", " ", "{", `{"a":1,}`, "{} {}", "// x\n{}", "{/* x */}", "\ufeff{}", "{'a':1}", `{"a":1,"a":2}`, "\xff\xfe{\x00}\x00", `{"a":"` + "\xff" + `"}`,
		strings.Repeat("[", 100_000), "{}\x00",
	} {
		if d, err := read([]byte(raw)); err == nil {
			t.Errorf("%.40q: %s", raw, d.raw)
		}
	}
}

// random is any settings that somebody might have, with any blanks.
func random(t *rapid.T) string {
	blank := rapid.SampledFrom([]string{"", " ", "\n", "\n  ", "\t", "\r\n"})
	name := rapid.SampledFrom([]string{"hooks", "mcpServers", "Stop", "PreToolUse", "uratori", "env", "a", "長い名前", `q\"\u0041`, "matcher"})
	var value func(depth int) string
	value = func(depth int) string {
		kinds := 6
		if depth > 3 {
			kinds = 4
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return rapid.SampledFrom([]string{"0", "1.50", "-0", "1e400", "12345678901234567890"}).Draw(t, "number")
		case 1:
			return `"` + rapid.SampledFrom([]string{"", "x", `\u3042\n`, "uratori hook stop", "あ"}).Draw(t, "text") + `"`
		case 2:
			return "true"
		case 3:
			return "null"
		case 4:
			var parts []string
			for range rapid.IntRange(0, 3).Draw(t, "length") {
				parts = append(parts, blank.Draw(t, "blank")+value(depth+1)+blank.Draw(t, "blank"))
			}
			return "[" + strings.Join(parts, ",") + "]"
		default:
			return object(t, blank, name, func() string { return value(depth + 1) })
		}
	}
	return object(t, blank, name, func() string { return value(1) })
}

func object(t *rapid.T, blank, name *rapid.Generator[string], value func() string) string {
	var parts []string
	seen := map[string]bool{}
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		n := name.Draw(t, "name")
		if seen[n] {
			continue
		}
		seen[n] = true
		parts = append(parts, blank.Draw(t, "blank")+`"`+n+`"`+blank.Draw(t, "blank")+":"+blank.Draw(t, "blank")+value()+blank.Draw(t, "blank"))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// meaning is what a document says, with numbers and texts as they are written.
func meaning(t interface{ Fatalf(string, ...any) }, raw []byte) any {
	d := jsontext.NewDecoder(strings.NewReader(string(raw)))
	var take func() any
	take = func() any {
		switch d.PeekKind() {
		case '{':
			if _, err := d.ReadToken(); err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			m := map[string]any{}
			for d.PeekKind() != '}' {
				name := fmt.Sprint(take())
				m[name] = take()
			}
			_, _ = d.ReadToken() // its end, which was seen
			return m
		case '[':
			if _, err := d.ReadToken(); err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			l := []any{}
			for d.PeekKind() != ']' {
				l = append(l, take())
			}
			_, _ = d.ReadToken() // its end, which was seen
			return l
		default:
			v, err := d.ReadValue()
			if err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			return string(v)
		}
	}
	return take()
}

// Whatever stands in the settings: what is not ours stays as it is written, and
// doing it again changes nothing; taken out again, nothing of ours is left.
func TestInstalled_KeepsWhatIsNotOurs_AndIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := random(t)
		e := Entry{Program: rapid.SampledFrom([]string{"uratori", "/opt/some where/uratori", "/x/'\"$y/uratori"}).Draw(t, "program"), Home: rapid.SampledFrom([]string{"", "/h o/me"}).Draw(t, "home")}
		for _, name := range []string{ServersFile, SettingsFile} {
			after, err := installed(name, []byte(before), e)
			if err != nil {
				continue // it was refused, which leaves the file alone
			}
			again, err := installed(name, after, e)
			if err != nil || string(again) != string(after) {
				t.Fatalf("again: %v\n%s\n%s", err, after, again)
			}
			was, is := meaning(t, []byte(before)).(map[string]any), meaning(t, after).(map[string]any)
			for key, v := range was {
				if key == `"hooks"` || key == `"mcpServers"` {
					continue
				}
				if diff := cmp.Diff(v, is[key]); diff != "" {
					t.Fatalf("%s: %s", key, diff)
				}
			}
			rest, err := uninstalled(name, after)
			if err != nil {
				t.Fatal(err)
			}
			if twice, err := uninstalled(name, rest); err != nil || string(twice) != string(rest) {
				t.Fatalf("out again: %v\n%s\n%s", err, rest, twice)
			}
			without, err := uninstalled(name, []byte(before))
			if err != nil {
				t.Fatal(err)
			}
			if says(without) != says(rest) {
				t.Fatalf("what is not ours has changed:\n%s\n%s\n%s", before, after, rest)
			}
		}
	})
}

func FuzzInstalled(f *testing.F) {
	f.Add(`{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"uratori hook stop"}]}]}}`)
	f.Add(`{"mcpServers":{"uratori":{"command":"uratori","args":["mcp"],"env":{}}}}`)
	f.Fuzz(func(t *testing.T, before string) {
		for _, name := range []string{ServersFile, SettingsFile} {
			after, err := installed(name, []byte(before), Entry{Program: "uratori"})
			if err != nil {
				continue
			}
			var v any
			if err := json.Unmarshal(after, &v); err != nil {
				t.Fatalf("%s: %v", after, err)
			}
			if _, err := uninstalled(name, after); err != nil {
				t.Fatal(err)
			}
		}
	})
}
