package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/store"
)

// yard is a home whose daemon runs tasks, and the peers beside it.
type yard struct {
	*bench
	env  []string
	home config.Home
	c    *control.Client
	peer []string // environment of the peers
}

func (b *bench) yard(ctx context.Context, name string, settings ...string) (*yard, error) {
	dir, env := b.home(name)
	y := &yard{bench: b, env: append(env, settings...), home: config.Home(dir)}
	peers := filepath.Join(b.dir, name+"-peers")
	if err := os.MkdirAll(peers, 0o700); err != nil {
		return nil, err
	}
	y.peer = append(os.Environ(), "TS_SOCKET="+filepath.Join(peers, "ts"), "TMPDIR="+peers, "NQDIR="+filepath.Join(peers, "nq"), "TS_MAXFINISHED=10")
	if _, err := b.call(ctx, y.env, "up", "--background"); err != nil {
		return nil, err
	}
	var err error
	y.c, err = control.Dial(ctx, y.home, control.Build{})
	return y, err
}

func (y *yard) down(ctx context.Context) error {
	y.c.Close()
	_, err := y.call(ctx, y.env, "down")
	_, _ = y.other(ctx, "tsp", "-K") // the peer's server outlives it otherwise, where it has one
	return err
}

// other runs a peer's command and returns its wall time.
func (y *yard) other(ctx context.Context, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = y.peer
	began := time.Now()
	words, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s\n(the peers are Debian's packages task-spooler and nq)", strings.Join(args, " "), err, words)
	}
	return time.Since(began), nil
}

func (y *yard) order(argv ...string) control.Enqueue {
	none := 0
	return control.Enqueue{Command: argv, Cwd: y.dir, Environ: os.Environ(), Retries: &none}
}

// tasks measures the queue beside task-spooler and nq.
func (b *bench) tasks(ctx context.Context) (rows []row, err error) {
	y, err := b.yard(ctx, "tasks", "URATORI_RUNNER_SLOTS=1")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, y.down(ctx)) }()
	for _, measure := range []func(context.Context) ([]row, error){y.enqueues, y.starts, y.thousand} {
		r, err := measure(ctx)
		if err != nil {
			return rows, err
		}
		rows = append(rows, r...)
	}
	return rows, nil
}

// enqueues measures the time until a task is stored, while nothing starts.
func (y *yard) enqueues(ctx context.Context) ([]row, error) {
	const runs = 200
	if _, err := y.c.Hold(ctx, control.Hold{Hold: true}); err != nil {
		return nil, err
	}
	if _, err := y.other(ctx, "tsp", "sleep", "600"); err != nil {
		return nil, err
	}
	var socket, command, ts []time.Duration
	for range runs {
		began := time.Now()
		if _, err := y.c.Enqueue(ctx, y.order("/bin/true")); err != nil {
			return nil, err
		}
		socket = append(socket, time.Since(began))
		took, err := y.door(ctx, y.env, "enqueue", "--json", "--", "/bin/true")
		if err != nil {
			return nil, err
		}
		command = append(command, took)
		if took, err = y.other(ctx, "tsp", "true"); err != nil {
			return nil, err
		}
		ts = append(ts, took)
	}
	if _, err := y.other(ctx, "tsp", "-K"); err != nil {
		return nil, err
	}
	page, err := y.c.Tasks(ctx, control.TaskQuery{State: "queued", Limit: 500})
	if err != nil {
		return nil, err
	}
	for _, t := range page.Tasks {
		if _, err := y.c.Kill(ctx, control.Kill{Task: t.Task}); err != nil {
			return nil, err
		}
	}
	if _, err := y.c.Hold(ctx, control.Hold{}); err != nil {
		return nil, err
	}
	s, c, t := median(socket), median(command), median(ts)
	const wanted = 6 * time.Millisecond
	return []row{
		{"enqueue through the socket, stored durably, median of " + strconv.Itoa(runs), ms(s), "task-spooler, in memory " + ms(t), ratio(s, t), "≤ 1 ×", s <= t},
		{"`uratori enqueue`, wall time", ms(c), "task-spooler " + ms(t), ratio(c, t), "≤ 6 ms", c <= wanted},
	}, nil
}

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.2f ×", float64(a)/float64(b)) }

