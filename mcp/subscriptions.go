package mcp

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	protocol "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"uratori/internal/control"
)

const (
	// mostWatched is how many resources one subscriber may watch.
	mostWatched = 100
	// settle is how long the news of a resource are gathered: a burst of
	// changes is one piece of news.
	settle = 250 * time.Millisecond
	// lookEvery is how often a task's log is looked at for news, and a daemon
	// that has gone for being back.
	lookEvery = 2 * time.Second
)

// listen serves subscriptions/listen of the modern era until ctx ends: first
// the acknowledgement, with what is really watched, then news of that and of
// nothing else, each under the subscription's id.
func (s *Server) listen(ctx context.Context, id jsontext.Value, want protocol.SubscriptionFilter, send func(any) error) error {
	mark := map[string]any{protocol.MetaKeySubscriptionID: id}
	granted := protocol.SubscriptionFilter{ResourceSubscriptions: []string{}}
	for _, uri := range want.ResourceSubscriptions {
		if _, err := parsePlace(uri); err == nil && !slices.Contains(granted.ResourceSubscriptions, uri) && len(granted.ResourceSubscriptions) < mostWatched {
			granted.ResourceSubscriptions = append(granted.ResourceSubscriptions, uri)
		}
	}
	if err := send(notify(protocol.MethodNotificationSubscriptionsAcknowledged, map[string]any{"_meta": mark, "notifications": granted})); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var watching sync.WaitGroup
	defer watching.Wait()
	for _, uri := range granted.ResourceSubscriptions {
		watching.Go(func() {
			s.follow(ctx, uri, func() {
				if send(notify(protocol.MethodNotificationResourceUpdated, map[string]any{"_meta": mark, "uri": uri})) != nil {
					cancel() // nobody listens any more
				}
			})
		})
	}
	<-ctx.Done()
	return nil
}

// follow tells each time that a resource has changed, until ctx ends. It
// starts no daemon that somebody has stopped.
func (s *Server) follow(ctx context.Context, uri string, told func()) {
	p, err := parsePlace(uri)
	if err != nil {
		return
	}
	if _, err := s.link.get(ctx); err != nil {
		s.o.Log.Warn("a resource is watched from when the daemon is there", "uri", uri, "error", err)
	}
	news := make(chan struct{}, 1)
	var looking sync.WaitGroup
	defer looking.Wait()
	looking.Go(func() {
		if p.ticket != "" {
			s.followTicket(ctx, p.ticket, news)
			return
		}
		s.followLog(ctx, p.task, news)
	})
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
			told()
		}
		if !pause(ctx, settle) {
			return
		}
	}
}

// pause waits, and tells whether ctx has not ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func signal(news chan<- struct{}) {
	select {
	case news <- struct{}{}:
	default: // it is known already
	}
}

// followTicket reads the ledger as it grows. After a break there may have been
// something that was not seen, which is news too.
func (s *Server) followTicket(ctx context.Context, ticket string, news chan<- struct{}) {
	seen := int64(-1) // until the first look has told where the ledger ends
	for ctx.Err() == nil {
		d := s.link.current()
		if d == nil {
			pause(ctx, lookEvery)
			continue
		}
		st, err := d.Status(ctx)
		if err != nil {
			pause(ctx, lookEvery)
			continue
		}
		if seen >= 0 && st.Ledger.Entries > seen {
			signal(news)
		}
		seen = st.Ledger.Entries
		for e, err := range d.Entries(ctx, control.Slice{Subject: ticket, Last: 1, Follow: true}) {
			if err != nil {
				break
			}
			if e.Seq > seen {
				seen = e.Seq
				signal(news)
			}
		}
		pause(ctx, settle)
	}
}

// followLog looks now and then whether a task has said something.
func (s *Server) followLog(ctx context.Context, task int64, news chan<- struct{}) {
	type sight struct {
		state    string
		attempt  int
		activity time.Time
	}
	var before *sight
	for ctx.Err() == nil {
		if d := s.link.current(); d != nil {
			if t, err := d.Task(ctx, task); err == nil {
				now := sight{state: t.State, attempt: t.Attempt}
				if t.LastActivity != nil {
					now.activity = *t.LastActivity
				}
				if before != nil && *before != now {
					signal(news)
				}
				before = &now
			}
		}
		pause(ctx, lookEvery)
	}
}

// watches are the subscriptions of sessions of the older era.
type watches struct {
	s      *Server
	ctx    context.Context // of the server's life, not of a call
	cancel context.CancelFunc
	all    sync.WaitGroup

	mu sync.Mutex
	by map[string]map[string]context.CancelFunc // session → URI → its end
}

func newWatches(s *Server) *watches {
	w := &watches{s: s, by: map[string]map[string]context.CancelFunc{}}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

// teller is a session that is told things without a detour.
type teller interface{ tell(v any) error }

// hook has the library's subscriptions be real.
func (w *watches) hook(h *server.Hooks) {
	h.AddAfterSubscribe(func(ctx context.Context, _ any, r *protocol.SubscribeRequest, _ *protocol.EmptyResult) {
		if session := server.ClientSessionFromContext(ctx); session != nil {
			w.add(session, r.Params.URI)
		}
	})
	h.AddAfterUnsubscribe(func(ctx context.Context, _ any, r *protocol.UnsubscribeRequest, _ *protocol.EmptyResult) {
		if session := server.ClientSessionFromContext(ctx); session != nil {
			w.remove(session.SessionID(), r.Params.URI)
		}
	})
	h.AddOnUnregisterSession(func(_ context.Context, session server.ClientSession) { w.remove(session.SessionID(), "") })
}

// full tells whether a session watches as much as it may.
func (w *watches) full(session string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.by[session]) >= mostWatched
}

func (w *watches) add(session server.ClientSession, uri string) {
	id := session.SessionID()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by[id] == nil {
		w.by[id] = map[string]context.CancelFunc{}
	}
	if w.by[id][uri] != nil || len(w.by[id]) >= mostWatched || w.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(w.ctx)
	w.by[id][uri] = cancel
	w.all.Go(func() {
		w.s.follow(ctx, uri, func() {
			if direct, ok := session.(teller); ok {
				_ = direct.tell(notify(protocol.MethodNotificationResourceUpdated, map[string]any{"uri": uri})) // it has gone
				return
			}
			w.s.streams.tell(id, notify(protocol.MethodNotificationResourceUpdated, map[string]any{"uri": uri}))
		})
	})
}

// remove ends the watch of a resource, or all of a session.
func (w *watches) remove(session, uri string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for watched, cancel := range w.by[session] {
		if uri == "" || watched == uri {
			cancel()
			delete(w.by[session], watched)
		}
	}
	if len(w.by[session]) == 0 {
		delete(w.by, session)
	}
}

func (w *watches) close() {
	w.mu.Lock()
	w.cancel()
	w.mu.Unlock()
	w.all.Wait()
}

// refuse finds requests that the library would accept and that nothing would
// come of.
func (s *Server) refuse(m message, p params, session string) *problem {
	if m.Method != string(protocol.MethodResourcesSubscribe) || p.URI == "" {
		return nil
	}
	if _, err := parsePlace(p.URI); err != nil {
		return &problem{protocol.RESOURCE_NOT_FOUND, s.explain(err)}
	}
	if s.watch.full(session) {
		return &problem{protocol.INVALID_PARAMS, s.o.Lang.Say("mcp.too_many_watched", "most", mostWatched)}
	}
	return nil
}
