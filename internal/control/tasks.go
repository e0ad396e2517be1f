package control

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// TasksPath is where tasks are.
const TasksPath = "/v1/tasks"

// Enqueue asks for a command to be run.
type Enqueue struct {
	Ticket  string            `json:"ticket,omitempty"`
	Name    string            `json:"name,omitempty"`    // empty: the base name of the program
	Command []string          `json:"command"`           // argv, never a shell line
	Cwd     string            `json:"cwd"`               // absolute
	Env     map[string]string `json:"env,omitempty"`     // beside and over Environ
	Environ []string          `json:"environ,omitempty"` // of whoever asks, as os.Environ gives it; never shown again
	Items   []string          `json:"items,omitempty"`   // globs and paths of the inputs
	Outputs []string          `json:"outputs,omitempty"` // templates of what is made of each input
	Each    int               `json:"each,omitzero"`     // one run of the command per input, so many at a time

	GPU        int        `json:"gpu,omitzero"` // how many GPUs it needs
	OnGPUError string     `json:"on_gpu_error,omitempty"`
	TimeoutMS  int64      `json:"timeout_ms,omitzero"`    // of one attempt
	StallMS    int64      `json:"stall_kill_ms,omitzero"` // without a sign of life; 0 is the setting
	Retries    *int       `json:"retries,omitempty"`      // automatic resumes after the first run; nil is the setting
	Priority   int        `json:"priority,omitzero"`      // higher goes first
	After      []int64    `json:"after,omitempty"`        // tasks that must have succeeded
	NotBefore  *time.Time `json:"not_before,omitempty"`
	Progress   string     `json:"progress,omitempty"` // a regular expression with done, total, item, phase or percent
	Hold       bool       `json:"hold,omitzero"`      // queue it held: it waits for a resume
	Key        string     `json:"key,omitempty"`      // the same key again is the same request
}

// Enqueued is a task that waits, as it stands in the queue.
type Enqueued struct {
	Task      int64  `json:"task"`
	Ticket    string `json:"ticket,omitempty"`
	State     string `json:"state"`
	Position  int    `json:"position"` // 1 is next; 0 when it no longer waits
	Dashboard string `json:"dashboard"`
}

// Task is a task as it is now.
type Task struct {
	Task         int64         `json:"task"`
	Ticket       string        `json:"ticket,omitempty"`
	Name         string        `json:"name"`
	State        string        `json:"state"`
	Held         bool          `json:"held,omitzero"` // it waits for a resume: queued, or stopped where it was
	Attempt      int           `json:"attempt"`       // the last one, 0 before the first
	Attempts     int           `json:"attempts"`      // so many are allowed
	PID          int           `json:"pid,omitzero"`  // the job's own process while it runs
	ExitCode     *int          `json:"exit_code"`     // of the last attempt that ended with one
	Signal       string        `json:"signal,omitempty"`
	Reason       string        `json:"reason,omitempty"` // why it is as it is; English; Problem tells it in any language
	Problem      *Fault        `json:"problem,omitempty"`
	Progress     *TaskProgress `json:"progress,omitempty"`
	LastActivity *time.Time    `json:"last_activity,omitempty"`
	Position     int           `json:"position,omitzero"`
	WaitsFor     []int64       `json:"waits_for,omitempty"` // tasks that have not succeeded yet
	NotBefore    *time.Time    `json:"not_before,omitempty"`
	Priority     int           `json:"priority,omitzero"`
	GPU          int           `json:"gpu,omitzero"`
	GPUs         []string      `json:"gpus,omitempty"` // granted to the running attempt
	Command      []string      `json:"command,omitempty"`
	Cwd          string        `json:"cwd,omitempty"`
	CreatedAt    time.Time     `json:"created_at"`
	StartedAt    *time.Time    `json:"started_at,omitempty"` // of the last attempt
	EndedAt      *time.Time    `json:"ended_at,omitempty"`
	Dashboard    string        `json:"dashboard,omitempty"`
}

// TaskProgress is how far a task is.
type TaskProgress struct {
	Done    int      `json:"done"`
	Total   int      `json:"total,omitzero"` // 0 when nobody knows
	Item    string   `json:"item,omitempty"`
	Phase   string   `json:"phase,omitempty"`
	Percent *float64 `json:"percent,omitempty"`
	EtaS    *int64   `json:"eta_s,omitempty"`
	Source  string   `json:"source,omitempty"` // what said so
}

// TaskQuery says which tasks are wanted.
type TaskQuery struct {
	Task   int64
	Ticket string
	State  string
	Before int64 // only tasks of a lower number
	Limit  int   // at most so many; 0 is 50
}

// TaskPage is some tasks: those that run, those that wait, then the others,
// newest first.
type TaskPage struct {
	Tasks     []Task `json:"tasks"`
	Queue     Queue  `json:"queue"`
	Next      int64  `json:"next,omitzero"` // the Before of the next page
	Dashboard string `json:"dashboard"`
}

// Queue is the queue as a whole.
type Queue struct {
	Paused  bool `json:"paused"`
	Slots   int  `json:"slots"`
	Running int  `json:"running"`
	Queued  int  `json:"queued"`
}

