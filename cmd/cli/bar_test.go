package cli

import (
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"uratori/internal/control"
	"uratori/internal/phrase"
)

func TestProgressLine_EverythingThatIsKnown_IsInIt(t *testing.T) {
	half, odd, over, bad := 50.0, 40.9, 140.0, math.NaN()
	for _, tc := range []struct {
		p      control.TaskProgress
		en, ja string
	}{
		{control.TaskProgress{Done: 17, Total: 30, Item: "p017.png", EtaS: new(int64(65)), Source: "tqdm"}, "[█████░░░░░] 17/30  p017.png  1m05s left", "[█████░░░░░] 17/30  p017.png  残り 1分05秒"},
		{control.TaskProgress{Total: 30, Phase: "抽出"}, "[░░░░░░░░░░] 0/30  抽出", ""},
		{control.TaskProgress{Done: 29999, Total: 30000}, "[█████████░] 29999/30000", ""},
		{control.TaskProgress{Done: 30, Total: 30, EtaS: new(int64(0))}, "[██████████] 30/30", ""},
		{control.TaskProgress{Done: 31, Total: 30, EtaS: new(int64(-5))}, "[██████████] 31/30", ""},
		{control.TaskProgress{Done: -3, Total: 30}, "[░░░░░░░░░░] 0/30", ""},
		{control.TaskProgress{Percent: &half, EtaS: new(int64(3600))}, "[█████░░░░░] 50%  1h00m left", "[█████░░░░░] 50%  残り 1時間00分"},
		{control.TaskProgress{Percent: &odd}, "[████░░░░░░] 40%", ""},
		{control.TaskProgress{Percent: &over}, "[██████████] 100%", ""},
		{control.TaskProgress{Percent: &bad}, "", ""},
		{control.TaskProgress{Done: 17, Item: "a.png"}, "17  a.png", ""},
		{control.TaskProgress{Item: "a.png"}, "a.png", ""},
		{control.TaskProgress{}, "", ""},
		{control.TaskProgress{Done: 1, Total: 2, Item: "\x1b[2J\r\n\tx\u202e"}, `[█████░░░░░] 1/2  \u001b[2J\u000d\n\tx\u202e`, ""},
		{control.TaskProgress{Done: 1, Total: 2, EtaS: new(int64(math.MaxInt64))}, "[█████░░░░░] 1/2  1000d00h left", "[█████░░░░░] 1/2  残り 1000日00時間"},
	} {
		for lang, want := range map[phrase.Lang]string{phrase.English: tc.en, phrase.Japanese: tc.ja} {
			a, _ := newApp(io.Discard, lang)
			if want == "" {
				want = tc.en
			}
			for _, columns := range []int{0, 80} {
				if got := a.progressLine(tc.p, columns); got != want {
					t.Errorf("%+v in %d columns: %q, want %q", tc.p, columns, got, want)
				}
			}
		}
	}
}

func TestProgressLine_NarrowScreen_GivesUpTheLeastFirst(t *testing.T) {
	a, _ := newApp(io.Discard, phrase.Japanese)
	p := control.TaskProgress{Done: 17, Total: 30, Item: "写真017.png", EtaS: new(int64(65))}
	for columns, want := range map[int]string{
		45: "[█████░░░░░] 17/30  写真017.png  残り 1分05秒",
		44: "[█████░░░░░] 17/30  写真017.p…  残り 1分05秒",
		40: "[█████░░░░░] 17/30  写真0…  残り 1分05秒",
		39: "[█████░░░░░] 17/30  残り 1分05秒",
		32: "[█████░░░░░] 17/30  残り 1分05秒",
		31: "[██░░░] 17/30  残り 1分05秒",
		26: "17/30  残り 1分05秒",
		18: "17/30",
		5:  "17/30",
		4:  "17/…",
		1:  "…",
	} {
		if got := a.progressLine(p, columns); got != want {
			t.Errorf("in %d columns: %q of %d, want %q of %d", columns, got, displayWidth(got), want, displayWidth(want))
		}
	}
}

func TestProgressLine_NeverWiderThanTheScreen_AndHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom([]phrase.Lang{phrase.English, phrase.Japanese}).Draw(t, "lang")
		a, _ := newApp(io.Discard, lang)
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"抽出", strings.Repeat("写真", 50), "\x1b[2J", "👩‍🔬", "e\u0301", "\xff\xfe"}))
		p := control.TaskProgress{
			Done: rapid.Int().Draw(t, "done"), Total: rapid.OneOf(rapid.Just(0), rapid.Int()).Draw(t, "total"),
			Item: text.Draw(t, "item"), Phase: text.Draw(t, "phase"),
		}
		if rapid.Bool().Draw(t, "percent") {
			p.Percent = new(rapid.Float64().Draw(t, "share"))
		}
		if rapid.Bool().Draw(t, "eta") {
			p.EtaS = new(rapid.Int64().Draw(t, "left"))
		}
		columns := rapid.IntRange(1, 120).Draw(t, "columns")
		line := a.progressLine(p, columns)
		if displayWidth(line) > columns || strings.ContainsAny(line, "\n\t") || strings.ContainsFunc(line, unseen) || line != strings.TrimSpace(line) {
			t.Fatalf("%q has %d columns of %d", line, displayWidth(line), columns)
		}
		if strings.Contains(line, "["+strings.Repeat("█", barCells)+"]") && p.Total > 0 && p.Done < p.Total {
			t.Fatalf("%q is full before the end", line)
		}
	})
}

func TestDurationWords(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		-time.Hour:                            {"0s", "0秒"},
		0:                                     {"0s", "0秒"},
		59*time.Second + 999*time.Millisecond: {"59s", "59秒"},
		time.Minute:                           {"1m00s", "1分00秒"},
		65 * time.Second:                      {"1m05s", "1分05秒"},
		time.Hour - time.Second:               {"59m59s", "59分59秒"},
		time.Hour:                             {"1h00m", "1時間00分"},
		23*time.Hour + 59*time.Minute:         {"23h59m", "23時間59分"},
		24 * time.Hour:                        {"1d00h", "1日00時間"},
		100*24*time.Hour + 5*time.Hour:        {"100d05h", "100日05時間"},
		math.MaxInt64:                         {"106751d23h", "106751日23時間"},
	} {
		for i, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
			if got := durationWords(lang, d); got != want[i] {
				t.Errorf("%v: %q, want %q", d, got, want[i])
			}
		}
	}
}
