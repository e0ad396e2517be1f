package front

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"uratori/internal/fault"
)

const (
	tokenLength  = 26 // of rand.Text: 130 bits
	longestToken = 1 << 10
)

// Token reads the token of a file that only its owner reads, which is made if
// it is not there.
func Token(path string) (string, error) {
	err := makeToken(path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fault.New(fault.Failed, "front.token_unwritten", "file", path).Wrap(err)
	}
	// Without waiting: a pipe in the place of the file would never answer.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", fault.New(fault.Failed, "front.token_unread", "file", path).Wrap(err)
	}
	defer f.Close() //nolint:errcheck // only read from
	info, err := f.Stat()
	if err != nil {
		return "", fault.New(fault.Failed, "front.token_unread", "file", path).Wrap(err)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 || !ok || int(owner.Uid) != os.Getuid() {
		return "", fault.New(fault.Invalid, "front.token_bad", "file", path)
	}
	raw, err := io.ReadAll(io.LimitReader(f, longestToken+1))
	if err != nil {
		return "", fault.New(fault.Failed, "front.token_unread", "file", path).Wrap(err)
	}
	token := strings.TrimSpace(string(raw))
	if len(token) < tokenLength || len(raw) > longestToken {
		return "", fault.New(fault.Invalid, "front.token_bad", "file", path)
	}
	return token, nil
}

// makeToken writes a new token, whole or not at all, and never over a file.
func makeToken(path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = io.WriteString(f, rand.Text()+"\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
