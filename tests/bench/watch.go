package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/store"
	"uratori/monitor/notify/notifytest"
)

// alarms measures from the last act of a job that fails to the moment at which
// the request about it is at the endpoint of a stand-in for Pushover.
func (b *bench) alarms(ctx context.Context) (rows []row, err error) {
	const jobs = 200
	phone := notifytest.New(time.Now)
	base, stop, err := phone.Listen(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	y, err := b.yard(ctx, "alarms", "URATORI_RUNNER_SLOTS=1", "PUSHOVER_TOKEN="+notifytest.Token, "PUSHOVER_USER="+notifytest.User,
		"URATORI_NOTIFY_PUSHOVER_ENDPOINT="+base)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, y.down(ctx)) }()
	var took []time.Duration
	for n := range jobs {
		file := filepath.Join(y.dir, "end"+strconv.Itoa(n))
		if _, err := y.c.Enqueue(ctx, y.order("/bin/sh", "-c", "date +%s%N > "+file+"; exit 1")); err != nil {
			return nil, err
		}
		told, err := phone.Wait(ctx, n+1)
		if err != nil {
			return nil, err
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		ns, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
		if err != nil {
			return nil, err
		}
		took = append(took, told[n].At.Sub(time.Unix(0, ns)))
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	const wanted = 300 * time.Millisecond
	return []row{{
		"a job's last act before it fails → the request at Pushover's endpoint, 99th percentile of " + strconv.Itoa(jobs), ms(p99),
		"median " + ms(median(took)), "", "≤ 300 ms", p99 <= wanted,
	}}, nil
}

var cpuPerOp = regexp.MustCompile(`([0-9.]+) cpu-ms/op`)

// pass measures one look at 50 trees of 20 processes each, which the monitor
// takes every five seconds.
func (b *bench) pass(ctx context.Context) ([]row, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "Pass_50TreesOf20", "-benchtime", "100x", "./monitor")
	words, err := cmd.CombinedOutput()
	found := cpuPerOp.FindSubmatch(words)
	if err != nil || found == nil {
		return nil, fmt.Errorf("%w\n%s", err, words)
	}
	cpu, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		return nil, err
	}
	const wanted = 30
	return []row{{"one look of the monitor at 50 trees of 20 processes, processor time", fmt.Sprintf("%.1f ms", cpu), "", "", "≤ 30 ms", cpu <= wanted}}, nil
}

// day looks at the memory of a daemon that has a day of samples behind it and a
// task to watch, after much of its history was read.
func (b *bench) day(ctx context.Context) (rows []row, err error) {
	dir, env := b.home("day")
	for _, command := range []string{"up --background", "down"} {
		if _, err := b.call(ctx, env, strings.Fields(command)...); err != nil {
			return nil, err
		}
	}
	if err := watched(ctx, config.Home(dir).Database(), time.Now()); err != nil {
		return nil, err
	}
	y, err := b.yard(ctx, "day")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, y.down(ctx)) }()
	e, err := y.c.Enqueue(ctx, y.order("/bin/sleep", "600"))
	if err != nil {
		return nil, err
	}
	for _, series := range []string{"machine", "task/1/1", "gpu/GPU-1"} {
		s, err := y.c.Samples(ctx, series, 6*time.Hour)
		if err != nil || len(s) < 1000 {
			return nil, fmt.Errorf("%s: %d samples: %w", series, len(s), err)
		}
	}
	status, err := y.c.Status(ctx)
	if err != nil {
		return nil, err
	}
	file := filepath.Join("/proc", strconv.Itoa(status.Daemon.PID), "status")
	now, err := statusField(file, "VmRSS")
	if err != nil {
		return nil, err
	}
	if _, err := y.c.Kill(ctx, control.Kill{Task: e.Task}); err != nil {
		return nil, err
	}
	const most = 60 << 10 // KiB
	return []row{{"daemon with a day of samples, of three series six hours were just read, resident", fmt.Sprintf("%.1f MB", float64(now)/1024), "", "", "< 60 MB", now < most}}, nil
}

// watched fills a store with what a monitor keeps of a day: four tasks, a GPU
// and the machine at every look.
func watched(ctx context.Context, file string, now time.Time) (err error) {
	db, err := store.Open(ctx, file, schemas()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const looks, every = 24 * 60 * 60 / 5, 5
	return db.Write(ctx, func(tx *store.Tx) error {
		for _, series := range []string{"machine", "task/1/1", "task/2/1", "task/3/1", "task/4/1", "gpu/GPU-1"} {
			if _, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
				INSERT INTO monitor_samples SELECT 0, ? - i * ?, ?, '{"cpu":123.4,"memory":' || (4000000000 + i) || ',"processes":20,"done":' || i || '}' FROM n`,
				looks, now.Unix(), every, series); err != nil {
				return err
			}
		}
		return nil
	})
}
