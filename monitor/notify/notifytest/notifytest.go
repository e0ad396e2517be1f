// Package notifytest is a server that stands in for Pushover: it speaks the
// documented API (https://pushover.net/api), with its errors and limits, and
// behaves as badly as a test or a demo wants.
//
// It believes nothing: an unknown token or user key, a text or picture that is
// too long, a priority 2 without retry and expire are refused in Pushover's
// words, and nothing refused is counted as accepted. What was accepted is kept
// in order, whether or not the sender was told, so that a test knows what would
// have reached the phone, and what would have reached it twice.
//
// Pushover's exact words are known only for the common errors; the texts of the
// others are ours.
package notifytest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// What a new server knows: one application and one user.
const (
	Token = "azGDORePK8gMaC0QOYAMyEEuzJnyUi" //nolint:gosec // the example of Pushover's documentation
	User  = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
)

// Limits that Pushover documents.
const (
	MaxMessage    = 1024 // characters
	MaxTitle      = 250
	MaxURL        = 512
	MaxURLTitle   = 100
	MaxAttachment = 5 << 20 // bytes
	MinRetry      = 30      // seconds
	MaxExpire     = 10800
	Patience      = 5 * time.Second // the shortest time after a failure in which a client may come again
	monthly       = 10000
)

// Message is one that the server has accepted.
type Message struct {
	Request   string // id that the answer had
	Receipt   string // of priority 2
	At        time.Time
	Token     string
	User      string
	Title     string
	Text      string
	Priority  int
	URL       string
	URLTitle  string
	Device    string
	Sound     string
	Timestamp int64 // seconds, 0 for none
	Retry     int   // seconds
	Expire    int
	// Attachment is the picture, nil for none.
	Attachment     []byte
	AttachmentType string
}

// Counts are what the server has seen since it was made.
type Counts struct {
	Requests   int
	Accepted   int
	Refused    int // 4xx but 429
	Limited    int // 429
	Lost       int // accepted, and the sender was not told so
	Duplicates int // accepted, and equal to an earlier one in every field
	Hasty      int // came sooner than Patience after a failure
	Widest     int // most requests at one time
}

// Server is the stand-in. Its methods may be called by many goroutines.
type Server struct {
	now func() time.Time

	mu       sync.Mutex
	tokens   map[string]bool
	users    map[string]bool
	fault    func(n int, path string) Fault
	limit    int
	used     int
	reset    time.Time
	counts   Counts
	running  int
	failed   time.Time // last failure, zero after a success
	messages []Message
	receipts map[string]*receipt
	news     chan struct{} // closed when a message was accepted
}

// New makes a server that dates by now.
func New(now func() time.Time) *Server {
	return &Server{
		now: now, tokens: map[string]bool{Token: true}, users: map[string]bool{User: true},
		limit: monthly, reset: now().AddDate(0, 1, 0).Truncate(time.Hour),
		receipts: map[string]*receipt{}, news: make(chan struct{}),
	}
}

// Know replaces the application tokens and user keys that are good.
func (s *Server) Know(tokens, users []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens, s.users = map[string]bool{}, map[string]bool{}
	for _, t := range tokens {
		s.tokens[t] = true
	}
	for _, u := range users {
		s.users[u] = true
	}
}

// Meet has requests from now on meet faults. fault is told the number of the
// request, counted from 0 since the server was made, and its path; nil is none.
func (s *Server) Meet(fault func(n int, path string) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// Limit sets how many messages a month has, how many of them are used, and
// when the next month begins.
func (s *Server) Limit(total, used int, reset time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit, s.used, s.reset = total, used, reset
}

// Counts tells what was seen.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Messages are the accepted ones, oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Wait returns the accepted messages as soon as there are n.
func (s *Server) Wait(ctx context.Context, n int) ([]Message, error) {
	for {
		s.mu.Lock()
		messages, news := slices.Clone(s.messages), s.news
		s.mu.Unlock()
		if len(messages) >= n {
			return messages, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return messages, fmt.Errorf("%d of %d messages came: %w", len(messages), n, context.Cause(ctx))
		}
	}
}

// accept keeps a message. The caller holds mu.
func (s *Server) accept(m Message) {
	equal := func(o Message) bool {
		return o.Token == m.Token && o.User == m.User && o.Title == m.Title && o.Text == m.Text && o.Priority == m.Priority && o.Timestamp == m.Timestamp &&
			o.URL == m.URL && o.URLTitle == m.URLTitle && o.Device == m.Device
	}
	if slices.ContainsFunc(s.messages, equal) {
		s.counts.Duplicates++
	}
	s.counts.Accepted++
	s.used++
	s.messages = append(s.messages, m)
	if m.Receipt != "" {
		s.receipts[m.Receipt] = &receipt{token: m.Token, user: m.User, delivered: m.At, expires: m.At.Add(time.Duration(m.Expire) * time.Second)}
	}
	close(s.news)
	s.news = make(chan struct{})
}

// id is a new request's.
func (s *Server) id() string {
	return fmt.Sprintf("5042853c-402d-4a18-abcb-%012d", s.counts.Requests)
}

// receiptID is what priority 2 gets: 30 letters and digits.
func (s *Server) receiptID() string {
	return "r" + strings.Repeat("0", 17) + fmt.Sprintf("%012d", s.counts.Requests)
}
