package items

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// file is what stat(2) says about a file, as far as it tells whether it has
// changed.
type file struct {
	dev, ino           uint64
	mode               uint32
	size               int64
	modified, attended unix.Timespec // mtime and ctime
}

func fileOf(st *unix.Stat_t) file {
	return file{dev: uint64(st.Dev), ino: st.Ino, mode: st.Mode & unix.S_IFMT, size: st.Size, modified: st.Mtim, attended: st.Ctim} //nolint:unconvert // differs between machines
}

func (f file) regular() bool { return f.mode == unix.S_IFREG }

func (f file) time() time.Time { return time.Unix(f.modified.Unix()) }

// statFile follows links.
func statFile(path string) (file, error) {
	var st unix.Stat_t
	for {
		err := unix.Stat(path, &st)
		if err == nil {
			return fileOf(&st), nil
		}
		if !errors.Is(err, unix.EINTR) {
			return file{}, err
		}
	}
}

// gone tells whether an error of the disk means that there is no such file.
func gone(err error) bool { return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) }

// errNotRegular is why [openRegular] did not open a file.
var errNotRegular = errors.New("not a regular file")

// openRegular opens a file for reading. What is no regular file is not opened
// at all: a pipe could block, and of a device the opening alone may do harm.
func openRegular(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0) // opens nothing, but holds the place
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	if !fileOf(&st).regular() {
		return nil, errNotRegular
	}
	f, err := os.OpenFile("/proc/self/fd/"+strconv.Itoa(fd), os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, reasonOf(err)
	}
	return f, nil
}

func statOpen(f *os.File) (file, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return file{}, err
	}
	return fileOf(&st), nil
}

// cancellable makes reading end with ctx.
type cancellable struct {
	ctx context.Context
	*io.SectionReader
}

func newCancellable(ctx context.Context, f io.ReaderAt, size int64) cancellable {
	return cancellable{ctx: ctx, SectionReader: io.NewSectionReader(f, 0, size)}
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	return c.SectionReader.Read(p)
}

func (c cancellable) ReadAt(p []byte, off int64) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	return c.SectionReader.ReadAt(p, off)
}
