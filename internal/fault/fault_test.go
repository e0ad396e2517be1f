package fault

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"uratori/internal/phrase"
)

func TestError_TellsItsCausesInTheReadersLanguage(t *testing.T) {
	inner := New(Failed, "store.disk_full", "file", "/x.db").Wrap(io.ErrShortWrite)
	outer := New(Failed, "control.start_failed", "home", "/h").Wrap(fmt.Errorf("log words: %w", inner))
	en, ja := Explain(outer, phrase.English), Explain(outer, phrase.Japanese)
	for _, text := range []string{en, ja} {
		if !strings.Contains(text, "/h") || !strings.Contains(text, "/x.db") || !strings.Contains(text, "short write") || strings.Contains(text, "log words") {
			t.Error(text)
		}
	}
	if en == ja || outer.Error() != en {
		t.Errorf("%s\n%s", en, ja)
	}
	if got := Explain(io.EOF, phrase.Japanese); got != "EOF" {
		t.Error(got)
	}
}

func TestIs_ComparesKeys(t *testing.T) {
	sentinel := New(Failed, "store.disk_full")
	err := fmt.Errorf("round it: %w", New(Failed, "store.disk_full", "file", "/x").Wrap(io.EOF))
	if !errors.Is(err, sentinel) || !errors.Is(err, io.EOF) || errors.Is(err, New(Failed, "store.corrupt")) || errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

func TestWrap_LeavesTheOriginalAlone(t *testing.T) {
	plain := New(Invalid, "store.disk_full")
	if wrapped := plain.Wrap(io.EOF); plain.Err != nil || !errors.Is(wrapped, io.EOF) {
		t.Errorf("%v %v", plain, wrapped)
	}
}

func TestKindOf_IsThatOfTheOutermost(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want Kind
	}{
		{io.EOF, Failed},
		{New(Conflict, "store.exists"), Conflict},
		{fmt.Errorf("x: %w", New(Unavailable, "store.closed")), Unavailable},
		{New(Failed, "control.start_failed").Wrap(New(Invalid, "config.no_home")), Failed},
	} {
		if got := KindOf(tc.err); got != tc.want {
			t.Errorf("%v: %s", tc.err, got)
		}
	}
}
