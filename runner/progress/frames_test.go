package progress

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFrames_WhatATerminalShowsOverEachOther_IsCut(t *testing.T) {
	for log, want := range map[string][]string{
		"a\nb\r\nc\rd":                              {"a", "b", "c", "d"},
		"\r\r\n\n":                                  nil,
		"12/300\b\b\b\b\b\b13/300":                  {"12/300", "13/300"},
		"\x1b[31mred\x1b[0m":                        {"red"},
		"\x1b[38;2;1;2;3mred\x1b[m":                 {"red"},
		"a\x1b[2Kb":                                 {"a", "b"},
		"a\x1b[Kb\x1b[0Kc":                          {"abc"},
		"a\x1b[1Gb\x1b[2;5Hc\x1b[2Jd":               {"a", "b", "c", "d"},
		"a\x1b[5Cb":                                 {"a b"},
		"outer\n\rinner\x1b[A\router":               {"outer", "inner^1", "outer"},
		"inner\x1b[3A":                              {"inner^3"},
		"a\x1b[?25lb\x1b[?25h":                      {"ab"},
		"a\x1b[>4;1mb":                              {"ab"},
		"\x1b]0;title\x07a":                         {"a"},
		"\x1b]8;;http://x\x1b\\a\x1b]8;;\x1b\\":     {"a"},
		"\x1bPq123\x1b\\a\x1b_x\x1b\\b":             {"ab"},
		"\x1b]never ends\na":                        {"a"},
		"\x1b[12\na":                                {"a"},
		"\x1b\x1b[1mb":                              {"b"},
		"\x1b]x\x1b\x1b\\b":                         {"b"},
		"\x1b$B0!\x1b(Ba":                           {"0!a"},
		"\x1bMa\x1b7b\x1b8":                         {"ab"},
		"a\x00b\nc":                                 {"c"},
		"\x00\x00\x00300\n12/300\n":                 {"12/300"},
		"\x1b[\x001A\nb":                            {"b"},
		"a\x01\x02\x7f\tb":                          {"a\tb"},
		"a\vb\fc":                                   {"a", "b", "c"},
		"\xff\xfe\n\x83\x5c":                        {"\xff\xfe", "\x83\x5c"},
		strings.Repeat("x", longestFrame) + "\ny":   {strings.Repeat("x", longestFrame), "y"},
		strings.Repeat("x", longestFrame+1) + "\ny": {"y"},
		"\x1b]" + strings.Repeat("x", longestEscape) + "after": {"after"},
	} {
		same(t, fmt.Sprintf("%.60q", log), cut([]byte(log)), want)
	}
}

func cut(pieces ...[]byte) (all []string) {
	var f frames
	see := func(f frame) {
		s := string(f.text)
		if f.up > 0 {
			s += fmt.Sprint("^", f.up)
		}
		all = append(all, s)
	}
	for _, piece := range pieces {
		f.write(piece, see)
	}
	if len(f.Text) > 0 && !f.Spoilt {
		see(frame{text: f.Text})
	}
	return all
}

// logs draws a log of bits that mean something and bits that do not.
func logs() *rapid.Generator[[]byte] {
	bit := rapid.OneOf(
		rapid.SampledFrom([]string{
			"\n", "\r", "\r\n", "\b", "\x1b", "\x1b[A", "\x1b[2K", "\x1b[", "\x1b]", "\x07", "\x1b\\", "\x00", " ", "/", "%", ":", "[", "]", "|", "枚", "中", "of", "█", "━━━", "\x8e\x96", "１２／３００",
			"1/30", "2/30", "3/300", "12/300枚", "300枚中12枚", "images:  17%|█▋        | 5/30 [00:00<00:00, 49.06img/s]", "nototal: 3it [00:00,  9.07it/s]", "Progress: 40%", "::progress n=12 total=300", "::progress n=x",
			`::progress n=1 item="a b`, `"`, "Epoch 3/10 step 7/900", "2026/11/21 10:00:00", "9999999999999999999999/1", strings.Repeat("y", 700),
		}),
		rapid.StringN(0, 5, -1),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 5), func(b []byte) string { return string(b) }),
	)
	return rapid.Map(rapid.SliceOfN(bit, 0, 60), func(bits []string) []byte { return []byte(strings.Join(bits, "")) })
}

