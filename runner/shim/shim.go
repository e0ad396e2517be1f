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
//	lock           locked by the shim while the attempt lasts
//	run.json       who runs it; written by the shim before it starts the job, and again when it has
//	exit.json      how the job ended; written by the shim, synced, final
//	stdout stderr  plain files that the job itself appends to
//	void           no shim may start this attempt any more; written under the lock
//
// Whatever is killed at whatever moment, [Inspect] can tell what became of the attempt, and an
// attempt never runs twice: a shim refuses a folder in which it finds void,
// run.json or exit.json once it has the lock.
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
	// Token is the entry of Env, "KEY=VALUE", by which the processes of the
	// job are known; see [process.Tree].
	Token string
	// Umask of the job.
	Umask int
	// LogCap is how many bytes of stdout, and of stderr, are kept at least;
	// more than that are given back from the middle. 0 keeps everything.
	LogCap int64
}

// Run tells who runs an attempt: run.json.
type Run struct {
	Shim process.ID `json:"shim"`
	// Main is the job's first process; the zero ID when the shim died round
	// the moment in which it started the job, which may or may not be running.
	Main      process.ID `json:"main,omitzero"`
	Token     string     `json:"token"`
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
	MaxRSSBytes int64 `json:"max_rss_bytes"` // of the largest process
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

// Failure is why a job could not be started. It is final: the attempt is over.
type Failure struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail"` // what the system said, in English
}

// Error is for logs; people are told by Code.
func (f *Failure) Error() string { return "start the job: " + string(f.Code) + ": " + f.Detail }

// Code is a stable name of a reason.
type Code string

// Why a job could not be started.
const (
	NoCommand     Code = "no_command"     // Argv is empty
	BadText       Code = "bad_text"       // a NUL byte in argv, cwd or env
	NotFound      Code = "not_found"      // no such program in PATH, or at the path given
	NotExecutable Code = "not_executable" // it is there, but must not be executed, or is a folder
	NoInterpreter Code = "no_interpreter" // it is there, but what its first line or its header names is not
	BadFormat     Code = "bad_format"     // it is no program of this machine, or a script without a first line
	NoCwd         Code = "no_cwd"         // the working directory is not there
	CwdDenied     Code = "cwd_denied"     // it is there, but must not be entered, or is no folder
	TooBig        Code = "too_big"        // argv and env exceed what the kernel takes
	NoProcesses   Code = "no_processes"   // the limit of processes is reached
	NoMemory      Code = "no_memory"      // there is no memory left to start it
	NoLog         Code = "no_log"         // stdout or stderr could not be opened or the folder not be written, as on a full disk
	BadSpec       Code = "bad_spec"       // spec.json cannot be read
	Refused       Code = "refused"        // void, run.json, exit.json or another shim is there
	NoShim        Code = "no_shim"        // the shim itself could not be started, or died before it started the job
	NotStarted    Code = "not_started"    // anything else
)
