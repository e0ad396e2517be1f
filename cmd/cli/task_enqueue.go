package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// wanted is what the flags of an enqueue say.
type wanted struct {
	control.Enqueue
	env, after            []string
	retries               int
	timeout, stall, delay span
	at                    moment
}

func (w *wanted) flags(a *app, cmd *cobra.Command) {
	f := cmd.Flags()
	// What is behind the first word of the command is the command's.
	f.SetInterspersed(false)
	w.at.now = a.now
	f.StringVar(&w.Name, "name", "", a.lang.Say("cli.enqueue.flag.name"))
	f.StringArrayVar(&w.Items, "items", nil, a.lang.Say("cli.enqueue.flag.items"))
	f.StringArrayVar(&w.Outputs, "out", nil, a.lang.Say("cli.enqueue.flag.out"))
	f.IntVar(&w.Each, "each", 0, a.lang.Say("cli.enqueue.flag.each"))
	f.IntVar(&w.retries, "retries", 0, a.lang.Say("cli.enqueue.flag.retries"))
	f.Var(&w.timeout, "timeout", a.lang.Say("cli.enqueue.flag.timeout"))
	f.Var(&w.stall, "stall-kill", a.lang.Say("cli.enqueue.flag.stall_kill"))
	f.IntVar(&w.GPU, "gpu", 0, a.lang.Say("cli.enqueue.flag.gpu"))
	f.StringVar(&w.OnGPUError, "on-gpu-error", "", a.lang.Say("cli.enqueue.flag.on_gpu_error"))
	f.IntVar(&w.Priority, "priority", 0, a.lang.Say("cli.enqueue.flag.priority"))
	f.StringArrayVar(&w.after, "after", nil, a.lang.Say("cli.enqueue.flag.after"))
	f.Var(&w.at, "at", a.lang.Say("cli.enqueue.flag.at"))
	f.Var(&w.delay, "delay", a.lang.Say("cli.enqueue.flag.delay"))
	f.StringArrayVar(&w.env, "env", nil, a.lang.Say("cli.enqueue.flag.env"))
	f.StringVar(&w.Cwd, "cwd", "", a.lang.Say("cli.enqueue.flag.cwd"))
	f.StringVar(&w.Progress, "progress-regex", "", a.lang.Say("cli.enqueue.flag.progress"))
	f.StringVar(&w.Key, "key", "", a.lang.Say("cli.enqueue.flag.key"))
}

func (a *app) enqueueCommand() *cobra.Command {
	var w wanted
	cmd := &cobra.Command{
		Use:   "enqueue [TICKET] [NAME] [flags] -- COMMAND [ARG]…",
		Short: a.lang.Say("cli.enqueue.short"), Long: a.lang.Say("cli.enqueue.long"), Example: a.lang.Say("cli.enqueue.example"),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if help, err := a.fill(cmd, &w, args); help || err != nil {
				return err
			}
			e, err := a.enqueue(cmd.Context(), w.Enqueue)
			if err != nil {
				return err
			}
			a.tellEnqueued(e, w.Enqueue)
			return nil
		},
	}
	w.flags(a, cmd)
	cmd.Flags().BoolVar(&w.Hold, "hold", false, a.lang.Say("cli.enqueue.flag.hold"))
	return cmd
}

