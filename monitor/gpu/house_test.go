//go:build linux && cgo

package gpu

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/monitor/gpu/gputest"
)

// The test binary is its own probe process, as uratori is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == probeWord {
		if err := Serve(context.Background(), os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// The race detector has each process rest for a second before it ends.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE")); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// house is a probe at work on GPUs of the test.
type house struct {
	*Probe
	t    *testing.T
	gpus *gputest.GPUs
	log  *journal
	stop func()
}

// patience is how long a test waits for what must happen, on a busy machine.
const patience = 30 * time.Second

func newHouse(t *testing.T, change func(*Options), without ...string) *house {
	t.Helper()
	h := build(t, change, without...)
	h.run()
	return h
}

// build makes a house whose probe does not run yet.
func build(t *testing.T, change func(*Options), without ...string) *house {
	t.Helper()
	h := &house{t: t, gpus: gputest.New(t, without...), log: &journal{}}
	o := Options{
		Libraries: []string{h.gpus.Library}, Silence: patience, Start: patience, Grace: 5 * time.Second,
		FirstRetry: time.Millisecond, LastRetry: 10 * time.Millisecond, Rarely: time.Hour,
		Now: time.Now, Log: slog.New(slog.NewTextHandler(h.log, nil)), Blind: func() error { return nil },
	}
	if change != nil {
		change(&o)
	}
	h.Probe = New(o)
	return h
}

func (h *house) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	var ended error
	running.Go(func() { ended = h.Run(ctx) })
	h.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if !errors.Is(ended, context.Canceled) {
			h.t.Errorf("Run returned %v", ended)
		}
	})
	h.t.Cleanup(h.stop)
}

func (h *house) context() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	h.t.Cleanup(cancel)
	return ctx
}

// sample takes one that must succeed.
func (h *house) sample() Sample {
	h.t.Helper()
	s, err := h.Sample(h.context())
	if err != nil {
		h.t.Fatalf("%v\n%s", err, h.log)
	}
	return s
}

// one is the reading of the only GPU.
func (h *house) one() Reading {
	h.t.Helper()
	s := h.sample()
	if len(s.Devices) != 1 {
		h.t.Fatalf("%d GPUs", len(s.Devices))
	}
	return s.Devices[0]
}

// until waits for a sample that satisfies enough.
func (h *house) until(what string, enough func(Sample, error) bool) {
	h.t.Helper()
	ctx := h.context()
	for {
		s, err := h.Sample(ctx)
		if enough(s, err) {
			return
		}
		select {
		case <-ctx.Done():
			h.t.Fatalf("not seen: %s; last %+v %v\n%s", what, s, err, h.log)
		case <-time.After(time.Millisecond):
		}
	}
}

func (h *house) back() {
	h.t.Helper()
	h.until("the probe is back", func(_ Sample, err error) bool { return err == nil })
}

// gone waits until a process is no more.
func gone(t *testing.T, pid int) {
	t.Helper()
	for limit := time.Now().Add(patience); syscall.Kill(pid, 0) == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("process %d is still there", pid)
		}
	}
}

// journal is a log that tests read.
type journal struct {
	mu   sync.Mutex
	text []byte
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text = append(j.text, p...)
	return len(p), nil
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return string(j.text)
}