// starts measures from before the request to the job's own look at the clock,
// and from the job's last look to the moment at which the daemon tells its end.
func (y *yard) starts(ctx context.Context) ([]row, error) {
	const runs = 50
	file := filepath.Join(y.dir, "clock")
	job := []string{"/bin/sh", "-c", "date +%s%N > " + file}
	read := func() (time.Time, error) {
		for deadline := time.Now().Add(10 * time.Second); ; {
			raw, err := os.ReadFile(file)
			if ns, bad := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64); err == nil && bad == nil && bytes.HasSuffix(raw, []byte("\n")) {
				return time.Unix(0, ns), os.Remove(file)
			}
			if time.Now().After(deadline) {
				return time.Time{}, fmt.Errorf("the job did not write %s: %w", file, err)
			}
			time.Sleep(100 * time.Microsecond)
		}
	}
	var ours, ts, ended []time.Duration
	for range runs {
		began := time.Now()
		e, err := y.c.Enqueue(ctx, y.order(job...))
		if err != nil {
			return nil, err
		}
		task, err := y.c.WaitTask(ctx, e.Task, 10*time.Second)
		if err != nil || task.State != "succeeded" {
			return nil, fmt.Errorf("%+v: %w", task, err)
		}
		told := time.Now()
		at, err := read()
		if err != nil {
			return nil, err
		}
		ours, ended = append(ours, at.Sub(began)), append(ended, told.Sub(at))
		began = time.Now()
		if _, err := y.other(ctx, append([]string{"tsp"}, job...)...); err != nil {
			return nil, err
		}
		if at, err = read(); err != nil {
			return nil, err
		}
		ts = append(ts, at.Sub(began))
	}
	o, t, e := median(ours), median(ts), median(ended)
	const soon = 20 * time.Millisecond
	return []row{
		{"enqueue through the socket → the job runs, median of " + strconv.Itoa(runs), ms(o), "task-spooler " + ms(t), ratio(o, t), "≤ 4 ×", o <= 4*t},
		{"the job's last act → its end, judged and stored, is told", ms(e), "", "", "≤ 20 ms", e <= soon},
	}, nil
}

// thousand runs a thousand jobs that do nothing, one at a time.
func (y *yard) thousand(ctx context.Context) ([]row, error) {
	const jobs = 1000
	began := time.Now()
	var last int64
	for range jobs {
		e, err := y.c.Enqueue(ctx, y.order("/bin/true"))
		if err != nil {
			return nil, err
		}
		last = e.Task
	}
	task, err := y.c.WaitTask(ctx, last, 5*time.Minute)
	if err != nil || task.State != "succeeded" {
		return nil, fmt.Errorf("%+v: %w", task, err)
	}
	ours := time.Since(began)
	began = time.Now()
	for range jobs {
		if _, err := y.other(ctx, "nq", "-q", "true"); err != nil {
			return nil, err
		}
	}
	if _, err := y.other(ctx, "nq", "-w"); err != nil {
		return nil, err
	}
	nq := time.Since(began)
	perSecond := func(d time.Duration) float64 { return jobs / d.Seconds() }
	return []row{{
		"1,000 jobs that do nothing, one slot, each start and end durable", fmt.Sprintf("%.0f /s", perSecond(ours)),
		fmt.Sprintf("nq, nothing durable %.0f /s", perSecond(nq)), fmt.Sprintf("%.2f ×", perSecond(ours)/perSecond(nq)), "≥ 1 ×", ours <= nq,
	}}, nil
}

// million looks at a queue with a long past.
func (b *bench) million(ctx context.Context) (rows []row, err error) {
	const tasks, runs = 1_000_000, 50
	dir, env := b.home("million")
	if _, err := b.call(ctx, env, "up", "--background"); err != nil {
		return nil, err
	}
	if _, err := b.call(ctx, env, "down"); err != nil {
		return nil, err
	}
	if err := past(ctx, config.Home(dir).Database(), tasks); err != nil {
		return nil, err
	}
	y, err := b.yard(ctx, "million")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, y.down(ctx)) }()
	var took []time.Duration
	for range runs {
		began := time.Now()
		s, err := y.c.Status(ctx)
		if err != nil || len(s.Tasks) == 0 {
			return nil, fmt.Errorf("%d tasks: %w", len(s.Tasks), err)
		}
		took = append(took, time.Since(began))
	}
	const wanted = 10 * time.Millisecond
	m := median(took)
	return []row{{"status with 1,000,000 tasks that have ended, through the socket", ms(m), "", "", "≤ 10 ms", m <= wanted}}, nil
}

// past fills a store with tasks that have ended.
func past(ctx context.Context, file string, n int) (err error) {
	db, err := store.Open(ctx, file, schemas()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO runner_environments VALUES ('none', '[]')`); err != nil {
			return err
		}
		for _, statement := range []string{
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO runner_tasks (ticket, name, state, priority, gpu, total, attempt, retries, budget, created, changed, content, spec, env, exit_code)
			SELECT 'INTG-' || (i % 500), 'job', CASE WHEN i % 20 = 0 THEN 'failed' ELSE 'succeeded' END, 0, 0, 0, 1, 3, 4, 1700000000000 + i, 1700000001000 + i, '', '{"command":["/bin/true"],"cwd":"/"}', 'none', 0 FROM n`,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO runner_attempts (task, number, state, token, gpus, started, ran, ended)
			SELECT i, 1, 'succeeded', '', '', 1700000000000 + i, 1700000000000 + i, 1700000001000 + i FROM n`,
		} {
			if _, err := tx.Exec(statement, n); err != nil {
				return err
			}
		}
		return nil
	})
}
