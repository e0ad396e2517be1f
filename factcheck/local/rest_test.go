package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uratori/factcheck"
	"uratori/internal/fault"
	"uratori/internal/process"
	"uratori/runner"
	"uratori/runner/items"
	"uratori/tracker"
)

func TestProcessGone_NumbersThatWereGivenToOthers(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	cmd := exec.CommandContext(t.Context(), "sleep", "1000")
	must(t, cmd.Start())
	id, err := process.Of(cmd.Process.Pid)
	must(t, err)
	gone := func(more string) string { return fmt.Sprintf(`process_gone: {trainer: {pid: %d%s}}`, id.PID, more) }
	p.wants(gone(fmt.Sprintf(", start_ticks: %d", id.Start)), no, "local.process_lives")
	p.wants(gone(fmt.Sprintf(", start_ticks: %d, boot_id: %q", id.Start, id.Boot)), no, "local.process_lives")
	p.wants(gone(""), unknown, "local.process_unknown")
	p.wants(gone(fmt.Sprintf(", start_ticks: %d", id.Start+1)), yes, "") // reused: it is another process
	p.wants(gone(`, boot_id: "of another boot"`), yes, "")
	must(t, cmd.Process.Kill())
	must(t, id.Exited(t.Context()))
	p.wants(gone(fmt.Sprintf(", start_ticks: %d", id.Start)), yes, "") // a zombie has ended
	_ = cmd.Wait()
	p.wants(gone(""), yes, "")
}

func TestHTTP_OnlyThisMachineIsAsked(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			fmt.Fprint(w, "all is well")
		case "/out":
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/flood":
			for range 6 << 10 {
				fmt.Fprint(w, strings.Repeat("x", 1<<10))
			}
		case "/hang":
			select {
			case <-r.Context().Done():
			case <-stop:
			}
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	defer close(stop)
	at := func(path, options string) string { return fmt.Sprintf(`http: {%q: {%s}}`, server.URL+path, options) }
	p.wants(at("/ok", `contains: well, lacks: [Error], matches: "^all"`), yes, "")
	p.wants(at("/ok", `contains: ill`), no, "local.lacks_text")
	p.wants(at("/none", ``), no, "local.http_status")
	p.wants(at("/none", `status: 404`), yes, "")
	p.wants(at("/out", ``), unknown, "local.http_elsewhere")
	p.wants(at("/round", ``), unknown, "local.http_failed")
	p.wants(at("/flood", `contains: y`), unknown, "local.body_cut")
	p.wants(at("/hang", `timeout: 200ms`), unknown, "local.too_slow")
	p.wants(`http: {"http://192.0.2.1/": {timeout: 2s}}`, unknown, "local.http_elsewhere")
	p.wants(`http: {"http://169.254.169.254/latest/meta-data": {timeout: 2s}}`, unknown, "local.http_elsewhere")
	address := server.URL
	server.Close()
	p.wants(fmt.Sprintf(`http: {%q: {}}`, address), no, "local.http_refused")
	for host, want := range map[string]bool{"example.com": true, "EXAMPLE.com:80": true, "example.com:81": false, "xexample.com": false} {
		if allowed([]string{host}, "example.com:80") != want {
			t.Errorf("%s", host)
		}
	}
}

// queue is a runner with the tasks of a test.
type queue struct {
	tasks  []runner.Task
	result items.Result
	made   map[string]runner.Output
	err    error
}

func (q *queue) List(_ context.Context, query runner.Query) ([]runner.Task, error) {
	var page []runner.Task
	for _, t := range q.tasks {
		// It does not even look at the ticket: who asks must.
		if (query.Before == 0 || t.ID < query.Before) && len(page) < query.Limit {
			page = append(page, t)
		}
	}
	return page, q.err
}

func (q *queue) Afresh(context.Context, runner.Task) (items.Result, error) { return q.result, q.err }

func (q *queue) Made(context.Context, runner.Task) (map[string]runner.Output, error) {
	return q.made, q.err
}

// makes has a task make files that hold these texts, each of an input that holds
// its name.
func (q *queue) makes(p *project, texts ...string) {
	q.result, q.made = items.Result{}, map[string]runner.Output{}
	for n, text := range texts {
		p.put(fmt.Sprintf("in/%d.png", n), fmt.Sprint(n))
		p.put(fmt.Sprintf("out/%d.png", n), text)
		in, out := filepath.Join(p.scope.Root, fmt.Sprintf("in/%d.png", n)), filepath.Join(p.scope.Root, fmt.Sprintf("out/%d.png", n))
		sum := sha256.Sum256([]byte(text))
		q.made[out] = runner.Output{Path: out, SHA256: hex.EncodeToString(sum[:]), Input: in, Written: time.Now(), By: 42}
		q.result.Done = append(q.result.Done, items.Done{Item: items.Item{Path: in}, Outputs: []items.Output{{Path: out, Size: 1, Format: items.PNG, Modified: time.Now()}}})
	}
}

