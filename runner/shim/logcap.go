package shim

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// logCap keeps one log at its size, by giving back the middle of the file.
// The job goes on appending, nothing is moved, and offsets stay what they are.
type logCap struct {
	file *os.File
	cap  int64 // 0: no limit
	size int64 // when it was last looked at
	from int64 // what was given back
	to   int64
	// failed is why nothing was given back when that was last tried.
	failed error
	never  bool // the file system cannot
}

// block is the unit in which space is given back; no file system of ours has
// a larger one.
const block = 4096

// keep gives back what is more than the cap. To do so less often, it lets the
// log grow by up to slack more. busy tells that it grows fast, so that the next look should
// be soon.
func (l *logCap) keep(slack int64) (busy bool) {
	info, err := l.file.Stat()
	if err != nil {
		l.failed = err
		return false
	}
	size := info.Size()
	busy = size-l.size > l.cap/4
	if size < l.size { // the job has cut it itself
		l.from, l.to = min(l.from, size), min(l.to, size)
	}
	l.size = size
	if l.cap <= 0 || l.never {
		return false
	}
	head := (l.cap/4 + block - 1) / block * block
	from, to := max(head, l.to), (size-(l.cap-l.cap/4))/block*block
	if to <= from || to-from < slack {
		return busy
	}
	l.failed = l.giveBack(from, to)
	if l.failed == nil {
		if l.to == 0 {
			l.from = from
		}
		l.to = to
	}
	return busy
}

func (l *logCap) giveBack(from, to int64) error {
	for {
		err := unix.Fallocate(int(l.file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, from, to-from)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		l.never = errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS)
		return err
	}
}

// sum tells about the log when its job has ended.
func (l *logCap) sum() Log {
	l.keep(0)
	log := Log{Bytes: l.size}
	if l.from < l.to {
		log.CutFrom, log.CutTo = l.from, l.to
	}
	if l.failed != nil {
		log.Uncapped = l.failed.Error()
	}
	return log
}
