// Package tasks brings the runner into the daemon: the pool of shims, the loop
// that keeps tasks running, and tasks on the socket.
package tasks

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/semaphore"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/process"
	"uratori/runner"
	"uratori/runner/shim"
)

const (
	// spare is how long a shim is kept for the next task.
	spare = time.Minute
	// settle is how old an output must be to be taken for finished while its
	// job runs. A file that is written to has a younger time.
	settle = time.Second
	// shown is how many tasks of a kind the status tells.
	shown = 20
	// mostWait bounds a request that waits for a task.
	mostWait = 10 * time.Minute
	// killWait is how long a kill is waited for beyond its grace: the kernel
	// may take its time with a process that holds a GPU.
	killWait  = 20 * time.Second
	mostGrace = 10 * time.Minute
	// searches is how many logs are searched at once.
	searches = 2
)

// Hall is the runner of one daemon. It can be asked once its part is open.
type Hall struct{ desk *desk }

// Part is the runner as a part of the daemon. tickets and gpus are asked once
// the parts are open.
func (l *Hall) Part(tickets runner.Tickets, gpus runner.GPUs, program string) daemon.Part {
	return daemon.Part{Schema: runner.Schema(), Open: func(ctx context.Context, h daemon.House) (tenant daemon.Tenant, err error) {
		l.desk, tenant, err = open(ctx, h, tickets, gpus, program)
		return tenant, err
	}}
}

// Runner is what keeps the tasks.
func (l *Hall) Runner() *runner.Runner { return l.desk.runner }

// desk answers requests about tasks.
type desk struct {
	house     daemon.House
	runner    *runner.Runner
	searching *semaphore.Weighted
}

func open(ctx context.Context, h daemon.House, tickets runner.Tickets, gpus runner.GPUs, program string) (*desk, daemon.Tenant, error) {
	self, err := process.Self()
	if err != nil {
		return nil, daemon.Tenant{}, err
	}
	folder := filepath.Join(string(h.Config.Home), "tasks")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, daemon.Tenant{}, h.Config.Home.Explain(err)
	}
	keeper := layKeeper(ctx, h, program)
	pool := shim.NewPool(shim.Options{
		Program: keeper.program, Files: keeper.files, Env: slices.DeleteFunc(os.Environ(), control.OfJob), Idle: spare, Log: h.Log,
		Args: append(keeper.args, "--home", string(h.Config.Home), "--look", h.Config.Monitor.DaemonCheck.String()),
	})
	c := h.Config
	d := &desk{house: h, searching: semaphore.NewWeighted(searches), runner: runner.New(runner.Options{
		DB: h.DB, Ledger: h.Ledger, Folder: folder, Home: string(c.Home), Program: program, Pool: pool,
		Tickets: tickets, GPUs: gpus, Suspect: suspect, Self: self, Now: h.Now, Log: h.Log,
		Limits: runner.Limits{
			Slots: c.Runner.Slots, PerGPU: c.Runner.GPUSlots, Retries: c.Runner.Retries, Backoff: c.Runner.Backoff,
			Grace: c.Runner.Grace, LogBytes: logBytes(c.Runner.LogSize), Look: c.Monitor.Interval, Settle: settle,
		},
	})}
	return d, daemon.Tenant{
		Loops: []daemon.Loop{{Name: "runner", Run: func(ctx context.Context) error {
			err := d.runner.Run(ctx)
			if ctx.Err() == nil {
				return err // it is run again, with the same pool
			}
			return errors.Join(err, pool.Close(context.WithoutCancel(ctx)))
		}}},
		Routes: []daemon.Route{
			{Pattern: "POST " + control.TasksPath, Handle: d.enqueue},
			{Pattern: "GET " + control.TasksPath, Handle: d.list},
			{Pattern: "GET " + control.TasksPath + "/show", Handle: d.show},
			{Pattern: "GET " + control.TasksPath + "/wait", Handle: d.wait},
			{Pattern: "GET " + control.TasksPath + "/logs", Stream: d.logs, Live: true},
			{Pattern: "GET " + control.TasksPath + "/logs/window", Handle: d.window},
			{Pattern: "GET " + control.TasksPath + "/logs/search", Handle: d.search},
			{Pattern: "GET " + control.TasksPath + "/outputs", Handle: d.outputs},
			{Pattern: "GET " + control.TasksPath + "/outputs/file", Stream: d.outputFile},
			{Pattern: "GET " + control.TasksPath + "/statistics", Handle: d.statistics},
			{Pattern: "POST " + control.TasksPath + "/kill", Handle: d.kill},
			{Pattern: "POST " + control.TasksPath + "/execute", Handle: d.execute},
			{Pattern: "POST " + control.TasksPath + "/retry", Handle: d.retry},
			{Pattern: "POST " + control.TasksPath + "/hold", Handle: d.hold},
			{Pattern: "POST " + control.TasksPath + "/edit", Handle: d.edit},
			{Pattern: "POST " + control.TasksPath + "/beat", Handle: d.beat},
			{Pattern: "POST " + control.TasksPath + "/cleanup", Handle: d.cleanup},
		},
		Status: d.status,
		Check:  daemon.Inspection{Name: "keeper", Look: keeper.check},
	}, nil
}

