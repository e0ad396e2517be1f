package console

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// show is what is seen of a log: its rows, with styles in brackets.
func show(log string) (list []string) {
	for _, r := range Lines(0, []byte(log)) {
		text := ""
		for _, s := range r.Spans {
			if s.Class != "" {
				text += "[" + s.Class + "]"
			} else if text != "" {
				text += "[]"
			}
			text += s.Text
		}
		list = append(list, text)
	}
	return list
}

func TestLines_LookAsOnATerminal(t *testing.T) {
	bars := "outer:   0%\n\r inner:  50%\x1b[A\n\r inner: 100%\x1b[A\r outer: 100%\n"
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"plain lines":                    {"one\ntwo\n\nfour", []string{"one", "two", "", "four"}},
		"line ends of Windows":           {"one\r\ntwo\r\n", []string{"one", "two"}},
		"a bar overwrites itself":        {"\r  0%|    | 0/3\r 33%|#   | 1/3\r100%|####| 3/3\n", []string{"100%|####| 3/3"}},
		"what is longer stays behind it": {"abcdef\rxy", []string{"xycdef"}},
		"a line is cleared":              {"abcdef\r\x1b[Kxy", []string{"xy"}},
		"all of a line":                  {"abcdef\x1b[2K\rxy", []string{"xy"}},
		"bars beneath each other":        {bars, []string{" outer: 100%", " inner: 100%"}},
		"colours":                        {"\x1b[31mred\x1b[0m \x1b[1;92;44mbold\x1b[m", []string{"[f1]red[] [f10 b4 bold]bold"}},
		"256 colours and all colours":    {"\x1b[38;5;196ma\x1b[48;2;0;0;230mb\x1b[38:5:2mc", []string{"[f9]a[f9 b4]b[f2 b4]c"}},
		"inverse":                        {"\x1b[7ma\x1b[31mb\x1b[42mc\x1b[27md", []string{"[inv]a[b1]b[f2 b1]c[f1 b2]d"}},
		"hidden text is shown":           {"\x1b[8mhidden\x1b[30;40mblack", []string{"hidden[f0 b0]black"}},
		"a style outlives its line":      {"\x1b[33ma\nb", []string{"[f3]a", "[f3]b"}},
		"a link is its text":             {"\x1b]8;;javascript:alert(1)\x1b\\here\x1b]8;;\x1b\\", []string{"here"}},
		"a title is none":                {"\x1b]0;title\ax", []string{"x"}},
		"a sequence that never ends":     {"\x1b]0;title\nseen", []string{"", "seen"}},
		"a sequence that is none":        {"\x1b[3\tx\x1b[日本", []string{"        x日本"}},
		"a screen is not cleared":        {"one\n\x1b[2J\x1b[Htwo", []string{"one", "two"}},
		"backspaces":                     {"50%\b\b\b60%", []string{"60%"}},
		"tabs":                           {"a\tb", []string{"a       b"}},
		"wide characters":                {"日本語\r\x1b[4Cx", []string{"日本x "}},
		"half of a wide character":       {"日本\rx", []string{"x 本"}},
		"marks on characters":            {"e\u0301か\u3099", []string{"e\u0301か\u3099"}},
		"a mark on nothing":              {"\u0301x", []string{"x"}},
		"control characters":             {"a\x00\x01\x7f\x0bb", []string{"a[ctl]␀␁␡␋[]b"}},
		"bytes that are no UTF-8":        {"a\xff\xe3\x81b\xc3\xc3\xa9", []string{"a[ctl]\uFFFD\uFFFD\uFFFD[]b[ctl]\uFFFD[]é"}},
		"directions":                     {"a\u202eb\u2066c", []string{"a[ctl]⟦U+202E⟧[]b[ctl]⟦U+2066⟧[]c"}},
		"what is invisible":              {"a\u200b\ufeff\u00ad\U000e0041b", []string{"a[ctl]⟦U+200B⟧⟦U+FEFF⟧⟦U+00AD⟧⟦U+E0041⟧[]b"}},
		"C1 as characters":               {"a\u009b31mb\u0085", []string{"a[ctl]⟦U+009B⟧[]31mb[ctl]⟦U+0085⟧"}},
		"markup is text":                 {"<img src=x onerror=alert(1)>", []string{"<img src=x onerror=alert(1)>"}},
		"characters are taken out":       {"abcdef\r\x1b[2Px", []string{"xdef"}},
		"to a column":                    {"abc\x1b[2Gx", []string{"axc"}},
		"the end of all is cleared":      {"one\ntwo\x1b[A\r\x1b[Jx", []string{"x", ""}},
		"private sequences do nothing":   {"\x1b[?25l\x1b[>1mx\x1b[?25h", []string{"x"}},
	} {
		if diff := cmp.Diff(c.want, show(c.log)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestScreen_TellsARowThatChangesAgain_ByTheOffsetAtWhichItBegan(t *testing.T) {
	s := New(100)
	s.Write([]byte("first\n 10%"))
	rows, _ := s.Changed()
	if len(rows) != 2 || rows[0].At != 100 || rows[1].At != 106 {
		t.Fatalf("%+v", rows)
	}
	s.Write([]byte("\r 20%"))
	if rows, _ = s.Changed(); len(rows) != 1 || rows[0].At != 106 || rows[0].Text() != " 20%" {
		t.Fatalf("%+v", rows)
	}
	if rows, _ = s.Changed(); len(rows) != 0 {
		t.Errorf("nothing has changed: %+v", rows)
	}
}

func TestScreen_ManyLines_KeepsTheLastAndCountsTheOthers(t *testing.T) {
	s := New(0)
	const lines = 100_000
	for i := range lines {
		s.Write(fmt.Appendf(nil, "line %d\n", i))
	}
	rows, skipped := s.Changed()
	if len(rows)+skipped != lines || len(rows) > mostKept+Depth || len(rows) < mostKept/2 {
		t.Errorf("%d rows and %d that are not kept", len(rows), skipped)
	}
	if last := rows[len(rows)-1].Text(); last != fmt.Sprintf("line %d", lines-1) {
		t.Errorf("the last is %q", last)
	}
}

func TestScreen_AVeryLargeNumber_TakesNoMemory(t *testing.T) {
	for _, log := range []string{"\x1b[99999999999999999999Cx", "\x1b[999999999Bx", "\x1b[999999999Gx", "\x1b[999999999Px", strings.Repeat("\t", 1_000_000)} {
		if rows := Lines(0, []byte(log)); len(rows) > 1 || len(rows) == 1 && len(rows[0].Text()) > Widest {
			t.Errorf("%.20q: %d rows", log, len(rows))
		}
	}
}

func TestScreen_ALongLine_IsCutAndSaysSo(t *testing.T) {
	rows := Lines(0, []byte(strings.Repeat("x", 1_000_000)+"\nnext"))
	if len(rows) != 2 || !rows[0].Cut || len(rows[0].Text()) != Widest || rows[1].Cut || rows[1].At != 1_000_001 {
		t.Errorf("%d rows, %+v", len(rows), rows[1])
	}
}

var (
	classes = regexp.MustCompile(`^(f\d\d?|b\d\d?|bold|faint|ital|under|strike|inv|ctl)( (b\d\d?|bold|faint|ital|under|strike|inv|ctl))*$`)
	hidden  = []*unicode.RangeTable{unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control}
)

// harmless is what a page relies on, whatever a job prints.
func harmless(t interface{ Fatalf(string, ...any) }, log []byte, pieces []int) {
	whole := Lines(7, log)
	s := New(7)
	rest := log
	for _, n := range pieces {
		n = min(max(n, 0), len(rest))
		s.Write(rest[:n])
		rest = rest[n:]
	}
	s.Write(rest)
	cut, _ := s.Changed()
	if diff := cmp.Diff(whole, cut); diff != "" {
		t.Fatalf("cut into pieces it looks different: %s", diff)
	}
	last := int64(-1)
	for _, r := range whole {
		if r.At <= last || r.At < 7 || r.At > 7+int64(len(log)) {
			t.Fatalf("a row at %d after %d", r.At, last)
		}
		last = r.At
		columns := 0
		for _, span := range r.Spans {
			if span.Class != "" && !classes.MatchString(span.Class) {
				t.Fatalf("a style %q", span.Class)
			}
			if !utf8.ValidString(span.Text) || strings.ContainsFunc(span.Text, func(c rune) bool { return unicode.In(c, hidden...) }) {
				t.Fatalf("a text %q", span.Text)
			}
			columns += utf8.RuneCountInString(span.Text)
		}
		if columns > Widest*(1+mostMarks) {
			t.Fatalf("%d characters in a row", columns)
		}
	}
}

func FuzzScreen(f *testing.F) {
	for _, log := range []string{
		"\r 33%|#   | 1/3\r100%|####| 3/3\n", "\x1b[31mred\x1b[0m", "\x1b]8;;x\x1b\\y\n", "\x1b[A\x1b[2K\r\x1b[5B\x1b[3P", "日\x1b[2Db\xff\xfe\xe3\x81",
		"\x1b[38;2;1;2;3;48;5m\x1b[", "a\u202e\u200d\ufe0f\U0001f468\u200d\U0001f469",
	} {
		f.Add([]byte(log), 3)
	}
	f.Fuzz(func(t *testing.T, log []byte, cut int) {
		harmless(t, log, []int{cut, cut})
		Plain(strings.ToValidUTF8(string(log), "?"))
	})
}

func TestScreen_AnythingInAnyPieces_IsHarmlessText(t *testing.T) {
	atoms := []string{"\x1b", "\x1b[", "[", "]", "\r", "\n", "\b", "\t", "31", ";", "m", "A", "B", "K", "2J", "P", "日", "é", "e\u0301", "\xff", "\xe3", "\x00", "\u202e", "\u200b", "<b>", "\a", "\\", "x y", "10C", "38;5;"}
	rapid.Check(t, func(t *rapid.T) {
		log := strings.Join(rapid.SliceOfN(rapid.SampledFrom(atoms), 0, 80).Draw(t, "log"), "")
		harmless(t, []byte(log), rapid.SliceOfN(rapid.IntRange(0, 9), 0, 40).Draw(t, "pieces"))
	})
}

func TestPlain_IsOneLineWithoutHiddenCharacters(t *testing.T) {
	spans := Plain("a\tb\r\nc\u202e\x1b[31md")
	var text []string
	for _, s := range spans {
		text = append(text, s.Class+":"+s.Text)
	}
	if want := []string{":a b  c", "ctl:⟦U+202E⟧␛", ":[31md"}; !slices.Equal(text, want) {
		t.Errorf("%q", text)
	}
}
