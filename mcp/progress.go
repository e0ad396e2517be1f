package mcp

import (
	"context"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// exchange is what a transport puts into the context of a request: the token
// under which its progress is wanted, and the way there, which puts what is
// told on the wire before the answer.
type exchange struct {
	token jsontext.Value // empty: no progress is wanted
	send  func(notification) error
}

type exchangeKey struct{}

func withExchange(ctx context.Context, e exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}

// notification is a message that wants no answer.
type notification struct {
	JSONRPC string `json:"jsonrpc"`
	Method  string `json:"method"`
	Params  any    `json:"params,omitempty"`
}

func notify(method string, params any) notification { return notification{"2.0", method, params} }

type progressParams struct {
	Token    jsontext.Value `json:"progressToken"`
	Progress float64        `json:"progress"` // seconds, so that it always grows
	Message  string         `json:"message,omitempty"`
}

// pulse tells how long a call has been at work. It is silent where nobody
// asked for progress, and speaks seldom while nothing changes.
type pulse struct {
	server *Server
	began  time.Time

	last string
	told time.Time
	at   float64
}

func (p *pulse) beat(ctx context.Context, message string) {
	e, ok := ctx.Value(exchangeKey{}).(exchange)
	now := p.server.o.Now()
	if !ok || len(e.token) == 0 || ctx.Err() != nil || message == p.last && now.Sub(p.told) < silence {
		return
	}
	const least = 0.001
	p.last, p.told, p.at = message, now, max(now.Sub(p.began).Seconds(), p.at+least)
	// A caller who has gone needs no progress; the answer will show it.
	_ = e.send(notify("notifications/progress", progressParams{e.token, p.at, message}))
}

// pulseEvery is how often a call that takes its time says that it lives.
const pulseEvery = 5 * time.Second

// withPulse runs what may take long, and says all the while that it does. It
// returns when nothing is said any more.
func (s *Server) withPulse(ctx context.Context, c call, do func(context.Context) error) error {
	done := make(chan struct{})
	var saying sync.WaitGroup
	saying.Go(func() {
		p := pulse{server: s, began: s.o.Now()}
		tick := time.NewTicker(pulseEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
				p.beat(ctx, c.name+" "+s.o.Now().Sub(p.began).Round(time.Second).String())
			}
		}
	})
	defer saying.Wait()
	defer close(done)
	return do(ctx)
}