// logBytes is a size of the settings, which is far below what fits.
func logBytes(n config.Size) int64 {
	return int64(min(uint64(n), math.MaxInt64)) //nolint:gosec // bounded just before
}

func (d *desk) enqueue(r *http.Request) (any, error) {
	var a control.Enqueue
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	order := runner.Order{
		Ticket: a.Ticket, Name: a.Name, Environ: a.Environ, Retries: a.Retries, Priority: a.Priority, After: a.After, Hold: a.Hold, Key: a.Key,
		Spec: runner.Spec{
			Command: a.Command, Cwd: a.Cwd, Env: a.Env, Items: a.Items, Outputs: a.Outputs, Each: a.Each, GPU: a.GPU, OnGPUError: a.OnGPUError,
			Timeout: duration(a.TimeoutMS), StallKill: duration(a.StallMS), Progress: a.Progress,
		},
	}
	if a.NotBefore != nil {
		order.NotBefore = *a.NotBefore
	}
	t, err := d.runner.Enqueue(r.Context(), order)
	if err != nil {
		d.refused(r.Context(), order, err)
		return nil, err
	}
	return d.enqueued(r.Context(), t)
}

// refusal is what the ledger says of a task that was not queued. Whoever asked
// has the answer; but it may have asked in the night, and nobody reads it.
type refusal struct {
	Ticket string `json:"ticket,omitempty"`
	Name   string `json:"name"`
	Why    words  `json:"why"`
	Reason string `json:"reason"`
}

type words struct {
	Key    string            `json:"key"`
	Values map[string]string `json:"values,omitempty"`
}

func (d *desk) refused(ctx context.Context, o runner.Order, reason error) {
	f, ok := errors.AsType[*fault.Error](reason)
	if !ok || ctx.Err() != nil {
		return // no answer but a failure of ours, or nobody waits for it any more
	}
	subject := "queue"
	if o.Ticket != "" {
		subject = bounded(o.Ticket)
	}
	if _, err := d.house.Ledger.Record(ctx, "task.refused", subject, refusal{
		Ticket: bounded(o.Ticket), Name: bounded(o.Name), Why: words{f.Key, f.Values}, Reason: reason.Error(),
	}); err != nil {
		d.house.Log.Error("it could not be recorded that a task was refused", "reason", reason, "error", err)
	}
}

// bounded is as much of a stranger's text as is kept.
func bounded(text string) string {
	const longest = 200
	list := []rune(text)
	return string(list[:min(len(list), longest)])
}

// duration keeps what does not fit from turning into something else.
func duration(ms int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(min(max(ms, -1), most)) * time.Millisecond
}

func (d *desk) enqueued(ctx context.Context, t runner.Task) (any, error) {
	s, err := d.runner.Look(ctx, t)
	return control.Enqueued{Task: t.ID, Ticket: t.Ticket, State: string(t.State), Position: s.Position, Dashboard: d.link(t.Ticket)}, err
}

