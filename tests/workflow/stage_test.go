// Package workflow takes tickets through their steps under the built binary, in
// a real repository, with real jobs and a person's passphrase.
package workflow

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/tests/house"
)

var program string

func TestMain(m *testing.M) { os.Exit(house.Main(m, &program)) }

const passphrase = "a person alone knows this"

// stage is a home, a project in a repository, and a ticket.
type stage struct {
	*house.House
	t      *testing.T
	root   string
	ticket string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{House: house.New(t, program), t: t, root: filepath.Join(t.TempDir(), "project")}
	s.Env = []string{"URATORI_MONITOR_INTERVAL=200ms", "URATORI_LANG=en"}
	s.write("README.md", "抽出\n")
	s.write("src/extract.sh", "echo not yet\n")
	s.picture("in/a.png", 1)
	s.picture("in/b.png", 2)
	s.git("init", "--quiet")
	s.commit("begin")
	var filed control.Write
	s.json(&filed, 0, "ticket", "create", "--summary", "抽出の自動化", "--detail", "全ページを抽出する")
	s.ticket = filed.Ticket
	return s
}

func (s *stage) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.root, name)
	if filepath.IsAbs(name) {
		path = name
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// picture makes a picture that is not blank.
func (s *stage) picture(name string, seed uint8) {
	s.t.Helper()
	const side = 70
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = uint8(i%side)*seed + seed //nolint:gosec // it may turn over
	}
	img.SetGray(0, 0, color.Gray{255})
	s.write(name, "")
	f, err := os.Create(filepath.Join(s.root, name))
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // written below or failed
	if err := png.Encode(f, img); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) git(args ...string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	cmd.Dir = s.root
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (s *stage) commit(message string) {
	s.t.Helper()
	s.git("add", "--all")
	s.git("commit", "--quiet", "--message", message)
}

// json runs a command in the project and reads its answer.
func (s *stage) json(into any, code int, args ...string) {
	s.t.Helper()
	cmd := s.Command(append([]string{"--json"}, args...)...)
	cmd.Dir = s.root
	r := house.Finish(s.t, cmd)
	if r.Code != code {
		s.t.Fatalf("%v ended with %d, not %d\n%s%s", args, r.Code, code, r.Out, r.Err)
	}
	if err := json.Unmarshal([]byte(r.Out), into); err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, r.Out)
	}
}

// ask asks for a step; the command must end with code.
func (s *stage) ask(code int, words ...string) control.Workflow {
	s.t.Helper()
	var w control.Workflow
	s.json(&w, code, append([]string{"workflow", s.ticket}, words...)...)
	return w
}

// refused asks for what must be refused with that sentence.
func (s *stage) refused(code int, key string, words ...string) {
	s.t.Helper()
	var body control.ErrorBody
	s.json(&body, code, append([]string{"workflow", s.ticket}, words...)...)
	if body.Error == nil || body.Error.Code != key {
		s.t.Fatalf("%v: %+v", words, body.Error)
	}
}

// passes has the current step checked, which must be this one and pass.
func (s *stage) passes(id string) {
	s.t.Helper()
	if before := s.ask(0); current(before).ID != id {
		s.t.Fatalf("the step in hand is %s, not %s", current(before).ID, id)
	}
	cmd := s.Command("--json", "workflow", s.ticket, "check")
	r := house.Finish(s.t, cmd)
	var w control.Workflow
	if err := json.Unmarshal([]byte(r.Out), &w); err != nil || r.Code != 0 || w.Verdict != ledger.Verified || w.Current == numberOf(w, id) {
		s.t.Fatalf("%s: %d %s %s", id, r.Code, r.Out, r.Err)
	}
}

// fails has the step checked, which must not pass, for a reason with these words.
func (s *stage) fails(id string, code int, words ...string) control.Workflow {
	s.t.Helper()
	w := s.ask(code, "check")
	missing := strings.Join(current(w).Missing, "\n")
	for _, word := range words {
		if !strings.Contains(missing, word) {
			s.t.Fatalf("%s: %s\nhas no %s", id, missing, word)
		}
	}
	if current(w).ID != id {
		s.t.Fatalf("the step in hand is %s, not %s", current(w).ID, id)
	}
	return w
}

func numberOf(w control.Workflow, id string) int {
	for _, s := range w.Steps {
		if s.ID == id {
			return s.Number
		}
	}
	return 0
}

func current(w control.Workflow) control.WorkflowStep {
	if w.Current == 0 {
		return control.WorkflowStep{}
	}
	return w.Steps[w.Current-1]
}

func states(w control.Workflow) string {
	var all []string
	for _, s := range w.Steps {
		all = append(all, s.State)
	}
	return strings.Join(all, " ")
}

// person does what only a person can.
func (s *stage) person(f func(context.Context, *control.Client) error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	c, err := control.Dial(ctx, s.Home, control.Build{Version: "1.0.0-test"})
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := f(ctx, c); err != nil {
		s.t.Fatal(err)
	}
}

// approves answers the one question that waits, at this step.
func (s *stage) approves(step string) control.ApprovalRequest {
	s.t.Helper()
	var asked control.ApprovalRequest
	s.person(func(ctx context.Context, c *control.Client) error {
		a, err := c.Approvals(ctx, s.ticket)
		if err != nil {
			return err
		}
		if !a.Passphrase {
			if err := c.SetPassphrase(ctx, control.SetPassphrase{New: passphrase}); err != nil {
				return err
			}
		}
		if len(a.Requests) != 1 || a.Requests[0].Step != step {
			s.t.Fatalf("%+v", a.Requests)
		}
		asked = a.Requests[0]
		_, err = c.Decide(ctx, control.Decide{
			Ticket: s.ticket, Step: step, Digest: asked.Digest, Passphrase: passphrase, Approver: "anna", Channel: "terminal",
		})
		return err
	})
	return asked
}
