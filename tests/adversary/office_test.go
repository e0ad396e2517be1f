package adversary

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/monitor/notify/notifytest"
	"uratori/tests/house"
)

const passphrase = "a person alone knows this"

// office is a home with a person who has chosen the passphrase, before any
// agent worked there.
type office struct {
	*house.House
	phone *notifytest.Server
}

func newOffice(t *testing.T, phone bool) *office {
	t.Helper()
	o := &office{House: house.New(t, program)}
	o.Env = []string{
		"URATORI_MONITOR_INTERVAL=200ms", "URATORI_RUNNER_RETRIES=0", "URATORI_RUNNER_BACKOFF=100ms", "URATORI_RUNNER_GRACE=1s",
		"URATORI_MONITOR_NVML=" + filepath.Join(t.TempDir(), "libnvidia-ml.so.1"),
	}
	if phone {
		o.phone = notifytest.New(time.Now)
		base, stop, err := o.phone.Listen(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
		o.Env = append(o.Env, "PUSHOVER_TOKEN="+notifytest.Token, "PUSHOVER_USER="+notifytest.User, "URATORI_NOTIFY_PUSHOVER_ENDPOINT="+base)
		return o
	}
	o.Settled()
	o.person(t, func(ctx context.Context, c *control.Client) error {
		return c.SetPassphrase(ctx, control.SetPassphrase{New: passphrase})
	})
	return o
}

// person does what a person does, and what is done before the agent begins.
func (o *office) person(t testing.TB, f func(context.Context, *control.Client) error) {
	t.Helper()
	o.For(t).Status() // starts it where it was ended
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := control.Dial(ctx, o.Home, control.Build{Version: "1.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := f(ctx, c); err != nil {
		t.Fatal(err)
	}
}

// settings is the uratori.toml of every project here.
const settings = `[project]
tests = ["tests/**"]
test = ["sh", "tests/test.sh"]
test_report = "build/junit.xml"
sources = ["src/**"]
inputs = ["in/*.png"]
outputs = ["out/*.png"]
`

// suite is a test that runs the program, and says so in a report. Nothing but
// that can be told from outside.
const suite = `mkdir -p build
if test "$(sh src/extract.sh)" = done; then
  echo '<testsuite tests="1"><testcase name="it is done"/></testsuite>' > build/junit.xml
else
  echo '<testsuite tests="1" failures="1"><testcase name="it is done"><failure/></testcase></testsuite>' > build/junit.xml
  exit 1
fi
`

func (p *play) write(name, text string) {
	p.t.Helper()
	path := p.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *play) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.root, name)
}

// picture makes a picture; flat is one of a single colour.
func (p *play) picture(name string, seed uint8, flat bool) {
	p.t.Helper()
	const side = 70
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = seed
		if !flat {
			img.Pix[i] = uint8(i%side)*seed + seed //nolint:gosec // it may turn over
		}
	}
	p.write(name, "")
	f, err := os.Create(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // written below or failed
	if err := png.Encode(f, img); err != nil {
		p.t.Fatal(err)
	}
}

// project makes the project, in a repository.
func (p *play) project() {
	p.t.Helper()
	p.write("README.md", "抽出\n")
	p.write(".gitignore", "build/\n")
	p.write("src/extract.sh", "echo not yet\n")
	p.write("uratori.toml", settings)
	p.picture("in/a.png", 1, false)
	p.picture("in/b.png", 2, false)
	p.shell("git init --quiet && git add --all && git commit --quiet --message begin")
}

// tickets files the ticket of a play.
func (p *play) file() string {
	p.t.Helper()
	var w control.Write
	p.of.person(p.t, func(ctx context.Context, c *control.Client) (err error) {
		w, err = c.CreateTicket(ctx, control.CreateTicket{Fields: map[string]string{"summary": "抽出の自動化", "detail": "全ページを抽出する"}})
		return err
	})
	if w.Verdict != ledger.Verified || w.Ticket == "" {
		p.t.Fatalf("%+v", w)
	}
	return w.Ticket
}

