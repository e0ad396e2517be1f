package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// tree is the two folders in which files are looked at. Nothing outside can be
// reached through it.
type tree struct {
	project, workspace         *os.Root
	projectPath, workspacePath string
}

// openTree opens those folders of a scope that it has. A folder that cannot be
// opened is told by the first who needs it.
func openTree(s *gate.Scope) *tree {
	t := &tree{projectPath: s.Root, workspacePath: s.Workspace}
	if s.Root != "" {
		t.project, _ = os.OpenRoot(s.Root)
	}
	if s.Workspace != "" {
		t.workspace, _ = os.OpenRoot(s.Workspace)
	}
	return t
}

func (t *tree) close() {
	for _, r := range []*os.Root{t.project, t.workspace} {
		if r != nil {
			_ = r.Close() // nothing was written
		}
	}
}

// place is a path in one of the two.
type place struct {
	workspace bool
	path      string // with slashes
}

// String is the path as a gate has it, without being a pattern.
func (p place) String() string {
	switch {
	case p.workspace && p.path == ".":
		return "{workspace}"
	case p.workspace:
		return "{workspace}/" + p.path
	case strings.HasPrefix(p.path, "{"):
		return "./" + p.path // of that very name
	}
	return p.path
}

// placeOf reads what String wrote.
func placeOf(name string) place {
	if rest, ok := strings.CutPrefix(name, "{workspace}"); ok {
		return place{true, path.Clean("./" + strings.TrimPrefix(rest, "/"))}
	}
	return place{false, path.Clean(name)}
}

// in is the folder of a place.
func (t *tree) in(p place) (*os.Root, string, error) {
	root, at := t.project, t.projectPath
	if p.workspace {
		root, at = t.workspace, t.workspacePath
	}
	if root == nil {
		return nil, "", fault.New(fault.Unavailable, "local.no_folder", "folder", shown(at))
	}
	return root, at, nil
}

// reach calls f with the folder and the path in it that p leads to. A link
// with an absolute target may lead from one folder into the other, or back
// into its own, and nowhere else.
func (t *tree) reach(p place, f func(root *os.Root, path string) error) error {
	root, at, err := t.in(p)
	if err != nil {
		return err
	}
	err = f(root, p.path)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrPermission) || errors.Is(err, errNotRegular) {
		return err
	}
	real, resolved := filepath.EvalSymlinks(filepath.Join(at, p.path))
	if resolved != nil {
		if errors.Is(resolved, fs.ErrNotExist) {
			return resolved
		}
		return err
	}
	for _, folder := range []struct {
		root *os.Root
		path string
	}{{t.project, t.projectPath}, {t.workspace, t.workspacePath}} {
		if inside, ok := below(folder.path, real); ok && folder.root != nil {
			return f(folder.root, inside)
		}
	}
	return fault.New(fault.Unavailable, "local.leads_out", "path", shown(p.String()))
}

// below is the path of a file in a folder.
func below(folder, file string) (string, bool) {
	if folder == "" {
		return "", false
	}
	rest, err := filepath.Rel(folder, file)
	return rest, err == nil && filepath.IsLocal(rest)
}

// identity is what stat(2) says of a file, as far as it tells whether it has
// changed.
type identity struct {
	dev, ino           uint64
	mode               uint32
	size               int64
	modified, attended time.Time // mtime and ctime
}

func identityOf(info fs.FileInfo) (identity, error) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, errors.New("the system tells too little about files")
	}
	return identity{
		dev: uint64(st.Dev), ino: st.Ino, mode: st.Mode & unix.S_IFMT, size: st.Size, //nolint:unconvert // differs between machines
		modified: time.Unix(st.Mtim.Unix()), attended: time.Unix(st.Ctim.Unix()),
	}, nil
}

func (id identity) regular() bool { return id.mode == unix.S_IFREG }

func (id identity) folder() bool { return id.mode == unix.S_IFDIR }

func (id identity) link() bool { return id.mode == unix.S_IFLNK }

// errNotRegular is why a file was not opened.
var errNotRegular = errors.New("not a regular file")

// stat looks at what p leads to.
func (t *tree) stat(p place) (id identity, err error) {
	err = t.reach(p, func(root *os.Root, path string) error {
		info, err := root.Stat(path)
		if err == nil {
			id, err = identityOf(info)
		}
		return err
	})
	return id, err
}

// open opens a regular file for reading, and nothing else: a pipe could block,
// and of a device the opening alone may do harm.
func (t *tree) open(p place) (f *os.File, id identity, err error) {
	err = t.reach(p, func(root *os.Root, path string) error {
		info, err := root.Stat(path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return errNotRegular
		}
		if f, err = root.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0); err != nil {
			return err
		}
		if info, err = f.Stat(); err == nil {
			id, err = identityOf(info)
		}
		if err == nil && !id.regular() {
			err = errNotRegular
		}
		if err != nil {
			_ = f.Close() // nothing was written
		}
		return err
	})
	return f, id, err
}

// gone tells whether an error means that there is no such file.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// readable makes reading end with ctx.
type readable struct {
	ctx context.Context // of the one look that it lives for
	io.Reader
}

func (r readable) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// beingWritten tells whether somebody has an open file open for writing. It is
// known on file systems of this machine, for files of this user; of all others
// only what happens during a look is seen.
func beingWritten(f *os.File) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &fs) != nil || !leases(int64(fs.Type)) { //nolint:unconvert // differs between machines
		return false
	}
	// The kernel grants a lease for reading while nobody writes. It is given
	// back at once, before anybody could wait for it.
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	if err == nil {
		_, _ = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	}
	return errors.Is(err, unix.EAGAIN)
}

// leases tells whether a file system answers EAGAIN for writers alone. NFS and
// SMB say it whenever the server has promised nothing.
func leases(kind int64) bool {
	switch kind {
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.TMPFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC:
		return true
	}
	return false
}
