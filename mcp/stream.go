package mcp

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// stream is the answer to one request. It begins as the plain answer that the
// library writes; with the first event it becomes a stream of events, of which
// the library's answer is the last. So no event is lost or comes too late,
// which happens where the library sends them.
type stream struct {
	w http.ResponseWriter

	mu     sync.Mutex
	events bool         // it is a stream of events
	own    bool         // the library made it one by itself
	done   bool         // finished
	silent bool         // cancelled: nobody waits for it
	last   bytes.Buffer // the library's answer, when it is to be an event
}

// Header implements [http.ResponseWriter].
func (s *stream) Header() http.Header { return s.w.Header() }

const eventStream = "text/event-stream"

// WriteHeader implements [http.ResponseWriter].
func (s *stream) WriteHeader(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.events {
		return
	}
	if s.silent { // an answer without one
		s.w.Header().Set("Content-Type", eventStream)
	}
	if s.w.Header().Get("Content-Type") == eventStream {
		s.events, s.own = true, true
	}
	s.w.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent {
		return len(p), nil
	}
	if s.events && !s.own && !bytes.HasPrefix(p, []byte("event: ")) {
		return s.last.Write(p)
	}
	return s.w.Write(p)
}

// Flush implements [http.Flusher].
func (s *stream) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = http.NewResponseController(s.w).Flush() // what cannot be flushed comes at the end
}

// Unwrap is for [http.ResponseController].
func (s *stream) Unwrap() http.ResponseWriter { return s.w }

// event sends a message at once.
func (s *stream) event(v any) error {
	raw, err := encode(v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done || s.silent {
		return http.ErrHandlerTimeout
	}
	if !s.events {
		s.events = true
		h := s.w.Header()
		h.Set("Content-Type", eventStream)
		h.Set("X-Accel-Buffering", "no")
		s.w.WriteHeader(http.StatusOK)
	}
	return s.put(raw)
}

// put writes one event. The caller holds mu.
func (s *stream) put(raw []byte) error {
	if _, err := fmt.Fprintf(s.w, "event: message\ndata: %s\n\n", bytes.TrimSpace(raw)); err != nil {
		return err
	}
	return http.NewResponseController(s.w).Flush()
}

// finish sends the library's answer where it is an event. Nothing is sent
// after it.
func (s *stream) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	if s.last.Len() > 0 && !s.silent {
		_ = s.put(s.last.Bytes()) // the client has gone otherwise
	}
}

// hush lets nothing more out.
func (s *stream) hush() {
	s.mu.Lock()
	s.silent = true
	s.mu.Unlock()
}

// calls are the requests of sessions that are in hand, so that a cancelled one
// gets no answer.
type calls struct {
	mu sync.Mutex
	by map[callOf]*stream
}

type callOf struct{ session, id string }

func (c *calls) add(session string, id jsontext.Value, out *stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[callOf]*stream{}
	}
	c.by[callOf{session, string(id)}] = out
}

func (c *calls) remove(session string, id jsontext.Value, out *stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if of := (callOf{session, string(id)}); c.by[of] == out { // a client may have given the id twice
		delete(c.by, of)
	}
}

func (c *calls) silence(session string, id jsontext.Value) {
	c.mu.Lock()
	out := c.by[callOf{session, string(id)}]
	c.mu.Unlock()
	if out != nil {
		out.hush()
	}
}

// streams are the answers on which sessions of the older era listen. News go
// to them directly: the library hands them to whatever request of the session
// is in hand, and loses them when that one is just ending.
type streams struct {
	mu sync.Mutex
	by map[string]map[*stream]bool
}

func (s *streams) add(session string, out *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[string]map[*stream]bool{}
	}
	if s.by[session] == nil {
		s.by[session] = map[*stream]bool{}
	}
	s.by[session][out] = true
}

func (s *streams) remove(session string, out *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by[session], out)
	if len(s.by[session]) == 0 {
		delete(s.by, session)
	}
}

// tell sends a message to one stream of a session. A client that does not
// listen misses it, as the protocol has it.
func (s *streams) tell(session string, v any) {
	s.mu.Lock()
	var all []*stream
	for out := range s.by[session] {
		all = append(all, out)
	}
	s.mu.Unlock()
	for _, out := range all {
		if out.event(v) == nil {
			return
		}
	}
}
