package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Where incidents, messages and samples are.
const (
	IncidentsPath = "/v1/incidents"
	MessagesPath  = "/v1/messages"
	WatchPath     = "/v1/watch"
)

// Incident is something wrong that lasts, or lasted.
type Incident struct {
	Incident  int64      `json:"incident"`
	Kind      string     `json:"kind"`
	Subject   string     `json:"subject"`
	Ticket    string     `json:"ticket,omitempty"`
	Task      int64      `json:"task,omitzero"`
	Priority  string     `json:"priority"`
	State     string     `json:"state"` // open, escalated or resolved
	Times     int        `json:"times"` // how often it was found
	OpenedAt  time.Time  `json:"opened_at"`
	Escalated *time.Time `json:"escalated_at,omitempty"`
	Resolved  *time.Time `json:"resolved_at,omitempty"`
	SeenAt    time.Time  `json:"seen_at"`
	What      Problem    `json:"what"`
	Done      *Problem   `json:"done,omitempty"`
	ToDo      *Problem   `json:"to_do,omitempty"`
	Message   int64      `json:"message,omitzero"`
	Dashboard string     `json:"dashboard,omitempty"`
}

// IncidentQuery says which incidents are wanted.
type IncidentQuery struct {
	Ticket  string
	Task    int64         // only of this task; 0: of any, and of none
	Subject string        // only with this: "gpu/UUID"; empty: with anything
	Since   time.Duration // opened since so long; 0 is all
	Open    bool
	Before  int64
	Limit   int
}

// IncidentPage is some incidents, newest first.
type IncidentPage struct {
	Incidents []Incident     `json:"incidents"`
	Next      int64          `json:"next,omitzero"`
	ByKind    map[string]int `json:"by_kind"`
	ByDay     map[string]int `json:"by_day"`
	Dashboard string         `json:"dashboard"`
}

// Incidents lists incidents.
func (c *Client) Incidents(ctx context.Context, q IncidentQuery) (IncidentPage, error) {
	query := url.Values{
		"ticket": {q.Ticket}, "task": {id(q.Task)}, "subject": {q.Subject}, "since_ms": {strconv.FormatInt(q.Since.Milliseconds(), 10)}, "open": {strconv.FormatBool(q.Open)},
		"before": {id(q.Before)}, "limit": {strconv.Itoa(q.Limit)},
	}
	return answer[IncidentPage](ctx, c, http.MethodGet, IncidentsPath+"?"+query.Encode(), nil)
}

// Message is a message to people with what became of it.
type Message struct {
	Message    int64      `json:"message"`
	At         time.Time  `json:"at"`
	Priority   string     `json:"priority"`
	Title      string     `json:"title"`
	Body       string     `json:"body"`
	Ticket     string     `json:"ticket,omitempty"`
	Task       int64      `json:"task,omitzero"`
	Suppressed int        `json:"suppressed,omitzero"` // repeats that were not sent
	Deliveries []Delivery `json:"deliveries"`
}

// Delivery is how far a message has come on a channel.
type Delivery struct {
	Channel      string     `json:"channel"`
	State        string     `json:"state"`
	Tries        int        `json:"tries"`
	Doubts       int        `json:"doubts,omitzero"` // tries that may have arrived
	Next         *time.Time `json:"next,omitempty"`
	Ended        *time.Time `json:"ended_at,omitempty"`
	Request      string     `json:"request,omitempty"`
	Problem      *Fault     `json:"problem,omitempty"`
	Acknowledged *time.Time `json:"acknowledged_at,omitempty"`
}

// MessagePage is some messages, newest first.
type MessagePage struct {
	Messages []Message `json:"messages"`
	Next     int64     `json:"next,omitzero"`
}

// Messages lists messages.
func (c *Client) Messages(ctx context.Context, ticket string, before int64, limit int) (MessagePage, error) {
	query := url.Values{"ticket": {ticket}, "before": {id(before)}, "limit": {strconv.Itoa(limit)}}
	return answer[MessagePage](ctx, c, http.MethodGet, MessagesPath+"?"+query.Encode(), nil)
}

// MessageCount is how many messages there were.
type MessageCount struct {
	Posted       int `json:"posted"`
	Sent         int `json:"sent"`
	Failed       int `json:"failed"`
	Waiting      int `json:"waiting"`
	Suppressed   int `json:"suppressed"`
	Repeated     int `json:"repeated"`
	Acknowledged int `json:"acknowledged"`
}

// MessageStatistics counts messages by priority, all together and by channel.
type MessageStatistics struct {
	Since    time.Time                          `json:"since"`
	Messages map[string]MessageCount            `json:"messages"`
	Channels map[string]map[string]MessageCount `json:"channels"`
	Problem  *Fault                             `json:"problem,omitempty"` // with the settings
}

