// Package cli is the command line: flags, output for people, and the wiring
// of the daemon. The programs of this house are this package under their
// names.
package cli

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"uratori/cmd/front/doorstep"
	"uratori/internal/control"
	"uratori/internal/phrase"
)

// program is what the whole command line is called.
const program = "uratori"

// Main runs the command line of this process and returns the exit status. A
// program of another name is the command of that name, but as the daemon that
// it starts it is called uratori.
func Main(name string, build control.Build) int {
	// Caught until the very end: a second signal must not cut an orderly end
	// off.
	ctx, _ := signal.NotifyContext(context.Background(), ends()...)
	key, at, ordered := doorstep.TakeOrder(os.Getenv(doorstep.Order), os.Getpid(), time.Now())
	if os.Unsetenv(doorstep.Order) != nil || !ordered { // it is nobody else's
		key, at = "", time.Time{}
	}
	a := &app{
		in: os.Stdin, out: &output{Writer: os.Stdout}, err: os.Stderr,
		environ: os.Environ(), getenv: os.Getenv,
		lang:  phrase.FromEnv(os.Getenv),
		color: isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "",
		build: build, key: key, at: at, front: door(),
	}
	return a.run(ctx, words(name, os.Args))
}

// door is the program at the door, when that has become this one. It started an
// open file, whose number would be this process's name.
func door() string {
	info, err := os.Stat(self)
	if err != nil {
		return ""
	}
	path, ok := doorstep.Front(os.Getenv, info)
	if !ok {
		return ""
	}
	_ = os.WriteFile("/proc/self/comm", []byte(program), 0)
	return path
}

// words are the command line as it is meant: a program of another name is the
// command of that name, unless it was started as uratori, or by the daemon that it
// has become, which has its own program do parts of its work.
func words(name string, argv []string) []string {
	args := argv[1:]
	if name == program || filepath.Base(argv[0]) == program {
		return args
	}
	if len(args) > 0 && slices.Contains([]string{"shim", "each", "gpu-probe"}, args[0]) {
		return args
	}
	return append([]string{name}, args...)
}

// ends are the signals that end this program in order, without those that
// whoever started it had it ignore, as nohup does.
func ends() []os.Signal {
	all := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			all = append(all, s)
		}
	}
	return all
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