// Attempt is one run of a task.
type Attempt struct {
	Attempt   int        `json:"attempt"`
	State     string     `json:"state"`
	ExitCode  *int       `json:"exit_code"`
	Signal    string     `json:"signal,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Problem   *Fault     `json:"problem,omitempty"`
	PID       int        `json:"pid,omitzero"`
	GPUs      []string   `json:"gpus,omitempty"`
	Done      int        `json:"done,omitzero"`
	Total     int        `json:"total,omitzero"`
	MaxRSS    int64      `json:"max_rss_bytes,omitzero"`
	CPUMS     int64      `json:"cpu_ms,omitzero"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	Folder    string     `json:"folder"`
}

// TaskDetail is a task with its attempts.
type TaskDetail struct {
	Task
	Runs []Attempt `json:"runs"`
}

// Kill asks for the end of a task.
type Kill struct {
	Task    int64  `json:"task"`
	GraceMS *int64 `json:"grace_ms,omitempty"` // between TERM and KILL; nil is the setting
	By      string `json:"by,omitempty"`
}

// Killed is what became of it.
type Killed struct {
	Task      int64          `json:"task"`
	State     string         `json:"state"`
	Verdict   ledger.Verdict `json:"verdict"` // whether nothing of it is left
	Ended     []EndedProcess `json:"ended"`
	Survivors []int          `json:"survivors"` // pids
	GPUFreed  *bool          `json:"gpu_freed,omitempty"`
	TookMS    int64          `json:"took_ms"`
	Reason    string         `json:"reason,omitempty"`
	Problem   *Fault         `json:"problem,omitempty"`
	Dashboard string         `json:"dashboard"`
}

// EndedProcess is a process that was ended, and by what.
type EndedProcess struct {
	PID    int    `json:"pid"`
	Name   string `json:"name"`
	Signal string `json:"signal"` // the last that it got; empty when it ended by itself
}

// Retry asks for another run of a task that has ended.
type Retry struct {
	Task      int64 `json:"task"`
	FromStart bool  `json:"from_start,omitzero"` // with an empty checkpoint, and no output of before counts
}

// Hold asks for a task, or the whole queue when Task is 0, to be held or to
// go on.
type Hold struct {
	Task int64 `json:"task,omitzero"`
	Hold bool  `json:"hold"`
}

// EditTask changes a task that waits; nil leaves a value as it is.
type EditTask struct {
	Task      int64      `json:"task"`
	Name      *string    `json:"name,omitempty"`
	Command   []string   `json:"command,omitempty"`
	Priority  *int       `json:"priority,omitempty"`
	Retries   *int       `json:"retries,omitempty"`
	TimeoutMS *int64     `json:"timeout_ms,omitempty"`
	After     *[]int64   `json:"after,omitzero"` // an empty list waits for none
	NotBefore *time.Time `json:"not_before,omitempty"`
}

// Beat is a sign of life from a job that prints nothing.
type Beat struct {
	Task int64 `json:"task"`
}

// Cleanup asks for the folders of old tasks to be removed.
type Cleanup struct {
	Days   int  `json:"days"`
	DryRun bool `json:"dry_run,omitzero"`
}

// Cleaned is what was, or would be, removed.
type Cleaned struct {
	Tasks  []CleanedTask `json:"tasks"`
	Kept   []CleanedTask `json:"kept"` // old, but still needed; Reason says why
	Bytes  int64         `json:"bytes"`
	DryRun bool          `json:"dry_run"`
}

// CleanedTask is one task of a cleanup.
type CleanedTask struct {
	Task    int64  `json:"task"`
	Ticket  string `json:"ticket,omitempty"`
	Bytes   int64  `json:"bytes"`
	Reason  string `json:"reason,omitempty"`
	Problem *Fault `json:"problem,omitempty"`
}

// TaskStatistics is what became of all tasks.
type TaskStatistics struct {
	States     map[string]int `json:"states"`
	Attempts   map[string]int `json:"attempts"` // by how they ended
	Retries    int            `json:"retries"`  // attempts after the first of a task
	WaitedMS   int64          `json:"waited_ms_median"`
	RanMS      int64          `json:"ran_ms_median"`
	Last       int            `json:"of_the_last"` // so many tasks the medians are of
	DiskBytes  int64          `json:"disk_bytes"`
	TaskFolder string         `json:"folder"`
}

// Enqueue puts a command in the queue.
func (c *Client) Enqueue(ctx context.Context, r Enqueue) (Enqueued, error) {
	return answer[Enqueued](ctx, c, http.MethodPost, TasksPath, r)
}

// Tasks lists tasks.
func (c *Client) Tasks(ctx context.Context, q TaskQuery) (TaskPage, error) {
	query := url.Values{"ticket": {q.Ticket}, "state": {q.State}, "task": {id(q.Task)}, "before": {id(q.Before)}, "limit": {strconv.Itoa(q.Limit)}}
	return answer[TaskPage](ctx, c, http.MethodGet, TasksPath+"?"+query.Encode(), nil)
}

