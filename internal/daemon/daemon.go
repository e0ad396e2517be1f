// Package daemon is the one process of a home that opens its store.
//
// It holds the home's lock, answers on the home's socket and keeps the loops
// of all parts running under guards. Whatever kills it, the next one finds
// every acknowledged entry, knows that the last one did not end by itself, and
// examines the store before anybody asks. It knows nothing of tickets, tasks
// or alerts: those are [Part]s.
package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/process"
	"uratori/internal/store"
)

// stopGrace is how long a stopping daemon waits for the requests and loops in
// hand.
const stopGrace = 10 * time.Second

// Options are what a daemon needs from outside.
type Options struct {
	Config *config.Config
	Build  control.Build
	Log    *slog.Logger
	Now    func() time.Time
	Parts  []Part
	Ready  func() // called once, when the socket answers
	// Patience is how long doctor waits for its checks; 0 is a minute.
	Patience time.Duration
}

type daemon struct {
	Options
	holder
	lock        *lock
	db          *store.DB
	ledger      *ledger.Ledger
	guards      []*guard
	pages       *pages
	tellers     []func(*control.Status) // of the parts
	inspections []Inspection            // of the parts
	inspector   inspector
	anchor      anchor
	problems    problems
	redact      *strings.Replacer

	asked   chan struct{} // closed by stop
	askOnce sync.Once
	reason  string        // why, once asked is closed
	leaving chan struct{} // closed when the stop begins; ends streams
}

// Run is the daemon's life. It returns after ctx ends or a client asked it to
// stop, with nil when everything was put in order.
func Run(ctx context.Context, o Options) (err error) {
	o.Now = clock(o.Now)
	id, err := process.Self()
	if err != nil {
		return err
	}
	d := &daemon{
		Options: o, holder: holder{ID: id, Build: o.Build, StartedAt: o.Now()}, redact: redactor(o.Config),
		asked: make(chan struct{}), leaving: make(chan struct{}),
	}
	d.inspector = inspector{patience: cmp.Or(o.Patience, usualPatience), now: o.Now, panicked: d.checkPanicked}
	home := o.Config.Home
	if err := home.Create(); err != nil {
		return err
	}
	if d.lock, err = acquire(ctx, home, d.holder); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.lock.release(home)) }()
	if err := forgetAbsences(home); err != nil {
		o.Log.Warn("old notes could not be removed", "error", err)
	}

	schemas := []store.Schema{ledger.Schema()}
	for _, p := range o.Parts {
		if p.Schema.Name != "" {
			schemas = append(schemas, p.Schema)
		}
	}
	if d.db, err = store.Open(ctx, home.Database(), schemas...); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.db.Close()) }()
	d.ledger = ledger.New(d.db, o.Now)
	return d.live(ctx)
}

// live is the time between the open and the closed store.
func (d *daemon) live(ctx context.Context) error {
	before, err := d.lastStop(ctx)
	if err != nil {
		return err
	}
	if err := d.raise(ctx); err != nil {
		return err
	}
	socket, err := d.openSocket()
	if err != nil {
		return err
	}
	var loops []Loop
	d.pages = newPages(d)
	for _, p := range d.Parts {
		tenant, err := p.Open(ctx, House{
			Config: d.Config, DB: d.db, Ledger: d.ledger, Log: d.Log, Now: d.Now, Dashboard: func() string { return d.pages.url() },
			Problems: d.wrong, Within: socket.within(),
		})
		if err != nil {
			return errors.Join(err, socket.close())
		}
		loops = append(loops, tenant.Loops...)
		if tenant.Status != nil {
			d.tellers = append(d.tellers, tenant.Status)
		}
		if tenant.Check.Look != nil {
			d.inspections = append(d.inspections, tenant.Check)
		}
		for _, r := range tenant.Routes {
			socket.route(r)
		}
	}
	if _, err := d.ledger.Record(ctx, "daemon.started", "daemon", startedEntry{
		ID: d.ID, Build: d.holder.Build, Home: string(d.Config.Home), Settings: d.Config.Fingerprint(), Before: before,
	}); err != nil {
		return errors.Join(err, socket.close())
	}

	d.drop(ctx)
	loops = append(loops, Loop{"socket", socket.run}, Loop{"dashboard", d.pages.run}, Loop{"watchdog", d.watchdog}, Loop{"memory", d.rest})
	if before == crashed {
		loops = append(loops, Loop{"examination", d.examine})
	}
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var all sync.WaitGroup
	for _, l := range loops {
		d.guards = append(d.guards, newGuard(l, d.Log, d.clean, d.loopFailed))
	}
	for _, g := range d.guards {
		all.Go(func() { g.run(working) })
	}
	d.Log.Info("daemon started", "pid", d.PID, "version", d.Version, "home", string(d.Config.Home), "before", string(before))
	d.Ready()
	d.notifySystemd(sd.SdNotifyReady)

	select {
	case <-d.asked:
	case <-ctx.Done():
		d.stop("signal")
	}
	d.notifySystemd(sd.SdNotifyStopping)
	close(d.leaving)
	cancel()
	hung := d.waitFor(&all)
	d.Log.Info("daemon stopping", "reason", d.reason, "hung", hung)
	// Written even though the caller's context has ended: it is the last
	// thing that this daemon has to say.
	_, err = d.ledger.Record(context.WithoutCancel(ctx), "daemon.stopped", "daemon", stoppedEntry{
		ID: d.ID, Reason: d.reason, Hung: hung, UptimeMS: d.Now().Sub(d.StartedAt).Milliseconds(),
	})
	if d.lock.holds(d.Config.Home) {
		d.drop(context.WithoutCancel(ctx))
	}
	return err
}