func TestTask_OutputsThatItHasNotMade_OrThatAreNotThoseAnyMore(t *testing.T) {
	t.Parallel()
	const extract = `task: {extract: {state: succeeded, min_items: 1, after: start}}`
	p := newProject(t)
	zero := 0
	q := &queue{tasks: []runner.Task{{
		ID: 42, Ticket: "INTG-088", Name: "extract", State: runner.Succeeded, Since: time.Now(), Attempt: 1, Total: 2, ExitCode: &zero, Spec: runner.Spec{Outputs: []string{"out/{stem}.png"}},
	}}}
	p.o.Tasks = q
	change := func(f func(*runner.Output)) {
		for path, o := range q.made {
			f(&o)
			q.made[path] = o
		}
	}
	q.makes(p, "a", "b")
	p.wants(extract, yes, "")
	p.put("out/1.png", "c")
	p.wants(extract, no, "local.task_replaced")
	q.makes(p, "a", "a")
	p.wants(extract, no, "local.task_copies")
	p.put("in/1.png", "0")
	p.wants(extract, yes, "") // the same page twice
	q.makes(p, "a", "a")
	for _, d := range q.result.Done {
		d.Outputs[0].Blank = true
	}
	p.wants(extract, yes, "") // which is for whoever asks for pictures that are not
	q.makes(p, "a", "b")
	change(func(o *runner.Output) { o.By = 0 })
	p.wants(extract, no, "local.task_by_hand")
	change(func(o *runner.Output) { o.Written = o.Written.Add(-2 * time.Hour) })
	p.wants(extract, no, "local.task_items") // they were there at the start, and were let be
	q.made = nil
	p.wants(extract, no, "local.task_unlisted")
	p.wants(`task: {any: {id: 42}}`, yes, "") // nobody asks since when
}

func TestTask_OfThisTicket_WithOutputsThatAreThereNow(t *testing.T) {
	t.Parallel()
	const extract = `task: {extract: {state: succeeded, min_items: 1, after: start}}`
	p := newProject(t)
	q := &queue{}
	q.makes(p, "x")
	p.wants(extract, unknown, "local.no_tasks")
	p.o.Tasks = q
	zero, one := 0, 1
	good := runner.Task{ID: 42, Ticket: "INTG-088", Name: "extract", State: runner.Succeeded, Since: time.Now(), Attempt: 2, Total: 1, ExitCode: &zero, Spec: runner.Spec{Outputs: []string{"out/{stem}.png"}}}
	with := func(change func(*runner.Task)) {
		task := good
		change(&task)
		q.tasks = []runner.Task{task}
	}
	p.wants(extract, no, "local.no_task")
	with(func(*runner.Task) {})
	f := p.wants(extract, yes, "")
	if len(f.Basis) != 1 || f.Basis[0].Kind != "task" || f.Basis[0].Name != "42/2" {
		t.Errorf("%+v", f.Basis)
	}
	p.wants(`task: {any: {id: 42}}`, yes, "")
	with(func(t *runner.Task) { t.Ticket = "INTG-087" })
	p.wants(extract, no, "local.no_task") // another ticket's
	p.wants(`task: {any: {id: 42}}`, no, "local.no_task")
	with(func(t *runner.Task) { t.Name = "extract2" })
	p.wants(extract, no, "local.no_task")
	with(func(t *runner.Task) { t.State = runner.Failed })
	p.wants(extract, no, "local.task_state")
	with(func(t *runner.Task) { t.ExitCode = &one })
	p.wants(extract, no, "local.task_status")
	with(func(t *runner.Task) { t.Since = time.Now().Add(-2 * time.Hour) })
	p.wants(extract, no, "local.task_before")
	with(func(t *runner.Task) { t.Total = 0 })
	p.wants(extract, no, "local.task_items")
	with(func(t *runner.Task) { t.Spec.Outputs = nil })
	p.wants(extract, unknown, "local.task_outputs_unknown")
	with(func(*runner.Task) {})
	q.result = items.Result{Remaining: []items.Item{{Path: "/in/a"}}, Wrong: []items.Wrong{{Output: "/x", Reason: items.Truncated}}}
	p.wants(extract, no, "local.task_outputs items.wrong.truncated")
	q.result.Wrong[0].Reason = items.Unreadable
	p.wants(extract, unknown, "items.wrong.unreadable")
	q.result = items.Result{}
	p.wants(extract, no, "local.task_items")
	q.makes(p, "x")
	for path, o := range q.made {
		o.Written, o.By = o.Written.Add(-2*time.Hour), 0
		q.made[path] = o
	}
	p.wants(extract, no, "local.task_items") // all was there before
	q.err = fault.New(fault.Unavailable, "store.closed")
	p.wants(extract, unknown, "store.closed")
	q.err = nil
	// A newer one counts, and many pages of others hide none.
	q.tasks = nil
	for id := int64(900); id > 0; id-- {
		task := good
		task.ID, task.Name = id, "other"
		if id == 5 {
			task.Name = "extract"
		}
		q.tasks = append(q.tasks, task)
	}
	q.makes(p, "x")
	if f := p.wants(extract, yes, ""); f.Basis[0].Name != "5/2" {
		t.Errorf("%+v", f.Basis)
	}
}

