package gpu

import (
	"errors"
	"strings"

	"uratori/internal/fault"
)

// What a probe can fail with, for errors.Is.
var (
	// ErrNotBuilt, ErrNoLibrary and ErrNoDriver are states of a machine, not
	// failures: there is no GPU to watch. See [Absent].
	ErrNotBuilt  = fault.New(fault.Unavailable, "gpu.not_built")
	ErrNoLibrary = fault.New(fault.Unavailable, "gpu.no_library")
	ErrNoDriver  = fault.New(fault.Unavailable, "gpu.no_driver")
	// ErrUnusable is a library that is there and cannot be used.
	ErrUnusable = fault.New(fault.Unavailable, "gpu.unusable")
	// ErrLost is a probe that has died or does not answer.
	ErrLost = fault.New(fault.Unavailable, "gpu.probe_lost")
	// ErrVanished is a driver or library that was there before.
	ErrVanished = fault.New(fault.Unavailable, "gpu.vanished")
	// ErrStopped is a question to a probe whose loop has ended.
	ErrStopped = fault.New(fault.Unavailable, "gpu.stopped")
)

// Absent tells errors that mean that this machine has no GPU that could be
// watched, which is told once and is nothing to be alarmed about.
func Absent(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && (f.Key == ErrNotBuilt.Key || f.Key == ErrNoLibrary.Key || f.Key == ErrNoDriver.Key)
}

// fault puts a refusal into words.
func (r refusal) fault(library string) *fault.Error {
	unusable := fault.New(fault.Unavailable, "gpu.unusable", "library", library)
	switch {
	case r.Kind == notBuilt:
		return fault.New(fault.Unavailable, "gpu.not_built")
	case r.Kind == notLoaded && strings.HasPrefix(r.Detail, library+": cannot open shared object file: No such file"):
		return fault.New(fault.Unavailable, "gpu.no_library", "libraries", library)
	case r.Kind == notLoaded:
		return unusable.Wrap(errors.New(printable(r.Detail)))
	case r.Kind == notWhole:
		return unusable.Wrap(fault.New(fault.Unavailable, "gpu.lacks", "functions", printable(r.Detail)))
	case r.Code == codeDriverNotThere:
		return fault.New(fault.Unavailable, "gpu.no_driver", "library", library)
	case r.Code == codeMismatch:
		return unusable.Wrap(fault.New(fault.Unavailable, "gpu.init_mismatch"))
	default:
		return unusable.Wrap(fault.New(fault.Unavailable, "gpu.init_failed", "code", r.Code))
	}
}

// weight orders what several libraries failed with by how much it tells.
func weight(err error) int {
	switch {
	case errors.Is(err, ErrNoLibrary):
		return 0
	case errors.Is(err, ErrNoDriver):
		return 1
	case errors.Is(err, ErrUnusable):
		return 2
	default:
		return 3
	}
}
