package monitor

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/internal/store"
	"uratori/monitor/notify"
)

// Kinds of what the ledger tells of tasks.
const (
	kindFailed   = "task_failed"
	kindNotEnded = "not_ended"
)

// seen tells the kinds that somebody has to see, from those that stand in the
// ledger and end with an entry.
func seen(kind string) bool { return kind != kindFailed && kind != kindNotEnded }

// meaning is what an entry leads to, nil for nothing.
func (m *Monitor) meaning(ctx context.Context, e ledger.Entry) (func(*store.Tx) error, error) {
	switch e.Kind {
	case "task.ending":
		return m.taskEnding(e)
	case "task.ended":
		return m.taskEnded(ctx, e)
	case "task.again", "task.cleaned":
		return m.calming(ctx, e.Subject, sequel(e, ended{}))
	case "task.survivors":
		return m.survivors(e)
	case "task.refused":
		return m.refused(e)
	case "loop.failed":
		return m.loopFailed(e)
	case "daemon.started":
		return m.daemonStarted(ctx, e)
	case "store.examined":
		return m.examined(e)
	case "approval.requested":
		return m.approvalAsked(e)
	case "approval.locked":
		return m.approvalLocked(e)
	case "approval.passphrase_set":
		return m.passphraseSet(e)
	case "approval.tampered":
		f := Finding{
			Kind: "approval_tampered", Subject: e.Subject, Content: strconv.FormatInt(e.Seq, 10), Level: notify.Critical, Moment: true,
			What: say("monitor.approval.tampered", "about", e.Subject), Done: say("monitor.approval.tampered.done"), ToDo: say("monitor.approval.tampered.todo"),
		}
		return func(tx *store.Tx) error { return m.find(tx, f) }, nil
	case "workflow.tampered":
		f := Finding{
			Kind: "workflow_tampered", Subject: e.Subject, Content: strconv.FormatInt(e.Seq, 10), Ticket: e.Subject, Level: notify.Critical, Moment: true,
			What: say("monitor.workflow.tampered", "ticket", e.Subject), Done: say("monitor.workflow.tampered.done"), ToDo: say("monitor.approval.tampered.todo"),
		}
		return func(tx *store.Tx) error { return m.find(tx, f) }, nil
	case "tracker.astray":
		f := Finding{
			Kind: "astray", Subject: e.Subject, Content: strconv.FormatInt(e.Seq, 10), Level: notify.Low, Moment: true, Ticket: e.Subject, What: say("monitor.astray"),
		}
		return func(tx *store.Tx) error { return m.find(tx, f) }, nil
	}
	return nil, nil
}

// ended is what the runner says of an attempt that ends, or has ended.
type ended struct {
	Attempt  int    `json:"attempt"`
	Of       int    `json:"of"`
	Wish     string `json:"wish"` // of one that is about to end
	Outcome  string `json:"outcome"`
	State    string `json:"state"`
	ExitCode *int   `json:"exit_code"`
	Signal   string `json:"signal"`
	Why      Words  `json:"why"`
	Done     int    `json:"done"`
	Total    int    `json:"total"`
	Ticket   string `json:"ticket"`
	Name     string `json:"name"`
	Picture  string `json:"picture"`
	Next     string `json:"not_before"`
}

// Outcomes of attempts that the monitor itself brings about.
const (
	hung      = "stalled"
	gpuFailed = "gpu_error"
)

func endedOf(e ledger.Entry) (x ended, task int64, err error) {
	task, ok := taskOf(e.Subject)
	if !ok {
		return x, 0, fmt.Errorf("the subject %q is no task", e.Subject)
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return x, 0, err
	}
	if x.Why.Key == "" {
		x.Why = say("monitor.task.unexplained")
	}
	return x, task, nil
}

func (x ended) finding(task int64, kind string, level notify.Priority) Finding {
	return Finding{
		Kind: kind, Subject: taskSubject(task), Content: round(x.Of), Level: level, What: x.Why, Ticket: x.Ticket, Task: task, Name: x.Name,
		Attempt: x.Attempt, Attempts: x.Of, Item: x.Done, Items: x.Total, Picture: x.Picture,
	}
}

