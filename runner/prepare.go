package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/runner/items"
	"uratori/runner/items/each"
	"uratori/runner/shim"
)

// The files of an attempt that the job is told of.
const (
	progressFile = "progress"
	itemsFile    = "items"
)

// prepare makes the folder of an attempt and decides what it has to do. A
// result is a reason why there is nothing to run.
func (r *Runner) prepare(ctx context.Context, t Task, a Attempt, environ string) (shim.Spec, *result, error) {
	if err := r.putAside(ctx, t); err != nil {
		return shim.Spec{}, nil, err
	}
	if err := r.makeFolders(t.ID, a.Folder); err != nil {
		return shim.Spec{}, nil, fmt.Errorf("make the folder of attempt %d of task %d: %w", a.Number, t.ID, err)
	}
	command, err := r.command(ctx, t, a)
	if errors.Is(err, errNoWork) {
		return shim.Spec{}, &result{outcome: Done, clean: true, reason: fault.New(fault.Failed, "task.nothing_to_do", "total", t.Total)}, nil
	}
	if _, told := errors.AsType[*fault.Error](err); told && ctx.Err() == nil {
		return shim.Spec{}, &result{outcome: Unstarted, clean: true, reason: err}, nil
	}
	if err != nil {
		return shim.Spec{}, nil, err
	}
	env, err := r.jobEnvironment(ctx, t, a, environ)
	if err != nil {
		return shim.Spec{}, nil, err
	}
	return shim.Spec{Token: a.token, Argv: command, Cwd: t.Spec.Cwd, Env: env, LogCap: r.Limits.LogBytes}, nil, nil
}

// makeFolders makes the folders of an attempt, for which nobody makes them ready
// from now on: its shim is to find nobody in there.
func (r *Runner) makeFolders(task int64, attempt string) error {
	r.laying.Lock()
	defer r.laying.Unlock()
	delete(r.ahead, attempt)
	return errors.Join(os.MkdirAll(r.checkpoint(task), 0o700), os.MkdirAll(attempt, 0o700))
}

func (r *Runner) checkpoint(task int64) string {
	return filepath.Join(r.taskFolder(task), "checkpoint")
}

// command is what this attempt runs: the items that remain are filled in.
func (r *Runner) command(ctx context.Context, t Task, a Attempt) ([]string, error) {
	plan, found, err := r.outputs(ctx, t)
	if err != nil || plan == nil {
		return t.Spec.Command, err
	}
	remaining := found.Remaining
	if len(remaining) == 0 {
		ranBefore, err := r.ranBefore(ctx, t)
		if err != nil {
			return nil, err
		}
		if !ranBefore {
			return nil, errNoWork
		}
		// Every output is there, but nobody has seen the job end well: it was
		// killed at the very end, or it failed after its last output. What was
		// in hand last is done once more, so that its exit status is known.
		remaining = []items.Item{latest(found.Done)}
	}
	if err := items.MakeFolders(ctx, remaining); err != nil {
		return nil, err
	}
	if t.Spec.Each == 0 {
		return items.Command(t.Spec.Command, remaining, a.Folder)
	}
	err = each.Write(a.Folder, each.Job{
		Argv: t.Spec.Command, Cwd: t.Spec.Cwd, Jobs: t.Spec.Each, Total: t.Total, Checkpoint: r.checkpoint(t.ID),
		Progress: filepath.Join(a.Folder, progressFile), Since: t.Since, Items: remaining,
	})
	return []string{r.Program, "each", a.Folder}, err
}

// latest is the item whose output was written last.
func latest(done []items.Done) items.Item {
	written := func(d items.Done) time.Time {
		var last time.Time
		for _, o := range d.Outputs {
			if o.Modified.After(last) {
				last = o.Modified
			}
		}
		return last
	}
	return slices.MaxFunc(done, func(a, b items.Done) int { return written(a).Compare(written(b)) }).Item
}

// ranBefore tells whether an attempt ran since somebody last asked for one,
// and how it ended is not good.
func (r *Runner) ranBefore(ctx context.Context, t Task) (bool, error) {
	var last string
	err := r.DB.Reader().QueryRowContext(ctx,
		`SELECT coalesce((SELECT state FROM runner_attempts WHERE task = ? AND number < ? ORDER BY number DESC LIMIT 1), '')`, t.ID, t.Attempt).Scan(&last)
	return last != "" && Outcome(last) != Done && Outcome(last) != Unstarted, r.DB.Explain(err)
}

// outputs looks which items of a task have been worked off; the plan is nil
// for a task without items.
func (r *Runner) outputs(ctx context.Context, t Task, cuts ...time.Time) (*items.Plan, items.Result, error) {
	return r.outputsBy(ctx, r.seen, t, cuts...)
}

