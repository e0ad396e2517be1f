package custody

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMissed_OnlyADaemonThatLeftItsFileAndNotItsLock(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	look := func(want bool, when string) {
		t.Helper()
		if got := Missed(home); got != want {
			t.Errorf("%s: missed is %v", when, got)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	look(false, "a home in which none ever was")
	must(os.MkdirAll(filepath.Dir(File(home)), 0o700))
	look(false, "one that left in order")
	must(os.WriteFile(File(home), nil, 0o600))
	look(true, "one that was killed while it wrote its file")
	look(true, "the same, asked for again")
	dir, err := os.Open(home)
	must(err)
	must(unix.Flock(int(dir.Fd()), unix.LOCK_EX))
	look(false, "one that is at work")
	must(dir.Close())
	look(true, "one that was killed")
	must(os.RemoveAll(home))
	look(false, "a home that was deleted")
}
