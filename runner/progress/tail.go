package progress

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// Bounds on one look at one file.
const (
	mostPerLook = 1 << 20   // bytes that are read
	mostBehind  = 4 << 20   // bytes that may wait; beyond, most of them are left out
	keptOfTail  = 256 << 10 // bytes that are read then: many frames of any bar
	pieceSize   = 64 << 10  // bytes that are read at a time
)

// tail is how far a file that grows has been read.
type tail struct {
	Offset  int64     `json:"offset"`
	File    uint64    `json:"file,omitempty"` // its inode
	Changed time.Time `json:"changed,omitzero"`
}

// growth is what one look at a file found.
type growth struct {
	bytes   int64
	skipped bool // a part was left out
	more    bool // not everything was read
}

// reader takes what was read from a file.
type reader interface {
	// restart is called when the file begins anew.
	restart()
	// skip is called when a part of the file is left out.
	skip()
	take(b []byte)
	// whole tells whether all that was taken is one line that has not ended:
	// a job that writes its file anew each time leaves such a one.
	whole() bool
}

// look reads what has come to a file since the last time. A file that is not
// there has not grown. The file is the job's, which may truncate it, put
// another in its place or something that is no file at all: nothing here waits
// for it or follows a link.
func (t *tail) look(path string, to reader) (g growth, err error) {
	f, info, err := t.opened(path)
	if f == nil || err != nil {
		return g, err
	}
	defer f.Close() //nolint:errcheck // only read from
	inode := inodeOf(info)
	if t.File != 0 && t.File != inode || info.Size() < t.Offset || t.Offset > 0 && to.whole() {
		t.Offset = 0
		to.restart()
	}
	t.File, t.Changed = inode, info.ModTime()
	if info.Size()-t.Offset > mostBehind {
		t.Offset = info.Size() - keptOfTail
		g.skipped = true
		to.skip()
	}
	end := min(info.Size(), t.Offset+mostPerLook)
	g.more = end < info.Size()
	piece := make([]byte, min(pieceSize, max(0, end-t.Offset)))
	for t.Offset < end {
		n, err := f.ReadAt(piece[:min(int64(len(piece)), end-t.Offset)], t.Offset)
		to.take(piece[:n])
		t.Offset += int64(n)
		g.bytes += int64(n)
		if errors.Is(err, io.EOF) { // it was truncated meanwhile, which the next look sees
			break
		}
		if err != nil {
			return g, fmt.Errorf("read %s: %w", path, err)
		}
	}
	return g, nil
}

// opened opens a file that has changed; f is nil when it has not.
func (t *tail) opened(path string) (f *os.File, info fs.FileInfo, err error) {
	info, err = os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("look at %s: %w", path, err)
	}
	if info.Mode().IsRegular() && t.File == inodeOf(info) && t.Offset == info.Size() && (t.Offset == 0 || t.Changed.Equal(info.ModTime())) {
		return nil, nil, nil
	}
	f, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", path, err)
	}
	info, err = f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no ordinary file")
	}
	if err != nil {
		f.Close() //nolint:errcheck // only read from
		return nil, nil, fmt.Errorf("read %s: %w", path, err)
	}
	return f, info, nil
}

func inodeOf(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}
