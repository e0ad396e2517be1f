package daemon

import (
	"context"
	"net/http"
	"os"

	"uratori/internal/control"
	"uratori/internal/phrase"
	"uratori/mcp"
	"uratori/sheets/front"
)

// agents is the face of this daemon for agents that come over HTTP. It asks
// the daemon over the socket like every other face: what it can do, anybody
// with the socket can do.
type agents struct {
	d      *daemon
	server *mcp.Server
	face   *mcp.Handler
}

func (p *pages) agents() *agents {
	d := p.d
	a := &agents{d: d, server: mcp.New(mcp.Options{
		Connect: func(ctx context.Context) (mcp.Daemon, error) {
			return control.Dial(ctx, d.Config.Home, d.Options.Build)
		},
		Version: d.Options.Build.Version, Lang: phrase.FromEnv(os.Getenv), Log: d.Log, Now: d.Now,
	})}
	a.face = a.server.HTTP(func() (string, error) { return front.Token(mcp.TokenFile(string(d.Config.Home))) })
	return a
}

// ServeHTTP implements [http.Handler]. What only listens ends when the daemon
// does.
func (a *agents) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := a.d.untilLeaving(r.Context())
	defer cancel()
	a.face.ServeHTTP(w, r.WithContext(ctx))
}

func (a *agents) close(ctx context.Context) {
	if err := a.face.Close(context.WithoutCancel(ctx)); err != nil {
		a.d.Log.Warn("the face for agents was not closed", "error", err)
	}
	a.server.Close()
}
