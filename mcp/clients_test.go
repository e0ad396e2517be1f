package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	protocol "github.com/mark3labs/mcp-go/mcp"
	foreign "github.com/modelcontextprotocol/go-sdk/mcp"

	"uratori/internal/config"
	"uratori/internal/control"
)

// program is the built binary, made once for all tests that need it.
type program struct {
	once sync.Once
	dir  string
	path string
	err  error
}

func (p *program) get(t testing.TB) string {
	t.Helper()
	p.once.Do(func() {
		if p.dir, p.err = os.MkdirTemp("", "uratori-mcp-test-"); p.err != nil {
			return
		}
		p.path = filepath.Join(p.dir, "uratori")
		out, err := exec.Command("../scripts/build", p.path, "./cmd/uratori").CombinedOutput() //nolint:noctx // go test has its own limit
		if err != nil {
			p.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if p.err != nil {
		t.Fatal(p.err)
	}
	return p.path
}

// place is a home and a project, with whatever daemon is started for them.
type site struct {
	t             testing.TB
	home, project string
	program       string
}

func newSite(t testing.TB) *site {
	t.Helper()
	h := &site{t: t, home: filepath.Join(t.TempDir(), "home"), project: t.TempDir(), program: built.get(t)}
	t.Cleanup(func() {
		if out, err := h.command("down").CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return h
}

func (h *site) environ() []string {
	return append(os.Environ(), "URATORI_HOME="+h.home, "URATORI_LANG=en", "URATORI_SERVER_LISTEN=127.0.0.1:0", "CLAUDE_PROJECT_DIR="+h.project)
}

func (h *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command(h.program, args...) //nolint:noctx // also when the test's context has ended
	cmd.Env = h.environ()
	cmd.Dir = h.project
	return cmd
}

// http tells where the daemon's face over HTTP is.
func (h *site) http() (url, token string) {
	h.t.Helper()
	out, err := h.command("mcp", "--token", "--json").Output()
	var f struct{ URL, Token string }
	if err != nil || json.Unmarshal(out, &f) != nil || f.Token == "" {
		h.t.Fatalf("%v: %s", err, out)
	}
	info, err := os.Stat(TokenFile(h.home))
	if err != nil || info.Mode().Perm() != 0o600 {
		h.t.Errorf("token file: %v %v", info, err)
	}
	return f.URL, f.Token
}

// daemon is another face of the same daemon: a person at a terminal.
func (h *site) daemon() *control.Client {
	h.t.Helper()
	c, err := control.Dial(h.t.Context(), config.Home(h.home), control.Build{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(c.Close)
	return c
}

// peer is a client of somebody else's make.
type peer interface {
	version() string
	tools(t *testing.T) []string
	// call returns the object of an answer, or the text of a failure.
	call(t *testing.T, tool string, arguments map[string]any) (map[string]any, string)
	progress() int64
	read(t *testing.T, uri string) string
	close() error
}

func asObject(t *testing.T, v any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(v)
	var m map[string]any
	if err != nil || json.Unmarshal(raw, &m) != nil {
		t.Fatalf("%v: %v", v, err)
	}
	return m
}

// ours is the client of the library that the server is made with.
type ours struct {
	c       *client.Client
	agreed  string
	reports atomic.Int64
	n       int
}

func newOurs(t *testing.T, way transport.Interface, version string) *ours {
	t.Helper()
	o := &ours{c: client.NewClient(way, client.WithProtocolVersion(version))}
	o.c.OnNotification(func(n protocol.JSONRPCNotification) {
		if n.Method == "notifications/progress" {
			o.reports.Add(1)
		}
	})
	if err := o.c.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	var r protocol.InitializeRequest
	r.Params.ProtocolVersion = version
	r.Params.ClientInfo = protocol.Implementation{Name: "ours", Version: "1"}
	hello, err := o.c.Initialize(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	o.agreed = hello.ProtocolVersion
	return o
}

func (o *ours) version() string { return o.agreed }

func (o *ours) tools(t *testing.T) (names []string) {
	t.Helper()
	list, err := o.c.ListTools(t.Context(), protocol.ListToolsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
	}
	return names
}

func (o *ours) call(t *testing.T, tool string, arguments map[string]any) (map[string]any, string) {
	t.Helper()
	var r protocol.CallToolRequest
	o.n++
	r.Params.Name, r.Params.Arguments, r.Params.Meta = tool, arguments, &protocol.Meta{ProgressToken: fmt.Sprint("p", o.n)}
	result, err := o.c.CallTool(t.Context(), r)
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	if result.IsError {
		return nil, result.Content[0].(protocol.TextContent).Text
	}
	return asObject(t, result.StructuredContent), ""
}

func (o *ours) progress() int64 { return o.reports.Load() }

func (o *ours) read(t *testing.T, uri string) string {
	t.Helper()
	var r protocol.ReadResourceRequest
	r.Params.URI = uri
	result, err := o.c.ReadResource(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return result.Contents[0].(protocol.TextResourceContents).Text
}

func (o *ours) close() error { return o.c.Close() }

// official is the client of the protocol's own makers, which checks answers
// against their schemas.
type official struct {
	session *foreign.ClientSession
	reports atomic.Int64
	n       int
}

func newOfficial(t *testing.T, way foreign.Transport, version string) *official {
	t.Helper()
	o := &official{}
	c := foreign.NewClient(&foreign.Implementation{Name: "official", Version: "1"}, &foreign.ClientOptions{
		ProgressNotificationHandler: func(context.Context, *foreign.ProgressNotificationClientRequest) { o.reports.Add(1) },
	})
	var err error
	if o.session, err = c.Connect(context.WithoutCancel(t.Context()), way, &foreign.ClientSessionOptions{ProtocolVersion: version}); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *official) version() string { return o.session.InitializeResult().ProtocolVersion }

func (o *official) tools(t *testing.T) (names []string) {
	t.Helper()
	for tool, err := range o.session.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, tool.Name)
	}
	return names
}

func (o *official) call(t *testing.T, tool string, arguments map[string]any) (map[string]any, string) {
	t.Helper()
	p := &foreign.CallToolParams{Name: tool, Arguments: arguments}
	o.n++
	p.SetProgressToken(fmt.Sprint("p", o.n))
	result, err := o.session.CallTool(t.Context(), p)
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	if result.IsError {
		return nil, result.Content[0].(*foreign.TextContent).Text
	}
	return asObject(t, result.StructuredContent), ""
}

func (o *official) progress() int64 { return o.reports.Load() }

func (o *official) read(t *testing.T, uri string) string {
	t.Helper()
	result, err := o.session.ReadResource(t.Context(), &foreign.ReadResourceParams{URI: uri})
	if err != nil {
		t.Fatal(err)
	}
	return result.Contents[0].Text
}

func (o *official) close() error { return o.session.Close() }

// bearer is an HTTP client that shows the token.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}

// The whole story of a ticket, told to clients of others over every way in
// every era, by the real daemon.
func TestClients_LiveThroughATicket_OverEveryWay_InEveryEra(t *testing.T) {
	const older, modern = "2025-11-25", "2026-07-28"
	for _, version := range []string{older, modern} {
		for name, connect := range map[string]func(*testing.T, *site) peer{
			"stdio, ours": func(t *testing.T, h *site) peer {
				return newOurs(t, transport.NewStdio(h.program, h.environ(), "mcp"), version)
			},
			"stdio, official": func(t *testing.T, h *site) peer {
				return newOfficial(t, &foreign.CommandTransport{Command: h.command("mcp")}, version)
			},
			"HTTP, ours": func(t *testing.T, h *site) peer {
				url, token := h.http()
				way, err := transport.NewStreamableHTTP(url, transport.WithHTTPHeaders(map[string]string{"Authorization": "Bearer " + token}))
				if err != nil {
					t.Fatal(err)
				}
				return newOurs(t, way, version)
			},
			"HTTP, official": func(t *testing.T, h *site) peer {
				url, token := h.http()
				transport := &http.Transport{}
				t.Cleanup(transport.CloseIdleConnections)
				return newOfficial(t, &foreign.StreamableClientTransport{Endpoint: url, HTTPClient: &http.Client{Transport: bearer{token, transport}}}, version)
			},
		} {
			t.Run(version+", "+name, func(t *testing.T) {
				h := newSite(t)
				p := connect(t, h)
				if p.version() != version {
					t.Errorf("agreed on %s", p.version())
				}
				live(t, h, p)
				if err := p.close(); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Error(err)
				}
			})
		}
	}
}

func live(t *testing.T, h *site, p peer) {
	t.Helper()
	if names := p.tools(t); len(names) != 12 {
		t.Errorf("%v", names)
	}
	must := func(tool string, arguments map[string]any) map[string]any {
		t.Helper()
		v, failed := p.call(t, tool, arguments)
		if failed != "" {
			t.Fatalf("%s: %s", tool, failed)
		}
		if link, _ := v["dashboard"].(string); !strings.HasPrefix(link, "http://127.0.0.1:") {
			t.Errorf("%s: no link: %v", tool, v)
		}
		return v
	}
	detail := "■ 目的\n=SUM(A1)\n-先頭\n'引用"
	v := must("create_ticket", map[string]any{"summary": "抽出の自動化", "detail": detail})
	ticket, _ := v["ticket"].(string)
	if v["verdict"] != "verified" || ticket == "" || v["workspace"] == nil {
		t.Fatalf("%v", v)
	}
	v = must("get_ticket", map[string]any{"ticket": ticket})
	if !strings.Contains(fmt.Sprint(v["fields"]), detail) || v["untrusted"] != true {
		t.Errorf("%v", v)
	}
	// Somebody else changes the text: it is not overwritten unseen.
	person := h.daemon()
	if _, err := person.UpdateTicket(t.Context(), control.UpdateTicket{Ticket: ticket, Fields: map[string]string{"detail": "人が書いた"}, Reader: "person"}); err != nil {
		t.Fatal(err)
	}
	v = must("update_ticket", map[string]any{"ticket": ticket, "detail": "agent"})
	if v["conflict"] != true || v["verdict"] != "refuted" || !strings.Contains(fmt.Sprint(v["fields"]), "人が書いた") || v["next"] == nil {
		t.Errorf("%v", v)
	}
	v = must("update_ticket", map[string]any{"ticket": ticket, "detail": "人が書いた\nagent", "expected": map[string]any{"detail": "人が書いた"}})
	if v["verdict"] != "verified" {
		t.Errorf("%v", v)
	}
	if v = must("verify_update", map[string]any{"ticket": ticket}); v["verdict"] != "verified" {
		t.Errorf("%v", v)
	}
	if v = must("list_tickets", map[string]any{"text": ticket}); v["total"] != 1.0 {
		t.Errorf("%v", v)
	}
	if _, failed := p.call(t, "get_ticket", map[string]any{"ticket": strings.Replace(ticket, "-00", "-", 1)}); !strings.Contains(failed, "did you mean "+ticket) {
		t.Errorf("%s", failed)
	}
	if _, failed := p.call(t, "update_ticket", map[string]any{"ticket": ticket, "fields": map[string]any{"承認": "承認"}}); !strings.Contains(failed, "nothing was changed") {
		t.Errorf("an agent wrote an approval: %s", failed)
	} else if !strings.Contains(failed, "\nFor the person: http://") {
		t.Errorf("a failure without the link: %s", failed)
	}
	work(t, h, p, must, ticket)
	if v = must("factcheck", map[string]any{"ticket": ticket}); v["verdict"] != "verified" {
		t.Errorf("%v", v)
	}
	if text := p.read(t, "uratori://ticket/"+ticket); !strings.Contains(text, "人が書いた\nagent") {
		t.Errorf("%s", text)
	}
	if v, failed := p.call(t, "workflow", map[string]any{"ticket": ticket}); failed == "" && v["dashboard"] == nil {
		t.Errorf("%v", v)
	}
}

func work(t *testing.T, h *site, p peer, must func(string, map[string]any) map[string]any, ticket string) {
	t.Helper()
	gate := filepath.Join(h.project, "go")
	v := must("enqueue", map[string]any{
		"ticket": ticket, "name": "extract", "cwd": h.project, "retries": 0,
		"command": []string{"sh", "-c", `echo begun; until [ -e go ]; do sleep 0.02; done; printf '\033[31mdone\033[0m\n'; echo '{"done":3,"total":3}' >> "$URATORI_PROGRESS"`},
	})
	task := v["task"]
	v = must("wait", map[string]any{"task": task, "timeout": "2s"})
	if v["ended"] != false || p.progress() == 0 || !strings.Contains(fmt.Sprint(v["next"]), "do not report") {
		t.Errorf("%d times progress: %v", p.progress(), v)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	v = must("wait", map[string]any{"task": task, "timeout": "1m"})
	if v["state"] != "succeeded" || v["ended"] != true {
		t.Errorf("%v", v)
	}
	v = must("logs", map[string]any{"task": task})
	if v["stdout"] != "begun\ndone\n" || v["untrusted"] != true {
		t.Errorf("%v", v)
	}
	v = must("enqueue", map[string]any{"ticket": ticket, "cwd": h.project, "command": []string{"sleep", "1000"}, "retries": 0})
	second := v["task"]
	until(t, "the second task to run", func() bool {
		list, _ := must("status", map[string]any{"task": second})["tasks"].([]any)
		return len(list) == 1 && list[0].(map[string]any)["state"] == "running"
	})
	v = must("kill", map[string]any{"task": second})
	if v["verdict"] != "verified" || v["state"] != "killed" {
		t.Errorf("%v", v)
	}
	v = must("status", map[string]any{"ticket": ticket})
	if list, _ := v["tasks"].([]any); len(list) != 2 {
		t.Errorf("%v", v)
	}
	must("status", map[string]any{})
}

func TestProgram_ReadOnly_HasEightTools(t *testing.T) {
	h := newSite(t)
	p := newOurs(t, transport.NewStdio(h.program, h.environ(), "mcp", "--read-only"), "2025-11-25")
	defer p.close() //nolint:errcheck // its process may have gone first
	if names := p.tools(t); len(names) != 8 {
		t.Errorf("%v", names)
	}
}

func TestProgram_TellsNothingOfItsEnvironment_AndNothingOnStderr(t *testing.T) {
	h := newSite(t)
	cmd := h.command("mcp")
	const secret = "uratori-test-secret-value" //nolint:gosec // it is looked for where it must not be
	cmd.Env = append(cmd.Env, "CLAUDE_CODE_MESSAGING_TOKEN="+secret)
	cmd.Stdin = strings.NewReader(strings.Join([]string{
		helloOlder, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, callLine(2, "status", `{}`),
		callLine(3, "enqueue", `{"command":["true"]}`), `garbage`, callLine(4, "get_ticket", `{"ticket":"NO-1"}`),
	}, "\n"))
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || strings.Count(string(out), "\n") != 6 {
		t.Errorf("%v: %s", err, out)
	}
	if errs.Len() > 0 || strings.Contains(string(out), secret) {
		t.Errorf("%s\n%s", errs.String(), out)
	}
	files := 0
	err = filepath.WalkDir(h.home, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s holds the secret", path)
		}
		files++
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files: %v", files, err)
	}
}

func TestProgram_DaemonKilledInASession_IsStartedAgain_AndNothingIsLost(t *testing.T) {
	h := newSite(t)
	p := newOurs(t, transport.NewStdio(h.program, h.environ(), "mcp"), "2026-07-28")
	defer p.close() //nolint:errcheck // its process may have gone first
	v, failed := p.call(t, "create_ticket", map[string]any{"summary": "x"})
	if failed != "" {
		t.Fatal(failed)
	}
	ticket := v["ticket"]
	for range 3 {
		status, err := h.daemon().Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(status.Daemon.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		v, failed = p.call(t, "verify_update", map[string]any{"ticket": ticket})
		if failed != "" || v["verdict"] != "verified" {
			t.Errorf("%v %s", v, failed)
		}
	}
}

func TestProgram_Stop_DoesNotWaitForWhoListensOverHTTP(t *testing.T) {
	h := newSite(t)
	url, token := h.http()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var streams []io.Reader
	for _, listening := range []struct{ method, body, version string }{
		{http.MethodPost, listenLine(1, `{"resourceSubscriptions":["uratori://ticket/INTG-001"]}`), "2026-07-28"},
		{http.MethodGet, "", "2025-11-25"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), listening.method, url, strings.NewReader(listening.body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Authorization": "Bearer " + token, "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
			"MCP-Protocol-Version": listening.version, "Mcp-Method": "subscriptions/listen",
		} {
			r.Header.Set(name, value)
		}
		res, err := client.Do(r)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", res, err)
		}
		defer res.Body.Close() //nolint:errcheck // only read from
		streams = append(streams, res.Body)
	}
	began := time.Now()
	if out, err := h.command("down").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const soon = 5 * time.Second // a stop waits for requests in hand for longer
	if took := time.Since(began); took > soon {
		t.Errorf("it took %v", took)
	}
	for _, s := range streams {
		if _, err := io.Copy(io.Discard, s); err != nil {
			t.Errorf("a stream was broken off: %v", err)
		}
	}
}
