// Command uratori is the whole product in one binary: the daemon, the command
// line and, with later parts, everything that is started from them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"uratori/internal/control"
	"uratori/internal/phrase"
)

// Set by the linker; see the Makefile.
var (
	version = "dev"
	commit  = ""
)

func main() {
	// Caught until the very end: a second signal must not cut an orderly end
	// off.
	ctx, _ := signal.NotifyContext(context.Background(), ends()...)
	a := &app{
		in: os.Stdin, out: &output{Writer: os.Stdout}, err: os.Stderr,
		environ: os.Environ(), getenv: os.Getenv,
		lang:  phrase.FromEnv(os.Getenv),
		color: isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "",
		build: control.Build{Version: version, Commit: commit},
	}
	os.Exit(a.run(ctx, os.Args[1:]))
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