// fill completes the request by the words on the line and by where and by
// whom it is made. help tells that only the help was wanted, and was given.
func (a *app) fill(cmd *cobra.Command, w *wanted, args []string) (help bool, err error) {
	o, err := a.readOrder(cmd.Flags(), args, a.prefix())
	if err != nil {
		return false, err
	}
	if help, err := cmd.Flags().GetBool("help"); help || err != nil {
		return true, errors.Join(err, cmd.Help())
	}
	given := cmd.Flags().Changed
	if err := a.decide(w, o, given); err != nil {
		return false, err
	}
	switch {
	case given("each") && w.Each < 1:
		return false, fault.New(fault.Invalid, "cli.task.too_few", "flag", "each", "value", w.Each, "fewest", 1)
	case given("each") && len(w.Items) == 0:
		return false, fault.New(fault.Invalid, "cli.enqueue.each_alone")
	case w.retries < 0:
		return false, fault.New(fault.Invalid, "cli.task.too_few", "flag", "retries", "value", w.retries, "fewest", 0)
	case w.GPU < 0:
		return false, fault.New(fault.Invalid, "cli.task.too_few", "flag", "gpu", "value", w.GPU, "fewest", 0)
	case given("on-gpu-error") && w.OnGPUError != "cpu":
		return false, fault.New(fault.Invalid, "cli.enqueue.on_gpu_error", "value", inline(short(w.OnGPUError)))
	case given("at") && given("delay"):
		return false, fault.New(fault.Invalid, "cli.enqueue.at_and_delay")
	case given("key") && w.Key == "":
		return false, fault.New(fault.Invalid, "cli.ticket.empty_key")
	}
	if given("retries") {
		w.Retries = &w.retries
	}
	if w.After, err = taskNumbers(w.after); err != nil {
		return false, fault.New(fault.Invalid, "cli.task.flag", "flag", "after").Wrap(err)
	}
	w.TimeoutMS, w.StallMS = w.timeout.ms(), w.stall.ms()
	switch {
	case given("at"):
		w.NotBefore = &w.at.at
	case given("delay"):
		later := w.at.now().Add(w.delay.Duration)
		w.NotBefore = &later
	}
	if w.Key == "" {
		w.Key = a.drawKey()
	}
	if w.Env, err = variables(w.env); err != nil {
		return false, err
	}
	w.Environ = a.outerEnvironment()
	if w.Cwd, err = a.place(w.Cwd, given("cwd")); err != nil {
		return false, err
	}
	return false, checkTexts(w.Enqueue)
}

// decide tells the ticket, the name and the command from each other.
func (a *app) decide(w *wanted, o order, given func(string) bool) error {
	switch {
	case given("name") && o.name != "":
		return fault.New(fault.Invalid, "cli.enqueue.two_names", "name", inline(short(w.Name)), "word", inline(short(o.name)))
	case given("name") && strings.TrimSpace(w.Name) == "":
		return fault.New(fault.Invalid, "cli.enqueue.empty_name")
	case len(o.command) == 0:
		return fault.New(fault.Invalid, "cli.enqueue.no_command")
	case o.command[0] == "":
		return fault.New(fault.Invalid, "cli.enqueue.empty_command")
	case !o.dash && !given("cwd") && !given("env") && !a.found(o.command[0]):
		// One word too few, or the command without a name: nobody can tell.
		return fault.New(fault.Invalid, "cli.enqueue.no_program", "word", inline(short(o.command[0])), "name", inline(short(o.name)))
	}
	if o.name != "" {
		w.Name = o.name
	}
	w.Ticket, w.Command = o.ticket, o.command
	if w.Ticket == "" {
		if w.Ticket = a.getenv("TRACKER_ID"); w.Ticket != "" {
			if err := checkTicket(w.Ticket); err != nil {
				return fault.New(fault.Invalid, "cli.enqueue.tracker_id").Wrap(err)
			}
		}
	}
	return nil
}

// found tells whether a command is there to be run, as the shell would look.
func (a *app) found(program string) bool {
	runs := func(path string) bool {
		info, err := os.Stat(a.file(path))
		return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
	}
	if strings.Contains(program, "/") {
		return runs(program)
	}
	for _, dir := range filepath.SplitList(a.getenv("PATH")) {
		if runs(filepath.Join(dir, program)) {
			return true
		}
	}
	return false
}

// place is the folder that a task runs in: the present one, or the one named
// from here.
func (a *app) place(named string, given bool) (string, error) {
	if given && named == "" {
		return "", fault.New(fault.Invalid, "cli.enqueue.empty_cwd")
	}
	if err := checkText("--cwd", []byte(named)); err != nil {
		return "", err
	}
	if rest, ok := strings.CutPrefix(named, "~/"); ok && filepath.IsAbs(a.getenv("HOME")) {
		named = filepath.Join(a.getenv("HOME"), rest) // in quotes, so that no shell saw it
	}
	dir := filepath.Clean(named)
	if !filepath.IsAbs(named) {
		here, err := a.standing()
		if err != nil {
			return "", fault.New(fault.Invalid, "cli.enqueue.no_here").Wrap(err)
		}
		dir = filepath.Join(here, named)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", fault.New(fault.Invalid, "cli.enqueue.no_cwd", "cwd", inline(dir))
	}
	return dir, nil
}

