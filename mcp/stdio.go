package mcp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	protocol "github.com/mark3labs/mcp-go/mcp"
)

const (
	// longestLine is far more than any call has.
	longestLine = 8 << 20
	// mostCalls are in hand at a time.
	mostCalls = 4096
	// lastGrace is how long the short calls in hand may take when the client
	// has closed its end: it may have written its questions and read on.
	lastGrace = 2 * time.Second
	// busy is a code of our own, outside of what the protocol reserves.
	busy = -31000
)

// patientTools may take minutes; nobody waits for them any more when the
// client has closed its end.
var patientTools = []string{"wait", "factcheck", "workflow", "kill"}

// Serve speaks the protocol over lines, as a client's child does, until in
// ends, ctx ends or out cannot be written to. Calls run side by side.
//
// What holds: progress of a call is written before its answer; a cancelled
// call gets no answer and no more progress; each other request gets exactly
// one. When Serve returns, every call has ended. A read of in cannot be broken
// off: after ctx has ended, one is left to the end of the process.
func (s *Server) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &lines{s: s, out: out, calls: map[string]*lineCall{}, broken: cancel}
	defer s.watch.remove(lineSession, "")
	arrived := make(chan line)
	go readLines(ctx, in, arrived)
	for {
		select {
		case <-ctx.Done():
			l.end(0)
			return l.failure()
		case next := <-arrived:
			switch {
			case next.err != nil:
				l.end(lastGrace)
				if errors.Is(next.err, io.EOF) {
					return l.failure()
				}
				return errors.Join(next.err, l.failure())
			case next.tooLong:
				l.write(refused(nil, protocol.INVALID_REQUEST, fmt.Sprintf("a message has at most %d bytes", longestLine)))
			default:
				l.take(ctx, next.text)
			}
		}
	}
}

// line is what was read of the client.
type line struct {
	text    []byte
	tooLong bool
	err     error
}

func readLines(ctx context.Context, in io.Reader, arrived chan<- line) {
	const buffer = 64 << 10
	r := bufio.NewReaderSize(in, buffer)
	for first := true; ; first = false {
		next := readLine(r)
		if first {
			next.text = bytes.TrimPrefix(next.text, []byte("\ufeff"))
		}
		next.text = bytes.TrimSpace(next.text)
		if len(next.text) > 0 && next.err != nil { // a last line without an end
			select {
			case arrived <- line{text: next.text}:
			case <-ctx.Done():
				return
			}
			next.text = nil
		}
		if len(next.text) == 0 && !next.tooLong && next.err == nil {
			continue
		}
		select {
		case arrived <- next:
		case <-ctx.Done():
			return
		}
		if next.err != nil {
			return
		}
	}
}

