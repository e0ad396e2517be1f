package hook

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"unicode/utf8"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/tracker/project"
	"uratori/tracker/workflow"
)

// longestID is in characters, far more than an id of a ticket has.
const longestID = 100

// work is what an agent works on.
type work struct {
	ticket string
	flow   control.Workflow
	others []string // more tickets in work in this project
}

// folder is where the session is: what Claude Code calls the project, else
// where it says that it works.
func (r *run) folder() string {
	for _, dir := range []string{r.Getenv("CLAUDE_PROJECT_DIR"), r.in.Cwd, r.Folder} {
		if filepath.IsAbs(dir) {
			return filepath.Clean(dir)
		}
	}
	return ""
}

// root is the folder of the project that a session in folder is in: the nearest
// one that says that it is one, else the folder itself.
func root(folder string) string {
	for _, name := range []string{project.File, workflow.File, ".git"} {
		for dir := folder; ; dir = filepath.Dir(dir) {
			if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				return dir
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return folder
}

// find tells which ticket is worked on: the one that the session was started
// for, else the one of the project that was touched last. Nil means none.
func (r *run) find(ctx context.Context) (*work, error) {
	d, err := r.ask(ctx)
	if err != nil {
		return nil, err
	}
	if id := r.Getenv("TRACKER_ID"); id != "" && utf8.ValidString(id) && utf8.RuneCountInString(id) <= longestID {
		flow, err := d.Workflow(ctx, control.AskWorkflow{Ticket: id, Action: "show", By: "hook"})
		if err == nil {
			return &work{ticket: id, flow: flow}, nil
		}
		if !missing(err) {
			return nil, err
		}
	}
	folder := r.folder()
	if folder == "" {
		return nil, nil //nolint:nilnil // no folder, no ticket
	}
	flows, err := d.Workflows(ctx, folder)
	if top := root(folder); err == nil && len(flows) == 0 && top != folder {
		flows, err = d.Workflows(ctx, top)
	}
	if err != nil || len(flows) == 0 {
		return nil, err
	}
	if err := flows[0].Unread(); err != nil {
		return nil, err // where it stands is not known, and not that it is at its beginning or its end
	}
	w := &work{ticket: flows[0].Ticket, flow: flows[0]}
	for _, other := range flows[1:] {
		w.others = append(w.others, other.Ticket)
	}
	return w, nil
}

// missing tells an answer that there is no such ticket from a failure to look.
func missing(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Kind == fault.NotFound || f.Kind == fault.Invalid)
}

// step is the step in hand, nil before the first and after the last.
func (w *work) step() *control.WorkflowStep {
	if w == nil || w.flow.Current < 1 || w.flow.Current > len(w.flow.Steps) {
		return nil
	}
	return &w.flow.Steps[w.flow.Current-1]
}
