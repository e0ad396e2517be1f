package local

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// project is a folder with files, the folder of a ticket, and what looks at
// them.
type project struct {
	t     testing.TB
	o     Options
	scope gate.Scope
}

func newProject(t testing.TB) *project {
	t.Helper()
	real, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	p := &project{t: t}
	for _, folder := range []string{"project", "workspace"} {
		must(t, os.Mkdir(filepath.Join(real, folder), 0o700))
	}
	p.scope = gate.Scope{
		Ticket: "INTG-088", Root: filepath.Join(real, "project"), Workspace: filepath.Join(real, "workspace"),
		Started: time.Now().Add(-time.Hour), Vars: map[string][]string{},
	}
	p.o = Options{
		Evidence: filepath.Join(real, "evidence"), Now: time.Now,
		Env: append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null"),
	}
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// path is where a name of a gate leads to.
func (p *project) path(name string) string {
	if rest, ok := strings.CutPrefix(name, "{workspace}/"); ok {
		return filepath.Join(p.scope.Workspace, rest)
	}
	return filepath.Join(p.scope.Root, name)
}

func (p *project) put(name, content string) {
	p.t.Helper()
	must(p.t, os.MkdirAll(filepath.Dir(p.path(name)), 0o700))
	must(p.t, os.WriteFile(p.path(name), []byte(content), 0o600))
}

// starts lets the work begin now, with the snapshot that belongs to it.
func (p *project) starts(gates ...string) {
	p.t.Helper()
	p.wait()
	p.scope.Started = time.Now()
	p.scope.Since = p.scope.Started
	p.wait() // what comes after it is later by the clock of files too
	var claims []factcheck.Claim
	for _, text := range gates {
		claims = append(claims, p.claims(text)...)
	}
	snap, err := Snap(p.t.Context(), p.o, p.scope, claims)
	must(p.t, err)
	p.scope.Snapshot = snap
}

// wait waits until the clock of files has moved on by more than its tick.
func (p *project) wait() {
	p.t.Helper()
	name := filepath.Join(p.t.TempDir(), "clock")
	deadline, begin := time.Now().Add(10*time.Second), time.Now()
	for time.Now().Before(deadline) {
		must(p.t, os.WriteFile(name, []byte("x"), 0o600))
		info, err := os.Stat(name)
		must(p.t, err)
		if info.ModTime().After(begin.Add(2 * tick)) {
			return
		}
	}
	p.t.Fatal("the clock of files stands still")
}

func (p *project) claims(text string) []factcheck.Claim {
	p.t.Helper()
	g, err := gate.Parse([]byte(text), "gate")
	must(p.t, err)
	claims, err := g.Claims(p.scope)
	must(p.t, err)
	return claims
}

// look judges a gate as the daemon does.
func (p *project) look(text string) []factcheck.Finding {
	p.t.Helper()
	return p.report(p.t.Context(), p.claims(text)).Findings
}

func (p *project) report(ctx context.Context, claims []factcheck.Claim) factcheck.Report {
	p.t.Helper()
	check := factcheck.New(factcheck.Options{Checkers: Checkers(p.o), Recorder: book{}})
	r, err := check.Judge(ctx, p.scope.Ticket, claims)
	must(p.t, err)
	return r
}

// book takes every report.
type book struct{}

func (book) Record(context.Context, string, string, any) (ledger.Entry, error) {
	return ledger.Entry{Seq: 1}, nil
}

// wants judges a gate of one claim and wants a verdict, and for any but
// verified the keys of its reason.
func (p *project) wants(text string, verdict ledger.Verdict, keys string) factcheck.Finding {
	p.t.Helper()
	fs := p.look(text)
	f := fs[len(fs)-1]
	if f.Verdict != verdict || !strings.HasPrefix(codes(f.Reason), keys) || verdict != ledger.Verified && keys == "" {
		p.t.Errorf("%s\n%s, %s (%v); want %s, %s", text, f.Verdict, codes(f.Reason), f.Reason, verdict, keys)
	}
	if f.Reason != nil {
		for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
			told := fault.Explain(f.Reason, lang)
			if strings.ContainsFunc(told, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(told) > 5000 || strings.Contains(told, "!local.") {
				p.t.Errorf("unfit to be shown: %q", told)
			}
		}
	}
	return f
}

const (
	yes     = ledger.Verified
	no      = ledger.Refuted
	unknown = ledger.Unverifiable
)

func codes(err error) string {
	var keys []string
	for err != nil {
		f, ok := errors.AsType[*fault.Error](err)
		if !ok {
			return strings.Join(append(keys, "error"), " ")
		}
		keys, err = append(keys, f.Key), f.Err
	}
	return strings.Join(keys, " ")
}

// picture is a PNG in which something can be seen, or nothing.
func picture(t testing.TB, width, height int, blank bool) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: 200, G: 200, B: 200, A: 255}
			if !blank {
				c.R, c.G = uint8(x*7), uint8(y*5) //nolint:gosec // wraps round
			}
			m.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.Bytes()
}

// git runs git in the project as a person would.
func (p *project) git(args ...string) string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), "git", append([]string{"-C", p.scope.Root, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Env = p.o.Env
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (p *project) commit(message string) string {
	p.t.Helper()
	p.git("add", "-A")
	p.git("commit", "-q", "--allow-empty", "-m", message)
	return p.git("rev-parse", "HEAD")
}
