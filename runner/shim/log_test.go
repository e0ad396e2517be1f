package shim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// everything reads a log from its beginning to its end now.
func everything(t interface {
	Helper()
	Fatal(args ...any)
}, path string,
) (data []byte, gaps []Log) {
	t.Helper()
	log, err := OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() //nolint:errcheck // only read from
	buf := make([]byte, 10_000)
	for off := int64(0); ; {
		n, gap, err := log.ReadAt(buf, off)
		if errors.Is(err, io.EOF) {
			return data, gaps
		}
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		if gap > 0 {
			gaps = append(gaps, Log{CutFrom: off, CutTo: off + gap})
		}
		data = append(data, buf[:n]...)
		off += gap + int64(n)
	}
}

// onDisk is the space that a file takes.
func onDisk(t *testing.T, path string) int64 {
	t.Helper()
	var stat unix.Stat_t
	must(t, unix.Stat(path, &stat))
	return stat.Blocks * 512
}

// A job that writes a gigabyte leaves the beginning and the end of it, in a
// file whose offsets are those of all that was written.
func TestLogCap_AGigabyte_BeginningAndEndAreKept(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	const size, limit = 1 << 30, 1 << 20
	s := sh(t, fmt.Sprintf(`echo the beginning; yes 0123456789abcde | head -c %d; echo the end; echo error >&2`, size))
	s.LogCap = limit
	a := begin(t, p, s)
	exit := wait(t, a)
	file := filepath.Join(a.dir, stdoutFile)
	want := int64(len("the beginning\n") + size + len("the end\n"))
	if exit.Stdout.Bytes != want || exit.Stdout.Uncapped != "" || exit.Stdout.CutFrom == 0 || exit.Stdout.CutTo <= exit.Stdout.CutFrom {
		t.Fatalf("%+v", exit.Stdout)
	}
	if taken := onDisk(t, file); taken > 2*limit {
		t.Errorf("it takes %d bytes", taken)
	}
	data, gaps := everything(t, file)
	if len(gaps) != 1 || gaps[0].CutFrom != exit.Stdout.CutFrom || gaps[0].CutTo != exit.Stdout.CutTo {
		t.Errorf("gaps %+v, and said was %+v", gaps, exit.Stdout)
	}
	if len(data) < limit || !bytes.HasPrefix(data, []byte("the beginning\n0123")) || !bytes.HasSuffix(data, []byte("abcde\nthe end\n")) {
		t.Errorf("%d bytes are left", len(data))
	}
	if bytes.ContainsRune(data, 0) {
		t.Error("a hole was read as text")
	}
	if exit.Stderr != (Log{Bytes: 6}) {
		t.Errorf("%+v", exit.Stderr)
	}
}

func TestLogCap_None_KeepsEverything(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	a := begin(t, p, sh(t, `yes | head -c 10000000`))
	exit := wait(t, a)
	if exit.Stdout != (Log{Bytes: 10_000_000}) {
		t.Errorf("%+v", exit.Stdout)
	}
	if data, gaps := everything(t, filepath.Join(a.dir, stdoutFile)); len(data) != 10_000_000 || gaps != nil {
		t.Errorf("%d bytes, %v", len(data), gaps)
	}
}

// A job may cut its own log.
func TestLogCap_JobCutsItsLog_NothingOfTheRestIsLost(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `yes | head -c 3000000; : >/proc/$$/fd/1; echo all that is left`)
	s.LogCap = 1 << 20
	a := begin(t, p, s)
	exit := wait(t, a)
	if data, gaps := everything(t, filepath.Join(a.dir, stdoutFile)); string(data) != "all that is left\n" || gaps != nil {
		t.Errorf("%.100q, %v", data, gaps)
	}
	if exit.Stdout != (Log{Bytes: 17}) {
		t.Errorf("%+v", exit.Stdout)
	}
}

// Whatever grows when: what is kept is at its place, what was given back is in
// the middle, and the file takes no more than it may.
func TestLogCap_AnyGrowth_HeadAndTailStay(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer os.Remove(path) //nolint:errcheck // goes with the folder otherwise
		defer file.Close()    //nolint:errcheck // the test is over
		limit := rapid.Int64Range(1, 200_000).Draw(t, "cap")
		log := logCap{file: file, cap: limit}
		var all []byte
		for range rapid.IntRange(1, 20).Draw(t, "writes") {
			size := rapid.IntRange(0, 100_000).Draw(t, "size")
			chunk := make([]byte, size)
			for i := range chunk {
				chunk[i] = byte((len(all)+i)%251 + 1)
			}
			if _, err := file.Write(chunk); err != nil {
				t.Fatal(err)
			}
			all = append(all, chunk...)
			log.keep(rapid.Int64Range(0, limit).Draw(t, "slack"))
		}
		sum := log.sum()
		if sum.Bytes != int64(len(all)) || sum.Uncapped != "" {
			t.Fatalf("%+v of %d", sum, len(all))
		}
		kept := slices.Concat(all[:sum.CutFrom], all[sum.CutTo:])
		data, _ := everything(t, path)
		if !bytes.Equal(data, kept) {
			t.Fatalf("%d bytes, want %d", len(data), len(kept))
		}
		if int64(len(kept)) < min(limit, int64(len(all))) || int64(len(kept)) > limit+3*block {
			t.Fatalf("%d bytes are kept of %d, the cap is %d", len(kept), len(all), limit)
		}
	})
}

// A reader that follows while the log grows and is given back never reads a
// hole as text, and everything that it reads is at its place.
func TestLogFile_ReadWhileItIsCut_NoHoleIsText(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	must(t, err)
	defer file.Close() //nolint:errcheck // the test is over
	const size, limit, line = 8 << 20, 256 << 10, 16
	done := make(chan error, 1)
	go func() {
		log := logCap{file: file, cap: limit}
		chunk := make([]byte, 0, 64<<10)
		for at := 0; at < size; {
			chunk = chunk[:0]
			for len(chunk) < cap(chunk) {
				chunk = fmt.Appendf(chunk, "%015d\n", at)
				at += line
			}
			if _, err := file.Write(chunk); err != nil {
				done <- err
				return
			}
			log.keep(0)
		}
		done <- nil
	}()
	log, err := OpenLog(path)
	must(t, err)
	defer log.Close() //nolint:errcheck // only read from
	buf := make([]byte, 32<<10)
	over := false
	gaps := int64(0)
	for off := int64(0); off < size; {
		n, gap, err := log.ReadAt(buf, off)
		if errors.Is(err, io.EOF) {
			if over {
				t.Fatalf("the end is at %d", off)
			}
			select {
			case err := <-done:
				must(t, err)
				over = true
			case <-time.After(time.Millisecond):
			}
			continue
		}
		must(t, err)
		if n%line != 0 || (off+gap)%line != 0 {
			t.Fatalf("%d bytes at %d+%d", n, off, gap)
		}
		for i := 0; i < n; i += line {
			if want := fmt.Sprintf("%015d\n", off+gap+int64(i)); string(buf[i:i+line]) != want {
				t.Fatalf("%q, want %q", buf[i:i+line], want)
			}
		}
		gaps += gap
		off += gap + int64(n)
	}
	if !over {
		must(t, <-done)
	}
	t.Logf("%d of %d bytes were missed", gaps, size)
}

func TestOpenLog_NoFile(t *testing.T) {
	t.Parallel()
	if _, err := OpenLog(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	must(t, os.WriteFile(empty, nil, 0o600))
	if data, gaps := everything(t, empty); data != nil || gaps != nil {
		t.Errorf("%q, %v", data, gaps)
	}
}
