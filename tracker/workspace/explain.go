package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"uratori/internal/fault"
)

// explain turns an error of the disk at path into the fault that a person can
// act on.
func explain(path string, err error) error {
	if _, told := errors.AsType[*fault.Error](err); told {
		return err
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.Failed, "workspace.full", "path", path).Wrap(err)
	case errors.Is(err, syscall.EROFS):
		return fault.New(fault.Failed, "workspace.read_only", "path", path).Wrap(err)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Failed, "workspace.no_access", "path", path).Wrap(err)
	case errors.Is(err, syscall.ENAMETOOLONG):
		return fault.New(fault.Invalid, "workspace.too_long", "path", shown(path)).Wrap(err)
	case errors.Is(err, syscall.ENOTDIR):
		return fault.New(fault.Conflict, "workspace.not_folder", "path", nearest(path)).Wrap(err)
	case errors.Is(err, syscall.ELOOP), errors.Is(err, fs.ErrNotExist) && isLink(nearest(path)):
		return fault.New(fault.Conflict, "workspace.dangling", "path", nearest(path)).Wrap(err)
	}
	return fault.New(fault.Failed, "workspace.failed", "path", path).Wrap(err)
}

// nearest is path or the folder above it that is there, be it a dangling link.
func nearest(path string) string {
	for path != "/" {
		if _, err := os.Lstat(path); err == nil {
			break
		}
		path = filepath.Dir(path)
	}
	return path
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
