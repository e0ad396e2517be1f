// Package watch brings the monitor into the daemon: the outbox of messages, the
// probe of the GPUs, the loops that look and tell, and incidents on the socket.
package watch

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/monitor"
	"uratori/monitor/gpu"
	"uratori/monitor/notify"
)

// Tower is the monitor of one daemon. Its parts go in this order: Outbox, Part.
type Tower struct {
	house   daemon.House
	outbox  *notify.Outbox
	probe   *gpu.Probe
	monitor *monitor.Monitor
	jobs    monitor.Jobs
	unset   error       // what is wrong with the settings of messages
	deaf    atomic.Bool // the dead-man's switch does not hear us
	named   []string
}

// Outbox is the part that tells people.
func (t *Tower) Outbox() daemon.Part {
	return daemon.Part{Schema: notify.Schema(), Open: func(_ context.Context, h daemon.House) (daemon.Tenant, error) {
		t.house = h
		lang := phrase.FromEnv(os.Getenv)
		var channels []notify.Channel
		channels, t.unset = notify.Channels(h.Config.Notify, lang, nil, h.Now)
		var err error
		t.outbox, err = notify.New(notify.Options{
			DB: h.DB, Ledger: h.Ledger, Channels: channels, Quiet: h.Config.Notify.QuietHours, Zone: time.Local, Lang: lang,
			Secrets: h.Config.Secrets(), Now: h.Now, Jitter: jitter, Log: h.Log,
		})
		if err != nil {
			return daemon.Tenant{}, err
		}
		return daemon.Tenant{
			Loops: []daemon.Loop{{Name: "messages", Run: t.outbox.Run}},
			Routes: []daemon.Route{
				{Pattern: "GET " + control.MessagesPath, Handle: t.messages},
				{Pattern: "GET " + control.MessagesPath + "/statistics", Handle: t.statistics},
				{Pattern: "POST " + control.MessagesPath + "/test", Handle: t.test},
				{Pattern: "POST " + control.MessagesPath + "/retry", Handle: t.retry},
			},
			Status: t.messageTrouble,
			Check:  daemon.Inspection{Name: "messages", Look: t.checkMessages},
		}, nil
	}}
}

func jitter(most time.Duration) time.Duration { return rand.N(most) } //nolint:gosec // it spreads load, it guards nothing

// Sheet is where tickets live.
type Sheet interface {
	// Trouble is why it cannot be read or written at this moment.
	Trouble() error
}

// Part is the monitor. jobs and sheet are asked once all parts are open.
func (t *Tower) Part(jobs monitor.Jobs, sheet Sheet) daemon.Part {
	return daemon.Part{Schema: monitor.Schema(), Open: func(ctx context.Context, h daemon.House) (daemon.Tenant, error) {
		c := h.Config
		rules, err := monitor.ReadRules(filepath.Join(string(c.Home), "rules.toml"), c.Monitor.Interval)
		if err != nil {
			return daemon.Tenant{}, err
		}
		t.jobs, t.named = jobs, named(c.Runner.GPUs)
		t.probe = gpu.New(gpu.Options{Libraries: gpu.Libraries(c.Monitor.NVML, os.Getenv), Now: h.Now, Log: h.Log})
		t.monitor, err = monitor.New(ctx, monitor.Options{
			DB: h.DB, Ledger: h.Ledger, Outbox: t.outbox, Jobs: jobs, GPUs: t.probe, Troubles: func() []monitor.Trouble { return t.troubles(sheet) },
			Settings: settings(c.Monitor, rules), Machine: monitor.Host{}, Home: string(c.Home), Lang: phrase.FromEnv(os.Getenv),
			Link: func(ticket string) string { return daemon.Link(h.Dashboard(), ticket) }, Now: h.Now, Log: h.Log,
		})
		if err != nil {
			return daemon.Tenant{}, err
		}
		return daemon.Tenant{
			Loops: []daemon.Loop{
				{Name: "gpu probe", Run: t.probe.Run},
				{Name: "monitor", Run: t.monitor.Watch},
				{Name: "alerts", Run: t.monitor.Follow},
				{Name: "heartbeat", Run: t.heart().run},
			},
			Routes: []daemon.Route{
				{Pattern: "GET " + control.IncidentsPath, Handle: t.incidents},
				{Pattern: "GET " + control.WatchPath, Handle: t.watch},
				{Pattern: "GET " + control.WatchPath + "/samples", Handle: t.samples},
			},
			Status: t.status,
			Check:  daemon.Inspection{Name: "gpus", Look: t.checkGPUs},
		}, nil
	}}
}

