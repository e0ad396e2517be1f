package demo

import (
	"context"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
)

func TestTraces_AreFoundByWhatTheyBear_AndSweptToTheLast(t *testing.T) {
	name := mark()
	if found, err := traces(name); err != nil || len(found) != 0 {
		t.Fatalf("%v %v", found, err)
	}
	bearers := []*exec.Cmd{
		exec.CommandContext(t.Context(), "/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"),
		exec.CommandContext(t.Context(), "/usr/bin/env", "-i", "/bin/sh", "-c", "while :; do sleep 1; done", name),
	}
	bearers[0].Env = []string{"PATH=/usr/bin:/bin", name}
	stranger := exec.CommandContext(t.Context(), "/bin/sleep", "1000")
	for _, cmd := range append(bearers, stranger) {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill() // it may be gone
			_ = cmd.Wait()
		})
	}
	err := until(t.Context(), func() (bool, error) {
		found, err := traces(name)
		pids := map[int]bool{}
		for _, f := range found {
			pids[f.PID] = true
		}
		return pids[bearers[0].Process.Pid] && pids[bearers[1].Process.Pid], err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := sweep(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if found, err := traces(name); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("a stranger was ended: %v", err)
	}
}

// The planted faults: a picture that was cut, one that is another, one that is
// not there, and one that was made a second time.
func TestPictures_ThatAreCutOtherOrMadeAgain_AreCounted(t *testing.T) {
	made, must := t.TempDir(), t.TempDir()
	draw := func(folder, name string, shade uint8) {
		t.Helper()
		img := image.NewGray(image.Rect(0, 0, 40, 40))
		for i := range img.Pix {
			img.Pix[i] = shade + byte(i&7)
		}
		part := filepath.Join(folder, "."+name)
		f, err := os.Create(part)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(part, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, shade := range map[string]uint8{"a.png": 0, "b.png": 1, "c.png": 2, "d.png": 3} {
		draw(must, name, shade)
		if name != "d.png" {
			draw(made, name, shade)
		}
	}
	before, err := pictures(made)
	if err != nil || len(before) != 3 {
		t.Fatalf("%v %v", before, err)
	}
	if whole, same, err := compare(made, must); err != nil || whole != 3 || same != 3 {
		t.Errorf("%d %d %v", whole, same, err)
	}
	info, err := os.Stat(filepath.Join(made, "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(made, "a.png"), info.Size()/2); err != nil {
		t.Fatal(err)
	}
	draw(made, "b.png", 200)
	if whole, same, err := compare(made, must); err != nil || whole != 2 || same != 1 {
		t.Errorf("%d %d %v", whole, same, err)
	}
	draw(made, "c.png", 2) // the same again
	if whole, same, err := compare(made, must); err != nil || whole != 2 || same != 1 {
		t.Errorf("%d %d %v", whole, same, err)
	}
	now, err := pictures(made)
	if err != nil {
		t.Fatal(err)
	}
	if again := before.again(now); again != 3 {
		t.Errorf("%d were made again", again)
	}
	if err := os.Remove(filepath.Join(made, "c.png")); err != nil {
		t.Fatal(err)
	}
	if now, err = pictures(made); err != nil || before.again(now) != 3 {
		t.Errorf("%v %v", now, err)
	}
}

func TestUntil_SomebodyBreaksOff_EndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := until(ctx, func() (bool, error) { return false, nil }); err == nil {
		t.Error("what never came was seen")
	}
}

// That a daemon is gone is only said when nobody is there, and not when nobody
// answers.
func TestNoDaemon_OneThatDoesNotAnswer_IsNotGone(t *testing.T) {
	home, err := os.MkdirTemp("", "demo") // a socket's name is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(home); err != nil {
			t.Error(err)
		}
	})
	d := &demo{stage: &stage{home: home}}
	if !d.noDaemon(t.Context()) {
		t.Error("nobody is there, and is not missed")
	}
	if err := config.Home(home).Create(); err != nil {
		t.Fatal(err)
	}
	l, err := control.Listen(config.Home(home).Socket())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was said on it
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if d.noDaemon(ctx) {
		t.Error("somebody is there who does not answer, and is said to be gone")
	}
}
