package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// app is one run of the command line: what it talks to, and how.
type app struct {
	in      io.Reader
	out     *output
	err     io.Writer
	environ []string
	getenv  func(string) string
	lang    phrase.Lang
	color   bool
	json    bool
	build   control.Build

	// Of a line that this process carries out for another, or of the order that it
	// was started with. Each is empty where it is this process's own.
	here    string    // the folder from which relative names are told
	columns int       // of the terminal that out ends at
	key     string    // for a request that is sent
	at      time.Time // when the command was given
	dial    func(context.Context) (*control.Client, error)

	waits func(usual time.Duration) time.Duration // for an answer; nil for the usual time

	front string // the program at the door by which this one was started
}

// Exit statuses, for scripts and hooks.
const (
	exitDone         = 0
	exitFailed       = 1 // refuted or failed
	exitUsage        = 2
	exitUnverifiable = 3
	exitConflict     = 4
)

// outcome ends a command that has already told everything, with the status of
// its verdict.
type outcome ledger.Verdict

func (o outcome) Error() string { return string(o) }

// judged is nil for verified.
func judged(v ledger.Verdict) error {
	if v == ledger.Verified {
		return nil
	}
	return outcome(v)
}

// output keeps its first error, so that an export onto a full disk does not
// end as if it were whole.
type output struct {
	io.Writer
	failed error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if o.failed == nil {
		o.failed = err
	}
	return n, err
}

// run executes the command line and returns the exit status.
func (a *app) run(ctx context.Context, args []string) int {
	status := a.execute(ctx, args)
	if a.out.failed != nil {
		fmt.Fprintln(a.err, "uratori: "+fault.Explain(fault.New(fault.Failed, "cli.output_failed").Wrap(a.out.failed), a.lang))
		return max(status, exitFailed)
	}
	return status
}

func (a *app) execute(ctx context.Context, args []string) int {
	status, _ := a.perform(ctx, nil, args)
	return status
}

// perform executes the command line by the commands named, or by all, and tells
// what went wrong. The error is that, too.
func (a *app) perform(ctx context.Context, only branch, args []string) (status int, err error) {
	root := a.tree(only)
	root.SetArgs(args)
	err = root.ExecuteContext(ctx)
	_, judged := errors.AsType[outcome](err)
	_, spoken := errors.AsType[exit](err)
	if err != nil && !judged && !spoken {
		if a.json {
			a.print(control.ErrorBody{Error: control.Encode(err)})
		} else {
			fmt.Fprintln(a.err, "uratori: "+visible(fault.Explain(err, a.lang)))
		}
	}
	return exitStatus(err), err
}

func exitStatus(err error) int {
	if err == nil {
		return exitDone
	}
	if e, ok := errors.AsType[exit](err); ok {
		return int(e)
	}
	if o, ok := errors.AsType[outcome](err); ok {
		if ledger.Verdict(o) == ledger.Unverifiable {
			return exitUnverifiable
		}
		return exitFailed
	}
	switch fault.KindOf(err) {
	case fault.Invalid:
		return exitUsage
	case fault.Unavailable:
		return exitUnverifiable
	case fault.Conflict:
		return exitConflict
	default:
		return exitFailed
	}
}

// startLimit is how long a command waits for a daemon that is starting; a
// start takes a tenth of a second, after a stop in hand somewhat more.
const startLimit = 30 * time.Second

// connect gives a client of the home's daemon, which is started when there is
// none.
func (a *app) connect(ctx context.Context) (*control.Client, error) {
	if a.dial != nil {
		return a.dial(ctx)
	}
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return control.Starter{Home: home, Build: a.build, Program: self}.Connect(ctx)
}

// self is this very program, even when its file was replaced by an update.
const self = "/proc/self/exe"

// path is where this program is to be called later: what was installed, not what
// that became.
func (a *app) path() (string, error) {
	if a.front != "" {
		return a.front, nil
	}
	return os.Executable()
}

// standing is where relative names are told from.
func (a *app) standing() (string, error) {
	if a.here != "" {
		return a.here, nil
	}
	return os.Getwd()
}

// file is a name as a system call takes it.
func (a *app) file(name string) string {
	if a.here == "" || filepath.IsAbs(name) || name == "" {
		return name
	}
	return a.here + "/" + name // not joined: what .. is depends on the links before it
}

// home is the home of whoever gives the command.
func (a *app) home() (config.Home, error) { return config.FindHomeFrom(a.getenv, a.standing) }

// now is the time at which the command was given.
func (a *app) now() time.Time {
	if !a.at.IsZero() {
		return a.at
	}
	return time.Now()
}

// answerLimit is how long a command waits for a short answer.
const answerLimit = 20 * time.Second

// ask connects and asks how the daemon is.
func (a *app) ask(ctx context.Context) (control.Status, error) {
	c, err := a.connect(ctx)
	if err != nil {
		return control.Status{}, err
	}
	defer c.Close()
	ctx, cancel := a.within(ctx, answerLimit)
	defer cancel()
	return c.Status(ctx)
}

// within bounds the wait for an answer that usually comes in that time.
func (a *app) within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if a.waits != nil {
		limit = a.waits(limit)
	}
	return context.WithTimeout(ctx, limit)
}

// say prints a sentence for people.
func (a *app) say(key string, pairs ...any) { fmt.Fprintln(a.out, visible(a.lang.Say(key, pairs...))) }

// line is say for a sentence that begins with a mark, which may be painted.
func (a *app) line(key, mark string, pairs ...any) {
	text := visible(a.lang.Say(key, append(pairs, "mark", "\x00")...))
	fmt.Fprintln(a.out, strings.Replace(text, `\u0000`, mark, 1))
}

// print writes v as one line of JSON, which is English in every locale.
func (a *app) print(v any) {
	if err := json.MarshalWrite(a.out, v); err != nil && a.out.failed == nil {
		a.out.failed = err
	}
	fmt.Fprintln(a.out)
}

// mark is a verdict at a glance.
func (a *app) mark(v ledger.Verdict) string {
	switch v {
	case ledger.Verified:
		return a.paint("32", "✔")
	case ledger.Refuted:
		return a.paint("31", "✘")
	default:
		return a.paint("33", "?")
	}
}

func (a *app) paint(code, s string) string {
	if !a.color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// visible makes text from anywhere harmless to a terminal: control and
// formatting characters, which could move the cursor or turn the direction of
// the line, are shown as escapes. Line feeds and tabs stay.
func visible(s string) string {
	if !strings.ContainsFunc(s, unseen) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unseen(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func cut(s string, longest int) string {
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}

func unseen(r rune) bool {
	const zeroWidthJoiner = '\u200d' // holds emoji together and does no harm
	return r != '\n' && r != '\t' && r != zeroWidthJoiner && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}
