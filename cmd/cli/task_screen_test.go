package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// onScreen is what a terminal gets of pieces.
func onScreen(t interface{ Fatal(...any) }, pieces ...string) string {
	var out bytes.Buffer
	p := pane{to: &out, screen: true}
	for _, piece := range pieces {
		if err := p.write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPane_ATerminalGetsNothingThatMovesTheCursorAway(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"plain\n":                       "plain\n",
		"no line feed":                  "no line feed\n",
		"a\tb\r\nc\r\n":                 "a\tb\nc\n",
		"\r 10%\r 20%\n":                " 10%\r\x1b[K 20%\n",
		"long line\rab\n":               "long line\r\x1b[Kab\n",
		"x\r":                           "x\n",
		"x\r\r\ny\n":                    "x\ny\n",
		"\x1b[32mgreen\x1b[0m\n":        "green\n",
		"\x1b[K\x1b[2K\x1b[Aup\n":       "up\n",
		"\x1b[38;2;1;2;3mtrue\x1b[m\n":  "true\n",
		"\x1b[2J\x1b[H\n":               `\u001b[2J\u001b[H` + "\n",
		"\x1b]0;title\a\n":              `\u001b]0;title\u0007` + "\n",
		"\x1b[":                         `\u001b[` + "\n",
		"\a\b\v\f\x00\x7f\n":            `\u0007\u0008\u000b\u000c\u0000\u007f` + "\n",
		"\u202eabc\u2066\u200b\ufeff\n": `\u202eabc\u2066\u200b\ufeff` + "\n",
		"\u009b31m\u0085\n":             `\u009b31m\u0085` + "\n",
		"日本語 ██▌ 50%\n":                 "日本語 ██▌ 50%\n",
		"\x93\xfa\n":                    `\x93\xfa` + "\n",
		"👩‍🔬\n":                         "👩‍🔬\n",
		"\xe6\x97":                      `\xe6\x97` + "\n",
	} {
		if got := onScreen(t, in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Where the pieces are cut makes no difference.
func TestPane_PiecesMakeNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"a", "日", "\x1b", "[", "3", "m", "\x1b[0m", "\r", "\n", "\x93", "\xe6", "👩‍🔬", ";", "K", strings.Repeat("\x1b[1", 40), "\x1b[" + strings.Repeat("1", 70) + "m",
		})).Draw(t, "text"), "")
		cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
		again := rapid.IntRange(cut, len(text)).Draw(t, "again")
		if whole, parts := onScreen(t, text), onScreen(t, text[:cut], text[cut:again], text[again:]); whole != parts {
			t.Fatalf("%q\n%q\n%q", text, whole, parts)
		}
	})
}

func FuzzPane(f *testing.F) {
	f.Add([]byte("\r 10%|█  | \x1b[A\x1b[2J\xff\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := strings.ReplaceAll(onScreen(t, string(data)), "\r\x1b[K", "")
		if !utf8.ValidString(got) || got != "" && !strings.HasSuffix(got, "\n") {
			t.Errorf("%q", got)
		}
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				t.Fatalf("%q in %q", r, got)
			}
		}
	})
}

func TestPane_AFileGetsEveryByte(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // of the test
	p := newPane(&output{Writer: f})
	for _, piece := range []string{"\x1b[2J\r", "\xff\x00", "", "日\xe6"} {
		if err := p.write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(f.Name()); err != nil || string(got) != "\x1b[2J\r\xff\x00日\xe6" {
		t.Errorf("%q %v", got, err)
	}
}
