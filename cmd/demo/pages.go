package demo

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// pageCount is how many pictures are extracted.
const pageCount = 30

// drawing makes the pages beside the first acts, and then, beside the
// extraction that is shown, what an extraction makes of them that nobody
// disturbs: the same program on the same pages, without uratori.
type drawing struct {
	cancel context.CancelFunc
	drawn  chan error // of the pages
	whole  chan error // of the undisturbed extraction
	done   chan struct{}
}

func (s *stage) draw(ctx context.Context) *drawing {
	ctx, cancel := context.WithCancel(ctx)
	w := &drawing{cancel: cancel, drawn: make(chan error, 1), whole: make(chan error, 1), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		err := s.python(ctx, "pictures.py", "--count", strconv.Itoa(pageCount), "--out", "pages")
		w.drawn <- err
		if err != nil {
			return
		}
		pages, err := filepath.Glob(filepath.Join(s.project, "pages", "*.png"))
		if err == nil {
			err = s.python(ctx, "extract.py", append([]string{"--out", s.undisturbed()}, pages...)...)
		}
		w.whole <- err
	}()
	return w
}

// undisturbed is the folder of what the outputs must be.
func (s *stage) undisturbed() string { return filepath.Join(s.dir, "undisturbed") }

func (s *stage) outputs() string { return filepath.Join(s.project, "out") }

// python runs one of the example's programs in the project.
func (s *stage) python(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, python, append([]string{program}, args...)...)
	cmd.Dir, cmd.Env = s.project, s.environ
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out[max(0, len(out)-500):])
	}
	return nil
}

// end ends what is still being made and waits for it.
func (w *drawing) end() {
	w.cancel()
	<-w.done
}

// wait waits for one of the two; it can be asked for once.
func wait(ctx context.Context, made <-chan error) error {
	select {
	case err := <-made:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// snapshot is what is in a folder of pictures, by name.
type snapshot map[string]picture

// picture tells one version of a file from another: what is renamed over it has
// another number.
type picture struct {
	inode   uint64
	changed time.Time
}

func pictures(folder string) (snapshot, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil {
		return nil, err
	}
	found := snapshot{}
	for _, file := range files {
		info, err := os.Stat(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil, fmt.Errorf("%s cannot be told from another version of it", file)
		}
		found[filepath.Base(file)] = picture{stat.Ino, info.ModTime()}
	}
	return found, nil
}

// again counts the pictures of s that were made a second time, or went.
func (s snapshot) again(now snapshot) (n int) {
	for name, p := range s {
		if now[name] != p {
			n++
		}
	}
	return n
}

// compare decodes every picture of a folder to its end and counts those that
// are whole, and those that are the same to the byte as in another folder.
func compare(folder, other string) (whole, same int, err error) {
	names, err := pictures(folder)
	if err != nil {
		return 0, 0, err
	}
	for name := range names {
		ok, err := decodes(filepath.Join(folder, name))
		if err != nil {
			return 0, 0, err
		}
		if ok {
			whole++
		}
		is, err1 := os.ReadFile(filepath.Join(folder, name))
		must, err2 := os.ReadFile(filepath.Join(other, name))
		if err1 == nil && err2 == nil && string(is) == string(must) {
			same++
		}
	}
	return whole, same, nil
}

func decodes(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close() //nolint:errcheck // only read
	_, err = png.Decode(file)
	return err == nil, nil
}