// MessageStatistics counts what was posted since so long; 0 is all.
func (c *Client) MessageStatistics(ctx context.Context, since time.Duration) (MessageStatistics, error) {
	return answer[MessageStatistics](ctx, c, http.MethodGet, MessagesPath+"/statistics?"+url.Values{"since_ms": {strconv.FormatInt(since.Milliseconds(), 10)}}.Encode(), nil)
}

// TestMessage sends a message and waits, at most so long, for what becomes of
// it.
func (c *Client) TestMessage(ctx context.Context, priority string, limit time.Duration) (Message, error) {
	return answer[Message](ctx, c, http.MethodPost, MessagesPath+"/test", TestMessage{Priority: priority, WaitMS: limit.Milliseconds()})
}

// TestMessage is the body of a test.
type TestMessage struct {
	Priority string `json:"priority,omitempty"` // normal when empty
	WaitMS   int64  `json:"wait_ms,omitzero"`
}

// RetryMessage has a message that was refused sent again; 0 is all of them.
func (c *Client) RetryMessage(ctx context.Context, message int64) (int, error) {
	a, err := answer[struct {
		Messages int `json:"messages"`
	}](ctx, c, http.MethodPost, MessagesPath+"/retry", map[string]int64{"message": message})
	return a.Messages, err
}

// Watch is what the last look has seen.
type Watch struct {
	At      *time.Time     `json:"at,omitempty"` // nil before the first look
	Tasks   []WatchedTask  `json:"tasks"`
	GPUs    []WatchedGPU   `json:"gpus"`
	Machine WatchedMachine `json:"machine"`
	Probe   string         `json:"gpu_watch"` // starting, ready, absent or lost
	Problem *Fault         `json:"gpu_problem,omitempty"`
}

// WatchedTask is a running task as the last look saw it.
type WatchedTask struct {
	Task      int64   `json:"task"`
	Ticket    string  `json:"ticket,omitempty"`
	Name      string  `json:"name"`
	Processes int     `json:"processes"`
	Threads   int     `json:"threads"`
	Files     int     `json:"files"` // that are held open
	Zombies   int     `json:"zombies,omitzero"`
	Stuck     int     `json:"stuck,omitzero"`
	CPU       float64 `json:"cpu_percent"` // of one processor; below 0 before the second look
	Memory    uint64  `json:"memory_bytes"`
	QuietS    int64   `json:"quiet_s"` // without a sign of life
}

// WatchedGPU is a GPU as the last look saw it; nil is what the driver does not
// tell.
type WatchedGPU struct {
	Index       int     `json:"index"`
	UUID        string  `json:"uuid"`
	Name        string  `json:"name"`
	Temperature *int    `json:"temperature_c,omitempty"`
	Utilisation *int    `json:"utilisation_percent,omitempty"`
	MemoryUsed  *uint64 `json:"memory_used_bytes,omitempty"`
	MemoryTotal *uint64 `json:"memory_total_bytes,omitempty"`
	Power       *int    `json:"power_mw,omitempty"`
	Problem     *Fault  `json:"problem,omitempty"`
}

// WatchedMachine is this machine as the last look saw it.
type WatchedMachine struct {
	Processors  int    `json:"processors"`
	MemoryTotal uint64 `json:"memory_total_bytes"`
	MemoryFree  uint64 `json:"memory_free_bytes"`
}

// Watch tells what the last look has seen.
func (c *Client) Watch(ctx context.Context) (Watch, error) {
	return answer[Watch](ctx, c, http.MethodGet, WatchPath, nil)
}

// SamplePoint is one point of a series.
type SamplePoint struct {
	At          time.Time `json:"at"`
	CPU         float64   `json:"cpu_percent,omitzero"`
	Memory      uint64    `json:"memory_bytes,omitzero"`
	Total       uint64    `json:"total_bytes,omitzero"`
	Processes   int       `json:"processes,omitzero"`
	Done        int       `json:"done,omitzero"`
	Temperature int       `json:"temperature_c,omitzero"`
	Utilisation int       `json:"utilisation_percent,omitzero"`
}

// Samples reads a series of the last so long: "machine", "task/42/1",
// "gpu/UUID".
func (c *Client) Samples(ctx context.Context, series string, last time.Duration) ([]SamplePoint, error) {
	query := url.Values{"series": {series}, "last_ms": {strconv.FormatInt(last.Milliseconds(), 10)}}
	return answer[[]SamplePoint](ctx, c, http.MethodGet, WatchPath+"/samples?"+query.Encode(), nil)
}

// SamplesBetween reads a series between two times.
func (c *Client) SamplesBetween(ctx context.Context, series string, from, to time.Time) ([]SamplePoint, error) {
	query := url.Values{"series": {series}, "from_ms": {id(from.UnixMilli())}, "to_ms": {id(to.UnixMilli())}}
	return answer[[]SamplePoint](ctx, c, http.MethodGet, WatchPath+"/samples?"+query.Encode(), nil)
}
