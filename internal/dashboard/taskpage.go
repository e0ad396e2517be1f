package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/dashboard/console"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

const (
	// usageEvery is how often a page looks at the samples of a run.
	usageEvery = 5 * time.Second
	// pageTail is how many lines of its log a page shows before its script has
	// asked for more, or without one.
	pageTail = 200
	// briefTail is how many are shown of a task among others.
	briefTail = 6
)

// taskScreen is /task/42: what a task prints, makes and uses.
type taskScreen struct {
	ID int64
	door
	ask  logAsk // the attempt and stream that somebody has chosen
	skip int    // outputs
	now  func() time.Time
	feed bool // only what changes

	View   taskView
	Err    error
	Log    tail
	Shelf  shelf
	Usage  usage
	UseErr error
	used   time.Time
}

// tail is the end of a log as it was when the page was made.
type tail struct {
	Stream string
	Piece  control.LogPiece
	Rows   []console.Row
	Err    error
}

// shelf is some outputs of a task.
type shelf struct {
	control.TaskOutputs
	List []outputView
	Err  error
}

// taskAt is the task of an address.
func taskAt(path string) (int64, bool) {
	text, ok := strings.CutPrefix(path, "/task/")
	n, err := strconv.ParseInt(text, 10, 64)
	return n, ok && err == nil && n > 0
}

func newTaskScreen(id int64, q url.Values, d door, now func() time.Time) screen {
	ask, err := attemptOf(q)
	skip, wrong := offset(q, "skip", 0)
	if err != nil || wrong != nil {
		return nil
	}
	if q.Get("stream") == "" {
		ask.stream = "" // whichever has something in it
	}
	ask.task = id
	return &taskScreen{ID: id, door: d, ask: ask, skip: int(min(skip, 1<<30)), now: now}
}

// live is the screen for the feed of the page: its script follows the log and
// draws the charts by itself.
func (s *taskScreen) live() screen {
	s.feed = true
	return s
}

func (s *taskScreen) title(f *face) string {
	title := f.say("page.task", "task", s.ID)
	if s.View.Name != "" {
		title = s.View.Name + " " + title
	}
	if s.View.Ticket != "" {
		title += " · " + s.View.Ticket
	}
	return title
}

func (s *taskScreen) pieces() []string {
	switch {
	case s.Err != nil && !s.feed:
		return []string{"task-head"}
	case s.feed:
		return []string{"task-head", "task-outputs", "task-usage"}
	}
	return []string{"task-head", "task-log", "task-outputs", "task-usage", "task-charts"}
}

func (s *taskScreen) load(ctx context.Context, d Daemon, _ bool) {
	detail, err := d.Task(ctx, s.ID)
	if s.Err = err; err != nil {
		return
	}
	s.View = taskView{Task: detail.Task, Runs: detail.Runs, door: s.door, Here: true}
	number := s.Number()
	if !s.feed {
		s.Log = tailOf(ctx, d, s.ask, pageTail)
	}
	s.Shelf = shelfOf(ctx, d, control.OutputQuery{Task: s.ID, Skip: s.skip, Most: shownOutputs})
	if now := s.now(); s.used.IsZero() || now.Sub(s.used).Abs() >= usageEvery || s.Usage.Active != s.View.Active() || s.Usage.Attempt != number {
		s.used = now
		s.Usage, s.UseErr = usageOf(ctx, d, detail, number, now)
	}
}

// tailOf reads the end of a log. Where no stream is named it is the one that
// has something in it.
func tailOf(ctx context.Context, d Daemon, ask logAsk, lines int) (t tail) {
	streams := []string{ask.stream}
	if ask.stream == "" {
		streams = []string{"stdout", "stderr"}
	}
	for _, name := range streams {
		t.Stream = name
		t.Piece, t.Err = d.LogWindow(ctx, control.LogWindow{Task: ask.task, Attempt: ask.attempt, Stream: name, At: -1, Back: true, Lines: lines, Bytes: tailBytes})
		if t.Err != nil || t.Piece.Size > 0 {
			break
		}
	}
	if t.Err == nil && t.Piece.Size == 0 {
		t.Stream = streams[0]
	}
	t.Rows = console.Lines(t.Piece.From, t.Piece.Data)
	return t
}

func shelfOf(ctx context.Context, d Daemon, q control.OutputQuery) (s shelf) {
	s.TaskOutputs, s.Err = d.Outputs(ctx, q)
	s.List = viewOutputs(q.Task, s.Outputs)
	return s
}

func (s *taskScreen) concerns(ledger.Entry) bool { return false }

func (s *taskScreen) busy() bool { return s.View.Active() }