// forced is what is told of an attempt that is ended by force: when it begins,
// for a person should know at once; and again when it is done, for those who
// were not told then. It is one incident.
func (x ended) forced(task int64, outcome string, since time.Time, again bool) Finding {
	kind := kindStalled
	if outcome == gpuFailed {
		kind = kindGPUError
	}
	f := x.finding(task, kind, notify.Critical)
	f.ToDo = say("monitor.task.todo", "task", task)
	f.Since = since
	if again {
		f.Done, f.ToDo = say("monitor.stopping.again", "n", x.Attempt, "of", x.Of), Words{}
	} else {
		// That it is the last attempt is news, though others hung before.
		f.Content, f.Done = f.Content+" last", say("monitor.stopping.done")
	}
	return f
}

func (m *Monitor) taskEnding(e ledger.Entry) (func(*store.Tx) error, error) {
	x, task, err := endedOf(e)
	if err != nil || x.Wish != hung && x.Wish != gpuFailed {
		return nil, err
	}
	f := x.forced(task, x.Wish, m.silentSince(task, x.Attempt), x.Wish == hung && x.Attempt < x.Of)
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

// calming ends all of a subject, and says in it what became of that; nil where
// there is nothing of it, as of most tasks: what has to be written for each of a
// thousand is felt.
func (m *Monitor) calming(ctx context.Context, subject string, became Words) (func(*store.Tx) error, error) {
	var some bool
	err := m.o.DB.Reader().QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM monitor_incidents WHERE subject = ?)`, subject).Scan(&some)
	if err != nil || !some {
		return nil, m.o.DB.Explain(err)
	}
	return func(tx *store.Tx) error {
		if err := m.calm(tx, subject, all); err != nil {
			return err
		}
		return m.became(tx, subject, became, "")
	}, nil
}

func (m *Monitor) taskEnded(ctx context.Context, e ledger.Entry) (func(*store.Tx) error, error) {
	x, task, err := endedOf(e)
	if err != nil {
		return nil, err
	}
	again := x.State == "queued"
	if !again && x.State != "failed" {
		return m.calming(ctx, e.Subject, sequel(e, x))
	}
	f := x.finding(task, kindFailed, notify.Normal)
	// The same failure of the same task is known; another one is news.
	f.Content = strings.Join([]string{f.Content, x.Outcome, codeOf(x.ExitCode), x.Signal, x.Why.Key}, " ")
	switch {
	case x.Outcome == hung || x.Outcome == gpuFailed:
		f = x.forced(task, x.Outcome, m.silentSince(task, x.Attempt), again)
	case again:
		f.Done = say("monitor.task.again", "at", clock(x.Next))
	default:
		f.Level, f.Done, f.ToDo = notify.High, say("monitor.task.failed"), say("monitor.task.todo", "task", task)
	}
	return func(tx *store.Tx) error {
		if err := m.find(tx, f); err != nil {
			return err
		}
		// What was seen of this attempt has ended with it.
		over := m.over
		if again {
			over = m.calm
		}
		if err := over(tx, e.Subject, func(kind string) bool { return kind != kindFailed }); err != nil || again {
			return err
		}
		return m.became(tx, e.Subject, sequel(e, x), f.fingerprint())
	}, nil
}

func codeOf(code *int) string {
	if code == nil {
		return "-"
	}
	return strconv.Itoa(*code)
}

// clock is the time of day of a stored time.
func clock(stored string) string {
	t, err := time.Parse(time.RFC3339, stored)
	if err != nil {
		return "?"
	}
	return t.Local().Format("15:04:05")
}

func (m *Monitor) survivors(e ledger.Entry) (func(*store.Tx) error, error) {
	task, ok := taskOf(e.Subject)
	if !ok {
		return nil, fmt.Errorf("the subject %q is no task", e.Subject)
	}
	var x struct {
		Ticket string `json:"ticket"`
		Name   string `json:"name"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	f := Finding{
		Kind: kindNotEnded, Subject: e.Subject, Level: notify.Critical, What: say("monitor.survivors"), ToDo: say("monitor.survivors.todo"),
		Ticket: x.Ticket, Task: task, Name: x.Name,
	}
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

// refused is a task that could not even be queued.
func (m *Monitor) refused(e ledger.Entry) (func(*store.Tx) error, error) {
	var x struct {
		Ticket string `json:"ticket"`
		Name   string `json:"name"`
		Why    Words  `json:"why"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	f := Finding{
		Kind: "refused", Subject: e.Subject, Content: x.Ticket + "\n" + x.Name + "\n" + x.Why.Key, Level: notify.Normal, Moment: true,
		What: x.Why, Done: say("monitor.refused"), Ticket: x.Ticket, Name: x.Name,
	}
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

func (m *Monitor) loopFailed(e ledger.Entry) (func(*store.Tx) error, error) {
	var x struct {
		Loop  string `json:"loop"`
		Error string `json:"error"`
		Panic bool   `json:"panic"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	const longest = 300
	text := []rune(x.Error)
	f := Finding{
		Kind: "loop_failed", Subject: "loop/" + x.Loop, Content: normalised(x.Error), Level: notify.Critical, Moment: true, Done: say("monitor.loop_failed.done"), ToDo: say("monitor.loop_failed.todo"),
		What: say("monitor.loop_failed", "loop", x.Loop, "error", string(text[:min(len(text), longest)])),
	}
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

func (m *Monitor) daemonStarted(ctx context.Context, e ledger.Entry) (func(*store.Tx) error, error) {
	var x struct {
		Before string `json:"before"`
		PID    int    `json:"pid"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	if x.Before != "crashed" {
		return nil, nil
	}
	// It runs again, so it is over. One that crashes over and over is told of
	// once a day.
	f := Finding{Kind: "daemon_crashed", Subject: "daemon", Level: notify.High, Moment: true, What: say("monitor.crashed"), Done: say("monitor.crashed.done")}
	for last, err := range m.o.Ledger.Entries(ctx, e.Seq-2, "") {
		if err != nil {
			return nil, err
		}
		if t, err := time.Parse(time.RFC3339Nano, last.At); err == nil {
			f.Since = t // nothing is known of it after that
		}
		break
	}
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

func (m *Monitor) examined(e ledger.Entry) (func(*store.Tx) error, error) {
	var x struct {
		Verdict ledger.Verdict `json:"verdict"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	switch x.Verdict {
	case ledger.Verified:
		return func(tx *store.Tx) error { return m.calm(tx, "store", only("store_damaged")) }, nil
	case ledger.Unverifiable:
		return nil, nil
	case ledger.Refuted:
	}
	f := Finding{Kind: "store_damaged", Subject: "store", Level: notify.Critical, What: say("monitor.store_damaged"), ToDo: say("monitor.store_damaged.todo")}
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

// approvalAsked is a question to a person. That it is answered is nobody's
// news, and neither is the same question once more.
func (m *Monitor) approvalAsked(e ledger.Entry) (func(*store.Tx) error, error) {
	var x struct {
		Step    string `json:"step"`
		Digest  string `json:"digest"`
		Round   int64  `json:"round"`
		Content struct {
			Name   string `json:"name"`
			NameEN string `json:"name_en"`
		} `json:"content"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	name := x.Content.Name
	if m.o.Lang == phrase.English {
		name = x.Content.NameEN
	}
	f := Finding{
		Kind: "approval", Subject: "approval/" + e.Subject, Content: strings.Join([]string{x.Step, x.Digest, strconv.FormatInt(x.Round, 10)}, " "),
		Level: notify.High, Moment: true, Ticket: e.Subject,
		What: say("monitor.approval", "step", cmp.Or(name, x.Step)), ToDo: say("monitor.approval.todo", "ticket", e.Subject),
	}
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

// approvalLocked is that somebody has tried passphrases.
func (m *Monitor) approvalLocked(e ledger.Entry) (func(*store.Tx) error, error) {
	var x struct {
		Until string `json:"until"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	f := Finding{
		Kind: "approval_locked", Subject: e.Subject, Content: x.Until, Level: notify.Critical, Moment: true,
		What: say("monitor.approval.locked"), Done: say("monitor.approval.locked.done", "at", clock(x.Until)), ToDo: say("monitor.approval.locked.todo"),
	}
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

// passphraseSet is that somebody can approve from now on: the user, or else
// somebody whom the user should know of.
func (m *Monitor) passphraseSet(e ledger.Entry) (func(*store.Tx) error, error) {
	var x struct {
		First bool `json:"first"`
		Again bool `json:"again"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	f := Finding{
		Kind: "approval_passphrase", Subject: e.Subject, Content: strconv.FormatInt(e.Seq, 10), Level: notify.High, Moment: true,
		What: say("monitor.approval.changed"), ToDo: say("monitor.approval.set.todo"),
	}
	switch {
	case x.Again:
		f.Level, f.What = notify.Critical, say("monitor.approval.again")
	case x.First:
		f.What = say("monitor.approval.first")
	}
	return func(tx *store.Tx) error { return m.find(tx, f) }, nil
}

// normalised is a text without what changes from one time to the next.
func normalised(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			r = '0'
		}
		if r == '0' && strings.HasSuffix(b.String(), "0") {
			continue
		}
		b.WriteRune(r)
	}
	const longest = 500
	text := b.String()
	return text[:min(len(text), longest)]
}
