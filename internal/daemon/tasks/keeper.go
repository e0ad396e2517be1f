package tasks

import (
	"context"
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/ledger"
	"uratori/runner/slim"
)

// keeper is the program that keeps jobs: the small one where it can be had, else
// this one.
type keeper struct {
	program string
	args    []string
	files   []*os.File
	small   *slim.Program // nil for this one
	why     error         // why it is this one
}

// layKeeper does not fail: jobs are kept by this program rather than by none.
func layKeeper(ctx context.Context, h daemon.House, program string) keeper {
	k := keeper{program: program}
	var whole *os.File
	k.small, k.why = slim.Lay(ctx, h.Config.Home.Run())
	if k.why == nil {
		if whole, k.why = self(); k.why != nil {
			k.why = errors.Join(k.why, k.small.Close())
			k.small = nil
		}
	}
	switch {
	case k.why == nil:
		k.program, k.files = k.small.Exec(), []*os.File{whole}
		k.args = []string{"--whole", "3"} // the first of its files
	case !errors.Is(k.why, slim.ErrNone):
		h.Log.Warn("jobs are kept by the whole program: the small one cannot be used", "error", k.why)
	}
	return k
}

// self is this very program, whatever becomes of its file, to be executed and
// not to be read.
func self() (*os.File, error) {
	const name = "/proc/self/exe"
	fd, err := unix.Open(name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

// check tells doctor which one it is. Either is good.
func (k keeper) check(context.Context) control.Check {
	c := control.Check{Name: "keeper", Verdict: ledger.Verified}
	switch {
	case k.small != nil:
		c.Problem = control.NewProblem("doctor.keeper_small", "path", k.small.Path())
	case errors.Is(k.why, slim.ErrNone):
		c.Problem = control.NewProblem("doctor.keeper_whole")
	default:
		c.Problem = control.NewProblem("doctor.keeper_fallback", "error", k.why)
	}
	return c
}
