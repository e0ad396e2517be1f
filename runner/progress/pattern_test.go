package progress

import (
	"errors"
	"strings"
	"testing"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

func TestParsePattern_WhatIsWrong_IsSaidPrecisely(t *testing.T) {
	for pattern, want := range map[string]string{
		``:                                "needs a named group (?P<done>…) or (?P<percent>…)",
		`(\d+)/(\d+)`:                     "needs a named group",
		`(?P<item>.*)`:                    "needs a named group",
		`(?P<done>\d+`:                    "missing closing ): (?P<done>\\d+",
		`(?P<done>\d+)(?=x)`:              "invalid or unsupported Perl syntax: (?=",
		`(?P<done>\d+)\1`:                 "invalid escape sequence: \\1",
		`(?P<n>\d+)`:                      "has a group n, which means nothing here; the names are done, total, item, phase, percent",
		`(?P<total>\d+) (?P<percent>\d+)`: "has a group total but none named done",
		`(?P<done>\d+)` + strings.Repeat("x", 500):                          "has 513 bytes and may have 500",
		"(?P<done>\\d+)\xff":                                                "is not UTF-8",
		`(?P<done>\d+)(a|b|.){0,100}`:                                       "takes too long to match",
		`(?P<done>\d+)((x{100}){100}){100}`:                                 "expression",
		`(?P<done>\d+)` + strings.Repeat("(", 480) + strings.Repeat(")", 7): "missing closing )",
	} {
		p, err := ParsePattern(pattern)
		if err == nil || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v %v, want %q", pattern, p, err, want)
			continue
		}
		f, _ := errors.AsType[*fault.Error](err)
		if ja := fault.Explain(err, phrase.Japanese); !strings.Contains(ja, "進捗パターン") || strings.Contains(ja, f.Key) {
			t.Error(ja)
		}
	}
}

func TestPattern_NamedGroups_AreWhatTheFrameSays(t *testing.T) {
	yes := func(s Sighting) []Sighting { s.Source = Custom; return []Sighting{s} }
	const whole = `^(?:(?P<phase>\w+): )?page (?P<done>[\d,]*) von (?P<total>\S+)(?: (?P<item>\S+))?(?: (?P<percent>\S+) Prozent)?$`
	p, err := ParsePattern(whole)
	if err != nil {
		t.Fatal(err)
	}
	if p.String() != whole {
		t.Error(p)
	}
	for line, want := range map[string][]Sighting{
		"page 12 von 300":                         yes(Sighting{Counted: true, Done: 12, Total: 300}),
		"extract: page 12 von 300 a.png":          yes(Sighting{Counted: true, Done: 12, Total: 300, Item: "a.png", Phase: "extract"}),
		"page 1,200 von 3,000 a.png 40.5 Prozent": yes(Sighting{Counted: true, Done: 1200, Total: 3000, Item: "a.png", Partial: true, Percent: 40.5}),
		"page 301 von 300":                        nil,
		"page  von 300":                           nil,
		"page 12 von viele":                       nil,
		"page 12 von 300 a.png NaN Prozent":       nil,
		"page 99999999999999999999 von 300":       nil,
		"nothing of the kind":                     nil,
		"page 12 von -300":                        nil,
	} {
		same(t, line, sightings(NewParser(Work{}, p), []byte(line+"\n")), want)
	}
	either, err := ParsePattern(`(?P<done>\d+) done|finished (?P<done>\d+)`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "alternatives", sightings(NewParser(Work{}, either), []byte("3 done\nfinished 4\n")),
		append(yes(Sighting{Counted: true, Done: 3}), yes(Sighting{Counted: true, Done: 4})...))
	percent, err := ParsePattern(`(?i)fortschritt (?P<percent>[\d.]+)`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "percent", sightings(NewParser(Work{}, percent), []byte("Fortschritt 40.5\n")), yes(Sighting{Partial: true, Percent: 40.5}))
}

func FuzzParsePattern(f *testing.F) {
	f.Add(`(?P<done>\d+)/(?P<total>\d+)`, []byte("12/300\n"))
	f.Add(`(?P<percent>.*)`, []byte("\xff\n1e400\n"))
	f.Fuzz(func(t *testing.T, pattern string, log []byte) {
		p, err := ParsePattern(pattern)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v %v", p, err)
		}
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || strings.HasPrefix(err.Error(), "!") {
				t.Fatal(err)
			}
			return
		}
		for _, s := range sightings(NewParser(Work{}, p), log) {
			if !s.valid() {
				t.Fatalf("%+v", s)
			}
		}
	})
}