// readLine reads to the end of a line. Of one that is too long the rest is
// passed over.
func readLine(r *bufio.Reader) (l line) {
	for {
		part, err := r.ReadSlice('\n')
		if len(l.text)+len(part) > longestLine {
			l.text, l.tooLong = nil, true
		}
		if !l.tooLong {
			l.text = append(l.text, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		l.err = err
		return l
	}
}

// lines is one client.
type lines struct {
	s      *Server
	broken func() // ends everything: nobody can be told anything any more

	running sync.WaitGroup

	mu     sync.Mutex
	out    io.Writer
	failed error
	calls  map[string]*lineCall // in hand, by the client's id as it is written
}

// lineCall is a request in hand.
type lineCall struct {
	cancel  context.CancelFunc
	patient bool
	silent  bool // cancelled: nothing is written of it any more
}

// write puts a message on the wire, whole.
func (l *lines) write(v any) {
	raw, err := encode(v)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.put(raw, err)
}

// put is called with mu held.
func (l *lines) put(raw []byte, err error) {
	if err == nil && l.failed == nil {
		_, err = l.out.Write(raw)
	}
	if err != nil && l.failed == nil {
		l.failed = err
		l.broken()
	}
}

func (l *lines) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// writeOf is write for something of a call, which is not written once the call
// was cancelled.
func (l *lines) writeOf(c *lineCall, v any) error {
	raw, err := encode(v)
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.silent {
		return context.Canceled
	}
	l.put(raw, err)
	return l.failed
}

// take begins what a message asks for.
func (l *lines) take(ctx context.Context, raw []byte) {
	m, wrong := parse(raw)
	p := m.looked()
	if wrong == nil && m.ID != nil {
		wrong = l.s.refuse(m, p, lineSession)
	}
	switch {
	case wrong != nil:
		l.write(refused(m.ID, wrong.code, wrong.text))
	case m.Method == "": // an answer to a question that we never ask
	case m.ID == nil:
		if m.Method == string(protocol.MethodNotificationCancelled) {
			l.cancel(p.RequestID)
			return
		}
		l.s.core.HandleMessage(l.session(ctx), raw)
	default:
		l.begin(ctx, m, p, raw)
	}
}

func (l *lines) session(ctx context.Context) context.Context {
	return l.s.core.WithContext(ctx, &session{to: l})
}

// begin starts a request. The handshake is waited for: what follows it may
// depend on it.
func (l *lines) begin(ctx context.Context, m message, p params, raw []byte) {
	ctx, cancel := context.WithCancel(ctx)
	c := &lineCall{cancel: cancel, patient: m.Method == string(protocol.MethodSubscriptionsListen) || slices.Contains(patientTools, p.Name)}
	key := string(m.ID)
	l.mu.Lock()
	_, twice := l.calls[key]
	full := len(l.calls) >= mostCalls
	if !twice && !full {
		l.calls[key] = c
	}
	l.mu.Unlock()
	switch {
	case twice:
		cancel()
		l.write(refused(m.ID, protocol.INVALID_REQUEST, "a request with this id is in hand"))
		return
	case full:
		cancel()
		l.write(refused(m.ID, busy, fmt.Sprintf("%d requests are in hand: wait for some of them", mostCalls)))
		return
	}
	ctx = withExchange(ctx, exchange{token: p.token(), send: func(n notification) error { return l.writeOf(c, n) }})
	do := func() {
		defer cancel()
		l.answer(ctx, c, m, p, raw)
	}
	if m.Method == string(protocol.MethodInitialize) {
		do()
		return
	}
	l.running.Go(do)
}

// answer serves a request to its end.
func (l *lines) answer(ctx context.Context, c *lineCall, m message, p params, raw []byte) {
	r := response{}
	func() {
		defer func() {
			if v := recover(); v != nil {
				l.s.o.Log.Error("a request panicked", "method", bounded(m.Method), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				r = refused(m.ID, protocol.INTERNAL_ERROR, "internal error; the log has it")
			}
		}()
		if m.Method == string(protocol.MethodSubscriptionsListen) && p.modern() {
			if err := l.s.listen(ctx, m.ID, p.Listen, func(v any) error { return l.writeOf(c, v) }); err != nil {
				l.s.o.Log.Debug("a subscription ended", "error", err)
			}
			return // its client has ended it, or is gone
		}
		l.s.prepare(m.Method)
		r = answered(m.ID, l.s.core.HandleMessage(l.session(ctx), raw))
	}()
	text, err := encode(r)
	if err != nil {
		l.s.o.Log.Error("an answer was not written", "method", bounded(m.Method), "error", err)
		text, err = encode(refused(m.ID, protocol.INTERNAL_ERROR, "the answer could not be written"))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, string(m.ID))
	if !c.silent && r.JSONRPC != "" {
		l.put(text, err)
	}
}

// cancel ends the request with that id, of which nothing is heard any more.
func (l *lines) cancel(id jsontext.Value) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.calls[string(id)]; c != nil {
		c.silent = true
		c.cancel()
	}
}

// end lets the short calls in hand come to their end, for so long at most, and
// returns when none is left.
func (l *lines) end(grace time.Duration) {
	l.mu.Lock()
	for _, c := range l.calls {
		if c.patient || grace == 0 {
			c.silent = true
			c.cancel()
		}
	}
	l.mu.Unlock()
	done := make(chan struct{})
	go func() { l.running.Wait(); close(done) }()
	select {
	case <-done:
		return
	case <-time.After(grace):
	}
	l.mu.Lock()
	for _, c := range l.calls {
		c.silent = true
		c.cancel()
	}
	l.mu.Unlock()
	<-done
}

// session is the one session of a client over lines, as the library wants it.
type session struct{ to *lines }

// SessionID implements the library's interface.
func (s *session) SessionID() string { return lineSession }

// Initialize implements the library's interface.
func (s *session) Initialize() {}

// Initialized implements the library's interface: whoever asks is there.
func (s *session) Initialized() bool { return true }

// NotificationChannel implements the library's interface. Nothing goes that
// way: it would overtake, or be overtaken by, what is written directly.
func (s *session) NotificationChannel() chan<- protocol.JSONRPCNotification { return nil }

func (s *session) tell(v any) error {
	s.to.write(v)
	return s.to.failure()
}
