package adversary

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/tests/house"
)

// play is a move that is being played.
type play struct {
	t  *testing.T
	of *office
	*house.House
	root   string // of the project
	ticket string
	space  string                  // its folder
	asked  control.ApprovalRequest // that the person has approved last
	seen   map[string]bool         // codes and kinds
	heard  strings.Builder         // all that was said
	server *server                 // of MCP, once it was needed
}

// enter plays a move.
func enter(t *testing.T, of *office, m move) {
	t.Helper()
	p := &play{t: t, of: of, House: of.For(t), root: filepath.Join(t.TempDir(), "project"), seen: map[string]bool{}}
	p.project()
	if !m.phone {
		p.ticket = p.file()
	}
	if m.from != "" {
		p.upTo(m.from)
	}
	m.play(p)
	if t.Failed() {
		t.Logf("seen: %v\nheard: %.4000s", p.codes(), p.heard.String())
		return
	}
	for _, want := range m.shows {
		if !p.seen[want] && !strings.Contains(p.heard.String(), want) {
			t.Errorf("%q was not seen, but %v\n%.4000s", want, p.codes(), p.heard.String())
		}
	}
	aims := m.aims
	if aims == "" {
		aims = m.from
	}
	if aims != "" && m.ends != open {
		p.notPassed(aims)
	}
}

func (p *play) codes() (all []string) {
	for code := range p.seen {
		all = append(all, code)
	}
	return all
}

// shell is the agent's shell, in the project. What it says is kept, and so is
// its exit status.
func (p *play) shell(script string) (out string, code int) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), "bash", "-c", script)
	cmd.Dir, cmd.Env = p.root, append(p.environment(),
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	r := house.Finish(p.t, cmd)
	p.hear(r.Out + r.Err)
	return r.Out + r.Err, r.Code
}

func (p *play) environment() []string {
	cmd := p.Command()
	return append(cmd.Env, "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"), "DB="+p.Home.Database(), "TICKET="+p.ticket, "SPACE="+p.space)
}

// hear keeps what was said.
func (p *play) hear(text string) {
	p.heard.WriteString(text + "\n")
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		p.note(v)
	}
}

// note keeps the codes of faults, wherever they stand.
func (p *play) note(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if code, ok := value.(string); ok && key == "code" {
				p.seen[code] = true
			}
			p.note(value)
		}
	case []any:
		for _, value := range v {
			p.note(value)
		}
	}
}

// line runs the command line in the project, with --json, and reads its answer.
func (p *play) line(into any, args ...string) (code int) {
	p.t.Helper()
	cmd := p.Command(append([]string{"--json"}, args...)...)
	cmd.Dir = p.root
	r := house.Finish(p.t, cmd)
	p.hear(r.Out)
	p.hear(r.Err)
	if into != nil {
		if err := json.Unmarshal([]byte(r.Out), into); err != nil {
			p.t.Fatalf("%v: %v\n%s%s", args, err, r.Out, r.Err)
		}
	}
	return r.Code
}

// ends runs the command line, which must end with that status.
func (p *play) ends(code int, args ...string) {
	p.t.Helper()
	if got := p.line(nil, args...); got != code {
		p.t.Errorf("%v ended with %d, not %d", args, got, code)
	}
}

// check asks for the step in hand to be looked at, which must end so: 1 for
// refuted, 3 for not to be looked at.
func (p *play) check(code int, args ...string) control.Workflow {
	p.t.Helper()
	var w control.Workflow
	if got := p.line(&w, append([]string{"workflow", p.ticket, "check"}, args...)...); got != code {
		p.t.Errorf("the check ended with %d, not %d", got, code)
	}
	return w
}

// show is how the work stands.
func (p *play) show() (w control.Workflow) {
	p.t.Helper()
	p.line(&w, "workflow", p.ticket)
	return w
}

func stateOf(w control.Workflow, step string) string {
	for _, s := range w.Steps {
		if s.ID == step {
			return s.State
		}
	}
	return ""
}

// notPassed holds the move to it that a step has not passed, whatever was said.
func (p *play) notPassed(step string) {
	p.t.Helper()
	cmd := p.Command("--json", "workflow", p.ticket)
	out, err := cmd.Output()
	var w control.Workflow
	if err != nil || json.Unmarshal(out, &w) != nil {
		return // nothing is said of it at all
	}
	if state := stateOf(w, step); state == "passed" || state == "" || w.FinishedAt != nil {
		p.t.Errorf("step %s of %s is %q", step, p.ticket, state)
	}
}

// claim has single claims judged, as an agent would over MCP.
func (p *play) claim(claims ...string) (verdict string) {
	p.t.Helper()
	var list []any
	for _, c := range claims {
		var v any
		if err := json.Unmarshal([]byte(c), &v); err != nil {
			p.t.Fatal(err)
		}
		list = append(list, v)
	}
	found, failed := p.tool("factcheck", map[string]any{"ticket": p.ticket, "claims": list})
	if failed != "" {
		return failed
	}
	verdict, _ = found["verdict"].(string)
	return verdict
}

// ledger notes the kinds of the entries about a subject.
func (p *play) ledger(subject string) string {
	p.t.Helper()
	out := p.Must("ledger", "export", subject)
	for line := range strings.Lines(out) {
		var e struct {
			Kind string `json:"kind"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			p.t.Fatal(err)
		}
		p.seen[e.Kind] = true
	}
	return out
}

// stop ends the daemon, for those who edit its store.
func (p *play) stop() {
	p.t.Helper()
	p.Must("down")
}

// sql edits the store, or asks it.
func (p *play) sql(text string) string {
	p.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(p.t.Context(), "sqlite3", "-bail", "-cmd", ".timeout 10000", p.Home.Database(), text)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("%s: %v %s", text, err, errs.String())
	}
	return strings.TrimSpace(out.String())
}

// daemon is a client of the socket, as anybody can write one.
func (p *play) daemon(f func(context.Context, *control.Client) error) {
	p.t.Helper()
	p.of.person(p.t, f)
}

// shut fails unless an error has that code, which it notes.
func (p *play) shut(err error) {
	p.t.Helper()
	if err == nil {
		p.t.Error("it was let in")
		return
	}
	raw, _ := json.Marshal(control.Encode(err)) // it is data
	p.hear(string(raw))
}

// check0 asks for the step in hand to be looked at, whatever comes of it.
func (p *play) check0() (w control.Workflow) {
	p.t.Helper()
	p.line(&w, "workflow", p.ticket, "check")
	return w
}

func jsonNumber(n int) string { return strconv.Itoa(n) }