// pieces cuts a log anywhere.
func pieces(t *rapid.T, log []byte) (all [][]byte) {
	for len(log) > 0 {
		n := rapid.IntRange(1, min(len(log), rapid.SampledFrom([]int{1, 3, 40, 1000}).Draw(t, "at most"))).Draw(t, "piece")
		all = append(all, slices.Clone(log[:n]))
		log = log[n:]
	}
	return all
}

func TestParser_HoweverTheLogIsCut_TheSameIsSeen(t *testing.T) {
	pattern, err := ParsePattern(`(?P<item>\w+) (?P<done>\d+)/(?P<total>\d+)`)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		log := logs().Draw(t, "log")
		work := Work{Total: rapid.SampledFrom([]int64{0, 30, 300}).Draw(t, "total"), Base: rapid.SampledFrom([]int64{0, 5}).Draw(t, "base")}
		whole, cut := NewParser(work, pattern), NewParser(work, pattern)
		want, got := sightings(whole, log), sightings(cut, pieces(t, log)...)
		if !slices.Equal(got, want) || whole.Ignored() != cut.Ignored() {
			t.Fatalf("%+v (%d ignored), want %+v (%d)", got, cut.Ignored(), want, whole.Ignored())
		}
		for _, s := range got {
			if !s.valid() || len(s.Item) > longestFrame || len(s.Phase) > longestFrame {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func TestParser_EndlessLine_TakesNoMemory(t *testing.T) {
	p := NewParser(Work{Total: 300}, nil)
	for _, piece := range [][]byte{bytes.Repeat([]byte("1/300 "), 10_000), bytes.Repeat([]byte{0}, 50_000), bytes.Repeat([]byte{0xff}, 50_000), []byte("\x1b]"), bytes.Repeat([]byte("9;"), 50_000), []byte("\x1b["), bytes.Repeat([]byte("9;"), 50_000)} {
		for range 20 {
			p.Write(piece, func(s Sighting) { t.Errorf("%+v", s) })
			if n := cap(p.state.Frames.Text); n > 2*longestFrame {
				t.Fatalf("%d bytes are kept", n)
			}
		}
	}
	p.Write([]byte("\x07\n[12/300]\n"), func(s Sighting) {
		if s.Done != 12 {
			t.Errorf("%+v", s)
		}
	})
}

func FuzzParser(f *testing.F) {
	for _, name := range []string{"tqdm_nested.log", "tqdm_postfix.log", "tqdm_nototal.log", "rich_two.log", "tqdm_mixed.log"} {
		f.Add(sample(f, name), uint16(7))
	}
	f.Add([]byte("::progress n=12 total=300 item=\"a b\"\n12枚目 / 300枚\r300枚中12枚\x1b[A\x00Progress: 40%\n"), uint16(3))
	f.Add([]byte("\x8f\x88\x97\x9d 12/300\x96\x87\n\x1b]0;\x1b\x1b[1;2H１２／３００"), uint16(1))
	f.Fuzz(func(t *testing.T, log []byte, size uint16) {
		work := Work{Total: 300, Base: 12}
		want := sightings(NewParser(work, nil), log)
		cut := NewParser(work, nil)
		var got []Sighting
		m := NewMeter(work)
		for piece := range slices.Chunk(log, int(size)+1) {
			cut.Write(piece, func(s Sighting) { got = append(got, s) })
		}
		cut.Peek(true, func(s Sighting) { got = append(got, s) })
		if !slices.Equal(got, want) {
			t.Fatalf("%+v, want %+v", got, want)
		}
		for i, s := range got {
			m.See(after(float64(i)), s)
			checkReading(t, m.Reading(after(float64(i)+0.5)))
		}
	})
}