type votes struct {
	Approval
	err error
}

func (v votes) Approved(context.Context, string, string, string) (Approval, error) {
	return v.Approval, v.err
}

func TestApproval_OnlyThatOfExactlyThisOpens(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.wants(`approval: {plan: {}}`, unknown, "local.no_approvals")
	for _, tc := range []struct {
		vote    votes
		options string
		want    string
	}{
		{votes{Approval: Approval{State: "approved", Digest: "d", Evidence: 7}}, "", ""},
		{votes{Approval: Approval{State: "approved", Digest: "d"}}, "digest: d", ""},
		{votes{Approval: Approval{State: "approved", Digest: "e"}}, "digest: d", "local.approved_other"},
		{votes{Approval: Approval{State: "approved"}}, "", "local.approved_other"},
		{votes{Approval: Approval{State: "APPROVED", Digest: "d"}}, "", "local.not_approved"},
		{votes{Approval: Approval{State: "requested", Digest: "d"}}, "", "local.not_approved"},
		{votes{Approval: Approval{State: "void", Digest: "d"}}, "", "local.not_approved"},
		{votes{Approval: Approval{}}, "", "local.not_approved"},
	} {
		p.o.Approvals = tc.vote
		verdict := no
		if tc.want == "" {
			verdict = yes
		}
		p.wants(`approval: {plan: {`+tc.options+`}}`, verdict, tc.want)
	}
	p.o.Approvals = votes{err: errors.New("closed")}
	p.wants(`approval: {plan: {}}`, unknown, "error")
}

// sheet shows one row.
type sheet struct {
	cells   map[string]tracker.Actual
	err     error
	looks   int
	written []tracker.Written
	missing bool
}

func (s *sheet) Fresh(_ context.Context, want map[string][]string) (map[string]tracker.Seen, error) {
	s.looks++
	if s.err != nil {
		return nil, s.err
	}
	seen := map[string]tracker.Seen{}
	for ticket, columns := range want {
		row := tracker.Seen{At: time.Now(), Row: 7, Cells: map[string]tracker.Actual{}}
		if s.missing {
			row = tracker.Seen{At: time.Now(), Err: fault.New(fault.NotFound, "sheets.not_found", "key", ticket)}
		}
		for _, c := range columns {
			cell, ok := s.cells[c]
			if !ok {
				return nil, fault.New(fault.Failed, "sheets.no_column", "column", c, "have", "…")
			}
			if !s.missing {
				row.Cells[c] = cell
			}
		}
		seen[ticket] = row
	}
	return seen, nil
}

func (s *sheet) Written(context.Context, string) ([]tracker.Written, error) { return s.written, nil }

func (s *sheet) WrittenTickets(context.Context) ([]string, error) { return nil, nil }

func (s *sheet) Edits(context.Context, string) ([]tracker.Event, error) { return nil, nil }