func (d *desk) list(r *http.Request) (any, error) {
	q := r.URL.Query()
	id, err := number(q.Get("task"))
	if err != nil {
		return nil, err
	}
	before, err := number(q.Get("before"))
	if err != nil {
		return nil, err
	}
	limit, err := number(q.Get("limit"))
	if err != nil {
		return nil, err
	}
	page := control.TaskPage{Tasks: []control.Task{}, Dashboard: d.link(q.Get("ticket"))}
	var tasks []runner.Task
	if id > 0 {
		t, err := d.runner.Task(r.Context(), id)
		if err != nil {
			return nil, err
		}
		tasks = []runner.Task{t}
	} else {
		tasks, err = d.runner.List(r.Context(), runner.Query{Ticket: q.Get("ticket"), State: runner.State(q.Get("state")), Before: before, Limit: int(limit)})
		if err != nil {
			return nil, err
		}
		if len(tasks) == cmp.Or(int(limit), runner.UsualPage) {
			page.Next = tasks[len(tasks)-1].ID
		}
	}
	for _, t := range tasks {
		seen, err := d.sight(r.Context(), t)
		if err != nil {
			return nil, err
		}
		page.Tasks = append(page.Tasks, seen)
	}
	o, err := d.runner.Overview(r.Context(), 0)
	page.Queue = queueOf(o)
	return page, err
}

func number(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
	}
	return n, nil
}

func (d *desk) show(r *http.Request) (any, error) {
	t, err := d.named(r)
	if err != nil {
		return nil, err
	}
	seen, err := d.sight(r.Context(), t)
	if err != nil {
		return nil, err
	}
	answer := control.TaskDetail{Task: seen, Runs: []control.Attempt{}}
	attempts, err := d.runner.Attempts(r.Context(), t.ID)
	for _, a := range attempts {
		answer.Runs = append(answer.Runs, attemptOf(a))
	}
	return answer, err
}

func (d *desk) named(r *http.Request) (runner.Task, error) {
	id, err := number(r.URL.Query().Get("task"))
	if err != nil {
		return runner.Task{}, err
	}
	return d.runner.Task(r.Context(), id)
}

func (d *desk) wait(r *http.Request) (any, error) {
	t, err := d.named(r)
	if err != nil {
		return nil, err
	}
	ms, err := number(r.URL.Query().Get("ms"))
	if err != nil {
		return nil, err
	}
	if ms < 0 || ms > mostWait.Milliseconds() {
		return nil, fault.New(fault.Invalid, "tickets.bad_wait", "ms", ms, "most", mostWait.Milliseconds())
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(ms)*time.Millisecond)
	defer cancel()
	if t, err = d.runner.Wait(ctx, t.ID); err != nil {
		return nil, err
	}
	return d.sight(r.Context(), t)
}

func (d *desk) kill(r *http.Request) (any, error) {
	var a control.Kill
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	grace := d.house.Config.Runner.Grace
	if a.GraceMS != nil {
		grace = duration(*a.GraceMS)
	}
	if grace < 0 || grace > mostGrace {
		return nil, fault.New(fault.Invalid, "task.out_of_range", "what", "grace_ms", "value", *a.GraceMS, "low", 0, "high", mostGrace.Milliseconds())
	}
	by := a.By
	if by == "" {
		by = "uratori kill"
	}
	// It goes on when whoever asked has gone: the wish is stored.
	ctx, cancel := context.WithTimeout(r.Context(), grace+killWait)
	defer cancel()
	s, err := d.runner.Kill(ctx, a.Task, grace, by)
	if err != nil {
		return nil, err
	}
	t, err := d.runner.Task(r.Context(), a.Task)
	if err != nil {
		return nil, err
	}
	return d.killed(s, t), nil
}

func (d *desk) execute(r *http.Request) (any, error) {
	t, err := d.runner.Execute(r.Context())
	if err != nil {
		return nil, err
	}
	return d.sight(r.Context(), t)
}

func (d *desk) retry(r *http.Request) (any, error) {
	var a control.Retry
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	t, err := d.runner.Retry(r.Context(), a.Task, a.FromStart)
	if err != nil {
		return nil, err
	}
	return d.enqueued(r.Context(), t)
}

