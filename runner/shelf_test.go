package runner

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/fault"
)

func (y *yard) shelf(q ShelfQuery) Shelf {
	y.t.Helper()
	// What was listed just now is not to be told again.
	y.shelves.mu.Lock()
	y.shelves.list = nil
	y.shelves.mu.Unlock()
	s, err := y.Shelf(y.t.Context(), q)
	if err != nil {
		y.t.Fatal(err)
	}
	return s
}

func TestShelf_TellsTheNewestOutputsFirst_WithWhatALookHasShown(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.pictures(5)
	y.open()
	id := y.enqueue(y.extract(":"))
	y.ended(id)
	at := time.Now().Add(time.Hour)
	for i, name := range []string{"p003", "p001", "p000", "p002"} {
		when := at.Add(-time.Duration(i) * time.Minute)
		if err := os.Chtimes(filepath.Join(y.work, "out", name+".png"), when, when); err != nil {
			t.Fatal(err)
		}
	}
	y.write("out/p001.png", y.read("out/p001.png")[:40])
	if err := os.Chtimes(filepath.Join(y.work, "out", "p001.png"), at, at.Add(-90*time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(y.work, "out", "p002.png")); err != nil {
		t.Fatal(err)
	}
	s := y.shelf(ShelfQuery{Task: id})
	if s.Total != 5 || s.There != 4 || len(s.Outputs) != 4 {
		t.Fatalf("%+v", s)
	}
	want := []struct {
		item  int
		state OutputState
	}{{4, OutputValid}, {2, OutputWrong}, {1, OutputValid}, {5, OutputValid}}
	for i, w := range want {
		o := s.Outputs[i]
		if o.Item != w.item || o.State != w.state || (o.Reason == nil) != (w.state == OutputValid) {
			t.Errorf("%d: %+v", i, o)
		}
		if w.state == OutputValid && (o.Width != 8 || o.Format != "png" || filepath.Base(o.Input) != filepath.Base(o.Path)) {
			t.Errorf("%d: %+v", i, o)
		}
	}
	if s = y.shelf(ShelfQuery{Task: id, Skip: 1, Most: 2}); len(s.Outputs) != 2 || s.Outputs[0].Item != 2 {
		t.Errorf("%+v", s)
	}
	if s = y.shelf(ShelfQuery{Task: id, Skip: 100}); len(s.Outputs) != 0 || s.There != 4 {
		t.Errorf("%+v", s)
	}
	if s = y.shelf(ShelfQuery{Task: id, Item: 5}); len(s.Outputs) != 1 || s.Outputs[0].Item != 5 {
		t.Errorf("%+v", s)
	}
	for _, q := range []ShelfQuery{{Task: id, Skip: -1}, {Task: id, Most: mostShelf + 1}, {Task: 99}} {
		if _, err := y.Shelf(t.Context(), q); fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestShelf_OfATaskWithoutItems_IsEmpty(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh("true"))
	y.ended(id)
	if s := y.shelf(ShelfQuery{Task: id}); s.There != 0 || s.Total != 0 || len(s.Outputs) != 0 {
		t.Errorf("%+v", s)
	}
	if _, _, err := y.OpenShown(t.Context(), id, 1, 0); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

func TestOpenShown_OpensWhatTheTaskNames_AndNothingElse(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.pictures(9)
	y.open()
	id := y.enqueue(y.extract(":"))
	y.ended(id)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("planted"), 0o600); err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "p000.png"), []byte("planted"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := func(i string) string { return filepath.Join(y.work, "out", "p00"+i+".png") }
	replace := func(i string, with func(string) error) {
		if err := errors.Join(os.RemoveAll(out(i)), with(out(i))); err != nil {
			t.Fatal(err)
		}
	}
	replace("1", func(p string) error { return os.Symlink(secret, p) })
	replace("2", func(p string) error { return os.Symlink("../in/p002.png", p) }) // within the folder, but a link
	replace("3", func(p string) error { return unix.Mkfifo(p, 0o600) })
	replace("4", func(p string) error { return os.Mkdir(p, 0o700) })
	replace("5", func(string) error { return nil })
	for item := 2; item <= 6; item++ {
		f, _, err := y.OpenShown(t.Context(), id, item, 0)
		if err == nil {
			_ = f.Close()
			t.Errorf("output of item %d is opened", item)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("it tells where the link leads: %v", err)
		}
	}
	for _, c := range [][2]int{{0, 0}, {-1, 0}, {10, 0}, {1, 1}, {1, 99}, {1 << 30, -1}} {
		if _, _, err := y.OpenShown(t.Context(), id, c[0], c[1]); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v: %v", c, err)
		}
	}
	for _, output := range []int{0, -1} {
		f, info, err := y.OpenShown(t.Context(), id, 1, output)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(f)
		if string(raw) != y.read("in/p000.png") || info.Size() != int64(len(raw)) || err != nil {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
		_ = f.Close()
	}
	// The folder itself becomes a link to elsewhere.
	if err := errors.Join(os.Rename(filepath.Join(y.work, "out"), filepath.Join(y.work, "gone")), os.Symlink(outside, filepath.Join(y.work, "out"))); err != nil {
		t.Fatal(err)
	}
	if f, _, err := y.OpenShown(t.Context(), id, 1, 0); err == nil {
		_ = f.Close()
		t.Error("a link that leads out of the folder of the task is followed")
	}
}
