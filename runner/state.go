package runner

import "fmt"

// State is where a task stands.
type State string

// The states of a task. The last three are final until somebody asks for a
// retry.
const (
	Queued    State = "queued"
	Starting  State = "starting"
	Running   State = "running"
	Stalled   State = "stalled" // it runs, without a sign of life
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Killed    State = "killed"
)

// event is what moves a task.
type event string

const (
	start   event = "start"   // a slot was free
	ran     event = "ran"     // its process is there
	stall   event = "stall"   // no sign of life for too long
	stir    event = "stir"    // a sign of life after that
	succeed event = "succeed" // exit status 0, and every output is there
	fail    event = "fail"    // for good
	resume  event = "resume"  // it did not succeed, and may try again
	kill    event = "kill"    // somebody wanted it, and nothing of it is left
	again   event = "again"   // somebody asks for another run
)

// moves is the whole life of a task.
//
//	queued ──start──> starting ──ran──> running <──stall/stir──> stalled
//	   ^                 │                 │                        │
//	   └──────resume─────┴────────┬────────┴────────────────────────┘
//	                              ├─ succeed ──> succeeded
//	                              ├─ fail ─────> failed      ── again ──> queued
//	   queued ──kill──────────────┴─ kill ─────> killed
var moves = map[State]map[event]State{
	Queued:    {start: Starting, kill: Killed, succeed: Succeeded, fail: Failed},
	Starting:  {ran: Running, succeed: Succeeded, fail: Failed, resume: Queued, kill: Killed},
	Running:   {stall: Stalled, succeed: Succeeded, fail: Failed, resume: Queued, kill: Killed},
	Stalled:   {stir: Running, succeed: Succeeded, fail: Failed, resume: Queued, kill: Killed},
	Succeeded: {again: Queued},
	Failed:    {again: Queued},
	Killed:    {again: Queued},
}

// after is the state that e leads to.
func (s State) after(e event) (State, error) {
	next, ok := moves[s][e]
	if !ok {
		return "", fmt.Errorf("a task that is %q cannot %s", s, e)
	}
	return next, nil
}

// Final tells whether nothing more happens by itself.
func (s State) Final() bool { return s == Succeeded || s == Failed || s == Killed }

// Active tells whether an attempt is at work.
func (s State) Active() bool { return s == Starting || s == Running || s == Stalled }

// Outcome is how an attempt ended.
type Outcome string

// The outcomes of attempts.
const (
	Done        Outcome = "succeeded"
	Broke       Outcome = "failed"      // an exit status, a signal, or outputs that are missing
	Unstarted   Outcome = "unstarted"   // the command could not be run at all
	TimedOut    Outcome = "timed_out"   // longer than the task allows
	Hung        Outcome = "stalled"     // no sign of life, forced to stop
	GPUFailed   Outcome = "gpu_error"   // the GPU under it failed
	Interrupted Outcome = "interrupted" // reboot, or its keeper died: how it ended nobody knows
	Ended       Outcome = "killed"      // somebody wanted it
)

// resumable tells whether trying again by itself makes sense. A GPU that failed
// is for a person to look at, and a command that cannot be run stays so.
func (o Outcome) resumable() bool {
	return o == Broke || o == TimedOut || o == Hung || o == Interrupted
}
