package daemon

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
)

// doctored is a daemon that waits for its checks no longer than patience.
func doctored(t *testing.T, patience time.Duration, parts ...Part) (*control.Client, config.Home, func()) {
	t.Helper()
	home := newHome(t)
	if err := home.Create(); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(home, []string{"URATORI_SERVER_LISTEN=127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- Run(ctx, Options{
			Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Parts: parts, Ready: func() { close(ready) }, Patience: patience,
		})
	}()
	<-ready
	client, err := control.Dial(t.Context(), home, control.Build{})
	if err != nil {
		t.Fatal(err)
	}
	return client, home, func() {
		client.Close()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// asked is a part of whom doctor asks name.
func asked(name string, look func(context.Context) control.Check) Part {
	return Part{Open: func(context.Context, House) (Tenant, error) {
		return Tenant{Check: Inspection{Name: name, Look: look}}, nil
	}}
}

// diagnosed is what doctor tells, by the names of the checks.
func diagnosed(t *testing.T, c *control.Client) map[string]control.Check {
	t.Helper()
	list, err := c.Checks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]control.Check{}
	for _, one := range list {
		found[one.Name] = one
	}
	return found
}

func fine(name string) func(context.Context) control.Check {
	return func(context.Context) control.Check { return check(name, ledger.Verified, "doctor.gpus_starting") }
}

func TestDoctor_ACheckThatHangs_IsToldAsUnanswered_AndKeepsNoneOfTheOthersWaiting(t *testing.T) {
	release := make(chan struct{})
	var looks atomic.Int32
	deaf := asked("deaf", func(context.Context) control.Check { // whatever its context says
		looks.Add(1)
		<-release
		return fine("deaf")(nil)
	})
	c, _, stop := doctored(t, 2*time.Second, deaf, asked("after it", fine("after it")))
	defer stop()
	found := diagnosed(t, c)
	if one := found["deaf"]; one.Verdict != ledger.Unverifiable || one.Code != "doctor.unanswered" || one.Values["seconds"] != "2" {
		t.Errorf("hung: %+v", one)
	}
	for _, name := range []string{"store", "ledger", "disk", "after it", "dashboard"} {
		if found[name].Verdict != ledger.Verified {
			t.Errorf("%s: %+v", name, found[name])
		}
	}
	// The one that hangs is not begun again, and the answer comes at once.
	if one := diagnosed(t, c)["deaf"]; one.Verdict != ledger.Unverifiable || one.Code != "doctor.still_unanswered" || looks.Load() != 1 {
		t.Errorf("hung still, %d looks: %+v", looks.Load(), one)
	}
	close(release)
	until(t, "the check again", func() bool { return diagnosed(t, c)["deaf"].Verdict == ledger.Verified })
}

func TestDoctor_ACheckThatEndsWithItsTime_IsToldAsUnanswered(t *testing.T) {
	c, _, stop := doctored(t, 2*time.Second, asked("obedient", func(ctx context.Context) control.Check {
		<-ctx.Done()
		return check("obedient", ledger.Unverifiable, "doctor.gpus_starting")
	}))
	defer stop()
	if one := diagnosed(t, c)["obedient"]; one.Verdict != ledger.Unverifiable || one.Code != "doctor.unanswered" {
		t.Errorf("%+v", one)
	}
}

func TestDoctor_ACheckThatPanics_SaysNothingOfWhatItLooksAt_AndTheDaemonLives(t *testing.T) {
	c, _, stop := doctored(t, time.Minute, asked("broken", func(context.Context) control.Check { panic("planted") }), asked("after it", fine("after it")))
	defer stop()
	found := diagnosed(t, c)
	if one := found["broken"]; one.Verdict != ledger.Unverifiable || one.Code != "doctor.check_failed" || one.Values["error"] != "planted" {
		t.Errorf("%+v", one)
	}
	if one := found["after it"]; one.Verdict != ledger.Verified {
		t.Errorf("%+v", one)
	}
}

func TestDoctor_ACheckThatNeverComesBack_IsNamedAtTheEnd(t *testing.T) {
	release, looking := make(chan struct{}), make(chan struct{})
	deaf := asked("deaf", func(context.Context) control.Check {
		close(looking)
		<-release
		return control.Check{}
	})
	c, home, stop := doctored(t, time.Millisecond, deaf)
	if one := diagnosed(t, c)["deaf"]; one.Verdict != ledger.Unverifiable {
		t.Errorf("%+v", one)
	}
	<-looking
	stop()
	close(release)
	c, _ = house(t, home)
	if stopped := entries(t, c, "daemon.stopped"); len(stopped) != 1 || !strings.Contains(string(stopped[0].Data), `"hung":["doctor deaf"]`) {
		t.Errorf("stopped: %v", stopped)
	}
}

// A port that is open says nothing of who answers there.
func TestDoctor_Dashboard_IsAskedAndNotSupposed(t *testing.T) {
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() //nolint:errcheck // the test ends
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer failing.Close()
	well := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/tracker" || r.Method != http.MethodGet {
			t.Error(r.Method, r.URL)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusSeeOther) // which nobody asks for
	}))
	defer well.Close()
	babbling, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer babbling.Close() //nolint:errcheck // the test ends
	go func() {
		conn, err := babbling.Accept()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "+OK POP3\r\n")
		_ = conn.Close()
	}()
	for _, tc := range []struct {
		name string
		at   net.Listener
		want ledger.Verdict
		code string
	}{
		{"it answers", well.Listener, ledger.Verified, "doctor.dashboard_ok"},
		{"it accepts and is silent", silent, ledger.Unverifiable, "doctor.dashboard_silent"},
		{"it fails", failing.Listener, ledger.Refuted, "doctor.dashboard_bad"},
		{"it speaks otherwise", babbling, ledger.Unverifiable, "doctor.dashboard_unread"},
	} {
		p := &pages{listener: tc.at, d: &daemon{Options: Options{Config: &config.Config{Server: config.Server{Listen: "127.0.0.1:0"}}}}}
		limit := time.Minute
		if tc.at == silent {
			limit = 50 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		got := p.check(ctx)
		cancel()
		if got.Verdict != tc.want || got.Code != tc.code {
			t.Errorf("%s: %+v", tc.name, got)
		}
	}
}
