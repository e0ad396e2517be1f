package shim

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// LogFile reads a log whose middle may have been given back, also while the
// job writes to it.
type LogFile struct{ file *os.File }

// OpenLog opens the stdout or stderr of an attempt.
func OpenLog(path string) (*LogFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &LogFile{file}, nil
}

// Close ends the reading.
func (l *LogFile) Close() error { return l.file.Close() }

// ReadAt reads the first bytes that are kept at or after off. They stand at
// off+gap: so many bytes before them were given back. n is 0 and err is
// [io.EOF] when there is nothing yet.
func (l *LogFile) ReadAt(p []byte, off int64) (n int, gap int64, err error) {
	for {
		from, to, err := l.kept(off)
		if err != nil {
			return 0, 0, err
		}
		n, err := l.file.ReadAt(p[:min(int64(len(p)), to-from)], from)
		if n == 0 {
			return 0, 0, err
		}
		// What was given back in the middle of this would have read as zeros.
		if again, end, err := l.kept(from); err == nil && again == from && end >= from+int64(n) {
			return n, from - off, nil
		}
	}
}

// kept is the first range of data at or after off; io.EOF when there is none.
func (l *LogFile) kept(off int64) (from, to int64, err error) {
	fd := int(l.file.Fd())
	from, err = unix.Seek(fd, off, unix.SEEK_DATA)
	switch {
	case errors.Is(err, unix.ENXIO):
		return 0, 0, io.EOF
	case errors.Is(err, unix.EINVAL): // here no file has holes
		info, err := l.file.Stat()
		if err != nil {
			return 0, 0, err
		}
		if info.Size() <= off {
			return 0, 0, io.EOF
		}
		return off, info.Size(), nil
	case err != nil:
		return 0, 0, os.NewSyscallError("seek", err)
	}
	to, err = unix.Seek(fd, from, unix.SEEK_HOLE)
	if errors.Is(err, unix.ENXIO) {
		return 0, 0, io.EOF // it was cut just now
	}
	return from, to, os.NewSyscallError("seek", err)
}

// Size is how long the file is, what was given back included.
func (l *LogFile) Size() (int64, error) {
	info, err := l.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Before is the last range that is kept before end: it reaches from from to to,
// which is end or less, and gap bytes just before it were given back. from and
// to are 0 where nothing is kept there.
func (l *LogFile) Before(end int64) (from, to, gap int64, err error) {
	over := int64(0) // the end of the range before
	for {
		begin, end2, err := l.kept(over)
		if errors.Is(err, io.EOF) || err == nil && begin >= end {
			return from, to, gap, nil
		}
		if err != nil {
			return 0, 0, 0, err
		}
		from, to, gap = begin, min(end2, end), begin-over
		if end2 >= end {
			return from, to, gap, nil
		}
		over = end2
	}
}
