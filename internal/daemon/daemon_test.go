package daemon

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "uratori-test-secret-value" //nolint:gosec // it is looked for where it must not be

// house starts a daemon in this process and returns a client of it and a
// function that stops it and returns what Run returned.
func house(t *testing.T, home config.Home, parts ...Part) (*control.Client, func() error) {
	t.Helper()
	if err := home.Create(); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(home, []string{"URATORI_SERVER_LISTEN=127.0.0.1:0", "PUSHOVER_TOKEN=" + secret})
	if err != nil {
		t.Fatal(err)
	}
	log, file := OpenLog(c, nil, false)
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- Run(ctx, Options{Config: c, Log: log, Now: time.Now, Parts: parts, Ready: func() { close(ready) }})
	}()
	var once sync.Once
	var result error
	stop := func() error {
		once.Do(func() {
			cancel()
			result = errors.Join(<-done, file.Close())
		})
		return result
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		done <- err
		t.Fatalf("the daemon ended: %v", err)
	}
	client, err := control.Dial(t.Context(), home, control.Build{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client, stop
}

func newHome(t *testing.T) config.Home { return config.Home(filepath.Join(t.TempDir(), "home")) }

// until looks again and again, at most ten seconds.
func until(t *testing.T, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !there(); {
		if time.Now().After(deadline) {
			t.Fatalf("not seen in time: %s", what)
		}
		runtime.Gosched()
	}
}

func entries(t *testing.T, c *control.Client, kind string) []ledger.Entry {
	t.Helper()
	var found []ledger.Entry
	for e, err := range c.Entries(t.Context(), control.Slice{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

func part(loops []Loop, routes ...Route) Part {
	return Part{
		Schema: store.Schema{Name: "test", FS: os.DirFS("testdata")},
		Open:   func(context.Context, House) (Tenant, error) { return Tenant{Loops: loops, Routes: routes}, nil },
	}
}

func TestRun_LoopThatPanics_IsRecordedShownAndRunsOn_SecretsBlotted(t *testing.T) {
	home := newHome(t)
	again := make(chan struct{})
	runs := 0
	c, _ := house(t, home, part([]Loop{{Name: "planted", Run: func(ctx context.Context) error {
		if runs++; runs == 1 {
			panic("it broke with " + secret)
		}
		close(again)
		<-ctx.Done()
		return ctx.Err()
	}}}))
	<-again
	failed := entries(t, c, "loop.failed")
	if len(failed) != 1 || failed[0].Subject != "loop/planted" || !strings.Contains(string(failed[0].Data), "it broke with ***") {
		t.Errorf("ledger: %v", failed)
	}
	s, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Daemon.Loops {
		if l.Name == "planted" && (l.Restarts != 1 || l.State != control.LoopRunning || l.FailedAt == nil) {
			t.Errorf("status: %+v", l)
		}
		if strings.Contains(l.LastError, secret) {
			t.Error("status shows the secret")
		}
	}
	log, err := os.ReadFile(filepath.Join(home.Logs(), "daemon.log"))
	if err != nil || !strings.Contains(string(log), "it broke with ***") || strings.Contains(string(log), secret) {
		t.Errorf("log %v:\n%s", err, log)
	}
}

func TestRun_RequestThatPanics_IsAFaultAndTheDaemonAnswersOn(t *testing.T) {
	home := newHome(t)
	c, _ := house(t, home, part(nil, Route{Pattern: "GET /v1/planted", Handle: func(*http.Request) (any, error) { panic("planted") }}))
	res := raw(t, home, "GET", "/v1/planted", "")
	if res.code != http.StatusInternalServerError || !strings.Contains(res.body, `"code":"daemon.panicked"`) {
		t.Errorf("%d %s", res.code, res.body)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(entries(t, c, "loop.failed")); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestRun_PartThatCannotOpen_KeepsTheDaemonFromStarting_AndLeavesTheHomeFree(t *testing.T) {
	home := newHome(t)
	if err := home.Create(); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(home, nil)
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	p := part(nil)
	p.Open = func(context.Context, House) (Tenant, error) { return Tenant{}, refused }
	err = Run(t.Context(), Options{Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Parts: []Part{p}, Ready: func() { t.Error("ready") }})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if _, err := os.Stat(home.Socket()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
	house(t, home, part(nil))
}

func TestRun_SecondDaemon_IsToldWhoRuns(t *testing.T) {
	home := newHome(t)
	house(t, home)
	c, err := config.Load(home, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = Run(t.Context(), Options{Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Ready: func() { t.Error("ready") }})
	f, ok := errors.AsType[*fault.Error](err)
	if !errors.Is(err, ErrRunning) || fault.KindOf(err) != fault.Conflict || !ok {
		t.Fatal(err)
	}
	if _, err := time.Parse(time.DateTime, f.Values["since"]); err != nil {
		t.Errorf("not a time as people read it: %v", err)
	}
}

func TestRun_Stop_IsRecordedAndSeenByTheNext(t *testing.T) {
	home := newHome(t)
	c, stop := house(t, home)
	if _, err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	c, _ = house(t, home)
	stopped := entries(t, c, "daemon.stopped")
	started := entries(t, c, "daemon.started")
	if len(stopped) != 1 || !strings.Contains(string(stopped[0].Data), `"reason":"asked"`) {
		t.Errorf("stopped: %v", stopped)
	}
	if len(started) != 2 || !strings.Contains(string(started[0].Data), `"before":"first"`) || !strings.Contains(string(started[1].Data), `"before":"clean"`) {
		t.Errorf("started: %v", started)
	}
}

func TestRun_LoopThatHangs_IsNamedAtTheEnd(t *testing.T) {
	home := newHome(t)
	release := make(chan struct{})
	_, stop := house(t, home, part([]Loop{{Name: "deaf", Run: func(context.Context) error { <-release; return nil }}}))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	close(release)
	c, _ := house(t, home, part(nil))
	if stopped := entries(t, c, "daemon.stopped"); len(stopped) != 1 || !strings.Contains(string(stopped[0].Data), `"hung":["deaf"]`) {
		t.Errorf("stopped: %v", stopped)
	}
}

func TestFollow_YieldsNewEntriesAndEndsWithTheDaemon(t *testing.T) {
	home := newHome(t)
	var h House
	p := part(nil)
	p.Open = func(_ context.Context, given House) (Tenant, error) { h = given; return Tenant{}, nil }
	c, stop := house(t, home, p)
	got := make(chan ledger.Entry)
	finished := make(chan error, 1)
	go func() {
		for e, err := range c.Entries(context.Background(), control.Slice{Last: 1, Follow: true}) {
			if err != nil {
				finished <- err
				return
			}
			got <- e
		}
		finished <- nil
	}()
	if e := <-got; e.Kind != "daemon.started" {
		t.Errorf("first %+v", e)
	}
	for i := range 30 {
		if _, err := h.Ledger.Record(t.Context(), "test.noted", "INTG-088", map[string]int{"n": i}); err != nil {
			t.Fatal(err)
		}
		if e := <-got; e.Seq != int64(i+2) {
			t.Fatalf("entry %d instead of %d", e.Seq, i+2)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for {
		select {
		case <-got: // what was written while stopping
			continue
		case err := <-finished:
			if err != nil {
				t.Errorf("following ended with %v", err)
			}
		}
		break
	}
}

type answer struct {
	code int
	body string
}

// raw talks to the socket as a stranger would.
func raw(t *testing.T, home config.Home, method, path, body string, headers ...string) answer {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", home.Socket())
	}}}
	req, err := http.NewRequestWithContext(t.Context(), method, "http://x"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, string(b)}
}

func TestSocket_HostileRequests_GetPreciseFaults(t *testing.T) {
	home := newHome(t)
	c, _ := house(t, home)
	for _, tc := range []struct {
		name, method, path, body string
		headers                  []string
		code                     int
		want                     string
	}{
		{"unknown path", "GET", "/v1/nothing", "", nil, 404, "daemon.no_such_request"},
		{"wrong method", "DELETE", "/v1/status", "", nil, 404, "daemon.no_such_request"},
		{"other protocol", "GET", "/v1/status", "", []string{"Uratori-Api", "999", "Uratori-Version", "9 <b>"}, 409, "control.other_version"},
		{"not JSON", "POST", "/v1/backup", "file=/x", nil, 400, "daemon.bad_request"},
		{"unknown member", "POST", "/v1/backup", `{"file":"/x","force":true}`, nil, 400, "daemon.bad_request"},
		{"twice the member", "POST", "/v1/backup", `{"file":"/x","file":"/y"}`, nil, 400, "daemon.bad_request"},
		{"wrong type", "POST", "/v1/backup", `{"file":["/x"]}`, nil, 400, "daemon.bad_request"},
		{"empty body", "POST", "/v1/backup", ``, nil, 400, "daemon.bad_request"},
		{"relative path", "POST", "/v1/backup", `{"file":"../../x"}`, nil, 400, "backup.not_absolute"},
		{"NUL in the path", "POST", "/v1/backup", `{"file":"/tmp/\u0000x"}`, nil, 500, "invalid argument"},
		{"over a folder", "POST", "/v1/backup", `{"file":"/"}`, nil, 409, "store.exists"},
		{"huge body", "POST", "/v1/backup", `{"file":"` + strings.Repeat("x", longestBody) + `"}`, nil, 400, "daemon.bad_request"},
		{"not a hash", "GET", "/v1/ledger/verify?known=zz", "", nil, 400, "ledger.not_a_hash"},
		{"not a count", "GET", "/v1/ledger?last=-1", "", nil, 400, "ledger.not_a_count"},
		{"not a number", "GET", "/v1/ledger?last=1e9", "", nil, 400, "ledger.not_a_count"},
		{"no such subject", "GET", "/v1/ledger?subject=%00%ff'--", "", nil, 200, ""},
	} {
		got := raw(t, home, tc.method, tc.path, tc.body, tc.headers...)
		if got.code != tc.code || !strings.Contains(got.body, tc.want) || len(got.body) > 2000 {
			t.Errorf("%s: %d %.300s", tc.name, got.code, got.body)
		}
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
	if r, err := c.VerifyLedger(t.Context(), ledger.Hash{}); err != nil || r.Entries != 1 {
		t.Errorf("a refused request left an entry: %+v, %v", r, err)
	}
}

func TestSocket_FileRemoved_IsMadeAnew(t *testing.T) {
	home := newHome(t)
	_, _ = house(t, home)
	if err := os.Remove(home.Socket()); err != nil {
		t.Fatal(err)
	}
	until(t, "a new socket", func() bool {
		c, err := control.Dial(t.Context(), home, control.Build{})
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func TestPages_PortTaken_DaemonRunsAndSaysSo(t *testing.T) {
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // the test ends
	home := newHome(t)
	if err := home.Create(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(home.Config(), []byte("[server]\nlisten = \""+taken.Addr().String()+"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(home, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	ready := make(chan struct{})
	go func() {
		done <- Run(ctx, Options{Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Ready: func() { close(ready) }})
	}()
	<-ready
	client, err := control.Dial(t.Context(), home, control.Build{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := client.Status(t.Context())
	if err != nil || s.Dashboard != "" || len(s.Problems) != 1 || s.Problems[0].Code != "problem.dashboard_not_served" {
		t.Errorf("%+v, %v", s, err)
	}
	client.Close()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
