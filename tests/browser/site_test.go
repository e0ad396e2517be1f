package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/tests/house"
)

const passphrase = "a person alone knows this"

// site is a daemon in a home of its own, with pages on a port of its own, and a
// folder in which jobs work.
type site struct {
	*house.House
	t    *testing.T
	base string // http://127.0.0.1:PORT
	work string
}

// newSite starts a daemon. Settings are more variables, K=V. Jobs that are left
// at the end of the test are killed.
func newSite(t *testing.T, settings ...string) *site {
	t.Helper()
	return newSiteAt(t, filepath.Join(t.TempDir(), "home"), t.TempDir(), settings...)
}

// newSiteAt is newSite in folders of the test's choice.
func newSiteAt(t *testing.T, home, work string, settings ...string) *site {
	t.Helper()
	s := &site{House: house.At(t, program, home), t: t, work: work}
	if err := os.MkdirAll(work, 0o700); err != nil {
		t.Fatal(err)
	}
	s.Env = append([]string{"URATORI_RUNNER_BACKOFF=10ms", "URATORI_RUNNER_GRACE=1s", "URATORI_MONITOR_INTERVAL=200ms"}, settings...)
	t.Cleanup(s.rest)
	s.base = s.Settled().Dashboard
	if s.base == "" {
		t.Fatal("no pages")
	}
	return s
}

func (s *site) rest() {
	folders, err := filepath.Glob(filepath.Join(string(s.Home), "tasks", "[0-9]*"))
	if err != nil {
		s.t.Error(err)
	}
	for _, folder := range folders {
		cmd := exec.Command(s.Program, "kill", filepath.Base(folder)) //nolint:noctx // the test's context has ended; it has its own limit
		cmd.Env = s.Command().Env
		_ = cmd.Run() // most have ended long since
	}
}

// json runs a command that must end with status 0 and reads its answer.
func (s *site) json(into any, args ...string) {
	s.t.Helper()
	cmd := s.Command(append([]string{"--json"}, args...)...)
	cmd.Dir = s.work
	r := house.Finish(s.t, cmd)
	if r.Code != 0 {
		s.t.Fatalf("%v ended with %d\n%s%s", args, r.Code, r.Out, r.Err)
	}
	decode(s.t, r.Out, into)
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// ticket files a ticket on the command line and returns its id.
func (s *site) ticket(summary, detail string) string {
	s.t.Helper()
	var filed control.Write
	s.json(&filed, "ticket", "create", "--summary", summary, "--detail", detail)
	return filed.Ticket
}

// page is the path of a ticket's page.
func page(ticket string) string { return "/tracker/" + ticket }

// person does over the socket what the command line asks at a terminal for.
func (s *site) person(f func(context.Context, *control.Client) error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	c, err := control.Dial(ctx, s.Home, control.Build{Version: "1.0.0-test"})
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := f(ctx, c); err != nil {
		s.t.Fatal(err)
	}
}

// setsPassphrase is what a person does before the first agent works.
func (s *site) setsPassphrase() {
	s.t.Helper()
	s.person(func(ctx context.Context, c *control.Client) error {
		return c.SetPassphrase(ctx, control.SetPassphrase{New: passphrase})
	})
}

// enqueue queues a command for a ticket, with the flags of `uratori enqueue`
// before it, and returns its task.
func (s *site) enqueue(ticket string, args ...string) int64 {
	s.t.Helper()
	var e control.Enqueued
	s.json(&e, append([]string{"enqueue", ticket}, args...)...)
	return e.Task
}

// task is how a task is now.
func (s *site) task(id int64) control.TaskDetail {
	s.t.Helper()
	var d control.TaskDetail
	s.person(func(ctx context.Context, c *control.Client) (err error) {
		d, err = c.Task(ctx, id)
		return err
	})
	return d
}

// untilState waits for a task to be in a state.
func (s *site) untilState(id int64, state string) {
	s.t.Helper()
	house.Until(s.t, fmt.Sprintf("task %d %s", id, state), func() bool { return s.task(id).State == state })
}

// python is Debian's: another one that may be first in PATH lacks OpenCV.
const python = "/usr/bin/python3"

// leaves is how many pages the book has that jobs extract from.
const leaves = 12

// book draws it, once for all tests.
var book = sync.OnceValues(func() (string, error) {
	script, err := filepath.Abs("../../examples/extract/pictures.py")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(filepath.Dir(program), "book") // TestMain removes it
	out, err := exec.Command(python, "-B", script, "--count", strconv.Itoa(leaves), "--out", dir).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("draw the pages: %w\n%s", err, out)
	}
	return dir, nil
})

// extracts queues the example extraction of the book for a ticket: pages of
// work/pages to work/out, at least so long for each. It returns the task.
func (s *site) extracts(ticket string, each time.Duration) int64 {
	s.t.Helper()
	dir, err := book()
	if err != nil {
		s.t.Fatal(err)
	}
	script, err := filepath.Abs("../../examples/extract/extract.py")
	if err != nil {
		s.t.Fatal(err)
	}
	pages := filepath.Join(s.work, "pages")
	if _, err := os.Lstat(pages); err != nil {
		if err := os.CopyFS(pages, os.DirFS(dir)); err != nil {
			s.t.Fatal(err)
		}
	}
	return s.enqueue(ticket, "--name", "extract", "--items", "pages/*.png", "--out", "out/{stem}.png", "--",
		python, "-B", script, "--list", "{list}", "--out", "out", "--seconds", fmt.Sprint(each.Seconds()))
}