func (s *taskScreen) status() int {
	if s.Err != nil {
		return statusOf(s.Err)
	}
	return http.StatusOK
}

// Number is the attempt that is shown: the one that was asked for, or the last.
func (s *taskScreen) Number() int {
	if s.ask.attempt > 0 {
		return s.ask.attempt
	}
	return s.View.Attempt
}

// Chosen is the attempt that somebody has asked for, 0 for the last.
func (s *taskScreen) Chosen() int { return s.ask.attempt }

// Base is the address of the page's parts.
func (s *taskScreen) Base() string { return fmt.Sprintf("/task/%d", s.ID) }

// Download is the address of the whole log.
func (s *taskScreen) Download() string {
	return fmt.Sprintf("/task/%d/log/file?attempt=%d&stream=%s", s.ID, s.Number(), s.Log.Stream)
}

// Newer and Older are the addresses of other outputs, empty where there are
// none.
func (s *taskScreen) Newer() string {
	if s.skip == 0 {
		return ""
	}
	return s.page(max(s.skip-shownOutputs, 0))
}

// Older is the next page of outputs.
func (s *taskScreen) Older() string {
	if s.skip+len(s.Shelf.List) >= s.Shelf.There {
		return ""
	}
	return s.page(s.skip + shownOutputs)
}

func (s *taskScreen) page(skip int) string {
	q := url.Values{}
	if s.ask.attempt > 0 {
		q.Set("attempt", strconv.Itoa(s.ask.attempt))
	}
	if skip > 0 {
		q.Set("skip", strconv.Itoa(skip))
	}
	return s.Base() + "?" + q.Encode() + "#task-outputs"
}

// glimpse is a task among others: the end of its log and its newest outputs.
type glimpse struct {
	Log   tail
	Shelf shelf
}

// glimpseOf looks at a task that has begun.
func glimpseOf(ctx context.Context, d Daemon, task int64) *glimpse {
	return &glimpse{
		Log:   tailOf(ctx, d, logAsk{task: task}, briefTail),
		Shelf: shelfOf(ctx, d, control.OutputQuery{Task: task, Most: fewOutputs}),
	}
}

// outputScreen is /task/42/output/3/0: an output beside its input.
type outputScreen struct {
	ID           int64
	Item, Output int
	Task         control.TaskDetail
	Found        *outputView
	Err          error
}

func outputAt(path string) (s outputScreen, ok bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/task/"), "/")
	const words = 4
	if !strings.HasPrefix(path, "/task/") || len(parts) != words || parts[1] != "output" {
		return s, false
	}
	id, err := strconv.ParseInt(parts[0], 10, 64)
	item, err2 := strconv.ParseInt(parts[2], 10, 32)
	output, err3 := strconv.ParseInt(parts[3], 10, 32)
	if err != nil || err2 != nil || err3 != nil || id < 1 || item < 1 || output < 0 {
		return s, false
	}
	return outputScreen{ID: id, Item: int(item), Output: int(output)}, true
}

func (s *outputScreen) title(f *face) string {
	if s.Found != nil {
		return s.Found.Name()
	}
	return f.say("page.task", "task", s.ID)
}

func (s *outputScreen) pieces() []string { return []string{"output"} }

func (s *outputScreen) load(ctx context.Context, d Daemon, _ bool) {
	s.Found = nil
	if s.Task, s.Err = d.Task(ctx, s.ID); s.Err != nil {
		return
	}
	var found control.TaskOutputs
	if found, s.Err = d.Outputs(ctx, control.OutputQuery{Task: s.ID, Item: s.Item}); s.Err != nil {
		return
	}
	for _, o := range viewOutputs(s.ID, found.Outputs) {
		if o.Output == s.Output {
			s.Found = &o
			return
		}
	}
	s.Err = fault.New(fault.NotFound, "task.no_output", "task", s.ID, "item", s.Item)
}

func (s *outputScreen) concerns(ledger.Entry) bool { return false }

func (s *outputScreen) busy() bool { return false }

func (s *outputScreen) status() int {
	if s.Err != nil {
		return statusOf(s.Err)
	}
	return http.StatusOK
}

// Before and After are the pages of the items beside this one.
func (s *outputScreen) Before() string { return s.beside(s.Item - 1) }

// After is the page of the next item.
func (s *outputScreen) After() string { return s.beside(s.Item + 1) }

func (s *outputScreen) beside(item int) string {
	if total := s.total(); item < 1 || total > 0 && item > total {
		return ""
	}
	return fmt.Sprintf("/task/%d/output/%d/%d", s.ID, item, s.Output)
}

func (s *outputScreen) total() int {
	for _, run := range s.Task.Runs {
		if run.Total > 0 {
			return run.Total
		}
	}
	return 0
}
