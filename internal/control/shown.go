package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
)

// LogWindow says which piece of one stream of an attempt is wanted.
type LogWindow struct {
	Task    int64
	Attempt int    // 0 is the last
	Stream  string // "stdout" or "stderr"
	At      int64  // where the piece begins or, with Back, ends
	Back    bool   // with an At below 0: the end of what is there
	Lines   int    // at most so many; 0: as many as fit
	Bytes   int    // at most so many; 0 is 1 MiB, which is the most
	Wait    time.Duration
}

// LogPiece is a piece of a stream as it was written. Its bytes stand together.
type LogPiece struct {
	Attempt int    `json:"attempt"` // 0 for a task that has never run
	From    int64  `json:"from"`
	Data    []byte `json:"data"`
	Gap     int64  `json:"gap,omitzero"` // so many bytes just before it were not kept
	Mid     bool   `json:"mid,omitzero"` // it begins in the middle of a line
	Size    int64  `json:"size"`         // of the whole stream
	Ended   bool   `json:"ended"`        // nobody writes to it any more
}

// End is the offset behind the piece.
func (p LogPiece) End() int64 { return p.From + int64(len(p.Data)) }

// LogSearch says what is looked for in one stream of an attempt.
type LogSearch struct {
	Task    int64
	Attempt int // 0 is the last
	Stream  string
	Text    string
	At      int64 // where the search begins
	Limit   int   // so many lines at most; 0 is 50
}

// LogHits are lines in which a text stands.
type LogHits struct {
	Attempt int      `json:"attempt"`
	Hits    []LogHit `json:"hits"`
	Next    int64    `json:"next"` // where the search goes on
	Done    bool     `json:"done"` // there is nothing behind it
	Size    int64    `json:"size"`
}

// LogHit is one of them.
type LogHit struct {
	At   int64  `json:"at"` // where the line begins
	Line string `json:"line"`
}

// OutputQuery says which outputs of a task are wanted.
type OutputQuery struct {
	Task int64
	Item int // only those of this item; 0: the newest of all
	Skip int // so many of the newest
	Most int // so many at most; 0 is 24
}

// TaskOutputs are outputs of a task that are there, newest first.
type TaskOutputs struct {
	Outputs []TaskOutput `json:"outputs"`
	There   int          `json:"there"` // so many are there, whether they count or not
	Total   int          `json:"total"` // so many are to be made; 0 when it is not known what the task makes
	At      time.Time    `json:"at"`
}

// TaskOutput is one of them, as it was at the look.
type TaskOutput struct {
	Item     int       `json:"item"`   // number of the item, from 1
	Output   int       `json:"output"` // which of its outputs, from 0
	Input    string    `json:"input"`
	Path     string    `json:"path"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	State    string    `json:"state"` // valid, wrong, changing or unknown
	Problem  *Fault    `json:"problem,omitempty"`
	Format   string    `json:"format,omitempty"`
	Width    int       `json:"width,omitzero"`
	Height   int       `json:"height,omitzero"`
	Blank    bool      `json:"blank,omitzero"` // a picture of one colour
}

// OutputFile names a file of a task: an output of an item, or its input where
// Output is below 0.
type OutputFile struct {
	Task   int64
	Item   int
	Output int
}

// FilePiece is a piece of a file. The first tells what the file is and has no
// data.
type FilePiece struct {
	Size     int64      `json:"size,omitzero"`
	Modified *time.Time `json:"modified,omitempty"`
	Data     []byte     `json:"data,omitempty"`
}

// LogWindow reads a piece of a job's output.
func (c *Client) LogWindow(ctx context.Context, q LogWindow) (LogPiece, error) {
	query := url.Values{
		"task": {id(q.Task)}, "attempt": {strconv.Itoa(q.Attempt)}, "stream": {q.Stream}, "at": {id(q.At)}, "back": {strconv.FormatBool(q.Back)},
		"lines": {strconv.Itoa(q.Lines)}, "bytes": {strconv.Itoa(q.Bytes)}, "wait_ms": {id(q.Wait.Milliseconds())},
	}
	return answer[LogPiece](ctx, c, http.MethodGet, TasksPath+"/logs/window?"+query.Encode(), nil)
}

// SearchLog looks for a text in a job's output.
func (c *Client) SearchLog(ctx context.Context, q LogSearch) (LogHits, error) {
	query := url.Values{
		"task": {id(q.Task)}, "attempt": {strconv.Itoa(q.Attempt)}, "stream": {q.Stream}, "text": {q.Text}, "at": {id(q.At)}, "limit": {strconv.Itoa(q.Limit)},
	}
	return answer[LogHits](ctx, c, http.MethodGet, TasksPath+"/logs/search?"+query.Encode(), nil)
}

// Outputs tells what a task has made so far.
func (c *Client) Outputs(ctx context.Context, q OutputQuery) (TaskOutputs, error) {
	query := url.Values{"task": {id(q.Task)}, "item": {strconv.Itoa(q.Item)}, "skip": {strconv.Itoa(q.Skip)}, "most": {strconv.Itoa(q.Most)}}
	return answer[TaskOutputs](ctx, c, http.MethodGet, TasksPath+"/outputs?"+query.Encode(), nil)
}

// OutputFile reads an output of a task, or the input of one.
func (c *Client) OutputFile(ctx context.Context, q OutputFile, yield func(FilePiece) error) error {
	query := url.Values{"task": {id(q.Task)}, "item": {strconv.Itoa(q.Item)}, "output": {strconv.Itoa(q.Output)}}
	return c.lines(ctx, TasksPath+"/outputs/file?"+query.Encode(), func(raw []byte) error {
		var p FilePiece
		if err := json.Unmarshal(raw, &p); err != nil {
			return fault.New(fault.Unavailable, "control.broken_answer").Wrap(err)
		}
		return yield(p)
	})
}
