package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"uratori/internal/control"
)

// keepers measures what the processes cost that keep running jobs: twenty at
// once, since what they share is counted once.
func (b *bench) keepers(ctx context.Context) (rows []row, err error) {
	const (
		jobs             = 20
		settle           = 3 * time.Second // a keeper gives back what it needed to start
		mostRSS, mostPSS = 12 << 10, 3 << 10
	)
	y, err := b.yard(ctx, "keepers", "URATORI_RUNNER_SLOTS="+strconv.Itoa(jobs))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, y.down(ctx)) }()
	var tasks []int64
	for range jobs {
		e, err := y.c.Enqueue(ctx, y.order("/bin/sleep", "600"))
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, e.Task)
	}
	var folders []string
	for _, task := range tasks {
		pid, err := y.kept(ctx, task)
		if err != nil {
			return nil, err
		}
		folders = append(folders, filepath.Join("/proc", strconv.FormatInt(pid, 10), "smaps_rollup"))
	}
	time.Sleep(settle)
	var rss, pss []int64 // KiB
	for _, folder := range folders {
		whole, err := statusField(folder, "Rss")
		share, err2 := statusField(folder, "Pss")
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		rss, pss = append(rss, whole), append(pss, share)
	}
	for _, task := range tasks {
		if _, err := y.c.Kill(ctx, control.Kill{Task: task}); err != nil {
			return nil, err
		}
	}
	mb := func(kib int64) string { return fmt.Sprintf("%.1f MB", float64(kib)/1024) }
	return []row{{
		"keeper process of a running job, resident, median of twenty at once", mb(median(rss)) + ", its share " + mb(median(pss)), "", "",
		"≤ 12 MB, share ≤ 3 MB", median(rss) <= mostRSS && median(pss) <= mostPSS,
	}}, nil
}

// kept waits for a task to run and gives the process that keeps it.
func (y *yard) kept(ctx context.Context, task int64) (pid int64, err error) {
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		t, err := y.c.Task(ctx, task)
		if err != nil {
			return 0, err
		}
		if t.PID > 0 {
			return statusField(filepath.Join("/proc", strconv.Itoa(t.PID), "status"), "PPid")
		}
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("task %d does not run", task)
		}
	}
}