func (t *Tower) heart() *heart {
	m := t.house.Config.Monitor
	const looks = 5 // a slow one is no death
	return &heart{
		address: m.HeartbeatURL, every: m.HeartbeatInterval, stale: looks*m.Interval + heartLimit,
		looked: func() time.Time { return t.monitor.Last().At }, now: t.house.Now,
		beat: func(beating bool, reason error) {
			if beating {
				t.house.Log.Info("the dead-man's switch hears us again")
			} else {
				t.house.Log.Warn("the dead-man's switch does not hear us", "error", reason)
			}
			t.deaf.Store(!beating)
		},
		client: http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

func settings(m config.Monitor, rules []monitor.Rule) monitor.Settings {
	return monitor.Settings{
		Interval: m.Interval, GPUMemory: m.GPUMemoryPercent, GPUHeat: m.GPUTemperatureC, MemoryGrowth: uint64(m.MemoryGrowth),
		CPU: m.CPUPercent, Timeout: m.Timeout, StallWarn: m.StallWarn, StallAlert: m.StallAlert,
		StallKill: m.StallKill, Rules: rules,
	}
}

func (t *Tower) incidents(r *http.Request) (any, error) {
	q := r.URL.Query()
	n, err := numbers(q, "since_ms", "before", "limit", "task")
	if err != nil {
		return nil, err
	}
	ask := monitor.Query{
		Ticket: q.Get("ticket"), Task: n["task"], Subject: q.Get("subject"), Since: t.ago(n["since_ms"]), Open: q.Get("open") == strconv.FormatBool(true),
		Before: n["before"], Limit: int(n["limit"]),
	}
	list, err := t.monitor.Incidents(r.Context(), ask)
	if err != nil {
		return nil, err
	}
	page := control.IncidentPage{
		Incidents: []control.Incident{}, ByKind: map[string]int{}, ByDay: map[string]int{}, Dashboard: daemon.Link(t.house.Dashboard(), ask.Ticket),
	}
	for _, i := range list {
		page.Incidents = append(page.Incidents, t.incident(i))
		page.ByKind[i.Kind]++
		page.ByDay[i.Opened.Local().Format(time.DateOnly)]++
	}
	const usual = 50
	most := usual
	if ask.Limit > 0 {
		most = ask.Limit
	}
	if len(list) == most {
		page.Next = list[len(list)-1].ID
	}
	return page, nil
}

// longestMS is the longest time that a duration holds, in milliseconds.
const longestMS = int64(1<<63-1) / int64(time.Millisecond)

// numbers reads numbers of a query, by their names; one that is not given is 0.
// None of them is too large for a time in milliseconds.
func numbers(q url.Values, names ...string) (map[string]int64, error) {
	all := map[string]int64{}
	for _, name := range names {
		text := q.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > longestMS {
			const shown = 40 // characters
			return nil, fault.New(fault.Invalid, "daemon.out_of_range", "what", name, "value", strconv.QuoteToASCII(text[:min(len(text), shown)]), "most", longestMS)
		}
		all[name] = n
	}
	return all, nil
}

// ago is the moment so many milliseconds ago, and none for 0.
func (t *Tower) ago(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return t.house.Now().Add(-time.Duration(ms) * time.Millisecond)
}

func (t *Tower) status(s *control.Status) {
	if t.deaf.Load() {
		s.Problems = append(s.Problems, control.NewProblem("problem.heartbeat"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), statusLimit)
	defer cancel()
	list, err := t.monitor.Incidents(ctx, monitor.Query{Open: true, Limit: mostShown})
	if err != nil {
		s.Problems = append(s.Problems, control.NewProblem("problem.incidents", "error", err))
	}
	for _, i := range list {
		s.Incidents = append(s.Incidents, t.incident(i))
	}
}

const (
	// lookForGPUs is how long doctor waits for the driver, which may have to wake
	// sleeping GPUs, and lookEvery how often it looks.
	lookForGPUs = 10 * time.Second
	lookEvery   = 20 * time.Millisecond
	// statusLimit keeps a status from waiting for a busy disk.
	statusLimit = 5 * time.Second
	mostShown   = 50
)

func (t *Tower) checkGPUs(ctx context.Context) control.Check {
	s := t.probe.State()
	// A daemon that has just started is still looking for its GPUs.
	ctx, cancel := context.WithTimeout(ctx, lookForGPUs)
	defer cancel()
	for s.Phase == gpu.Starting && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(lookEvery):
		}
		s = t.probe.State()
	}
	switch s.Phase {
	case gpu.Ready:
		return control.Check{Name: "gpus", Verdict: ledger.Verified, Problem: control.NewProblem("doctor.gpus_ok", "library", s.Info.Library, "driver", s.Info.Driver)}
	case gpu.NoGPU:
		return control.Check{Name: "gpus", Verdict: ledger.Verified, Unused: true, Problem: problemOf(s.Problem, control.NewProblem("doctor.gpus_none", "reason", s.Problem))}
	case gpu.Starting:
		return control.Check{Name: "gpus", Verdict: ledger.Unverifiable, Problem: control.NewProblem("doctor.gpus_starting")}
	}
	return control.Check{Name: "gpus", Verdict: ledger.Unverifiable, Problem: problemOf(s.Problem, control.NewProblem("doctor.gpus_lost", "reason", s.Problem))}
}
