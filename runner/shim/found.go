package shim

// State is what became of an attempt, as far as its folder and the kernel tell.
type State string

// The states.
const (
	// NeverStarted never will be, either: void is written.
	NeverStarted State = "never_started"
	// Running has a shim that holds the lock.
	Running State = "running"
	// Finished has exit.json. Processes may be left; see Exit.Others.
	Finished State = "finished"
	// Lost has no shim any more and no exit.json: how the job ends, or ended, cannot be known.
	Lost State = "lost"
)

// Found is what [Inspect] found.
type Found struct {
	State State
	Run   *Run  // who runs it, or ran it; nil when the shim has not written that yet, or never did
	Exit  *Exit // when Finished
	// Alive tells of a Lost attempt that the job's first process lives on.
	Alive bool
}
