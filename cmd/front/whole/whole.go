// Package whole is the large program inside the small one. It is packed, and laid
// out in the user's cache when it is needed first. From then on what is there is
// started as it is, for its content is not compared again: that would take longer
// than to start it. Instead nothing is started that somebody else has made, or
// could have written to.
//
// Where it cannot be laid out, or nothing that lies there can be executed, it is
// unpacked into memory each time.
package whole

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
)

// ErrNone is the error of a build without the large program.
var ErrNone = errors.New("this build has no large program in it")

// Program is the large program, packed.
type Program struct {
	packed string
	digest string // SHA-256 of the program, in hex
	size   int64
}

// Embedded gives the large program of this build, or [ErrNone].
func Embedded() (Program, error) {
	packed, digest, size := embedded()
	if packed == "" {
		return Program{}, ErrNone
	}
	n, err := strconv.ParseInt(strings.TrimSpace(size), 10, 64)
	digest = strings.TrimSpace(digest)
	if err != nil || len(digest) != hex.EncodedLen(sha256.Size) {
		return Program{}, fmt.Errorf("the large program of this build is not described: %q, %q", digest, size)
	}
	return Program{packed, digest, n}, nil
}

const (
	folderMode = 0o700
	mode       = 0o500 // its owner changes it only on purpose
	foreign    = 0o022 // what lets others write
	name       = "uratori"
	partPrefix = ".part-"
)

// Cache is the folder in which programs are laid out, empty where the variables
// name none.
func Cache(getenv func(string) string) string {
	if dir := getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, name)
	}
	if user := getenv("HOME"); filepath.IsAbs(user) {
		return filepath.Join(user, ".cache", name)
	}
	return ""
}

// shown is how much of a digest names a folder.
const shown = 32

// folder is the name of the program's own folder in the cache.
func (p Program) folder() string { return p.digest[:shown] }

// Find opens the program where it was laid out in cache before. It is an error
// where it is not there, or not as it was made.
func (p Program) Find(cache string) (*os.File, error) {
	dir, err := openFolder(unix.AT_FDCWD, cache)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // only looked at
	own, err := openFolder(int(dir.Fd()), p.folder())
	if err != nil {
		return nil, err
	}
	defer own.Close() //nolint:errcheck // only looked at
	file, err := p.openIn(own)
	if err == nil {
		touch(own)
	}
	return file, err
}

// openFolder opens a folder that is ours and that nobody else writes to. It is not
// read: what is opened below it is opened through it, whatever happens to names.
func openFolder(at int, path string) (*os.File, error) {
	fd, err := unix.Openat(at, path, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	dir := os.NewFile(uintptr(fd), path)
	if err := ours(dir, unix.S_IFDIR); err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return dir, nil
}

func (p Program) openIn(own *os.File) (*os.File, error) {
	fd, err := unix.Openat(int(own.Fd()), name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: filepath.Join(own.Name(), name), Err: err}
	}
	file := os.NewFile(uintptr(fd), name)
	err = ours(file, unix.S_IFREG)
	if info, wrong := file.Stat(); err == nil && (wrong != nil || info.Mode().Perm() != mode || info.Size() != p.size) {
		err = fmt.Errorf("%s is not as it was made", name)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// ours refuses what is of another kind, of another owner, or open to others.
func ours(file *os.File, kind uint32) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || s.Mode&unix.S_IFMT != kind || int(s.Uid) != os.Geteuid() || s.Mode&foreign != 0 {
		return fmt.Errorf("%s is not ours alone", file.Name())
	}
	return nil
}

// unpack writes the program, whole or with an error.
func (p Program) unpack(to io.Writer) error {
	const most = 512 << 20 // of memory
	r, err := zstd.NewReader(strings.NewReader(p.packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(most))
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, sum), io.LimitReader(r, p.size+1))
	if err != nil {
		return fmt.Errorf("unpack the large program: %w", err)
	}
	if n != p.size || hex.EncodeToString(sum.Sum(nil)) != p.digest {
		return errors.New("the large program in this one is damaged")
	}
	return nil
}

// Memory unpacks the program into memory of its own, which nobody can write to any
// more.
func (p Program) Memory() (_ *os.File, err error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate(name, flags|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // a kernel before 6.3 takes it for granted
		fd, err = unix.MemfdCreate(name, flags)
	}
	if err != nil {
		return nil, fmt.Errorf("get memory for the large program: %w", err)
	}
	file := os.NewFile(uintptr(fd), name)
	err = p.unpack(file)
	if err == nil {
		_, err = unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