// begin starts the work on the ticket.
func (p *play) begin() {
	p.t.Helper()
	p.of.person(p.t, func(ctx context.Context, c *control.Client) error {
		w, err := c.Workflow(ctx, control.AskWorkflow{Ticket: p.ticket, Action: "start", Root: p.root})
		p.space = w.Workspace
		return err
	})
}

// upTo does the work honestly until a step is in hand.
func (p *play) upTo(step string) {
	p.t.Helper()
	p.begin()
	p.on("read", step)
}

// on goes on from one step to another.
func (p *play) on(from, to string) {
	p.t.Helper()
	p.of.person(p.t, func(ctx context.Context, c *control.Client) error {
		for id := from; id != to; {
			if err := p.honest(ctx, c, id); err != nil {
				return err
			}
			w, err := c.Workflow(ctx, control.AskWorkflow{Ticket: p.ticket, Action: "check"})
			// A program that another row is just starting holds our files open for a moment.
			for deadline := time.Now().Add(10 * time.Second); err == nil && w.Verdict == ledger.Unverifiable && time.Now().Before(deadline); {
				w, err = c.Workflow(ctx, control.AskWorkflow{Ticket: p.ticket, Action: "check"})
			}
			if err != nil {
				return err
			}
			if w.Verdict != ledger.Verified || w.Current == 0 {
				return fmt.Errorf("%s has not passed: %+v", id, w)
			}
			id = w.Steps[w.Current-1].ID
		}
		return nil
	})
}

// honest does what a step asks for.
func (p *play) honest(ctx context.Context, c *control.Client, step string) error {
	switch step {
	case "sow":
		p.write(p.document("SOW"), "# 作業範囲\n\n"+strings.Repeat("本文。", 100)+"\n")
	case "plan":
		p.write(p.document("IMPLEMENTATION_PLAN"), "# 計画\n\n"+strings.Repeat("本文。", 100)+"\n")
	case "plan-approval", "completion-approval":
		if _, err := c.Workflow(ctx, control.AskWorkflow{Ticket: p.ticket, Action: "request_approval"}); err != nil {
			return err
		}
		return p.answer(ctx, c, step)
	case "setup":
		p.write("tests/test.sh", suite)
	case "implement":
		p.write("src/extract.sh", "echo done\n")
		p.shell("git add --all && git commit --quiet --message work")
	case "extract":
		if state := p.job(ctx, c, "sh", "-c", extraction); state != "succeeded" {
			return fmt.Errorf("the job has %s", state)
		}
		p.shell("git add --all && git commit --quiet --message pages")
	case "record":
		_, err := c.UpdateTicket(ctx, control.UpdateTicket{Ticket: p.ticket, Fields: map[string]string{"status": "確認中"}, Reader: "honest"})
		return err
	}
	return nil
}

const extraction = "cp in/a.png out/a.png; cp in/b.png out/b.png"

func (p *play) document(name string) string {
	return filepath.Join(p.space, name+"_"+p.ticket+".md")
}

// job queues the extraction with a command and waits for its end.
func (p *play) job(ctx context.Context, c *control.Client, argv ...string) (state string) {
	p.t.Helper()
	if err := os.MkdirAll(p.path("out"), 0o700); err != nil {
		p.t.Fatal(err)
	}
	queued, err := c.Enqueue(ctx, control.Enqueue{
		Ticket: p.ticket, Name: "extract", Command: argv, Cwd: p.root, Environ: os.Environ(), Items: []string{"in/*.png"}, Outputs: []string{"out/{stem}.png"},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	done, err := c.WaitTask(ctx, queued.Task, 30*time.Second)
	if err != nil {
		p.t.Fatal(err)
	}
	return done.State
}

// answer approves the one question that waits, as the person who knows how.
func (p *play) answer(ctx context.Context, c *control.Client, step string) error {
	a, err := c.Approvals(ctx, p.ticket)
	if err != nil {
		return err
	}
	if len(a.Requests) != 1 || a.Requests[0].Step != step {
		return fmt.Errorf("%+v", a.Requests)
	}
	p.asked = a.Requests[0]
	_, err = c.Decide(ctx, control.Decide{
		Ticket: p.ticket, Step: step, Digest: p.asked.Digest, Passphrase: passphrase, Approver: "anna", Channel: "terminal",
	})
	return err
}
