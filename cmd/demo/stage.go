package demo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/examples/extract"
	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
)

const (
	// python is Debian's, the one that python3-opencv belongs to.
	python = "/usr/bin/python3"
	// patience is how long a single thing is waited for.
	patience = 5 * time.Minute
	// settings are those of a user, but for the times: a first resume after
	// 30 s would be right for a job of hours and not for a showing.
	settings = `[server]
listen = "127.0.0.1:0"

[runner]
backoff = "500ms"
grace = "1s"
`
	// ofProject is what the project says of itself.
	ofProject = `[project]
tests = ["tests/**"]
test = ["sh", "tests/test.sh"]
sources = ["*.py"]
inputs = ["pages/*.png"]
outputs = ["out/*.png"]
`
)

// stage is where the demo is played: a folder of its own, with a home, a
// project and a phone.
type stage struct {
	program string
	build   control.Build
	mark    string // that every process of it bears
	dir     string
	home    string
	project string
	environ []string // of everything that is started, without a home
	phone   *phone
	pages   *drawing
}

// newStage makes the folder and begins to draw the pages.
func newStage(ctx context.Context, o Options) (*stage, error) {
	look := exec.CommandContext(ctx, python, "-c", "import cv2, numpy, tqdm")
	look.Env = append(slices.Clone(o.Environ), "PYTHONNOUSERSITE=1")
	if err := look.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, fault.New(fault.Unavailable, "demo.interrupted")
		}
		return nil, fault.New(fault.Unavailable, "demo.no_opencv", "python", python).Wrap(err)
	}
	dir, err := os.MkdirTemp("", "uratori-demo-")
	if err != nil {
		return nil, err
	}
	s := &stage{
		mark: mark(), program: o.Program, build: o.Build, dir: dir, home: filepath.Join(dir, "home"), project: filepath.Join(dir, "project"),
		environ: append(slices.DeleteFunc(slices.Clone(o.Environ), ofUser), "URATORI_LANG="+string(o.Lang), "PYTHONNOUSERSITE=1", "PYTHONDONTWRITEBYTECODE=1"),
	}
	s.environ = append(s.environ, s.mark)
	if err := s.furnish(ctx, o); err != nil {
		return nil, errors.Join(err, s.tidy(ctx))
	}
	return s, nil
}

// furnish writes what is to be there before the first act.
func (s *stage) furnish(ctx context.Context, o Options) (err error) {
	programs, err := fs.Glob(extract.Programs, "*.py")
	if err != nil {
		return err
	}
	files := map[string]string{filepath.Join(s.home, "config.toml"): settings, filepath.Join(s.project, "uratori.toml"): ofProject}
	for _, name := range programs {
		raw, err := extract.Programs.ReadFile(name)
		if err != nil {
			return err
		}
		files[filepath.Join(s.project, name)] = string(raw)
	}
	for path, text := range files {
		if err := write(path, text); err != nil {
			return err
		}
	}
	if s.phone, err = newPhone(ctx, o); err != nil {
		return err
	}
	s.pages = s.draw(ctx)
	return nil
}

// ofUser tells whether a variable is of the user's own uratori, sheet, phone or
// agent. None of them is to have anything to do with the demo.
func ofUser(variable string) bool {
	for _, prefix := range []string{"URATORI_", "TRACKER_", "PUSHOVER_", "GOOGLE_", "CLAUDE", "MCP_"} {
		if strings.HasPrefix(variable, prefix) {
			return true
		}
	}
	return false
}

// tidy ends and removes everything, by force where it must.
func (s *stage) tidy(ctx context.Context) error {
	// Ctrl-C ends the showing, not the tidying up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if s.pages != nil {
		s.pages.end()
	}
	err := sweep(ctx, s.mark)
	if s.phone != nil {
		err = errors.Join(err, s.phone.stop())
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// command prepares a command of this program as a user would run it, in a
// home and not at the user's terminal.
func (s *stage) command(ctx context.Context, home string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Args[0] = "uratori"
	cmd.Dir = s.project
	cmd.Env = append(slices.Clone(s.environ), "URATORI_HOME="+home)
	if home == s.home {
		cmd.Env = append(cmd.Env, s.phone.environ...) // a forged copy has nobody to tell
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it has no terminal, and Ctrl-C is ours
	return cmd
}

// result is what a command did.
type result struct {
	out, err string
	status   int
}

func (s *stage) run(ctx context.Context, home string, args ...string) (result, error) {
	cmd := s.command(ctx, home, args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return result{}, err
	}
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	return result{out: out.String(), err: errs.String(), status: cmd.ProcessState.ExitCode()}, nil
}

// answer runs a command that answers with JSON and must end with 0.
func (s *stage) answer(ctx context.Context, home string, into any, args ...string) error {
	r, err := s.run(ctx, home, append([]string{"--json"}, args...)...)
	if err != nil {
		return err
	}
	if r.status != 0 {
		return fault.New(fault.Failed, "demo.command", "command", "uratori "+strings.Join(args, " "), "status", r.status, "said", strings.TrimSpace(r.err+r.out))
	}
	return json.Unmarshal([]byte(r.out), into)
}

// status asks how the daemon is, which starts one when there is none.
func (s *stage) status(ctx context.Context) (st control.Status, err error) {
	err = s.answer(ctx, s.home, &st, "status")
	return st, err
}

// ask has f answered by the daemon of the demo.
func (s *stage) ask(ctx context.Context, f func(context.Context, *control.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := control.Dial(ctx, config.Home(s.home), s.build)
	if errors.Is(err, control.ErrNotRunning) {
		if _, err := s.status(ctx); err != nil {
			return err
		}
		c, err = control.Dial(ctx, config.Home(s.home), s.build)
	}
	if err != nil {
		return err
	}
	defer c.Close()
	return f(ctx, c)
}

// endHome ends the daemon of a home in good order, when there is one. What its
// jobs have started is ended first: they outlive a daemon.
func (s *stage) endHome(ctx context.Context, home string) error {
	c, err := control.Dial(ctx, config.Home(home), s.build)
	if errors.Is(err, control.ErrNotRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	defer c.Close()
	page, err := c.Tasks(ctx, control.TaskQuery{})
	if err != nil {
		return err
	}
	for _, t := range page.Tasks {
		if !ended(t.State) {
			if _, err := c.Kill(ctx, control.Kill{Task: t.Task, GraceMS: new(int64), By: "uratori demo"}); err != nil {
				return err
			}
		}
	}
	id, err := c.Stop(ctx)
	if err != nil {
		return err
	}
	return id.Exited(ctx)
}

func ended(state string) bool { return state == "succeeded" || state == "failed" || state == "killed" }

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

// until looks again and again, at most patience.
func until(ctx context.Context, there func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		ok, err := there()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fault.New(fault.Unavailable, "demo.not_seen", "limit", patience)
			}
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
