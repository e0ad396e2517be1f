package runner

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"uratori/internal/fault"
)

func (y *yard) search(q SearchQuery) Found {
	y.t.Helper()
	q.Stream = "stdout"
	f, err := y.Search(y.t.Context(), q)
	if err != nil {
		y.t.Fatal(err)
	}
	return f
}

func TestSearch_FindsLinesAnywhere_AndGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	var log bytes.Buffer
	var want []int64
	for i := range 60_000 {
		if i%7001 == 0 {
			want = append(want, int64(log.Len()))
			fmt.Fprintf(&log, "page %d: \x1b[31mEr\x1b[1mror\x1b[0m 抽出\n", i)
			continue
		}
		fmt.Fprintf(&log, "page %d is done\n", i)
	}
	id := y.printed(log.Bytes())
	for _, text := range []string{"error", "Error", "error 抽出", ": error"} {
		var got []int64
		for at, done := int64(0), false; !done; {
			f := y.search(SearchQuery{Task: id, Text: text, At: at, Most: 3})
			if len(f.Hits) > 3 || f.Size != int64(log.Len()) {
				t.Fatalf("%d hits, size %d", len(f.Hits), f.Size)
			}
			for _, h := range f.Hits {
				got = append(got, h.At)
				if !strings.Contains(h.Line, "Error 抽出") {
					t.Errorf("%q", h.Line)
				}
			}
			at, done = f.Next, f.Done
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if f := y.search(SearchQuery{Task: id, Text: "ERROR"}); len(f.Hits) != 0 || !f.Done {
		t.Errorf("capitals that are asked for are meant: %+v", f)
	}
}

func TestSearch_LinesThatAreVeryLong_OrNoText(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	log := append(bytes.Repeat([]byte("\r 33%|###"), 400_000), []byte(" needle \xff\xfe\x00\x1b]0;no end")...)
	id := y.printed(log)
	f := y.search(SearchQuery{Task: id, Text: "needle"})
	if len(f.Hits) != 1 || !f.Done || !strings.Contains(f.Hits[0].Line, "needle \uFFFD") || len(f.Hits[0].Line) > 3*(2*shownRound+100) {
		t.Errorf("%+v", f)
	}
	for name, text := range map[string]string{"nothing": "", "much": strings.Repeat("x", longestText+1), "no text": "\xff"} {
		if _, err := y.Search(t.Context(), SearchQuery{Task: id, Stream: "stdout", Text: text}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
