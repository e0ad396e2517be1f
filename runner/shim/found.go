package shim

// State is what became of an attempt, as far as its folder and the kernel tell.
type State string

// The states.
const (
	// Never was started, and never will be: void is written.
	Never State = "never"
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
	Run   Run  // Running and Lost; zero when the shim did not come to write it
	Exit  Exit // Finished
	// Alive tells of a Lost attempt that the job's first process lives on.
	Alive bool
}