// Task tells one task with its attempts.
func (c *Client) Task(ctx context.Context, task int64) (TaskDetail, error) {
	return answer[TaskDetail](ctx, c, http.MethodGet, TasksPath+"/show?"+url.Values{"task": {id(task)}}.Encode(), nil)
}

// WaitTask returns when the task has ended for good, or after limit with the
// task as it is then.
func (c *Client) WaitTask(ctx context.Context, task int64, limit time.Duration) (Task, error) {
	query := url.Values{"task": {id(task)}, "ms": {strconv.FormatInt(limit.Milliseconds(), 10)}}
	return answer[Task](ctx, c, http.MethodGet, TasksPath+"/wait?"+query.Encode(), nil)
}

// Kill ends a task and looks that nothing of it is left.
func (c *Client) Kill(ctx context.Context, r Kill) (Killed, error) {
	return answer[Killed](ctx, c, http.MethodPost, TasksPath+"/kill", r)
}

// Execute starts the task that is next, even while the queue is paused.
func (c *Client) Execute(ctx context.Context) (Task, error) {
	return answer[Task](ctx, c, http.MethodPost, TasksPath+"/execute", struct{}{})
}

// Retry queues a task that has ended once more.
func (c *Client) Retry(ctx context.Context, r Retry) (Enqueued, error) {
	return answer[Enqueued](ctx, c, http.MethodPost, TasksPath+"/retry", r)
}

// Hold holds a task or the queue, or lets it go on.
func (c *Client) Hold(ctx context.Context, r Hold) (TaskPage, error) {
	return answer[TaskPage](ctx, c, http.MethodPost, TasksPath+"/hold", r)
}

// EditTask changes a task that waits.
func (c *Client) EditTask(ctx context.Context, r EditTask) (Task, error) {
	return answer[Task](ctx, c, http.MethodPost, TasksPath+"/edit", r)
}

// Beat says that a job is alive.
func (c *Client) Beat(ctx context.Context, task int64) (Task, error) {
	return answer[Task](ctx, c, http.MethodPost, TasksPath+"/beat", Beat{Task: task})
}

// Cleanup removes the folders of old tasks.
func (c *Client) Cleanup(ctx context.Context, r Cleanup) (Cleaned, error) {
	return answer[Cleaned](ctx, c, http.MethodPost, TasksPath+"/cleanup", r)
}

// TaskStatistics tells what became of all tasks.
func (c *Client) TaskStatistics(ctx context.Context) (TaskStatistics, error) {
	return answer[TaskStatistics](ctx, c, http.MethodGet, TasksPath+"/statistics", nil)
}

// TaskLogs says which part of a job's output is wanted.
type TaskLogs struct {
	Task    int64
	Attempt int    // 0 is the last
	Stream  string // "stdout", "stderr", or empty for both
	Lines   int    // only so many at the end; 0 is all
	Since   time.Duration
	Follow  bool // go on until the attempt has ended
	// From is where to go on in a stream, by its name; Lines and Since say nothing
	// about such a one.
	From map[string]int64
}

// LogChunk is a piece of a job's output as it was written. Bytes that are no
// UTF-8 cross the wire as base64. One without data tells where a stream begins
// that is followed from its end.
type LogChunk struct {
	Stream  string `json:"stream"`
	Attempt int    `json:"attempt"`
	Offset  int64  `json:"offset"`
	Data    []byte `json:"data"`
	Gap     int64  `json:"gap,omitzero"` // so many bytes before it were not kept
}

// Logs yields a job's output.
func (c *Client) Logs(ctx context.Context, q TaskLogs, yield func(LogChunk) error) error {
	query := url.Values{
		"task": {id(q.Task)}, "attempt": {strconv.Itoa(q.Attempt)}, "stream": {q.Stream}, "lines": {strconv.Itoa(q.Lines)},
		"since_ms": {strconv.FormatInt(q.Since.Milliseconds(), 10)}, "follow": {strconv.FormatBool(q.Follow)},
	}
	for stream, at := range q.From {
		query.Set("from_"+stream, strconv.FormatInt(at, 10))
	}
	return c.lines(ctx, TasksPath+"/logs?"+query.Encode(), func(raw []byte) error {
		var chunk LogChunk
		if err := json.Unmarshal(raw, &chunk); err != nil {
			return fault.New(fault.Unavailable, "control.broken_answer").Wrap(err)
		}
		return yield(chunk)
	})
}

// lines yields each line of a streamed answer; a last line {"error": …} is the
// fault that broke it off.
func (c *Client) lines(ctx context.Context, path string, yield func([]byte) error) error {
	res, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	stream := jsontext.NewDecoder(res.Body)
	for {
		raw, err := stream.ReadValue()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.New(fault.Unavailable, "control.broken_answer").Wrap(err)
		}
		var last ErrorBody
		if err := json.Unmarshal(raw, &last); err == nil && last.Error != nil {
			return last.Error.Decode()
		}
		if err := yield(raw); err != nil {
			return err
		}
	}
}

func id(n int64) string { return strconv.FormatInt(n, 10) }
