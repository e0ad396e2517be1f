package daemon

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// conns knows which connections of a server carry a request in hand. When the
// server stops, only those are waited for: somebody who has connected and says
// nothing, or half of something, must not hold a stop up.
type conns struct {
	mu     sync.Mutex
	inHand map[net.Conn]bool
}

type connKey struct{}

// watch makes server report to c.
func (c *conns) watch(server *http.Server) {
	c.inHand = map[net.Conn]bool{}
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, conn)
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch state {
		case http.StateNew, http.StateIdle:
			c.inHand[conn] = false
		case http.StateClosed, http.StateHijacked:
			delete(c.inHand, conn)
		case http.StateActive: // a first byte, not yet a request
		}
	}
	next := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connKey{}).(net.Conn); ok {
			c.mu.Lock()
			c.inHand[conn] = true
			c.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

// closeSilent ends the connections without a request in hand.
func (c *conns) closeSilent() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, busy := range c.inHand {
		if !busy {
			conn.Close() //nolint:errcheck // the other side may have gone
		}
	}
}
