// Command uratori is the whole product in one binary: the daemon, the command
// line and, with later parts, everything that is started from them.
package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
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
	ctx, stop := signal.NotifyContext(context.Background(), wanted(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)...)
	defer stop()
	a := &app{
		in: os.Stdin, out: &output{Writer: os.Stdout}, err: os.Stderr,
		environ: os.Environ(), getenv: os.Getenv,
		lang:  phrase.FromEnv(os.Getenv),
		color: isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "",
		build: control.Build{Version: version, Commit: commit},
	}
	status := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// wanted leaves out the signals that whoever started this program had it
// ignore, as nohup does.
func wanted(all ...os.Signal) []os.Signal {
	return slices.DeleteFunc(all, signal.Ignored)
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
