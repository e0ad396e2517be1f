package doorstep

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uratori/internal/control/line"
)

func TestFront_HoldsForTheFileThatWasStarted_AndForAProgramThatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	front, other := filepath.Join(dir, "a:b", "uratori"), filepath.Join(dir, "other")
	for _, err := range []error{
		os.Mkdir(filepath.Dir(front), 0o700),
		os.WriteFile(front, nil, 0o700), //nolint:gosec // it is a program
		os.WriteFile(other, nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	look := func(path string) os.FileInfo {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	said := func(path string) string {
		v, err := OfFront(path, look(front))
		if err != nil || !Is(v) {
			t.Fatal(v, err)
		}
		return strings.TrimPrefix(v, Path+"=")
	}
	for value, want := range map[string]bool{
		said(front):                     true,
		said(other):                     false, // nothing to execute
		said(dir):                       false,
		said(front + "x"):               false,
		said("uratori"):                 false,
		said(dir + "/other/../a:b/../"): false,
		said(""):                        false,
		"":                              false,
		"x":                             false,
		"0:0:" + front:                  false,
		front:                           false,
		"::" + front:                    false,
	} {
		path, ok := Front(func(string) string { return value }, look(front))
		if ok != want || ok && path != front {
			t.Errorf("%q: %q, %v", value, path, ok)
		}
	}
	if _, ok := Front(func(string) string { return said(front) }, look(other)); ok {
		t.Error("it holds for another file")
	}
}

func TestOrder_HoldsForOneProcessAndForAMinute(t *testing.T) {
	t.Parallel()
	key, now := line.NewKey(), time.Now()
	v, ok := strings.CutPrefix(OfOrder(7, key, now), Order+"=")
	if gotten, at, is := TakeOrder(v, 7, now.Add(time.Second)); !ok || !is || gotten != key || !at.Equal(now) {
		t.Errorf("%q: %q, %v, %v", v, gotten, at, is)
	}
	for name, wrong := range map[string]string{
		"nothing": "", "another key": strings.Replace(v, "cli-", "own-", 1), "no time": v[:len(v)-5] + "x", "more": v + ":1", "no process": strings.TrimPrefix(v, "7"),
	} {
		if _, _, ok := TakeOrder(wrong, 7, now); ok {
			t.Errorf("%s: %q was taken", name, wrong)
		}
	}
	if _, _, ok := TakeOrder(v, 8, now); ok {
		t.Error("another process took it")
	}
	if _, _, ok := TakeOrder(v, 7, now.Add(time.Hour)); ok {
		t.Error("it was taken an hour later")
	}
}
