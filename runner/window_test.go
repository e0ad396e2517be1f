package runner

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/fault"
)

// printed is a task that has ended and left such a log.
func (y *yard) printed(log []byte) int64 {
	y.t.Helper()
	id := y.enqueue(y.sh("true"))
	a := y.ended(id)
	if err := os.WriteFile(y.attemptFolder(id, a.Attempt)+"/stdout", log, 0o600); err != nil {
		y.t.Fatal(err)
	}
	return id
}

func (y *yard) window(q WindowQuery) Window {
	y.t.Helper()
	q.Stream = "stdout"
	w, err := y.Window(y.t.Context(), q)
	if err != nil {
		y.t.Fatal(err)
	}
	return w
}

func TestWindow_ReadsALogForwardAndBack_ALineIsNeverLostOrTwice(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	var log bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&log, "line %d %s\n", i, strings.Repeat("x", i%97))
	}
	log.WriteString("open")
	id := y.printed(log.Bytes())
	var back []byte
	w := y.window(WindowQuery{Task: id, At: -1, Back: true, Lines: 100})
	if !w.Ended || w.Size != int64(log.Len()) || bytes.Count(w.Data, []byte("\n")) != 99 {
		t.Fatalf("%d lines, %+v", bytes.Count(w.Data, []byte("\n")), w.Size)
	}
	for w.From > 0 {
		if w.Mid || w.Gap != 0 {
			t.Fatalf("it does not begin at a line: %+v", w.From)
		}
		back = append(append([]byte{}, w.Data...), back...)
		w = y.window(WindowQuery{Task: id, At: w.From, Back: true, Lines: 100})
	}
	if back = append(append([]byte{}, w.Data...), back...); !bytes.Equal(back, log.Bytes()) {
		t.Errorf("%d bytes were read back, of %d", len(back), log.Len())
	}
	var forward []byte
	for at := int64(0); at < w.Size; at = w.From + int64(len(w.Data)) {
		w = y.window(WindowQuery{Task: id, At: at, Lines: 70})
		if w.Mid || w.From != at {
			t.Fatalf("%+v", w)
		}
		forward = append(forward, w.Data...)
	}
	if !bytes.Equal(forward, log.Bytes()) {
		t.Errorf("%d bytes were read, of %d", len(forward), log.Len())
	}
}

func TestWindow_ALineLongerThanAPiece_IsReadInPieces_AndSaysThatItIsInTheMiddle(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.printed([]byte("first\n" + strings.Repeat("y", 5000)))
	w := y.window(WindowQuery{Task: id, At: -1, Back: true, Lines: 10, Bytes: 1000})
	if !w.Mid || len(w.Data) != 1000 || w.From != 4006 {
		t.Errorf("%v %d at %d", w.Mid, len(w.Data), w.From)
	}
	w = y.window(WindowQuery{Task: id, At: 2000, Back: true, Lines: 10, Bytes: 1998})
	if w.Mid || w.From != 6 || len(w.Data) != 1994 { // from the first line on there is no room
		t.Errorf("%v %d at %d", w.Mid, len(w.Data), w.From)
	}
}

func TestWindow_WhatWasGivenBack_IsAGapAndNeverZeros(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	line := strings.Repeat("z", 99) + "\n"
	id := y.printed([]byte(strings.Repeat(line, 4096)))
	f, err := os.OpenFile(y.attemptFolder(id, 1)+"/stdout", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // its content is on the disk
	const from, to = 8192, 16 * 8192
	if err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, from, to-from); err != nil {
		t.Skipf("this file system keeps everything: %v", err)
	}
	w := y.window(WindowQuery{Task: id, At: 0})
	if w.From != 0 || len(w.Data) != from || w.Gap != 0 {
		t.Errorf("%d bytes at %d, gap %d", len(w.Data), w.From, w.Gap)
	}
	if w = y.window(WindowQuery{Task: id, At: from, Lines: 3}); w.From != to || w.Gap != to-from || !w.Mid {
		t.Errorf("at %d, gap %d", w.From, w.Gap)
	}
	if w = y.window(WindowQuery{Task: id, At: to + 500, Back: true}); w.From != to || w.Gap != to-from || len(w.Data) != 500 {
		t.Errorf("%d bytes at %d, gap %d", len(w.Data), w.From, w.Gap)
	}
	if w = y.window(WindowQuery{Task: id, At: w.From - w.Gap, Back: true, Lines: 5}); w.From+int64(len(w.Data)) != from || w.Gap != 0 {
		t.Errorf("%d bytes at %d, gap %d", len(w.Data), w.From, w.Gap)
	}
	if bytes.IndexByte(w.Data, 0) >= 0 {
		t.Error("zeros are told as if they had been printed")
	}
}

func TestWindow_WaitsForWhatComes_AndEndsWithTheJob(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`while [ ! -e go ]; do sleep 0.02; done; echo came; while [ ! -e end ]; do sleep 0.02; done`))
	y.running(id)
	if w := y.window(WindowQuery{Task: id, Wait: time.Millisecond}); w.Ended || len(w.Data) != 0 {
		t.Fatalf("%+v", w)
	}
	y.write("go", "")
	w := y.window(WindowQuery{Task: id, Wait: 20 * time.Second})
	if string(w.Data) != "came\n" || w.Ended {
		t.Errorf("%q, %v", w.Data, w.Ended)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := y.Window(ctx, WindowQuery{Task: id, Stream: "stdout", At: 5, Wait: time.Second}); err == nil {
		t.Error("who has gone is waited for")
	}
	y.write("end", "")
	if w = y.window(WindowQuery{Task: id, At: 5, Wait: 20 * time.Second}); !w.Ended || len(w.Data) != 0 {
		t.Errorf("%q, %v", w.Data, w.Ended)
	}
	y.ended(id)
}

func TestWindow_WhatCannotBe_IsRefused(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.printed([]byte("x"))
	for name, q := range map[string]WindowQuery{
		"no task":     {Task: 99, Stream: "stdout"},
		"no attempt":  {Task: id, Attempt: 9, Stream: "stdout"},
		"no stream":   {Task: id, Stream: "../spec.json"},
		"much":        {Task: id, Stream: "stdout", Bytes: mostWindow + 1},
		"less":        {Task: id, Stream: "stdout", Lines: -1},
		"for ever":    {Task: id, Stream: "stdout", Wait: time.Hour},
		"not waiting": {Task: id, Stream: "stdout", Wait: -1},
	} {
		if _, err := y.Window(t.Context(), q); fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w := y.window(WindowQuery{Task: id, At: 1 << 40}); len(w.Data) != 0 || w.Size != 1 {
		t.Errorf("%+v", w)
	}
}
