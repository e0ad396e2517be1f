package monitor

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/monitor/notify"
)

// follow reads the ledger from where it was read up to, and goes on with what
// is new, until ctx ends.
func (m *Monitor) follow(ctx context.Context) error {
	for {
		news := m.o.Ledger.News()
		if err := m.catchUp(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-news:
		}
	}
}

// catchUp takes in all entries that are there. The place in the ledger moves in
// the transaction of what came of an entry, so that none is taken in twice.
func (m *Monitor) catchUp(ctx context.Context) error {
	var after int64
	if err := m.o.DB.Reader().QueryRowContext(ctx, `SELECT seq FROM monitor_cursor`).Scan(&after); err != nil {
		return m.o.DB.Explain(err)
	}
	if after == 0 {
		// The first start: what was before is nobody's news.
		head, err := m.o.Ledger.Head(ctx)
		if err != nil {
			return err
		}
		return m.o.DB.Write(ctx, func(tx *store.Tx) error { return m.readUpTo(tx, head.Seq) })
	}
	var last int64
	for e, err := range m.o.Ledger.Entries(ctx, after, "") {
		if err != nil {
			return err
		}
		last = e.Seq
		act, err := m.meaning(ctx, e)
		if err != nil {
			m.o.Log.Error("an entry of the ledger could not be read", "seq", e.Seq, "kind", e.Kind, "error", err)
			continue
		}
		if act == nil {
			continue
		}
		if err := m.o.DB.Write(ctx, func(tx *store.Tx) error {
			if err := act(tx); err != nil {
				return err
			}
			return m.readUpTo(tx, e.Seq)
		}); err != nil {
			return err
		}
	}
	// Entries that mean nothing here are passed without a write for each: they
	// would wake this very loop for ever.
	const lazily = 200
	if last > after+lazily {
		return m.o.DB.Write(ctx, func(tx *store.Tx) error { return m.readUpTo(tx, last) })
	}
	return nil
}

func (m *Monitor) readUpTo(tx *store.Tx, seq int64) error {
	_, err := tx.Exec(`UPDATE monitor_cursor SET seq = max(seq, ?)`, seq)
	return err
}

// meaning is what an entry leads to, nil for nothing.
func (m *Monitor) meaning(ctx context.Context, e ledger.Entry) (func(*store.Tx) error, error) {
	switch e.Kind {
	case "task.ended":
		return m.taskEnded(e)
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
	case "tracker.astray":
		f := Finding{Kind: "astray", Subject: e.Subject, Content: strconv.FormatInt(e.Seq, 10), Level: notify.Low, Ticket: e.Subject, What: say("monitor.astray")}
		return func(tx *store.Tx) error { return m.find(tx, f) }, nil
	}
	return nil, nil
}

// ended is what the runner says of an attempt.
type ended struct {
	Attempt  int    `json:"attempt"`
	Of       int    `json:"of"`
	Outcome  string `json:"outcome"`
	State    string `json:"state"`
	ExitCode *int   `json:"exit_code"`
	Signal   string `json:"signal"`
	Reason   Words  `json:"why"`
	Done     int    `json:"done"`
	Total    int    `json:"total"`
	Ticket   string `json:"ticket"`
	Name     string `json:"name"`
	Picture  string `json:"picture"`
	Next     string `json:"not_before"`
}

func (m *Monitor) taskEnded(e ledger.Entry) (func(*store.Tx) error, error) {
	var x ended
	if err := json.Unmarshal(e.Data, &x); err != nil {
		return nil, err
	}
	task, ok := taskOf(e.Subject)
	if !ok {
		return nil, fmt.Errorf("the subject %q is no task", e.Subject)
	}
	again := x.State == "queued"
	if !again && x.State != "failed" {
		return func(tx *store.Tx) error { return m.over(tx, e.Subject, "") }, nil
	}
	f := Finding{
		Kind: "task_failed", Subject: e.Subject, Level: notify.Normal, What: x.Reason, Ticket: x.Ticket, Task: task, Name: x.Name,
		Attempt: x.Attempt, Attempts: x.Of, Item: x.Done, Items: x.Total, Picture: x.Picture,
		// The same failure of the same task is known; another one is news.
		Content: strings.Join([]string{x.Outcome, codeOf(x.ExitCode), x.Signal, x.Reason.Key}, " "),
	}
	if again {
		f.Done = say("monitor.task.again", "at", clock(x.Next))
	} else {
		f.Level, f.Done, f.ToDo = notify.High, say("monitor.task.failed"), say("monitor.task.todo", "task", task)
	}
	told := x.Outcome == "stalled" && again || x.Outcome == "gpu_error" // by whoever stopped it
	return func(tx *store.Tx) error {
		// What was seen of this attempt ends with it.
		for _, kind := range []string{"stalled", "cpu_busy", "zombies", "stuck", "long", "leak"} {
			if err := m.over(tx, e.Subject, kind); err != nil {
				return err
			}
		}
		if told {
			return nil
		}
		return m.find(tx, f)
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
		Kind: "not_ended", Subject: e.Subject, Level: notify.Critical, What: say("monitor.survivors"), ToDo: say("monitor.survivors.todo"),
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
		Kind: "refused", Subject: e.Subject, Content: x.Ticket + "\n" + x.Name + "\n" + x.Why.Key, Level: notify.Normal,
		What: x.Why, Done: say("monitor.refused"), Ticket: x.Ticket, Name: x.Name,
	}
	return func(tx *store.Tx) error {
		if err := m.find(tx, f); err != nil {
			return err
		}
		return m.over(tx, e.Subject, "refused") // it is nothing that lasts
	}, nil
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
		Kind: "loop_failed", Subject: e.Subject, Content: normalised(x.Error), Level: notify.Critical, Done: say("monitor.loop_failed.done"), ToDo: say("monitor.loop_failed.todo"),
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
	f := Finding{Kind: "daemon_crashed", Subject: "daemon", Content: strconv.FormatInt(e.Seq, 10), Level: notify.High, What: say("monitor.crashed"), Done: say("monitor.crashed.done")}
	for last, err := range m.o.Ledger.Entries(ctx, e.Seq-2, "") {
		if err != nil {
			return nil, err
		}
		if t, err := time.Parse(time.RFC3339Nano, last.At); err == nil {
			f.Since = t // nothing is known of it after that
		}
		break
	}
	return func(tx *store.Tx) error {
		if err := m.find(tx, f); err != nil {
			return err
		}
		return m.over(tx, "daemon", "daemon_crashed") // it runs again
	}, nil
}

func (m *Monitor) examined(e ledger.Entry) (func(*store.Tx) error, error) {
	var x struct {
		Verdict ledger.Verdict `json:"verdict"`
	}
	if err := json.Unmarshal(e.Data, &x); err != nil || x.Verdict != ledger.Refuted {
		return nil, err
	}
	f := Finding{Kind: "store_damaged", Subject: "store", Level: notify.Critical, What: say("monitor.store_damaged"), ToDo: say("monitor.store_damaged.todo")}
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