// waitFor waits for the guards, and for what doctor still looks at, and names
// what did not come back in time.
func (d *daemon) waitFor(all *sync.WaitGroup) []string {
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
		return d.inspector.stop(ctx)
	case <-ctx.Done():
	}
	hung := d.inspector.stop(ctx)
	for _, g := range d.guards {
		if s := g.status(); s.State != control.LoopStopped {
			hung = append(hung, s.Name)
		}
	}
	return hung
}

// How the daemon before this one ended.
type ending string

const (
	first   ending = "first" // there was none
	clean   ending = "clean"
	crashed ending = "crashed"
)

type startedEntry struct {
	process.ID
	control.Build
	Home     string `json:"home"`
	Settings string `json:"settings"`
	Before   ending `json:"before"`
}

type stoppedEntry struct {
	process.ID
	Reason   string   `json:"reason"`
	Hung     []string `json:"hung"`
	UptimeMS int64    `json:"uptime_ms"`
}

func (d *daemon) lastStop(ctx context.Context) (ending, error) {
	last, err := d.ledger.Last(ctx, 1, "daemon")
	switch {
	case err != nil:
		return "", err
	case len(last) == 0:
		return first, nil
	case last[0].Kind == "daemon.stopped":
		return clean, nil
	}
	return crashed, nil
}

// clean takes secrets out of what a failure says and bounds it. An error may
// quote anything.
func (d *daemon) clean(s string) string {
	const longest = 8 << 10
	s = d.redact.Replace(s)
	return strings.ToValidUTF8(s[:min(len(s), longest)], "\uFFFD")
}

func (d *daemon) loopFailed(ctx context.Context, f failure) {
	if _, err := d.ledger.Record(ctx, "loop.failed", "loop/"+f.Loop, f); err != nil {
		d.Log.Error("a failed loop could not be recorded", "loop", f.Loop, "error", err)
	}
}

// watchdog tells systemd, where it watches, that the writer works; without a
// watchdog it only waits.
func (d *daemon) watchdog(ctx context.Context) error {
	every, err := sd.SdWatchdogEnabled(false)
	if err != nil {
		d.Log.Warn("the systemd watchdog is not served", "error", err)
	}
	if every <= 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		if err := d.db.Write(ctx, func(*store.Tx) error { return nil }); err != nil {
			return fmt.Errorf("the writer does not answer: %w", err)
		}
		d.notifySystemd(sd.SdNotifyWatchdog)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func (d *daemon) notifySystemd(state string) {
	if _, err := sd.SdNotify(false, state); err != nil {
		d.Log.Warn("systemd was not told", "state", state, "error", err)
	}
}

// stop begins the end; the first reason counts.
func (d *daemon) stop(reason string) {
	d.askOnce.Do(func() {
		d.reason = reason
		close(d.asked)
	})
}