func TestCells_AreReadAfresh(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.wants(`sheet_cell: {詳細: {not_empty: true}}`, unknown, "local.no_sheet")
	s := &sheet{cells: map[string]tracker.Actual{"詳細": {Text: "INTG-088 =1", IsText: true}, "状態": {Text: " \n"}, "概要": {Text: ""}}}
	p.o.Sheet = s
	fs := p.look(`sheet_cell: {詳細: {equals: "{id} =1"}, 状態: {matches: "x"}, ない: {not_empty: true}, 概要: {equals: ""}}`)
	for i, want := range []string{"verified", "refuted local.no_match_text", "unverifiable sheets.no_column", "verified"} {
		if got := strings.TrimSpace(string(fs[i].Verdict) + " " + codes(fs[i].Reason)); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
	if fs[0].Row != 7 || fs[0].Basis[0].Kind != "cell" || *fs[1].Actual != " \n" {
		t.Errorf("%+v", fs)
	}
	s.looks = 0
	p.look(`sheet_cell: {詳細: {not_empty: true}, 状態: {matches: "x"}}`)
	if s.looks != 1 {
		t.Errorf("%d looks", s.looks)
	}
	p.wants(`sheet_cell: {状態: {not_empty: true}}`, no, "local.cell_empty")
	p.wants(`sheet_cell: {詳細: {equals: other}}`, no, "local.cell_differs")
	s.missing = true
	p.wants(`sheet_cell: {詳細: {not_empty: true}}`, no, "sheets.not_found")
	s.missing, s.err = false, fault.New(fault.Unavailable, "sheets.quota")
	p.wants(`sheet_cell: {詳細: {not_empty: true}}`, unknown, "sheets.quota")
}

func TestWrites_EveryOneIsLookedAtNow(t *testing.T) {
	t.Parallel()
	const all = `writes: {all: {min: 1, after: start}}`
	p := newProject(t)
	p.wants(all, unknown, "local.no_sheet")
	s := &sheet{cells: map[string]tracker.Actual{"詳細": {Text: "x", IsText: true}, "概要": {Text: "y", IsText: true}}}
	p.o.Cells = factcheck.NewSheetCells(s)
	p.wants(all, no, "local.few_writes")
	s.written = []tracker.Written{{Write: 1, Field: "detail", Column: "詳細", Text: "x", Verdict: yes, At: time.Now().Add(-2 * time.Hour), ReadAt: time.Now(), Evidence: []int64{1}}}
	p.wants(all, no, "local.few_writes")
	p.wants(`writes: {all: {}}`, yes, "")
	s.written = append(s.written, tracker.Written{Write: 2, Field: "summary", Column: "概要", Text: "y", Verdict: yes, At: time.Now(), ReadAt: time.Now(), Evidence: []int64{2}})
	if f := p.wants(all, yes, ""); len(f.Evidence) != 2 {
		t.Errorf("%+v", f)
	}
	s.cells["詳細"] = tracker.Actual{Text: "z", IsText: true}
	p.wants(all, no, "local.write_refuted")
	s.written[0].Pending = true
	p.wants(all, unknown, "local.write_unseen")
	s.written[0].Pending, s.err = false, fault.New(fault.Unavailable, "sheets.quota")
	p.wants(all, unknown, "local.write_unseen")
	s.err = nil
	// The claims of the tracker itself go the same way.
	found, err := Checkers(p.o)["sheet_cell"].Check(t.Context(), []factcheck.Claim{factcheck.SheetCell{Ticket: "INTG-088", Column: "概要"}})
	if err != nil || found[0].Verdict != yes {
		t.Errorf("%+v, %v", found, err)
	}
}

// An error of a checker itself is nobody's fault but ours, and verifies nothing.
func TestCheck_CheckerThatPanics_IsTold(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	told := make(chan any, 9)
	p.o.Panicked = func(v any, stack []byte) {
		if len(stack) > 0 {
			told <- v
		}
	}
	p.o.Now = func() time.Time { panic("no clock\x1b") }
	p.o.Approvals = votes{}
	for _, text := range []string{`approval: {plan: {}}`, `file: {a: {}}`, `process_gone: {p: {pid: 1}}`} {
		p.wants(text, unknown, "factcheck.panicked")
	}
	p.o.Now = time.Now
	p.o.Sheet = (*sheet)(nil)
	p.wants(`sheet_cell: {a: {not_empty: true}}`, unknown, "factcheck.panicked")
	if len(told) != 4 {
		t.Error(len(told))
	}
}

func TestCheck_ClaimsThatCouldNotBeFilledIn_SayWhatToAdd(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.wants(`command: {t: {exec: ["{test}"]}}`, unknown, "gate.no_value")
	p.wants(`file: {"{outputs}": {}}`, unknown, "gate.no_value")
	p.wants(`frozen: {t: {}}`, unknown, "gate.nothing_frozen")
}

var (
	_ Tasks = (*runner.Runner)(nil)
	_ Sheet = (*tracker.Tracker)(nil)
)
