package claude_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/ledger"
)

type object = map[string]any

// heard is what a tool has answered, with the members that a script looks at.
type heard struct {
	Ticket    string         `json:"ticket"`
	Verdict   ledger.Verdict `json:"verdict"`
	Current   int            `json:"current"`
	Steps     []heardStep    `json:"steps"`
	Workspace jsontext.Value `json:"workspace"` // a path, or an object of a ticket that was just filed
	Task      int64          `json:"task"`
	State     string         `json:"state"`
	Ended     bool           `json:"ended"`
	Progress  struct {
		Done  int `json:"done"`
		Total int `json:"total"`
	} `json:"progress"`
	Fields []struct {
		Column  string         `json:"column"`
		Text    string         `json:"text"`
		Verdict ledger.Verdict `json:"verdict"`
	} `json:"fields"`
	Counts map[string]int `json:"counts"`

	text   string // all of it
	failed bool
	object bool // it was one of ours, not a text
}

type heardStep struct {
	Number  int      `json:"number"`
	ID      string   `json:"id"`
	State   string   `json:"state"`
	Missing []string `json:"missing"`
}

// aside is what Claude Code tells its model of its own accord.
var aside = regexp.MustCompile(`(?s)\s*<system-reminder>.*?(</system-reminder>|$)`)

// hear reads the answer to the one use of a tool that was told last.
func hear(c content) (heard, error) {
	var h heard
	for _, b := range c {
		if b.Type != "tool_result" {
			continue
		}
		h.text, h.failed = strings.TrimSpace(aside.ReplaceAllString(b.Content.text(), "")), b.IsError
		if raw, err := jsontext.NewDecoder(strings.NewReader(h.text)).ReadValue(); err == nil && raw.Kind() == '{' {
			h.object = true
			err = json.Unmarshal(raw, &h)
			return h, err
		}
		return h, nil
	}
	return h, errors.New("no tool has answered")
}

// inHand is the step in hand.
func (h heard) inHand() heardStep {
	if h.Current < 1 || h.Current > len(h.Steps) {
		return heardStep{}
	}
	return h.Steps[h.Current-1]
}

// want tells why an answer is not what the script goes on with.
type want func(heard) error

// verified wants the verdict of a write or of a fact check.
func verified(h heard) error {
	if h.failed || h.Verdict != ledger.Verified {
		return fmt.Errorf("the verdict is %q", h.Verdict)
	}
	for _, f := range h.Fields {
		if f.Verdict != ledger.Verified {
			return fmt.Errorf("%s is %q", f.Column, f.Verdict)
		}
	}
	return nil
}

// passed wants a check that this step has passed, and the next to be in hand.
func passed(id, next string) want {
	return func(h heard) error {
		i := slices.IndexFunc(h.Steps, func(s heardStep) bool { return s.ID == id })
		if h.failed || h.Verdict != ledger.Verified || i < 0 || h.Steps[i].State != "passed" || h.inHand().ID != next {
			return fmt.Errorf("%s has not passed, or %s is not in hand: %q, in hand %+v", id, next, h.Verdict, h.inHand())
		}
		return nil
	}
}

// stands wants a step to be in hand in a state, and what it lacks to have words.
func stands(id, state string, words ...string) want {
	return func(h heard) error {
		step := h.inHand()
		if h.failed || h.Verdict == ledger.Verified || step.ID != id || step.State != state {
			return fmt.Errorf("%q, in hand %+v", h.Verdict, step)
		}
		return has(strings.Join(step.Missing, "\n"), words)
	}
}

// refused wants a failure that is told with words.
func refused(words ...string) want {
	return func(h heard) error {
		if !h.failed {
			return errors.New("it was not refused")
		}
		return has(h.text, words)
	}
}

// shows wants a success that is told with words.
func shows(words ...string) want {
	return func(h heard) error {
		if h.failed {
			return errors.New("it has failed")
		}
		return has(h.text, words)
	}
}

func has(text string, words []string) error {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return fmt.Errorf("no %q in it", w)
		}
	}
	return nil
}