// Afresh looks at the outputs of a task now, and at each of them: what was seen
// before does not count. It is that of no items at all for a task without any.
// Errors are faults, or that of ctx.
func (r *Runner) Afresh(ctx context.Context, t Task) (items.Result, error) {
	_, found, err := r.outputsBy(ctx, r.seen.Afresh(), t)
	return found, err
}

func (r *Runner) outputsBy(ctx context.Context, seen *items.Seen, t Task, cuts ...time.Time) (*items.Plan, items.Result, error) {
	list, err := r.itemList(ctx, t)
	if err != nil || len(list) == 0 {
		return nil, items.Result{}, err
	}
	plan, err := items.Recall(t.Spec.Cwd, list, t.Spec.Outputs)
	if err != nil {
		return nil, items.Result{}, err
	}
	if len(t.Spec.Outputs) == 0 && t.Spec.Each == 0 {
		return plan, items.Result{Remaining: plan.Items}, nil // what it makes is not known
	}
	terms := items.Terms{Since: t.Since, Settle: inHand}
	if terms.Cuts, err = r.cuts(ctx, t.ID); err != nil {
		return nil, items.Result{}, err
	}
	terms.Cuts = append(terms.Cuts, cuts...)
	if t.Spec.Each > 0 {
		if terms.Log, err = items.ReadLog(r.checkpoint(t.ID)); err != nil {
			return nil, items.Result{}, err
		}
	}
	found, err := items.Judge{Workers: decoders, Seen: seen, Now: r.Now}.Remaining(ctx, plan.Items, terms)
	return plan, found, err
}

// inHand is how close together the last writes of several workers of a job lie
// when it is cut off.
const inHand = 10 * time.Millisecond

// cuts are the moments at which attempts of a task were cut off; see [Runner.cut].
func (r *Runner) cuts(ctx context.Context, task int64) ([]time.Time, error) {
	attempts, err := r.Attempts(ctx, task)
	var list []time.Time
	for _, a := range attempts {
		if !a.Cut.IsZero() {
			list = append(list, a.Cut)
		}
	}
	return list, err
}

// cut is the last write to an output of a task whose attempt was cut off: a
// file that is no picture and was written just then may be half of what it
// should be, and nothing in it shows that.
func (r *Runner) cut(ctx context.Context, t Task) (time.Time, error) {
	var last time.Time
	list, err := r.itemList(ctx, t)
	if err != nil || len(list) == 0 || len(t.Spec.Outputs) == 0 {
		return last, err
	}
	plan, err := items.Recall(t.Spec.Cwd, list, t.Spec.Outputs)
	if err != nil {
		return last, err
	}
	for _, it := range plan.Items {
		for _, path := range it.Outputs {
			if info, err := os.Stat(path); err == nil && info.ModTime().After(last) { // what is not there was not cut
				last = info.ModTime()
			}
		}
	}
	return last, ctx.Err()
}

// decoders is how many pictures are decoded at once: the machine belongs to
// the jobs.
const decoders = 2

// jobEnvironment is what the job finds: the environment of whoever asked, then
// what the task names, then what says where it belongs.
func (r *Runner) jobEnvironment(ctx context.Context, t Task, a Attempt, environ string) ([]string, error) {
	var base []string
	if err := json.Unmarshal([]byte(environ), &base); err != nil {
		return nil, fmt.Errorf("the stored environment of task %d: %w", t.ID, err)
	}
	set := map[string]string{}
	for _, kv := range base {
		name, value, _ := strings.Cut(kv, "=")
		set[name] = value
	}
	// What a job has printed is in its log even when it is killed.
	set["PYTHONUNBUFFERED"], set["PYTHONFAULTHANDLER"] = "1", "1"
	maps.Copy(set, t.Spec.Env)
	if len(a.GPUs) > 0 {
		set["CUDA_VISIBLE_DEVICES"] = strings.Join(a.GPUs, ",")
	}
	set["URATORI_HOME"] = r.Home
	set["URATORI_TASK"] = strconv.FormatInt(t.ID, 10)
	set["URATORI_ATTEMPT"] = strconv.Itoa(a.Number)
	set["URATORI_CHECKPOINT"] = r.checkpoint(t.ID)
	set["URATORI_PROGRESS"] = filepath.Join(a.Folder, progressFile)
	set[tokenName] = a.token
	if t.Total > 0 && t.Spec.Each == 0 { // a run for one item has no list
		set["URATORI_ITEMS"] = filepath.Join(a.Folder, itemsFile)
	}
	if t.Ticket != "" {
		set["TRACKER_ID"] = t.Ticket
		if folder := r.Tickets.Workspace(ctx, t.Ticket); folder != "" {
			set["TRACKER_WORKSPACE"] = folder
		}
	}
	list := make([]string, 0, len(set))
	for name, value := range set {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list, nil
}
