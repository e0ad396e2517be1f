package gpu

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"uratori/internal/phrase"
)

// samples are the lines of a file but for its comments.
func samples(t testing.TB, file string) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "# One") && !strings.HasPrefix(line, "# kind") && !strings.HasPrefix(line, "# Lines") {
			lines = append(lines, line)
		}
	}
	return lines
}

// matched is what a whole log says.
func matched(log string) []Finding {
	var m Matcher
	return append(m.Feed([]byte(log)), m.Flush()...)
}

func TestMatcher_LinesOfFailedGPUs_AreFound_AsWhatTheyAre(t *testing.T) {
	seen := map[Kind]bool{}
	for _, sample := range samples(t, "bad.tsv") {
		kind, line, _ := strings.Cut(sample, "\t")
		seen[Kind(kind)] = true
		found := matched(line + "\n")
		if len(found) != 1 || found[0].Kind != Kind(kind) {
			t.Errorf("%s\n%s: %+v", line, kind, found)
			continue
		}
		if !strings.Contains(line, strings.Trim(found[0].Line, "…")) {
			t.Errorf("%q", found[0].Line)
		}
	}
	for _, kind := range []Kind{OutOfMemory, Application, Hardware, Setup, Communication, Fallback, XidReport} {
		if !seen[kind] {
			t.Errorf("no sample of %s", kind)
		}
		en, ja := kind.Explain(phrase.English), kind.Explain(phrase.Japanese)
		if en == ja || strings.Contains(en+ja, "!") {
			t.Errorf("%s: %s %s", kind, en, ja)
		}
	}
}

func TestMatcher_HarmlessLines_AreNotFound(t *testing.T) {
	for _, line := range samples(t, "good.txt") {
		if found := matched(line + "\n"); found != nil {
			t.Errorf("%s\n%+v", line, found)
		}
	}
}

func TestSigns_AreWellFormed(t *testing.T) {
	for _, s := range signs() {
		if len(s.needles) == 0 || s.kind == "" || (s.kind == XidReport) != (s.pattern.NumSubexp() == 1) {
			t.Errorf("%+v", s)
		}
	}
}

func TestMatcher_Xids_HaveTheirNumber(t *testing.T) {
	for line, want := range map[string]int{
		"NVRM: Xid (PCI:0000:65:00): 79, pid=1234, GPU has fallen off the bus.": 79,
		"NVRM: Xid (0000:01:00): 119, Timeout after 45s of waiting":             119,
		"kernel: NVRM: Xid (PCI:0002:00:00 GPU-I:05): 94, Contained":            94,
	} {
		found := matched(line)
		if len(found) != 1 || found[0].Kind != XidReport || found[0].Xid != want {
			t.Errorf("%s: %+v", line, found)
		}
	}
	for _, line := range []string{"NVRM: Xid (PCI:0000:65:00): 99999, x", "NVRM: Xid (): 79", "NVRM: Xid: 79"} {
		if found := matched(line); len(found) != 0 {
			t.Errorf("%s: %+v", line, found)
		}
	}
}