// agent is a script whose every turn looks at what came of the one before, and
// ends where that is not what it should be.
type agent struct {
	t       *testing.T
	page    *page
	session int
	script  []turn

	want      want
	used      string     // the tool that want is about
	meanwhile chan error // what came of what somebody did while a tool ran
	beside    sync.WaitGroup
	seen      heard  // the last answer
	workspace string // as the daemon has told it
	task      int64  // likewise
	broken    bool   // it has stopped in the middle
}

func newAgent(t *testing.T, p *page, session int) *agent {
	a := &agent{t: t, page: p, session: session}
	t.Cleanup(a.beside.Wait) // the test's context has ended then, and what it runs with it
	return a
}

// uses adds a turn: words, the use of a tool, and what must come of it. In
// input {workspace} and "{task}" are what was told before.
func (a *agent) uses(words, name string, input object, w want) { a.during(words, name, input, w, nil) }

// during is uses, with something that somebody else does while the tool runs.
func (a *agent) during(words, name string, input object, w want, other func() error) {
	a.script = append(a.script, func(r request) content {
		if !a.look(r) {
			return a.stopped()
		}
		raw, err := json.Marshal(input, json.Deterministic(true), jsontext.EscapeForHTML(false))
		if err != nil {
			a.t.Error(err)
		}
		line := strings.NewReplacer("{workspace}", a.workspace, `"{task}"`, strconv.FormatInt(a.task, 10)).Replace(string(raw))
		words := a.filled(words)
		a.page.use(words, name, line)
		a.want, a.used = w, name
		if other != nil {
			a.meanwhile = make(chan error, 1)
			a.beside.Go(func() { a.meanwhile <- other() })
		}
		id := fmt.Sprintf("toolu_%d_%d", a.session, len(r.Messages))
		return content{{Type: "text", Text: words}, {Type: "tool_use", ID: id, Name: name, Input: jsontext.Value(line)}}
	})
}

// says adds the last turn.
func (a *agent) says(words string) {
	a.script = append(a.script, func(r request) content {
		if !a.look(r) {
			return a.stopped()
		}
		words := a.filled(words)
		a.page.line("● " + words)
		return content{{Type: "text", Text: words}}
	})
}

// filled has the answer before put into words.
func (a *agent) filled(words string) string {
	step := a.seen.inHand()
	return strings.NewReplacer(
		"{verdict}", string(a.seen.Verdict), "{step}", fmt.Sprintf("Step %d/%d, %s,", step.Number, len(a.seen.Steps), step.ID), "{state}", a.seen.State,
		"{missing}", strings.Join(step.Missing, "; "),
	).Replace(words)
}

// look judges what the tool that was used last has answered.
func (a *agent) look(r request) bool {
	if a.broken {
		return false
	}
	if a.want == nil {
		a.page.hook(r.last())
		return true
	}
	if a.meanwhile != nil {
		if err := <-a.meanwhile; err != nil {
			a.t.Errorf("while %s ran: %v", a.used, err)
		}
		a.meanwhile = nil
	}
	h, err := hear(r.last())
	if err == nil {
		err = a.want(h)
	}
	if err != nil {
		a.t.Errorf("%s: %v\n%.4000s", a.used, err, r.last().text())
		a.broken = true
		return false
	}
	if folder := ""; h.Workspace.Kind() == '"' && json.Unmarshal(h.Workspace, &folder) == nil {
		a.workspace = folder
	}
	if h.Task != 0 {
		a.task = h.Task
	}
	a.seen = h
	a.page.answer(h)
	return true
}

func (a *agent) stopped() content {
	return content{{Type: "text", Text: "I stop here: " + a.used + " did not answer what I need."}}
}

// ended checks that all of the script was used, and nothing beyond.
func (a *agent) ended(m *model) {
	a.t.Helper()
	if asked := len(m.requests()); a.broken || asked != len(a.script) {
		a.t.Fatalf("%d turns of %d; told last: %.4000s", asked, len(a.script), m.requests()[asked-1].last().text())
	}
}
