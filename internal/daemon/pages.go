package daemon

import (
	"context"
	"errors"
	"iter"
	"net"
	"net/http"
	"sync"
	"time"

	"uratori/internal/control"
	"uratori/internal/dashboard"
	"uratori/internal/ledger"
	"uratori/mcp"
)

// bindRetry is how often the port of the pages is tried again while another
// program has it.
const bindRetry = 15 * time.Second

// pages serves the dashboard. A port that is taken keeps the pages away, but
// never the daemon: the jobs matter more.
type pages struct {
	d *daemon

	mu       sync.Mutex
	listener net.Listener
}

func newPages(d *daemon) *pages {
	p := &pages{d: d}
	// The first try comes before the daemon is ready, so that the first
	// answer already carries the link.
	p.bind(context.Background())
	return p
}

// bind tries once, and tells a person when it does not work.
func (p *pages) bind(ctx context.Context) bool {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", p.d.Config.Server.Listen)
	if err != nil {
		p.d.problems.set("dashboard", control.NewProblem("problem.dashboard_not_served", "listen", p.d.Config.Server.Listen, "error", err))
		return false
	}
	p.d.problems.clear("dashboard")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener = l
	return true
}

// url is where the pages are, empty while they are nowhere.
func (p *pages) url() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(p.d.Config.Server.Listen)
	_, port, err2 := net.SplitHostPort(p.listener.Addr().String())
	if errors.Join(err, err2) != nil {
		return ""
	}
	if names := p.d.Config.Server.Names(); len(names) > 0 {
		host = names[0]
	} else if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // from elsewhere nobody knows what leads here
	}
	return "http://" + net.JoinHostPort(host, port)
}

// dashboardLimit leaves doctor time for the rest.
const dashboardLimit = 10 * time.Second

// check asks as a browser on this machine would: a port that accepts may still
// never answer. What is asked for leads to a page and shows none, so that nothing
// counts as seen by a person.
func (p *pages) check(ctx context.Context) control.Check {
	ctx, cancel := context.WithTimeout(ctx, dashboardLimit)
	defer cancel()
	url := p.url()
	status, err := p.knock(ctx, url+"/tracker")
	switch {
	case err != nil && ctx.Err() != nil:
		return check("dashboard", ledger.Unverifiable, "doctor.dashboard_silent", "url", url)
	case err != nil:
		return check("dashboard", ledger.Unverifiable, "doctor.dashboard_unread", "url", url, "error", err)
	case status >= http.StatusInternalServerError:
		return check("dashboard", ledger.Refuted, "doctor.dashboard_bad", "url", url, "status", status)
	}
	return check("dashboard", ledger.Verified, "doctor.dashboard_ok", "url", url)
}

// knock asks at our own port, whatever the name in the address leads to.
func (p *pages) knock(ctx context.Context, address string) (status int, err error) {
	p.mu.Lock()
	l := p.listener
	p.mu.Unlock()
	if l == nil {
		return 0, net.ErrClosed
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	door := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, net.JoinHostPort(host, port))
	}}
	client := http.Client{Transport: door, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// direct is the daemon as its own pages ask it: over the socket like every other
// face, but for what happens, of which there may be hundreds of entries a second
// while nobody looks.
type direct struct {
	*control.Client
	d *daemon
}

// Entries implements [dashboard.Daemon].
func (a direct) Entries(ctx context.Context, s control.Slice) iter.Seq2[ledger.Entry, error] {
	return a.d.entries(ctx, s, func() error { return nil })
}

// people is the face of this daemon for people.
func (p *pages) people() (*dashboard.Dashboard, error) {
	d := p.d
	return dashboard.New(dashboard.Options{
		Connect: func(ctx context.Context) (dashboard.Daemon, error) {
			c, err := control.Dial(ctx, d.Config.Home, d.Options.Build)
			if err != nil {
				return nil, err
			}
			return direct{c, d}, nil
		},
		Login: func(ctx context.Context, passphrase string) error {
			c, err := control.Dial(ctx, d.Config.Home, d.Options.Build)
			if err != nil {
				return err
			}
			defer c.Close()
			return c.Prove(ctx, control.Prove{Passphrase: passphrase, Channel: "web"})
		},
		Book:  dashboard.Book{Local: d.Config.Tracker.Local(), URL: SpreadsheetURL(d.Config.Tracker)},
		Hosts: d.Config.Server.Names(), Open: d.Config.Server.Open(), Settings: d.Config.Settings(), Now: d.Now, Log: d.Log,
	})
}

func (p *pages) run(ctx context.Context) error {
	for p.url() == "" && !p.bind(ctx) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(bindRetry):
		}
	}
	p.mu.Lock()
	l := p.listener
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.listener = nil
	}()
	agents := p.agents()
	defer agents.close(ctx)
	people, err := p.people()
	if err != nil {
		return err
	}
	live, end := context.WithCancel(ctx)
	var kept sync.WaitGroup
	kept.Go(func() { people.Run(live) })
	defer func() { end(); kept.Wait() }()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		// What only listens ends when the daemon does.
		ctx, cancel := p.d.untilLeaving(r.Context())
		defer cancel()
		people.ServeHTTP(w, r.WithContext(ctx))
	})
	mux.Handle(mcp.Path, agents)
	server := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	var open conns
	open.watch(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		open.closeSilent()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestGrace)
		defer cancel()
		err := errors.Join(server.Shutdown(grace), server.Close())
		<-served
		return err
	}
}
