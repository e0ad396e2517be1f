package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
)

// commands compares a question to the running daemon with the floor of every
// command: starting the binary and ending it.
func (b *bench) commands(ctx context.Context) (rows []row, err error) {
	const runs = 100
	_, env := b.home("commands")
	if _, err := b.call(ctx, env, "up", "--background"); err != nil {
		return nil, err
	}
	defer func() {
		_, down := b.call(ctx, env, "down")
		err = errors.Join(err, down)
	}()
	var status, version []time.Duration
	for range runs {
		// In turn, so that a slower moment of the machine meets both.
		s, err := b.call(ctx, env, "status", "--json")
		if err != nil {
			return nil, err
		}
		v, err := b.call(ctx, env, "version")
		if err != nil {
			return nil, err
		}
		status, version = append(status, s), append(version, v)
	}
	s, v := median(status), median(version)
	ratio := float64(s) / float64(v)
	return []row{{
		"`uratori status --json`, wall time, median of " + strconv.Itoa(runs), ms(s),
		"`uratori version` " + ms(v), fmt.Sprintf("%.2f ×", ratio), "≤ 2 ×", ratio <= 2,
	}}, nil
}

// coldStart measures from the start of the daemon's process in an empty home,
// tables to be made included, to its first answer.
func (b *bench) coldStart(ctx context.Context) ([]row, error) {
	const runs = 15
	const limit = 150 * time.Millisecond
	var daemon, command []time.Duration
	for i := range runs {
		dir, env := b.home(fmt.Sprintf("cold-%d", i))
		took, err := b.firstAnswer(ctx, config.Home(dir), env)
		if err != nil {
			return nil, err
		}
		daemon = append(daemon, took)
		_, env = b.home(fmt.Sprintf("colder-%d", i))
		if took, err = b.call(ctx, env, "status", "--json"); err != nil {
			return nil, err
		}
		command = append(command, took)
		if _, err := b.call(ctx, env, "down"); err != nil {
			return nil, err
		}
	}
	d, c := median(daemon), median(command)
	return []row{
		{"cold start of the daemon to its first answer, median of " + strconv.Itoa(runs), ms(d), "", "", "< 150 ms", d < limit},
		{"`uratori status --json` that has to start it, wall time", ms(c), "", "", "", true},
	}, nil
}

func (b *bench) firstAnswer(ctx context.Context, home config.Home, env []string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, b.program, "up")
	cmd.Env = env
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	for {
		c, err := control.Dial(ctx, home, control.Build{})
		if err == nil {
			_, err = c.Status(ctx)
			c.Close()
		}
		if err == nil {
			break
		}
		if time.Since(began) > time.Minute {
			return 0, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
		}
		time.Sleep(200 * time.Microsecond)
	}
	took := time.Since(began)
	return took, errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
}

// atRest looks at a daemon that nobody asks anything.
func (b *bench) atRest(ctx context.Context) (rows []row, err error) {
	const settle, window = 10 * time.Second, 20 * time.Second
	const rssLimit, wakeLimit = 40.0, 2.0
	dir, env := b.home("rest")
	if _, err := b.call(ctx, env, "status", "--json"); err != nil {
		return nil, err
	}
	defer func() {
		_, down := b.call(ctx, env, "down")
		err = errors.Join(err, down)
	}()
	c, err := control.Dial(ctx, config.Home(dir), control.Build{})
	if err != nil {
		return nil, err
	}
	s, err := c.Status(ctx)
	c.Close()
	if err != nil {
		return nil, err
	}
	// For some ticks after work the runtime still sweeps and scavenges, and its
	// monitor thread looks on every 20 µs while it does; that is no rest.
	time.Sleep(settle)
	before, err := switches(s.Daemon.PID)
	if err != nil {
		return nil, err
	}
	time.Sleep(window)
	after, err := switches(s.Daemon.PID)
	if err != nil {
		return nil, err
	}
	rss, err := statusField(filepath.Join("/proc", strconv.Itoa(s.Daemon.PID), "status"), "VmRSS")
	if err != nil {
		return nil, err
	}
	wakes := float64(after-before) / window.Seconds()
	mb := float64(rss) / 1024
	return []row{
		{"daemon at rest, resident memory", fmt.Sprintf("%.1f MB", mb), "", "", "< 40 MB", mb < rssLimit},
		{"daemon at rest, wake-ups of all its threads", fmt.Sprintf("%.2f /s", wakes), "", "", "≤ 2 /s", wakes <= wakeLimit},
	}, nil
}

// switches counts how often the threads of a process have gone to sleep, and
// so woken up.
func switches(pid int) (int64, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(tasks) == 0 {
		return 0, fmt.Errorf("threads of %d: %w", pid, errors.Join(err, os.ErrNotExist))
	}
	var sum int64
	for _, task := range tasks {
		n, err := statusField(task, "voluntary_ctxt_switches")
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

func statusField(file, field string) (int64, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if name, value, ok := strings.Cut(line, ":"); ok && name == field {
			return strconv.ParseInt(strings.Fields(value)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("%s has no field %s", file, field)
}
