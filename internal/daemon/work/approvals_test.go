package work

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/tracker/approval"
)

const planted = "planted-Passphrase-4711"

// registry is a daemon that keeps approvals and nothing else.
type registry struct {
	*control.Client
	t      *testing.T
	home   config.Home
	keeper *approval.Keeper
	stop   func()
}

func newRegistry(t *testing.T, settings string) *registry {
	t.Helper()
	r := &registry{t: t, home: config.Home(filepath.Join(t.TempDir(), "home"))}
	if err := r.home.Create(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.home.Config(), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(r.home, []string{"URATORI_SERVER_LISTEN=127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	log, file := daemon.OpenLog(c, nil, false)
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	part := daemon.Part{Schema: approval.Schema(), Open: func(_ context.Context, h daemon.House) (tenant daemon.Tenant, err error) {
		r.keeper, err = newKeeper(h)
		return daemon.Tenant{Loops: approvalLoops(r.keeper), Routes: approvalRoutes(r.keeper, func(ticket string) string { return "http://here/" + ticket })}, err
	}}
	go func() {
		done <- daemon.Run(ctx, daemon.Options{Config: c, Log: log, Now: time.Now, Parts: []daemon.Part{part}, Ready: func() { close(ready) }})
	}()
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		if r.Client != nil {
			r.Close()
		}
		cancel()
		if err := errors.Join(<-done, file.Close()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(r.stop)
	select {
	case <-ready:
	case err := <-done:
		done <- nil
		t.Fatal(err)
	}
	if r.Client, err = control.Dial(t.Context(), r.home, control.Build{}); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *registry) ask(ticket string) approval.Standing {
	r.t.Helper()
	s, err := r.keeper.Ask(r.t.Context(), approval.Request{
		Subject: approval.Subject{Ticket: ticket, Step: "plan-approval"}, Parts: []approval.Part{{Kind: "file", Name: "SOW.md", SHA256: strings.Repeat("a", 64)}},
		Name: "計画の承認", NameEN: "Approval of the plan", By: "agent", Note: "look",
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func TestApprovals_OverTheSocket_FromTheQuestionToTheAnswer(t *testing.T) {
	r := newRegistry(t, "[approval]\nexpires = \"2h\"\n")
	ctx := t.Context()
	asked := r.ask("INTG-088")
	list, err := r.Approvals(ctx, "")
	if err != nil || list.Passphrase || list.LockedUntil != nil || len(list.Requests) != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	q := list.Requests[0]
	if q.Ticket != "INTG-088" || q.Step != "plan-approval" || q.Digest != asked.Digest || q.Subject[0].Name != "SOW.md" || q.Dashboard != "http://here/INTG-088" ||
		q.ExpiresAt.Sub(q.RequestedAt) != 2*time.Hour {
		t.Errorf("%+v", q)
	}
	d := control.Decide{Ticket: "INTG-088", Step: "plan-approval", Digest: asked.Digest, Passphrase: planted, Approver: "kiri", Channel: "web", Token: "t"}
	if _, err := r.Decide(ctx, d); !errors.Is(err, approval.ErrNoPassphrase) {
		t.Error(err)
	}
	if err := r.SetPassphrase(ctx, control.SetPassphrase{New: planted}); err != nil {
		t.Fatal(err)
	}
	if err := r.SetPassphrase(ctx, control.SetPassphrase{New: "one of somebody else"}); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
	wrong := d
	wrong.Passphrase = planted + "?"
	if _, err := r.Decide(ctx, wrong); !errors.Is(err, approval.ErrWrong) {
		t.Error(err)
	}
	first, err := r.Decide(ctx, d)
	if err != nil || first.State != "approved" || first.Evidence == 0 || first.DecidedAt == nil || first.ExpiresAt == nil {
		t.Fatalf("%+v %v", first, err)
	}
	// The reply was lost: the same answer gets the same reply.
	again, err := r.Decide(ctx, d)
	if err != nil || again.Evidence != first.Evidence {
		t.Errorf("%+v %v", again, err)
	}
	d.Token = ""
	if _, err := r.Decide(ctx, d); !errors.Is(err, approval.ErrDecided) {
		t.Error(err)
	}
	if list, err := r.Approvals(ctx, "INTG-088"); err != nil || !list.Passphrase || len(list.Requests) != 0 {
		t.Errorf("%+v %v", list, err)
	}
	decided := 0
	for e, err := range r.Entries(ctx, control.Slice{}) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(e.Data), planted) {
			t.Errorf("the ledger has it: %s", e.Data)
		}
		if e.Kind == "approval.decided" {
			decided++
		}
	}
	if decided != 1 {
		t.Errorf("%d answers", decided)
	}
	r.stop()
	r.isNowhere()
}

func (r *registry) isNowhere() {
	r.t.Helper()
	err := filepath.WalkDir(string(r.home), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte(planted)) {
			r.t.Errorf("%s has the passphrase", path)
		}
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
}

// Whatever is wrong with a request, the reply and the log do not repeat the
// passphrase.
// Whoever knows the passphrase gets into the pages with it, and a guess there
// counts as a guess anywhere.
func TestProve_OpensThePages_AndCountsGuesses(t *testing.T) {
	r := newRegistry(t, "")
	ctx := t.Context()
	if err := r.Prove(ctx, control.Prove{Passphrase: planted, Channel: "web"}); !errors.Is(err, approval.ErrNoPassphrase) {
		t.Error(err)
	}
	if err := r.SetPassphrase(ctx, control.SetPassphrase{New: planted}); err != nil {
		t.Fatal(err)
	}
	if err := r.Prove(ctx, control.Prove{Passphrase: planted, Channel: "telepathy"}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
	status, err := r.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	signIn := func(passphrase string) (code int, cookies []*http.Cookie) {
		t.Helper()
		ask, err := http.NewRequestWithContext(ctx, http.MethodPost, status.Dashboard+"/login", strings.NewReader(url.Values{"passphrase": {passphrase}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		ask.Header.Set("Sec-Fetch-Site", "same-origin")
		answer, err := browser.Do(ask)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, answer.Cookies()
	}
	if status, cookies := signIn(planted + "?"); status < http.StatusBadRequest || len(cookies) > 0 {
		t.Errorf("%d %v", status, cookies)
	}
	if status, cookies := signIn(planted); status != http.StatusSeeOther || len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode {
		t.Errorf("%d %v", status, cookies)
	}
	for range 5 {
		if err := r.Prove(ctx, control.Prove{Passphrase: "guess " + planted, Channel: "web"}); fault.KindOf(err) != fault.Failed {
			t.Error(err)
		}
	}
	if status, cookies := signIn(planted); len(cookies) > 0 {
		t.Errorf("in, after five guesses: %d", status)
	}
	if list, err := r.Approvals(ctx, ""); err != nil || list.LockedUntil == nil {
		t.Errorf("%+v %v", list, err)
	}
}

func TestApprovals_WrongRequests_TellNothingOfThePassphrase(t *testing.T) {
	r := newRegistry(t, "")
	asked := r.ask("INTG-088")
	if err := r.SetPassphrase(t.Context(), control.SetPassphrase{New: planted}); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", r.home.Socket())
	}}}
	fields := `"ticket":"INTG-088","step":"plan-approval","digest":"` + asked.Digest + `","approver":"kiri","channel":"terminal"`
	for name, body := range map[string]string{
		"number":      `{` + fields + `,"passphrase":4711471147114711}`,
		"list":        `{` + fields + `,"passphrase":["` + planted + `"]}`,
		"object":      `{` + fields + `,"passphrase":{"` + planted + `":1}}`,
		"null":        `{` + fields + `,"passphrase":null}`,
		"none":        `{` + fields + `}`,
		"twice":       `{` + fields + `,"passphrase":"` + planted + `","passphrase":"` + planted + `"}`,
		"unknown":     `{` + fields + `,"passphrase":"` + planted + `","approved":true}`,
		"open end":    `{` + fields + `,"passphrase":"` + planted,
		"no UTF-8":    `{` + fields + `,"passphrase":"` + planted + "\xff" + `"}`,
		"bad escape":  `{` + fields + `,"passphrase":"` + planted + `\q"}`,
		"NUL":         `{` + fields + `,"passphrase":"` + planted + `\u0000"}`,
		"surrogate":   `{` + fields + `,"passphrase":"` + planted + `\ud800"}`,
		"megabyte":    `{` + fields + `,"passphrase":"` + strings.Repeat(planted, 50_000) + `"}`,
		"huge":        `{` + fields + `,"passphrase":"` + strings.Repeat("x", 9<<20) + `"}`,
		"reject":      `{` + fields + `,"passphrase":"` + planted + `","reject":"yes"}`,
		"sheet":       strings.Replace(`{`+fields+`,"passphrase":"`+planted+`"}`, "terminal", "sheet", 1),
		"mcp":         strings.Replace(`{`+fields+`,"passphrase":"`+planted+`"}`, "terminal", "mcp", 1),
		"nobody":      strings.Replace(`{`+fields+`,"passphrase":"`+planted+`"}`, "kiri", "", 1),
		"passphrase?": `{"old":"` + planted + `","new":"` + planted + `"}`,
		"text":        planted,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://uratori"+control.ApprovalsPath+"/decide", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if name == "huge" && err != nil {
			continue // the daemon has hung up, as it may
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var answer bytes.Buffer
		if _, err := answer.ReadFrom(res.Body); err != nil {
			t.Error(err)
		}
		_ = res.Body.Close() // it was read to its end
		if res.StatusCode != http.StatusBadRequest || strings.Contains(answer.String(), planted) || strings.Contains(answer.String(), "47114711") {
			t.Errorf("%s: %s %.300s", name, res.Status, &answer)
		}
	}
	s, err := r.keeper.Standing(t.Context(), approval.Subject{Ticket: "INTG-088", Step: "plan-approval", Digest: asked.Digest})
	if err != nil || s.State != approval.Requested {
		t.Errorf("%+v %v", s, err)
	}
	r.stop()
	r.isNowhere()
}

func TestSheetChannel_IsTheColumnOfTheSettings_OfGooglesOwnSheet(t *testing.T) {
	for settings, want := range map[string]map[string]bool{
		"[approval]\nsheet = true\n":                                    nil,
		"[tracker]\nspreadsheet = \"1AbC\"\n":                           nil,
		"[approval]\nsheet = true\n[tracker]\nspreadsheet = \"1AbC\"\n": {"承認": true, "Approval": true, " 承認 ": true, "詳細": false, "承認者": false},
		"[approval]\nsheet = true\n[tracker]\nspreadsheet = \"1AbC\"\n[tracker.columns]\napproval = \"承認者\"\n": {"承認者": true, "状態": false},
	} {
		home := config.Home(filepath.Join(t.TempDir(), "home"))
		if err := home.Create(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(home.Config(), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(home, nil)
		if err != nil {
			t.Fatal(err)
		}
		channel := sheetChannel(c)
		if (channel != nil) != (want != nil) {
			t.Fatalf("%q: %v", settings, channel)
		}
		for header, yes := range want {
			if channel.Column(header) != yes || channel.Book != "|1AbC|Tracker" {
				t.Errorf("%q: %q %+v", settings, header, channel)
			}
		}
	}
}

// What is set and has no effect is told in the log.
func TestSheetChannel_OfTheEmbeddedSheet_IsNone_AndSaysSo(t *testing.T) {
	r := newRegistry(t, "[approval]\nsheet = true\n")
	r.ask("INTG-088")
	r.stop()
	log, err := os.ReadFile(filepath.Join(r.home.Logs(), "daemon.log"))
	if err != nil || !strings.Contains(string(log), "approval.sheet has no effect") {
		t.Errorf("%s %v", log, err)
	}
}

// The keeper of a house is that of the daemon's store, whatever else is there.
func TestNewKeeper_WantsItsTables(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), ledger.Schema(), store.Schema{Name: "other", FS: fstest.MapFS{"00001_x.sql": {Data: []byte("-- +goose Up\nCREATE TABLE x (y INTEGER);\n")}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	c, err := config.Load(config.Home(t.TempDir()), nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := newKeeper(daemon.House{Config: c, DB: db, Ledger: ledger.New(db, time.Now), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Passphrase(t.Context()); err == nil {
		t.Error("a store without tables is taken for one without a passphrase")
	}
}