// drawKey is a key for what is asked for once, however often it is sent.
func (a *app) drawKey() string {
	if a.key != "" {
		return a.key
	}
	return newKey()
}

// variables reads --env NAME=VALUE.
func variables(args []string) (map[string]string, error) {
	env := map[string]string{}
	for _, arg := range args {
		name, value, found := strings.Cut(arg, "=")
		if !found || name == "" {
			return nil, fault.New(fault.Invalid, "cli.enqueue.bad_env", "value", inline(short(strings.ToValidUTF8(arg, "�"))))
		}
		if _, twice := env[name]; twice {
			return nil, fault.New(fault.Invalid, "cli.enqueue.env_twice", "name", inline(short(strings.ToValidUTF8(name, "�"))))
		}
		env[name] = value
	}
	return env, nil
}

// outerEnvironment is what a job inherits of whoever enqueues it: all but what
// belongs to uratori itself or to an outer job.
func (a *app) outerEnvironment() []string {
	var kept []string
	for _, v := range a.environ {
		name, _, found := strings.Cut(v, "=")
		if !found || name == "" || strings.HasPrefix(name, "URATORI_") || strings.HasPrefix(name, "PUSHOVER_") || strings.HasPrefix(name, "TRACKER_") {
			continue
		}
		if !utf8.ValidString(v) {
			fmt.Fprintln(a.err, visible(a.lang.Say("cli.enqueue.env_dropped", "name", inline(short(strings.ToValidUTF8(name, "�"))))))
			continue
		}
		kept = append(kept, v)
	}
	return kept
}

// checkTexts refuses what cannot cross the wire as it is.
func checkTexts(e control.Enqueue) error {
	texts := []string{e.Name, e.Cwd, e.Progress, e.Key}
	for _, list := range [][]string{e.Command, e.Items, e.Outputs} {
		texts = append(texts, list...)
	}
	for name, value := range e.Env {
		texts = append(texts, name, value)
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fault.New(fault.Invalid, "cli.enqueue.no_text", "word", inline(short(strings.ToValidUTF8(text, "�"))))
		}
	}
	return nil
}

// enqueue puts a command in the queue. One whose answer was lost, because the
// daemon was killed, is asked for once more: under the same key it is the same
// task.
func (a *app) enqueue(ctx context.Context, e control.Enqueue) (control.Enqueued, error) {
	done, open, err := twice(ctx, a, lookLongest, func(ctx context.Context, c *control.Client) (control.Enqueued, error) { return c.Enqueue(ctx, e) })
	if open {
		err = fault.New(fault.Unavailable, "cli.enqueue.outcome_open", "key", inline(e.Key)).Wrap(err)
	}
	return done, err
}

// twice asks again when the daemon went away before it answered. It is for
// what is the same when it is done twice. open tells that it was asked for, and
// that it is not known whether anything was done.
func twice[T any](ctx context.Context, a *app, limit time.Duration, ask func(context.Context, *control.Client) (T, error)) (done T, open bool, err error) {
	for range 2 {
		c, connectErr := a.connect(ctx)
		if connectErr != nil {
			return done, open, errors.Join(connectErr, err)
		}
		limited, cancel := context.WithTimeout(ctx, limit)
		done, err = ask(limited, c)
		open = isOpen(err)
		cancel()
		c.Close()
		if !errors.Is(err, control.ErrUnreachable) && !errors.Is(err, control.ErrNotRunning) {
			break
		}
	}
	return done, open, err
}

// tellEnqueued tells where in the queue a task is.
func (a *app) tellEnqueued(e control.Enqueued, r control.Enqueue) {
	if a.json {
		a.print(e)
		return
	}
	t := control.Task{State: e.State, Held: r.Hold, Position: e.Position, NotBefore: r.NotBefore}
	after := ""
	if len(r.After) > 0 {
		after, t.Position = a.lang.Say("cli.task.after", "tasks", numbered(r.After)), 0
	}
	fmt.Fprintln(a.out, called(e.Task, e.Ticket, r.Name)+": "+a.joined(a.state(t), after, a.pauses(t)))
	a.link(e.Dashboard)
}
