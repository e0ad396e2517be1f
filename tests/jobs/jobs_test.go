// Package jobs runs tasks under the built binary and does to them what happens
// to jobs that run for days: everything gets killed, at any moment.
package jobs

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/tests/house"
)

var program string

func TestMain(m *testing.M) { os.Exit(house.Main(m, &program)) }

// yard is a home with a folder in which jobs work.
type yard struct {
	*house.House
	t    *testing.T
	work string
}

func newYard(t *testing.T, settings ...string) *yard {
	t.Helper()
	y := &yard{House: house.New(t, program), t: t, work: t.TempDir()}
	y.Env = append([]string{"URATORI_RUNNER_BACKOFF=10ms", "URATORI_RUNNER_GRACE=1s", "URATORI_MONITOR_INTERVAL=200ms"}, settings...)
	return y
}

// client connects to the daemon, and starts one when it was killed. A daemon
// may be killed at any moment, so every caller tries again.
func (y *yard) client() *control.Client {
	y.t.Helper()
	var c *control.Client
	house.Until(y.t, "a daemon that answers", func() bool {
		y.Run("up", "--background")
		ctx, cancel := context.WithTimeout(y.t.Context(), 10*time.Second)
		defer cancel()
		var err error
		c, err = control.Dial(ctx, y.Home, control.Build{})
		return err == nil
	})
	return c
}

// ask has f answered by a daemon, by the next one when it is killed meanwhile.
func (y *yard) ask(what string, f func(context.Context, *control.Client) error) {
	y.t.Helper()
	var last error
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		c := y.client()
		ctx, cancel := context.WithTimeout(y.t.Context(), 30*time.Second)
		last = f(ctx, c)
		cancel()
		c.Close()
		if last == nil {
			return
		}
	}
	y.t.Fatalf("%s: %v", what, last)
}

func (y *yard) enqueue(e control.Enqueue) int64 {
	y.t.Helper()
	if e.Cwd == "" {
		e.Cwd = y.work
	}
	if e.Environ == nil {
		e.Environ = os.Environ()
	}
	var id int64
	y.ask("enqueue", func(ctx context.Context, c *control.Client) error {
		a, err := c.Enqueue(ctx, e)
		id = a.Task
		return err
	})
	return id
}

func (y *yard) task(id int64) control.TaskDetail {
	y.t.Helper()
	var d control.TaskDetail
	y.ask("show", func(ctx context.Context, c *control.Client) (err error) {
		d, err = c.Task(ctx, id)
		return err
	})
	return d
}

// ended waits until a task has ended for good.
func (y *yard) ended(id int64) control.TaskDetail {
	y.t.Helper()
	deadline := time.Now().Add(4 * time.Minute)
	for time.Now().Before(deadline) {
		var task control.Task
		y.ask("wait", func(ctx context.Context, c *control.Client) (err error) {
			task, err = c.WaitTask(ctx, id, 5*time.Second)
			return err
		})
		switch task.State {
		case "succeeded", "failed", "killed":
			return y.task(id)
		}
	}
	y.t.Fatalf("task %d has not ended: %+v", id, y.task(id))
	return control.TaskDetail{}
}

func (y *yard) write(name, text string) string {
	y.t.Helper()
	path := filepath.Join(y.work, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		y.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		y.t.Fatal(err)
	}
	return path
}
