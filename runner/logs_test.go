package runner

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"uratori/internal/fault"
)

// follower keeps what it is told of a log until it has heard enough.
type follower struct {
	chunks []Chunk
	text   map[string]string
	at     map[string]int64
}

var errEnough = errors.New("enough")

func (f *follower) follow(t *testing.T, y *yard, q LogQuery, word string) {
	t.Helper()
	f.chunks, f.text = nil, map[string]string{}
	f.at = maps.Clone(q.From)
	if f.at == nil {
		f.at = map[string]int64{}
	}
	err := y.Logs(t.Context(), q, func(c Chunk) error {
		c.Data = append([]byte(nil), c.Data...)
		f.chunks = append(f.chunks, c)
		f.text[c.Stream] += string(c.Data)
		f.at[c.Stream] = c.Offset + int64(len(c.Data))
		if strings.Contains(f.text[c.Stream], word) {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("no %q: %v, %q", word, err, f.text)
	}
}

// Whoever follows the end of a log and loses us goes on where that end began, in a
// stream of which nothing was to be shown as well.
func TestLogs_FollowedFromTheEnd_AreGoneOnWith_NothingTwiceAndNothingOfBefore(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`for i in 1 2 3; do echo out $i; echo err $i >&2; done; until test -e go; do sleep 0.02; done; echo out 4; echo err 4 >&2; until test -e on; do sleep 0.02; done`))
	y.running(id)
	y.until("six lines", func() bool {
		lines := 0
		if err := y.Logs(t.Context(), LogQuery{Task: id}, func(c Chunk) error { lines += strings.Count(string(c.Data), "\n"); return nil }); err != nil {
			t.Fatal(err)
		}
		return lines == 6
	})
	var f follower
	f.follow(t, y, LogQuery{Task: id, Attempt: 1, Lines: 1, Follow: true}, "out 3")
	if len(f.chunks) != 3 || f.chunks[0].Data != nil || f.chunks[1].Data != nil || f.at["stderr"] != 12 || f.text["stdout"] != "out 3\n" {
		t.Fatalf("%+v", f)
	}
	y.write("go", "")
	f.follow(t, y, LogQuery{Task: id, Attempt: 1, Lines: 1, Follow: true, From: f.at}, "err 4")
	if f.text["stdout"] != "out 4\n" && f.text["stdout"] != "" || f.text["stderr"] != "err 3\nerr 4\n" {
		t.Errorf("%q", f.text)
	}
	y.write("on", "")
	y.ended(id)
	// All of it, as ever, has nothing empty in it.
	if err := y.Logs(t.Context(), LogQuery{Task: id}, func(c Chunk) error {
		if len(c.Data) == 0 {
			t.Errorf("%+v", c)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := y.Logs(context.Background(), LogQuery{Task: id, From: map[string]int64{"stdout": -1}}, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if err := y.Logs(context.Background(), LogQuery{Task: id, From: map[string]int64{"stdout": 1 << 40, "stderr": 1 << 40}}, func(c Chunk) error { t.Errorf("%+v", c); return nil }); err != nil {
		t.Error(err)
	}
}