func (d *desk) hold(r *http.Request) (any, error) {
	var a control.Hold
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	page := control.TaskPage{Tasks: []control.Task{}, Dashboard: d.link("")}
	if a.Task == 0 {
		if err := d.runner.HoldQueue(r.Context(), a.Hold); err != nil {
			return nil, err
		}
	} else {
		ctx, cancel := context.WithTimeout(r.Context(), killWait)
		defer cancel()
		t, err := d.runner.Hold(ctx, a.Task, a.Hold)
		if err != nil {
			return nil, err
		}
		seen, err := d.sight(r.Context(), t)
		if err != nil {
			return nil, err
		}
		page.Tasks = append(page.Tasks, seen)
	}
	o, err := d.runner.Overview(r.Context(), 0)
	page.Queue = queueOf(o)
	return page, err
}

func (d *desk) edit(r *http.Request) (any, error) {
	var a control.EditTask
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	e := runner.Edit{Name: a.Name, Command: a.Command, Priority: a.Priority, Retries: a.Retries, After: a.After, NotBefore: a.NotBefore}
	if a.TimeoutMS != nil {
		limit := duration(*a.TimeoutMS)
		e.Timeout = &limit
	}
	t, err := d.runner.Edit(r.Context(), a.Task, e)
	if err != nil {
		return nil, err
	}
	return d.sight(r.Context(), t)
}

func (d *desk) beat(r *http.Request) (any, error) {
	var a control.Beat
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	t, err := d.runner.Beat(r.Context(), a.Task)
	if err != nil {
		return nil, err
	}
	return d.sight(r.Context(), t)
}

func (d *desk) cleanup(r *http.Request) (any, error) {
	var a control.Cleanup
	if err := daemon.Decode(r, &a); err != nil {
		return nil, err
	}
	const most = 100 * 365
	if a.Days < 0 || a.Days > most {
		return nil, fault.New(fault.Invalid, "task.out_of_range", "what", "days", "value", a.Days, "low", 0, "high", most)
	}
	list, err := d.runner.Cleanup(r.Context(), d.house.Now().AddDate(0, 0, -a.Days), a.DryRun)
	if err != nil {
		return nil, err
	}
	answer := control.Cleaned{Tasks: []control.CleanedTask{}, Kept: []control.CleanedTask{}, DryRun: a.DryRun}
	for _, c := range list {
		line := control.CleanedTask{Task: c.Task, Ticket: c.Ticket, Bytes: c.Bytes}
		if c.Kept != nil {
			line.Reason, line.Problem = c.Kept.Error(), control.Encode(c.Kept)
			answer.Kept = append(answer.Kept, line)
			continue
		}
		answer.Tasks = append(answer.Tasks, line)
		answer.Bytes += c.Bytes
	}
	return answer, nil
}

func (d *desk) statistics(r *http.Request) (any, error) {
	s, err := d.runner.Statistics(r.Context())
	if err != nil {
		return nil, err
	}
	answer := control.TaskStatistics{
		States: map[string]int{}, Attempts: s.Attempts, Retries: s.Retries, WaitedMS: s.Waited.Milliseconds(), RanMS: s.Ran.Milliseconds(),
		Last: s.Last, DiskBytes: s.Bytes, TaskFolder: d.runner.Folder,
	}
	for state, n := range s.States {
		answer.States[string(state)] = n
	}
	return answer, nil
}

func (d *desk) status(s *control.Status) {
	ctx, cancel := context.WithTimeout(context.Background(), statusLimit)
	defer cancel()
	o, err := d.runner.Overview(ctx, shown)
	for _, t := range o.Tasks {
		seen, wrong := d.sight(ctx, t)
		err = errors.Join(err, wrong)
		s.Tasks = append(s.Tasks, seen)
	}
	if err != nil {
		s.Problems = append(s.Problems, control.NewProblem("problem.tasks", "error", err))
	}
	s.Queue = queueOf(o)
}

// statusLimit keeps a status from waiting for a busy disk.
const statusLimit = 5 * time.Second

// link is where people see a ticket, or all of them.
func (d *desk) link(ticket string) string { return daemon.Link(d.house.Dashboard(), ticket) }
