package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/bmatcuk/doublestar/v4"

	"uratori/factcheck/gate"
)

// hashOf is the SHA-256 of a file, "" when nothing is there. What is no regular
// file has a hash that no file has. The name is relative to the project, or
// begins with {workspace}/.
func hashOf(root, workspace, name string) (hash string, err error) {
	file := path.Clean(name)
	if rest, ok := strings.CutPrefix(name, "{workspace}/"); ok {
		root, file = workspace, path.Clean(rest)
	}
	if root == "" {
		return "", errNoRoot
	}
	dir, err := os.OpenRoot(root)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	f, err := dir.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if !info.Mode().IsRegular() {
		return digest([]byte("no regular file: " + info.Mode().String())), nil
	}
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// mostFrozen is how many files are frozen at most: more are no tests that
// anybody has written.
const mostFrozen = 5000

// filesOf are the files that patterns name, with their hashes, by the names that
// gates know them by. As for the checks of gates, hidden files and what the
// tools of some languages leave behind count only where a pattern names them,
// and no folder is entered through a link.
func filesOf(ctx context.Context, root, workspace string, patterns []gate.Pattern) (map[string]string, error) {
	found := map[string]string{}
	for _, p := range patterns {
		names, err := match(ctx, root, workspace, p)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if len(found) == mostFrozen {
				return nil, fmt.Errorf("more than %d files", mostFrozen)
			}
			hash, err := hashOf(root, workspace, name)
			if err != nil {
				return nil, err
			}
			if hash != "" { // else it went just now
				found[name] = hash
			}
		}
	}
	return found, ctx.Err()
}

func match(ctx context.Context, root, workspace string, p gate.Pattern) (names []string, err error) {
	prefix := ""
	if p.Workspace {
		root, prefix = workspace, "{workspace}/"
	}
	if root == "" {
		return nil, errNoRoot
	}
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	err = fs.WalkDir(dir.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name == ".":
			return nil
		case e.IsDir() && skipped(p.Glob, path.Base(name)):
			return fs.SkipDir
		case e.IsDir() || strings.HasPrefix(path.Base(name), ".") && !hidden(p.Glob):
			return nil
		}
		if ok, err := doublestar.Match(p.Glob, name); err != nil || !ok {
			return err
		}
		names = append(names, prefix+escapeBraces(name))
		return nil
	})
	return names, err
}

// skipped tells whether a folder is not entered unless a pattern names it.
func skipped(glob, folder string) bool {
	if slices.Contains([]string{"__pycache__", "node_modules"}, folder) {
		return !strings.Contains(glob, folder)
	}
	return strings.HasPrefix(folder, ".") && !hidden(glob)
}

// hidden tells whether a pattern asks for names that begin with a dot.
func hidden(glob string) bool {
	return strings.HasPrefix(glob, ".") && glob != "." || strings.Contains(glob, "/.") || strings.Contains(glob, "{.") || strings.Contains(glob, ",.")
}

// escapeBraces keeps a file whose name begins like a placeholder from being
// taken for one.
func escapeBraces(name string) string {
	if strings.HasPrefix(name, "{") {
		return "./" + name
	}
	return name
}
