package shim

// Answer is what the small program says when it is asked whether it can be run
// at all. It counts up when commands or events change.
const Answer = "uratori shim 2"

// command is a line that the daemon writes to a shim.
type command struct {
	Attempt text `json:"attempt,omitzero"` // the folder of an attempt to run
	// Release tells that the daemon has ended what it wanted to end: the shim
	// is idle, or it leaves what is left.
	Release bool `json:"release,omitzero"`
}

// event is a line that a shim writes to the daemon.
type event struct {
	Event   eventKind `json:"event"`
	Run     *Run      `json:"run,omitzero"`
	Exit    *Exit     `json:"exit,omitzero"`
	Failure *Failure  `json:"failure,omitzero"`
}

type eventKind string

// What a shim says of an attempt: started or failed, then exited, then idle
// or left. Where nothing of the job outlived its first process, one line says
// exited and idle.
const (
	started eventKind = "started" // with Run
	failed  eventKind = "failed"  // with Failure, and with Exit where that is written; the shim is idle
	exited  eventKind = "exited"  // with Exit
	idle    eventKind = "idle"    // no process is left; the next attempt may come; with Exit where that was not said before
	left    eventKind = "left"    // some are; the shim ends
)
