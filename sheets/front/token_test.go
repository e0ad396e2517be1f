package front

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"uratori/internal/fault"
)

func TestToken_IsMadeOnceAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sheet.token")
	first, err := Token(path)
	if err != nil || len(first) < tokenLength {
		t.Fatal(first, err)
	}
	if second, err := Token(path); err != nil || second != first {
		t.Error(second, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if other, err := Token(path + "2"); err != nil || other == first {
		t.Error(other, err)
	}
	if left, err := filepath.Glob(path + ".*"); err != nil || left != nil {
		t.Error(left, err)
	}
}

func TestToken_MadeByManyAtOnce_IsOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sheet.token")
	var all sync.WaitGroup
	tokens := make([]string, 8)
	for i := range tokens {
		all.Go(func() {
			var err error
			if tokens[i], err = Token(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, token := range tokens {
		if token != tokens[0] {
			t.Error(tokens)
		}
	}
}

func TestToken_HostileFile_IsRefused(t *testing.T) {
	bad, unread, unwritten := fault.New(fault.Invalid, "front.token_bad"), fault.New(fault.Failed, "front.token_unread"), fault.New(fault.Failed, "front.token_unwritten")
	file := func(mode os.FileMode, content string) func(path string) error {
		return func(path string) error {
			return errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chmod(path, mode))
		}
	}
	for name, c := range map[string]struct {
		plant func(path string) error
		want  error
	}{
		"readable by the group": {file(0o640, goodToken), bad},
		"readable by all":       {file(0o604, goodToken), bad},
		"writable by all":       {file(0o602, goodToken), bad},
		"empty":                 {file(0o600, ""), bad},
		"spaces":                {file(0o600, strings.Repeat(" \n", 100)), bad},
		"short":                 {file(0o600, goodToken[1:]), bad},
		"huge":                  {file(0o600, strings.Repeat("A", 1<<20)), bad},
		"a folder":              {func(path string) error { return os.Mkdir(path, 0o700) }, bad},
		"a pipe":                {func(path string) error { return syscall.Mkfifo(path, 0o600) }, bad},
		"a link to nothing":     {func(path string) error { return os.Symlink(path+".none", path) }, unread},
		"a link to itself":      {func(path string) error { return os.Symlink(path, path) }, unread},
		"a link to a device":    {func(path string) error { return os.Symlink("/dev/zero", path) }, bad},
		"no folder":             {func(path string) error { return os.Remove(filepath.Dir(path)) }, unwritten},
		"a file for a folder": {func(path string) error {
			return errors.Join(os.Remove(filepath.Dir(path)), os.WriteFile(filepath.Dir(path), nil, 0o600))
		}, unwritten},
		"another's, for whom it is not root": {func(path string) error {
			if os.Getuid() != 0 {
				return os.WriteFile(path, nil, 0o600)
			}
			return errors.Join(file(0o600, goodToken)(path), os.Chown(path, 65534, 65534))
		}, bad},
	} {
		path := filepath.Join(t.TempDir(), "home", "sheet.token")
		if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o700), c.plant(path)); err != nil {
			t.Fatal(name, err)
		}
		if token, err := Token(path); !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %q %v", name, token, err)
		}
	}
}

func TestToken_OfAFileOfOnesOwn_IsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sheet.token")
	if err := os.WriteFile(path, []byte("\n "+goodToken+"\r\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	if token, err := Token(path); err != nil || token != goodToken {
		t.Error(token, err)
	}
}
