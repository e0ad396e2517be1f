package runner

import (
	"time"

	"uratori/internal/process"
	"uratori/runner/shim"
)

// Spec is what is to be run, and how. It does not change while an attempt is
// at work.
type Spec struct {
	Command    []string          `json:"command"`
	Cwd        string            `json:"cwd"`
	Env        map[string]string `json:"env,omitempty"`     // over the environment of whoever asked
	Items      []string          `json:"items,omitempty"`   // globs and paths, as they were given
	Outputs    []string          `json:"outputs,omitempty"` // templates
	Each       int               `json:"each,omitzero"`     // so many runs at a time, one per item; 0 is one run for all
	GPU        int               `json:"gpu,omitzero"`
	OnGPUError string            `json:"on_gpu_error,omitempty"` // "cpu": may go on without one
	Timeout    time.Duration     `json:"timeout,omitzero,format:nano"`
	StallKill  time.Duration     `json:"stall_kill,omitzero,format:nano"`
	Progress   string            `json:"progress,omitempty"` // a regular expression
}

// Task is one task of the queue.
type Task struct {
	ID        int64
	Ticket    string // may be empty
	Name      string
	State     State
	Held      bool   // waits for a resume
	Wish      string // why it is being ended, empty while it is not
	Priority  int
	NotBefore time.Time
	Attempt   int // the last one, 0 before the first
	Retries   int // automatic resumes each time that somebody asks for a run
	Budget    int // the last attempt that may start by itself
	Since     time.Time
	Created   time.Time
	Changed   time.Time
	Cleaned   time.Time // when its folder was removed
	Reason    error     // why it is as it is; may be nil
	ExitCode  *int      // of the last attempt that ended with one
	Signal    string
	Spec      Spec
	WaitsFor  []int64 // tasks that have not succeeded
	Total     int     // items

	aside int // the attempt whose checkpoint the next one is not to find; 0 for none
}

// Attempt is one run of a task.
type Attempt struct {
	Task    int64
	Number  int
	State   string // starting, running, or an [Outcome]
	GPUs    []string
	Started time.Time
	Ran     time.Time
	Ended   time.Time
	Run     *shim.Run  // who ran
	Exit    *shim.Exit // how it ended, where that is known
	Reason  error
	Done    int
	Total   int
	Cut     time.Time // the last write to an output, of one that was cut off
	Folder  string
	token   string
}

// PID is the job's own process, 0 while there is none.
func (a Attempt) PID() int {
	if a.Run == nil {
		return 0
	}
	return a.Run.Child.PID
}

// tree finds the processes of an attempt.
func (r *Runner) tree(a Attempt) *process.Tree {
	t := &process.Tree{Token: tokenName + "=" + a.token, Outside: []process.ID{r.Self}}
	if a.Run != nil {
		t.Root, t.Main, t.Group = a.Run.Shim, a.Run.Child, a.Run.Group
	}
	return t
}

// tokenName is the variable by which a process is known to belong to an
// attempt, wherever it has gone.
const tokenName = "URATORI_TOKEN" //nolint:gosec // a name
