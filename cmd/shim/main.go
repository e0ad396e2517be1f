// Command shim keeps one attempt of a task after another. It is that part of
// uratori which lives for as long as a job, and so it is small: whatever it
// imports is in memory once for each job that runs. It is built into uratori
// (package runner/slim), whose daemon lays it out and starts it, and it is
// installed by nobody.
//
// What only the whole program can do, calling a daemon that was killed and telling
// people when it does not come, it has the whole program do.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"uratori/internal/daemon/custody"
	"uratori/runner/shim"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "uratori shim %d: %v\n", os.Getpid(), err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && args[0] == "shim" { // it is called as the whole program is
		args = args[1:]
	}
	flags := flag.NewFlagSet("uratori shim", flag.ContinueOnError)
	home := flags.String("home", "", "whose daemon it looks for")
	look := flags.Duration("look", 0, "how often it does, while nobody listens")
	whole := flags.Int("whole", 0, "the descriptor of the whole program")
	answer := flags.Bool("answer", false, "only say that it can be run")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *answer {
		_, err := fmt.Println(shim.Answer)
		return err
	}
	// It was started by a descriptor, whose number would be its name.
	_ = os.WriteFile("/proc/self/comm", []byte("uratori-shim"), 0)
	if *whole > 0 {
		syscall.CloseOnExec(*whole) // so that no job has it, and Serve leaves it open
	}
	return shim.Serve(flags.Arg(0), os.Stdin, os.Stdout, sentry(*home, *look, *whole))
}

// sentry has a shim bring the daemon of home back, when that was killed.
func sentry(home string, every time.Duration, whole int) shim.Sentry {
	if home == "" || whole <= 0 {
		return shim.Sentry{}
	}
	return shim.Sentry{
		Every:  every,
		Missed: func() bool { return custody.Missed(home) },
		Call: func(ctx context.Context) {
			// The very program that the daemon was, even when its file was
			// replaced by an update or deleted.
			cmd := exec.CommandContext(ctx, "/proc/self/fd/"+strconv.Itoa(whole), "shim", "--call", "--home", home)
			cmd.Args[0] = "uratori"
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				fmt.Fprintf(os.Stderr, "uratori shim %d: call the daemon: %v\n", os.Getpid(), err)
				return
			}
			_ = cmd.Wait() // its status belongs to whoever reaps the job; it complains itself
		},
	}
}
