package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// sleeper is a process that can be told to end; wait reaps it.
func sleeper(t *testing.T) (id ID, end, wait func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "cat")
	in, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return got(Of(cmd.Process.Pid)), func() { must(t, in.Close()) }, func() { _ = cmd.Wait() }
}

func TestSignal_ExactlyThisProcess(t *testing.T) {
	t.Parallel()
	id, _, wait := sleeper(t)
	for name, other := range map[string]ID{
		"start": {PID: id.PID, Start: id.Start + 1, Boot: id.Boot},
		"boot":  {PID: id.PID, Start: id.Start, Boot: "another"},
		"none":  {PID: 1 << 30, Start: 1, Boot: id.Boot},
		"zero":  {},
	} {
		if err := other.Signal(syscall.SIGKILL); !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !got(id.Alive()) {
		t.Fatal("it was hit")
	}
	must(t, id.Signal(syscall.SIGKILL))
	wait()
	if err := id.Signal(syscall.SIGKILL); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("%v", err)
	}
}

func TestSignal_Zombie_IsDone(t *testing.T) {
	t.Parallel()
	id, end, wait := sleeper(t)
	end()
	must(t, id.Exited(t.Context()))
	if err := id.Signal(syscall.SIGKILL); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("%v", err)
	}
	wait()
}

func TestExited_NoChildOfOurs_IsNoticedAtOnce(t *testing.T) {
	t.Parallel()
	j := start(t, `echo $$ >$DIR/pid; exec sleep 1000`)
	j.sign("pid")
	done := make(chan error, 1)
	go func() { done <- j.Main.Exited(t.Context()) }()
	select {
	case err := <-done:
		t.Fatalf("it runs: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	must(t, j.Main.Signal(syscall.SIGKILL))
	must(t, <-done)
	must(t, j.Main.Exited(t.Context())) // of one that is gone
}

func TestExited_CallerLeaves(t *testing.T) {
	t.Parallel()
	id, _, _ := sleeper(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := id.Exited(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	cancel()
	if err := id.Exited(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// As on a kernel without pidfds.
func TestHandle_WithoutPidfd_DoesTheSame(t *testing.T) {
	t.Parallel()
	id, _, wait := sleeper(t)
	h := handle{id, none}
	defer h.close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*pollEvery)
	defer cancel()
	if err := h.poll(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	must(t, h.signal(syscall.SIGTERM))
	must(t, h.poll(t.Context()))
	wait()
	if err := h.signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("%v", err)
	}
}

func TestAll_FindsThisProcess(t *testing.T) {
	t.Parallel()
	me := got(Self())
	for _, p := range got(All()) {
		if p.ID == me {
			if p.Parent != os.Getppid() || p.Threads < 2 || p.Ended || p.Name == "" {
				t.Errorf("%+v", p)
			}
			return
		}
	}
	t.Error("it is not there")
}
