package shim

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/process"
)

// This test binary is also the shim, and the other processes that the tests
// need.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "shim":
			dir := ""
			if len(os.Args) > 2 {
				dir = os.Args[2]
			}
			finish(Serve(dir, os.Stdin, os.Stdout, Sentry{}))
		case "daemon":
			finish(daemon(os.Args[2], os.Args[3]))
		}
	}
	goleak.VerifyTestMain(m)
}

func finish(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func newPool(t *testing.T) *Pool {
	t.Helper()
	p := NewPool(poolOptions())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		must(t, p.Close(ctx))
	})
	return p
}

func poolOptions() Options {
	return Options{
		Program: os.Args[0], Env: []string{"PATH=" + os.Getenv("PATH"), "SHIM=1"}, Stderr: os.Stderr,
		Idle: time.Minute, Log: slog.New(slog.DiscardHandler),
	}
}

// sh is a job: "sh -c script" in a folder of its own.
func sh(t *testing.T, script string) Spec {
	t.Helper()
	cwd, token := t.TempDir(), rand.Text()
	return Spec{
		Argv: []string{"sh", "-c", script}, Cwd: cwd, Token: token,
		Env: []string{"PATH=" + os.Getenv("PATH"), "URATORI_TOKEN=" + token, "DIR=" + cwd},
	}
}

// begin starts a job in a new attempt.
func begin(t *testing.T, p *Pool, s Spec) *Attempt {
	t.Helper()
	a, err := p.Start(t.Context(), filepath.Join(t.TempDir(), "1"), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.sweep(t) })
	return a
}

// sweep ends what a test has left.
func (a *Attempt) sweep(t *testing.T) {
	t.Helper()
	tree := process.Tree{Root: a.run.Shim, Main: a.run.Child, Token: "URATORI_TOKEN=" + a.run.Token}
	end, err := tree.End(context.Background(), 0)
	if err != nil || len(end.Survivors) > 0 {
		t.Errorf("left behind: %+v, %v", end.Survivors, err)
	}
	// Its folder goes with the test, but not before its shim has done with it.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := a.Wait(ctx); err != nil && !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

// run starts a job, waits for its end, and gives the shim back.
func run(t *testing.T, p *Pool, s Spec) Exit {
	t.Helper()
	a := begin(t, p, s)
	exit := wait(t, a)
	must(t, a.Release(t.Context()))
	return exit
}

func wait(t *testing.T, a *Attempt) Exit {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	exit, err := a.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return exit
}

func (e Exit) String() string {
	if e.Code != nil {
		return "code " + strconv.Itoa(*e.Code)
	}
	return e.Signal
}

func (a *Attempt) output(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(a.dir, stdoutFile))
	must(t, err)
	return string(raw)
}

// sign waits for a file in the job's folder that begins with a number.
func sign(t *testing.T, s Spec, name string) int {
	t.Helper()
	n := 0
	eventually(t, "no sign of "+name, func() bool {
		raw, err := os.ReadFile(filepath.Join(s.Cwd, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		n, err = strconv.Atoi(strings.TrimSpace(string(raw)))
		return err == nil
	})
	return n
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(); {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
		time.Sleep(time.Millisecond) // between two looks
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got is v, of a call that must not fail.
func got[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// daemon is the daemon's side in a process of its own, to be killed: it runs
// one attempt after another below base, each of which leaves a mark beside it
// when it runs.
func daemon(base, script string) error {
	p := NewPool(poolOptions())
	for n := 1; ; n++ {
		dir := filepath.Join(base, strconv.Itoa(n))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		a, err := p.Start(context.Background(), dir, Spec{
			Argv: []string{"sh", "-c", script}, Cwd: base, Token: "secret",
			Env: []string{"PATH=" + os.Getenv("PATH"), "N=" + strconv.Itoa(n), "URATORI_TOKEN=" + base},
		})
		if err != nil {
			return err
		}
		fmt.Println(n)
		if _, err := a.Wait(context.Background()); err != nil {
			return err
		}
		if err := a.Release(context.Background()); err != nil {
			return err
		}
	}
}
