// Package shim runs one attempt of a task so that neither the death of the
// daemon nor its own loses more than it must.
//
// There are two sides. [Serve] is the shim process: it starts one job, is the
// sub-reaper of everything that comes of it, and writes down how it ended
// before it tells anybody. [Pool], [Attempt], [Inspect] and [Adopt] are the
// daemon's side. Between them are the folder of the attempt, which outlives
// both, and two pipes, which may break at any moment without harm.
//
// # The folder of an attempt
//
//	spec.json      what to run; written by the daemon, before anything else
//	run.json       who runs it; locked by the shim while the attempt lasts, and written before
//	               it starts the job and, in its place, when it has
//	exit.json      how the job ended; written by the shim, synced, final
//	stdout stderr  plain files that the job itself appends to
//	void           no shim may start this attempt any more; written under the lock
//
// Whatever is killed at whatever moment, [Inspect] can tell what became of the attempt, and an
// attempt never runs twice: a shim refuses a folder in which it finds void,
// exit.json or a word in run.json once it has the lock.
package shim

import (
	"time"

	"uratori/internal/process"
)

// Spec is what a shim is to run. Argv, Cwd and Env may hold any bytes but NUL.
type Spec struct {
	// Argv is the command. The first element is looked up in the PATH of Env,
	// unless it has a slash; then it is relative to Cwd.
	Argv []string
	// Cwd is absolute.
	Cwd string
	// Env is the whole environment of the job, nothing is added.
	Env []string
	// Token is kept in run.json, for whoever finds the folder.
	Token string
	// Umask of the job; 0 stands for 022.
	Umask int
	// LogCap is how many bytes of stdout, and of stderr, are kept at least;
	// of a longer one the middle is given back. 0 keeps everything.
	LogCap int64
}

// Run tells who runs an attempt: run.json.
type Run struct {
	Shim process.ID `json:"shim"`
	// Child is the job's first process; the zero ID when the shim died in the
	// moment in which it started the job, which may or may not be running.
	Child     process.ID `json:"child,omitzero"`
	Token     string     `json:"token"`
	Group     string     `json:"group,omitzero"` // its control group, "" for none
	StartedAt time.Time  `json:"started_at"`
}

// Exit tells how the job's first process ended: exit.json.
type Exit struct {
	// Code is nil when a signal ended it, or when it was never started.
	Code   *int   `json:"code"`
	Signal string `json:"signal,omitzero"` // "SIGKILL"
	Core   bool   `json:"core,omitzero"`   // a core was dumped
	// Failure tells why it could not be started, nil when it was.
	Failure   *Failure  `json:"failure,omitzero"`
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"`
	Usage     Usage     `json:"usage"`
	// Others tells that processes of the job were left when the first one had
	// ended. They stay below the shim until somebody ends them.
	Others bool `json:"others"`
	Stdout Log  `json:"stdout"`
	Stderr Log  `json:"stderr"`
	// Unsaved is why exit.json could not be written, though its space was
	// reserved: then this is all there is. It is never in the file.
	Unsaved string `json:"unsaved,omitzero"`
}

// Usage sums up all processes of the job that had been reaped when the first
// one had ended, itself included.
type Usage struct {
	UserMS      int64 `json:"user_ms"`
	SystemMS    int64 `json:"system_ms"`
	MaxRSSBytes int64 `json:"max_rss_bytes"` // of the largest process; 0 when all were smaller than the shim itself, which hides it
	MajorFaults int64 `json:"major_faults"`
	ReadBlocks  int64 `json:"read_blocks"` // of 512 bytes, from the disk
	WriteBlocks int64 `json:"write_blocks"`
}

// Log tells about one stream. Offsets into its file stay valid when its
// middle is given back.
type Log struct {
	Bytes int64 `json:"bytes"` // all that was written
	// Cut is the range that was given back; empty when everything is there.
	CutFrom int64 `json:"cut_from,omitzero"`
	CutTo   int64 `json:"cut_to,omitzero"`
	// Uncapped is why the file could not be kept at its size.
	Uncapped string `json:"uncapped,omitzero"`
}

// Failure is why a job could not be started.
type Failure struct {
	Code   string `json:"code"`
	Detail string `json:"detail"` // what the system said, in English
}

// StartError tells that the job could not be started, and why. It is final:
// this attempt is over.
type StartError struct {
	Failure
	Exit Exit // as in exit.json, if there is one
}

// Error is for logs; people are told by the code.
func (e *StartError) Error() string { return "start the job: " + e.Code + ": " + e.Detail }

// StartError is nil when the job was started.
func (e *Exit) StartError() *StartError {
	if e.Failure == nil {
		return nil
	}
	return &StartError{*e.Failure, *e}
}

// Codes of a [Failure].
const (
	NoCommand     = "no_command"     // argv is empty
	BadText       = "bad_text"       // a NUL byte in argv, cwd or env, or a cwd that is not absolute
	NotFound      = "not_found"      // no such program in PATH, or at the path given
	NotExecutable = "not_executable" // it is there, but must not be executed, or is a folder
	NoInterpreter = "no_interpreter" // it is there, but what its first line or its header names is not
	BadFormat     = "bad_format"     // it is no program for this machine, or a script without a first line
	NoCwd         = "no_cwd"         // the working directory is not there
	CwdDenied     = "cwd_denied"     // it is there, but must not be entered, or is no folder
	TooBig        = "too_big"        // argv and env exceed what the kernel takes
	NoProcesses   = "no_processes"   // the limit of processes is reached
	NoMemory      = "no_memory"      // there is no memory left to start it
	NoFolder      = "no_folder"      // the attempt's folder cannot be written: a full or read-only disk
	BadSpec       = "bad_spec"       // spec.json cannot be read
	Refused       = "refused"        // the attempt has been started before, or was made void
	NoShim        = "no_shim"        // the shim could not be started, or died before it started the job
	NotStarted    = "not_started"    // anything else; Detail tells
)
