// Package hook is the face that Claude Code's hooks see: it tells an agent
// where its ticket stands, refuses what the project forbids, and has it look
// once more before it stops.
//
// A hook helps; it is no boundary. Claude Code goes on when a hook fails, and so
// does everything here: what cannot be read, cannot be asked, or takes too long
// is let go, with a line that says so. What is enforced is enforced by the
// daemon, which looks again by itself. What holds always:
//
//   - Nothing here says verified. Silence means that there is nothing to say,
//     never that something was found good.
//   - A hook never waits longer than its limits, and starts no daemon.
//   - Exit status 2, with which Claude Code would block, is never an accident:
//     a refusal is said in the answer, and the status is always 0.
//   - What people and programs wrote elsewhere stands between « and », is
//     called data, and carries no control characters.
package hook

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// Daemon is what a hook asks; [control.Client] is one.
type Daemon interface {
	Status(ctx context.Context) (control.Status, error)
	Tasks(ctx context.Context, q control.TaskQuery) (control.TaskPage, error)
	TicketHistory(ctx context.Context, ticket string) ([]control.Event, error)
	Workflow(ctx context.Context, r control.AskWorkflow) (control.Workflow, error)
	Workflows(ctx context.Context, root string) ([]control.Workflow, error)
	Close()
}

// Options are what hooks are made of.
type Options struct {
	// Connect gives the daemon that runs, and starts none.
	Connect func(context.Context) (Daemon, error)
	Home    config.Home // empty where there is none
	Environ []string
	Getenv  func(string) string
	Folder  string // where this program runs, for an input that names no folder
	Lang    phrase.Lang
	Now     func() time.Time
	// Limit is how long the daemon is asked, all questions together; Patience
	// how long the input may take to arrive. Both are [Limit] and [Patience]
	// when they are zero.
	Limit, Patience time.Duration
}

const (
	// Limit is far longer than a daemon takes, and short enough that nobody
	// wonders why nothing happens.
	Limit = time.Second
	// Patience is how long Claude Code may take to write a few kilobytes.
	Patience = 2 * time.Second
)

// The events that there is something to do at, as they are called on the
// command line.
const (
	SessionStart     = "session-start"
	UserPromptSubmit = "user-prompt-submit"
	PreToolUse       = "pre-tool-use"
	Stop             = "stop"
	SubagentStop     = "subagent-stop"
)

// events are their names in Claude Code.
func events() map[string]string {
	return map[string]string{
		SessionStart: "SessionStart", UserPromptSubmit: "UserPromptSubmit", PreToolUse: "PreToolUse", Stop: "Stop", SubagentStop: "SubagentStop",
	}
}

// Run does what there is to do at an event: input is what Claude Code tells of
// it, out gets the answer, and errs a line where there is none. It never fails:
// whatever goes wrong, the agent goes on.
func Run(ctx context.Context, o Options, event string, input io.Reader, out, errs io.Writer) {
	r := &run{Options: o, event: event, errs: errs}
	if r.Limit == 0 {
		r.Limit = Limit
	}
	if r.Patience == 0 {
		r.Patience = Patience
	}
	defer r.close()
	// A panic would end this program with the status that means "block".
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(errs, "uratori hook: %v\n%s", v, debug.Stack())
		}
	}()
	answer, err := r.answer(ctx, input)
	if err != nil {
		r.letGo(err)
		return
	}
	if err := answer.write(out); err != nil {
		r.letGo(err)
	}
}

// run is one call of a hook.
type run struct {
	Options
	event string
	in    input
	errs  io.Writer

	daemon   Daemon
	noDaemon error
}

func (r *run) answer(ctx context.Context, from io.Reader) (answer, error) {
	name, ok := events()[r.event]
	if !ok {
		return answer{}, fault.New(fault.Invalid, "hook.no_event", "event", brief(r.event))
	}
	raw, err := read(ctx, from, r.Patience)
	if err != nil {
		return answer{}, err
	}
	if r.in, err = decode(raw); err != nil {
		return answer{}, err
	}
	if r.in.Event != "" && r.in.Event != name {
		return answer{}, fault.New(fault.Invalid, "hook.other_event", "event", brief(r.in.Event), "want", name)
	}
	ctx, cancel := context.WithTimeout(ctx, r.Limit) // all questions together
	defer cancel()
	switch r.event {
	case SessionStart:
		return r.sessionStart(ctx), nil
	case UserPromptSubmit:
		return r.promptSubmit(ctx), nil
	case PreToolUse:
		return r.toolUse(ctx)
	default:
		return r.stop(ctx), nil
	}
}

// ask gives the daemon, or the reason why there is none to ask.
func (r *run) ask(ctx context.Context) (Daemon, error) {
	if r.daemon != nil || r.noDaemon != nil {
		return r.daemon, r.noDaemon
	}
	r.daemon, r.noDaemon = r.Connect(ctx)
	return r.daemon, r.noDaemon
}

func (r *run) close() {
	if r.daemon != nil {
		r.daemon.Close()
	}
}

// letGo tells why nothing was looked at.
func (r *run) letGo(err error) {
	fmt.Fprintln(r.errs, "uratori hook: "+clean(fault.Explain(err, r.Lang)))
}

// used tells whether there is a home: where there is none nothing was ever kept
// that there could be news of.
func (r *run) used() bool {
	if r.Home == "" {
		return false
	}
	_, err := os.Stat(string(r.Home))
	return err == nil
}

// unasked tells the person that nobody answered.
func (r *run) unasked(err error) answer {
	return answer{System: r.Lang.Say("hook.unasked", "why", brief(fault.Explain(err, r.Lang)))}
}
