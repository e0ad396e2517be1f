package runner

import (
	"os"

	"uratori/runner/shim"
)

// upcoming is a waiting task that may be next when a slot is free.
type upcoming struct {
	task   int64
	before int // how many attempts it has had
}

// layAhead makes the folders of the task behind this one ready while the job of
// this one runs: a file system takes longer to make the folders and files of an
// attempt than a small job to do its work. Nothing but time is at stake. Whoever
// begins, even another, makes what is missing, and tells what cannot be made.
func (c *custody) layAhead() {
	r, u := c.runner, c.ahead
	if u == nil {
		return
	}
	c.ahead = nil
	folder := r.attemptFolder(u.task, u.before+1)
	r.laying.Lock()
	r.ahead[folder] = struct{}{}
	r.laying.Unlock()
	r.work.Go(func() {
		r.laying.Lock()
		defer r.laying.Unlock()
		if _, wanted := r.ahead[folder]; !wanted {
			return // it has begun
		}
		delete(r.ahead, folder)
		if os.MkdirAll(r.checkpoint(u.task), 0o700) == nil {
			_ = shim.Lay(folder)
		}
	})
}
