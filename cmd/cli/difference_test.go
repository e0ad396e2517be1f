package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"uratori/internal/phrase"
)

func differs(lang phrase.Lang, old, now string, b bounds) string {
	var out bytes.Buffer
	a, _ := newApp(&out, lang)
	a.differ("", sides{"old", "new"}, old, now, b)
	return out.String()
}

func TestDiffer_ShortTexts_StandOneAboveTheOther(t *testing.T) {
	for _, tc := range [][3]string{
		{"起票", "完了", "old: \"起票\"\nnew: \"完了\"\n"},
		{"", "x", "old: \"\"\nnew: \"x\"\n"},
		{"same", "same", "old = new: \"same\"\n"},
		{"a", "a ", "old: \"a\"\nnew: \"a \"\nthey look the same; the first difference is character 2: the end → U+0020 space\n"},
		{"a\u3000b", "a b", "U+3000 full-width space → U+0020 space"},
		{"が", "か\u3099", "character 1: U+304C が → U+304B か"},
		{"a", "a\r", "the end → U+000D carriage return"},
		{"a\u200bb", "ab", "character 2: U+200B zero-width space → U+0062 b"},
		{"\ufeffa", "a", "U+FEFF byte order mark → U+0061 a"},
		{"a\u00a0b", "a\u2003b", "U+00A0 no-break space → U+2003"},
		{"e\u0301x", "éx", "character 1: U+0065 e → U+00E9 é"},
		{"☺", "☺\ufe0f", "the end → U+FE0F combining mark"},
	} {
		if got := differs(phrase.English, tc[0], tc[1], bounded()); !strings.Contains(got, tc[2]) {
			t.Errorf("%q %q:\n%s", tc[0], tc[1], got)
		}
	}
	if got := differs(phrase.Japanese, "a", "a\u3000", bounded()); got != "old: 「a」\nnew: 「a\u3000」\n見た目は同じですが、2 文字目が違います: 終わり → U+3000 全角スペース\n" {
		t.Error(got)
	}
}

func TestDiffer_LongTexts_ByTheirLines(t *testing.T) {
	old := "一\n二\n三\n四\n五\n六\n七\n八\n九"
	for _, tc := range [][2]string{
		{strings.Replace(old, "五", "ご", 1), "--- old\n+++ new\n@@ -2,7 +2,7 @@\n二\n三\n四\n-五\n+ご\n六\n七\n八\n"},
		{old + "\n", "+↵\n"},
		{strings.Replace(old, "五\n", "", 1), "四\n-五\n六\n"},
		{strings.Replace(old, "五", "五 ", 1), "-五\n+五 \nthey look the same; the first difference is character 2: the end → U+0020 space\n"},
		{strings.ReplaceAll(old, "\n", "\r\n"), "-一\n-二\n-三\n-四\n-五\n-六\n-七\n-八\n" + `+一\u000d` + "\n"},
		{"", "-九\n+↵\n"},
		{"- x\n+ y\n@@ z", "+- x\n++ y\n+@@ z\n"},
	} {
		got := differs(phrase.English, old, tc[0], bounded())
		if !strings.Contains(strings.ReplaceAll(got, "\n ", "\n"), tc[1]) {
			t.Errorf("%q:\n%s", tc[0], got)
		}
	}
}

func TestDiffer_ALongLine_IsFoldedAboutThePlaceWhereItDiffers(t *testing.T) {
	before, after := strings.Repeat("前", 500), strings.Repeat("後", 500)
	got := differs(phrase.English, before+"旧い"+after, before+"新しい"+after, bounded())
	near, rest := strings.Repeat("前", 15), "い"+strings.Repeat("後", 14)
	if !strings.HasSuffix(got, "-…"+near+"旧"+rest+"…\n+…"+near+"新し"+rest+"…\n") {
		t.Error(got)
	}
	if whole := differs(phrase.English, before+"旧い"+after, before+"新しい"+after, bounds{}); !strings.Contains(whole, "+"+before+"新しい"+after+"\n") {
		t.Error(whole)
	}
	// Wholly different, and longer than a screen.
	got = differs(phrase.English, strings.Repeat("a", 5000), strings.Repeat("b", 5000), bounded())
	if !strings.Contains(got, strings.Repeat("b", 400)+"… +4600\n") || len(got) > 1000 {
		t.Error(got)
	}
}

func TestDiffer_NeverMoreThanAScreenOrSo(t *testing.T) {
	var old, now strings.Builder
	for i := range 5000 {
		fmt.Fprintln(&old, "old", i)
		fmt.Fprintln(&now, "new", i)
	}
	got := differs(phrase.English, old.String(), now.String(), bounded())
	if n := strings.Count(got, "\n"); n > 83 || !strings.HasSuffix(got, "more lines\n") {
		t.Errorf("%d lines", n)
	}
	if all := differs(phrase.English, old.String(), now.String(), bounds{}); strings.Count(all, "\n") < 10000 {
		t.Error("a person who is asked sees all of it")
	}
}

func TestDiffer_TellsAnyDifference_AndReachesNoTerminal(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", " ", "\n", "\u3000", "か", "\u3099", "が", "\r", "\x1b[2J", "-", "+", "@", "│", "\u200b", "\u2028", strings.Repeat("長", 120)})
	rapid.Check(t, func(t *rapid.T) {
		old := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "old"), "")
		now := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "now"), "")
		got := differs(phrase.English, old, now, bounded())
		if strings.ContainsAny(got, "\x1b\r\u2028\u200b") {
			t.Fatalf("%q", got)
		}
		if old == now {
			return
		}
		if strings.Contains(got, "---") != strings.Contains(got, "+++") || strings.Contains(got, "old = new") {
			t.Fatal(got)
		}
		x, y := bounded().fold(old, now)
		if !strings.Contains(old+now, "\n") && x == y {
			t.Fatalf("%q %q: folded away", old, now)
		}
	})
}

func TestColumns_FullWidthCharactersTakeTwo(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "概要": 4, "ｱｲｳ": 3, "ＡＢ": 4, "か\u3099": 2, "✅": 2, "│": 1, "\u200b": 0, "👩‍🔬": 4} {
		if got := displayWidth(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
	for _, tc := range []struct {
		s    string
		n    int
		want string
	}{{"概要", 4, "概要"}, {"概要", 3, "概…"}, {"概要", 2, "…"}, {"概要", 1, "…"}, {"abc", 2, "a…"}, {"か\u3099x", 2, "…"}, {"", 0, ""}} {
		if got := fit(tc.s, tc.n); got != tc.want {
			t.Errorf("%q in %d: %q, want %q", tc.s, tc.n, got, tc.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s, n := rapid.String().Draw(t, "s"), rapid.IntRange(1, 40).Draw(t, "n")
		if got := displayWidth(fit(s, n)); got > n {
			t.Fatalf("%d columns", got)
		}
		if got := displayWidth(pad(s, n)); got < n {
			t.Fatalf("%d columns", got)
		}
	})
}
