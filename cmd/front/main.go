// Command front is what people call uratori: a small program that is there at
// once, with the large one inside.
//
// A few short commands it has carried out by the daemon that runs already (package
// internal/control/line), whose answer it prints. Everything else, and whatever
// is not as expected, is the large program's: front becomes it, with the same
// words, files and process number. So there is one way alone in which a command is
// understood, and what front does is only to be quick about it.
//
// Under the name factcheck it is the command of that name.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"uratori/cmd/front/doorstep"
	"uratori/cmd/front/whole"
	"uratori/internal/config/homes"
	"uratori/internal/control/line"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// Set by the linker; see scripts/build.
var (
	version = "dev"
	commit  = ""
)

const factcheck = "factcheck"

func main() {
	argv := os.Args
	if filepath.Base(argv[0]) == factcheck {
		argv = append([]string{"uratori", factcheck}, argv[1:]...)
	}
	order := ""
	if line.Hot(argv[1:]) {
		l := line.Line{Version: version, Commit: commit, Args: argv[1:], Key: line.NewKey(), At: time.Now()}
		if status, done := ask(l); done {
			os.Exit(status)
		}
		order = doorstep.OfOrder(os.Getpid(), l.Key, l.At)
	}
	err := become(argv, order)
	fmt.Fprintln(os.Stderr, "uratori: "+fault.Explain(fault.New(fault.Failed, "line.no_program").Wrap(err), phrase.FromEnv(os.Getenv)))
	os.Exit(1)
}

// ask has the daemon carry the line out. done is false where it is to be done by
// the large program, whether or not it was done here: it is the same under its key.
func ask(l line.Line) (status int, done bool) {
	home, err := homes.Find(os.Getenv, os.Getwd)
	if err != nil || home == "" {
		return 0, false
	}
	if l.Folder.Path, err = os.Getwd(); err != nil {
		return 0, false
	}
	var here unix.Stat_t
	if err := unix.Stat(".", &here); err != nil {
		return 0, false
	}
	l.Folder.Device, l.Folder.Inode = uint64(here.Dev), here.Ino //nolint:unconvert // on some machines it is narrower
	l.Environ = os.Environ()
	if size, err := unix.IoctlGetWinsize(unix.Stdout, unix.TIOCGWINSZ); err == nil {
		l.Columns = int(size.Col)
	}
	_, err = unix.IoctlGetTermios(unix.Stdout, unix.TCGETS)
	l.Terminal = err == nil
	if !l.Fits() {
		return 0, false
	}
	asking, err := line.Ask(homes.Socket(home), l)
	if err != nil {
		return 0, false
	}
	given := interrupts(asking)
	a, err := asking.Answer()
	if err == nil {
		return tell(a), true
	}
	if s := given.Load(); s != nil {
		// Nobody waits any more, and nothing is known that could be said.
		end(*s)
	}
	return 0, false
}

// interrupts gives the line up at the signals which end a command in order, but not
// at those that whoever started it had it ignore. It holds until this process ends
// or becomes another.
func interrupts(asking *line.Asking) *atomic.Pointer[syscall.Signal] {
	var given atomic.Pointer[syscall.Signal]
	caught := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGTERM, os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(caught, s)
		}
	}
	go func() {
		if s, ok := (<-caught).(syscall.Signal); ok {
			given.Store(&s)
			asking.GiveUp()
		}
	}()
	return &given
}

// end ends this process as the signal would have.
func end(s syscall.Signal) {
	signal.Reset()
	_ = syscall.Kill(os.Getpid(), s)
	<-time.After(time.Second) // it is on its way
	const base = 128          // as a shell tells an end by a signal, should this not be one
	os.Exit(base + int(s))
}

// tell prints an answer and gives the exit status, which is not that of a whole
// output when it was none.
func tell(a line.Answer) int {
	for _, part := range a.Parts {
		if part.Error {
			_, _ = os.Stderr.Write(part.Text) // as everywhere, there is nowhere to tell it
			continue
		}
		if _, err := os.Stdout.Write(part.Text); err != nil {
			fmt.Fprintln(os.Stderr, "uratori: "+fault.Explain(fault.New(fault.Failed, "cli.output_failed").Wrap(err), phrase.FromEnv(os.Getenv)))
			return max(a.Status, 1)
		}
	}
	return a.Status
}

// secret tells whether a passphrase may be typed. What lies in the cache could be
// changed by whoever works as this user, and a program that is root's own is
// installed so that it cannot: such a command runs from memory, unpacked afresh.
func secret(args []string) bool { return slices.Contains(args, "approve") }

// become has this process go on as the large program. It returns only with the
// reason why it cannot.
func become(argv []string, order string) error {
	p, err := whole.Embedded()
	if err != nil {
		return err
	}
	if cache := whole.Cache(os.Getenv); cache != "" && !secret(argv[1:]) {
		file, err := p.Find(cache)
		if err != nil {
			file, err = p.Lay(cache, time.Now())
		}
		if err == nil {
			_ = run(file, argv, order) // where nothing is executed, memory may do
			_ = file.Close()
		}
	}
	file, err := p.Memory()
	if err != nil {
		return err
	}
	return run(file, argv, order)
}

// run starts the open file in place of this program.
func run(file *os.File, argv []string, order string) error {
	env := make([]string, 0, len(os.Environ())+2)
	for _, v := range os.Environ() {
		if !doorstep.Is(v) {
			env = append(env, v)
		}
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if self, err := os.Executable(); err == nil {
		path, err := doorstep.OfFront(self, info)
		if err != nil {
			return err
		}
		env = append(env, path)
	}
	if order != "" {
		env = append(env, order)
	}
	return unix.Exec(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), argv, env)
}