func TestMatcher_SeesThroughColoursAndProgressBarsAndEncodings(t *testing.T) {
	const text = "RuntimeError: CUDA error: device-side assert triggered"
	wide := func(s string) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			b.WriteByte(byte(u))
			b.WriteByte(byte(u >> 8))
		}
		return b.String()
	}
	for name, log := range map[string]string{
		"colour":        "\x1b[31mRuntimeError:\x1b[0m CUDA \x1b[1;38;5;196merror: device-side\x1b[K assert triggered\x1b[m\n",
		"hyperlink":     "\x1b]8;;http://x\x1b\\RuntimeError\x1b]8;;\x07: CUDA error: device-side assert triggered\n",
		"progress bar":  "\r 10%|#  | 3/30\r 13%|# | 4/30\r" + text + "\r 16%",
		"windows":       text + "\r\n",
		"no end":        text,
		"utf-16":        wide(text + "\n"),
		"bad utf-8":     "\xff\xfe" + text + "\xc3\n",
		"after a blank": "\n\n   \n\t" + text,
	} {
		if found := matched(log); len(found) != 1 || found[0].Kind != Application {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestMatcher_VeryLongLine_IsSearchedToItsEnd_AndToldOnce(t *testing.T) {
	const text = "CUDA out of memory. Tried to allocate 2 GiB"
	for _, before := range []int{0, 100, piece - 1000, piece - 20, piece, piece + 1, 3*piece - overlap, 100_000} {
		log := strings.Repeat("あ", before/3) + " " + text + strings.Repeat(" ok", 20_000) + "\nnext line\n"
		found := matched(log)
		if len(found) != 1 || !strings.Contains(found[0].Line, text) || utf8.RuneCountInString(found[0].Line) > longestShown+2 {
			t.Errorf("%d: %+v", before, found)
		}
	}
}

func TestMatcher_EveryLineCounts(t *testing.T) {
	found := matched(strings.Repeat("RuntimeError: No CUDA GPUs are available\n", 3))
	if len(found) != 3 {
		t.Errorf("%+v", found)
	}
}

func TestMatcher_FindingsDoNotDependOnThePieces(t *testing.T) {
	all := append(samples(t, "bad.tsv"), samples(t, "good.txt")...)
	rapid.Check(t, func(t *rapid.T) {
		var log strings.Builder
		for _, line := range rapid.SliceOfN(rapid.SampledFrom(all), 1, 8).Draw(t, "lines") {
			if rapid.Bool().Draw(t, "long") {
				log.WriteString(strings.Repeat("x ", rapid.IntRange(0, piece).Draw(t, "padding")))
			}
			log.WriteString(line)
			log.WriteString(rapid.SampledFrom([]string{"\n", "\r\n", "\r", " "}).Draw(t, "end"))
		}
		checkPieces(t, []byte(log.String()), rapid.SliceOf(rapid.IntRange(1, 5000)).Draw(t, "pieces"))
	})
}

// checkPieces feeds a log in pieces of the sizes given and compares with feeding
// it at once.
func checkPieces(t interface{ Fatalf(string, ...any) }, log []byte, sizes []int) {
	want := matched(string(log))
	var m Matcher
	var got []Finding
	for rest := log; len(rest) > 0; {
		n := len(rest)
		if len(sizes) > 0 {
			n = min(n, sizes[0])
			sizes = sizes[1:]
		}
		got = append(got, m.Feed(rest[:n])...)
		rest = rest[n:]
		if cap(m.line) > 2*piece {
			t.Fatalf("%d bytes are kept", cap(m.line))
		}
	}
	got = append(got, m.Flush()...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s", diff)
	}
}

func FuzzMatcher(f *testing.F) {
	for _, sample := range append(samples(f, "bad.tsv"), samples(f, "good.txt")...) {
		_, line, found := strings.Cut(sample, "\t")
		if !found {
			line = sample
		}
		f.Add([]byte(line+"\n"), uint16(7))
	}
	f.Add([]byte(strings.Repeat("CUDA error: \x1b[", 2000)), uint16(4096))
	f.Fuzz(func(t *testing.T, log []byte, size uint16) {
		sizes := make([]int, 0, 64)
		for range cap(sizes) {
			sizes = append(sizes, int(size)+1)
		}
		checkPieces(t, log, sizes)
		for _, found := range matched(string(log)) {
			if found.Line == "" || !utf8.ValidString(found.Line) || utf8.RuneCountInString(found.Line) > longestShown+2 || strings.ContainsFunc(found.Line, unicode.IsControl) {
				t.Fatalf("%+v", found)
			}
		}
	})
}

func TestXids_AreInOrder_AndHaveWords(t *testing.T) {
	last := 0
	actions := map[XidAction]bool{}
	for _, x := range xids() {
		if x.Number <= last || x.Name == "" || x.Class == XidUnknown {
			t.Errorf("%+v", x)
		}
		last = x.Number
		if !x.Fatal && x.Action != DoNothing && x.Action != DoRecovery {
			t.Errorf("%+v asks for something", x)
		}
		actions[x.Action] = true
		if got := XidOf(x.Number); got != x {
			t.Errorf("%+v", got)
		}
		for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
			if text := x.Do(lang); strings.HasPrefix(text, "!") || text == "" {
				t.Errorf("%d: %s", x.Number, text)
			}
		}
	}
	for _, number := range []int{0, -1, 999, 1 << 30} {
		if x := XidOf(number); !x.Fatal || x.Class != XidUnknown || x.Number != number || strings.HasPrefix(x.Do(phrase.Japanese), "!") {
			t.Errorf("%+v", x)
		}
	}
	if len(actions) != 12 {
		t.Errorf("%v", actions)
	}
}

// The numbers that decide most, as NVIDIA's catalogue has them.
func TestXidOf_KnownNumbers(t *testing.T) {
	for number, want := range map[int]string{
		13: "application true restart", 31: "application true restart", 43: "application true restart", 45: "application true follow",
		48: "hardware true memory", 63: "hardware false nothing", 64: "hardware true memory", 74: "hardware true link",
		79: "hardware true reboot", 92: "hardware false nothing", 94: "hardware true restart", 95: "hardware true memory",
		109: "driver true reset", 119: "driver true reset", 154: "driver false recovery", 54: "hardware true cables",
	} {
		if x := XidOf(number); fmt.Sprintf("%s %v %s", x.Class, x.Fatal, x.Action) != want {
			t.Errorf("%+v, want %s", x, want)
		}
	}
}
