package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"uratori/internal/ledger"
	"uratori/runner"
)

// The workflow of the model. {name} and {help} are what people change in it.
const modelled = `version: 1
name: {name}
steps:
  - id: plan
    phase: 0
    name: {ja: 計画, en: Plan}
    gate: {file: {plan.md: {contains: [plan]}}}
  - id: approval
    phase: 0
    name: {ja: 承認, en: Approval}
    approval: {expires: 1h}
  - id: setup
    phase: 1
    name: {ja: 準備, en: Set up}
    gate: {file: {"{tests}": {size: {min: 1}}}}
    freeze: ["{tests}"]
  - id: build
    phase: 1
    name: {ja: 実装, en: Build}
    help: {ja: "{help}", en: "{help}"}
    gate: {file: {src.txt: {contains: [good]}}, frozen: {tests: {}}}
  - id: extract
    phase: 1
    name: {ja: 抽出, en: Extraction}
    gate: {task: {extract: {min_items: 1, after: start}}}
  - id: complete
    phase: 2
    name: {ja: 確認, en: Check}
    recheck: true
  - id: done
    phase: 2
    name: {ja: 完了, en: Done}
    approval: {expires: 1h}
`

func modelledAs(name, help string) string {
	return strings.NewReplacer("{name}", name, "{help}", help).Replace(modelled)
}

var stepIDs = []string{"plan", "approval", "setup", "build", "extract", "complete", "done"}

// model is what has to be so, from what was done alone: it knows neither hashes
// nor the store. A fingerprint is the texts that something was seen from.
type model struct {
	files    map[string]string // of the project, as they are
	task     string            // the newest task called extract
	runs     int               // how many were called so
	started  bool
	finished bool
	pinned   map[string]string // definition and settings, as pinned
	frozen   map[string]string
	steps    map[string]*modelStep
	asked    map[string]string // the newest question at a step, and its answer
	answered map[string]string // approved, rejected or ""
}

type modelStep struct {
	passed, blocked bool
	seen            string   // fingerprint of what it passed on
	frozen          []string // files of which were frozen then
	released        bool     // a person has approved that they change
	run             int      // which of the tasks it passed on: its outputs are others than those of one before
	settings, text  string   // and what counted then
	approved        string   // what a person has said yes to
}

func newModel() *model {
	return &model{
		files: map[string]string{}, pinned: map[string]string{}, frozen: map[string]string{},
		steps: map[string]*modelStep{}, asked: map[string]string{}, answered: map[string]string{},
	}
}

func person(id string) bool { return id == "approval" || id == "done" }

func (m *model) tests() map[string]string {
	found := map[string]string{}
	for name, text := range m.files {
		if strings.HasPrefix(name, "tests/") {
			found[name] = text
		}
	}
	return found
}

// thawed are frozen files that are something else now.
func (m *model) thawed() map[string]string {
	found := map[string]string{}
	for name, text := range m.frozen {
		if m.files[name] != text {
			found[name] = m.files[name]
		}
	}
	return found
}

// sees is what a step is seen from now, with the frozen files of these names.
func (m *model) sees(id string, frozen []string) string {
	now := map[string]string{}
	for _, name := range frozen {
		now[name] = m.files[name]
	}
	switch id {
	case "plan":
		return m.files["plan.md"]
	case "setup":
		return fmt.Sprint(m.tests(), now)
	case "build":
		return fmt.Sprint(m.files["src.txt"], now)
	case "complete":
		return fmt.Sprint(m.sees("plan", nil), m.sees("setup", frozen), m.sees("build", frozen))
	}
	return ""
}

// subject is what a person would approve now.
func (m *model) subject(id string) string {
	text := fmt.Sprint(m.files[File], "|", m.files["uratori.toml"], "|", m.thawed())
	for _, before := range stepIDs[:slices.Index(stepIDs, id)] {
		if s := m.steps[before]; s != nil {
			text += fmt.Sprint("|", before, s.seen, s.run, s.approved)
		}
	}
	return text
}

// holds tells whether a step has passed and is not stale.
func (m *model) holds(id string) bool {
	s := m.steps[id]
	if s == nil || !s.passed || s.blocked {
		return false
	}
	if m.finished {
		return true
	}
	if person(id) {
		return s.seen == m.subject(id) && m.asked[id] == s.approved && m.answered[id] == "approved"
	}
	return s.seen == m.sees(id, s.frozen) && !s.released && s.settings == m.pinned["uratori.toml"]
}

func (m *model) current() string {
	for _, id := range stepIDs {
		if !m.holds(id) {
			return id
		}
	}
	return ""
}

// true tells whether what a step claims is so.
func (m *model) true(id string) bool {
	switch id {
	case "plan":
		return strings.Contains(m.files["plan.md"], "plan")
	case "setup":
		return len(m.tests()) > 0 && len(m.thawed()) == 0
	case "build":
		return strings.Contains(m.files["src.txt"], "good") && len(m.frozen) > 0 && len(m.thawed()) == 0
	case "extract":
		return m.task == "good"
	case "complete":
		return m.true("plan") && m.true("setup") && m.true("build") && m.true("extract")
	}
	if m.holds(id) {
		return true
	}
	return m.asked[id] == m.subject(id) && m.answered[id] == "approved"
}

func (m *model) moved() bool {
	return m.pinned[File] != m.files[File] || m.pinned["uratori.toml"] != m.files["uratori.toml"]
}

// pin takes what is there. A step whose text has changed begins anew.
func (m *model) pin() {
	for _, name := range []string{File, "uratori.toml"} {
		m.pinned[name] = m.files[name]
	}
	if s := m.steps["build"]; s != nil && s.text != helpIn(m.pinned[File]) {
		delete(m.steps, "build")
	}
}

func helpIn(definition string) string {
	_, after, _ := strings.Cut(definition, `help: {ja: "`)
	help, _, _ := strings.Cut(after, `"`)
	return help
}

// check is what a check of a step must lead to.
func (m *model) check(id string) bool {
	s := m.step(id)
	if !m.true(id) {
		if id == "complete" {
			for _, before := range []string{"plan", "setup", "build", "extract"} {
				if !m.true(before) {
					m.steps[before].passed = false
				}
			}
		}
		s.passed = false
		return false
	}
	approved := m.subject(id)
	if m.holds(id) {
		approved = s.approved
	}
	if person(id) && m.moved() {
		m.pin()
		for _, before := range stepIDs[:slices.Index(stepIDs, id)] {
			if !m.holds(before) {
				s.passed = false
				return false
			}
		}
	}
	if person(id) {
		for name, text := range m.thawed() {
			if setup := m.steps["setup"]; setup != nil {
				setup.released = true
			}
			if m.frozen[name] = text; text == "" {
				delete(m.frozen, name)
			}
		}
		s.approved = approved
		s.seen = m.subject(id)
	}
	if id == "extract" {
		s.run = m.runs
	}
	if id == "setup" {
		maps.Copy(m.frozen, m.tests())
	}
	if !person(id) {
		s.frozen, s.released = slices.Sorted(maps.Keys(m.frozen)), false
		s.seen = m.sees(id, s.frozen)
	}
	s.passed, s.settings, s.text = true, m.pinned["uratori.toml"], helpIn(m.pinned[File])
	m.finished = m.finished || id == "done"
	return true
}

func (m *model) step(id string) *modelStep {
	if m.steps[id] == nil {
		m.steps[id] = &modelStep{text: helpIn(m.pinned[File])}
	}
	return m.steps[id]
}

// state is how a step must be shown.
func (m *model) state(id string) State {
	s := m.steps[id]
	switch {
	case s != nil && s.blocked:
		return Blocked
	case m.holds(id):
		return Passed
	case person(id) && m.current() == id && m.asked[id] == m.subject(id) && m.answered[id] == "":
		return Waiting
	case s != nil && s.passed:
		return Stale
	}
	return Open
}

// TestAnySequence_PassesAStepOnlyInOrderAndOnlyWhenEverythingWasSeen plays
// starts, checks, blocks, questions, answers, jobs and changes of files against
// the model.
func TestAnySequence_PassesAStepOnlyInOrderAndOnlyWhenEverythingWasSeen(t *testing.T) {
	h, leave := newHouse(t)
	defer leave()
	tickets := 0
	rapid.Check(t, func(rt *rapid.T) {
		tickets++
		h.turn(fmt.Sprintf("INTG-%d", tickets))
		m := newModel()
		set := func(name, text string) {
			h.write(name, text)
			if m.files[name] = text; text == "" {
				delete(m.files, name)
			}
		}
		set(File, modelledAs("a", "a"))
		set("uratori.toml", "[project]\ntests = [\"tests/*.txt\"]\n")
		p := &play{rt, h, m}
		for range rapid.IntRange(5, 60).Draw(rt, "length") {
			switch rapid.SampledFrom([]string{
				"check", "check", "check", "forward", "forward", "forward", "forward", "forward", "earlier", "later", "ask", "answer", "file", "file", "job", "block", "start", "pins",
			}).Draw(rt, "what") {
			case "start":
				p.start()
			case "check":
				p.check("")
			case "forward":
				p.forward(set)
			case "earlier", "later":
				p.check(rapid.SampledFrom(stepIDs).Draw(rt, "step"))
			case "ask":
				p.ask()
			case "answer":
				p.answer(rapid.SampledFrom([]string{"approval", "done"}).Draw(rt, "step"), rapid.IntRange(0, 4).Draw(rt, "no") == 0)
			case "file":
				name := rapid.SampledFrom([]string{"plan.md", "src.txt", "tests/a.txt", "tests/b.txt", "other.txt"}).Draw(rt, "file")
				set(name, rapid.SampledFrom([]string{"", "bad", "a plan", "good", "good and a plan"}).Draw(rt, "text"))
			case "job":
				p.job(rapid.SampledFrom([]string{"good", "failed", "empty", "other"}).Draw(rt, "job"))
			case "block":
				p.block()
			case "pins":
				if rapid.Bool().Draw(rt, "which") {
					set(File, modelledAs(rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "name"), rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "help")))
				} else {
					set("uratori.toml", "[project]\ntests = [\"tests/*.txt\"]\n"+rapid.SampledFrom([]string{"", "# other\n"}).Draw(rt, "settings"))
				}
			}
			p.compare()
		}
	})
	r, err := ledger.Verify(t.Context(), h.db.Reader().DB, ledger.Hash{})
	if err != nil || r.Verdict != ledger.Verified {
		t.Fatal(r, err)
	}
}

// play does things to a house and to its model.
type play struct {
	*rapid.T

	h *house
	m *model
}

func (p *play) start() {
	_, err := p.h.Start(context.Background(), p.h.ticket, p.h.root, "agent")
	if err != nil {
		p.Fatal(err)
	}
	m := p.m
	if !m.started {
		m.started = true
		m.pin()
		return
	}
	if m.finished {
		return
	}
	for _, s := range m.steps {
		if s.blocked {
			s.blocked, s.passed = false, false
		}
	}
	if m.moved() && !slices.ContainsFunc(stepIDs, func(id string) bool { return m.steps[id] != nil && m.steps[id].approved != "" }) {
		m.pin()
	}
}

// check has a step checked, "" for the current one.
func (p *play) check(id string) {
	m := p.m
	v, err := p.h.Check(context.Background(), p.h.ticket, id, "agent")
	current := ""
	if m.started {
		current = m.current()
	}
	target := id
	if target == "" {
		target = current
	}
	refused := !m.started || m.finished || slices.Index(stepIDs, target) > slices.Index(stepIDs, current) || m.steps[target] != nil && m.steps[target].blocked
	if refused {
		if err == nil {
			p.Fatalf("the check of %q was not refused: %s", id, v.Verdict)
		}
		return
	}
	if err != nil {
		p.Fatal(err)
	}
	if want := m.check(target); want != (v.Verdict == ledger.Verified) {
		p.Fatalf("the check of %s says %s, the model %t: %v", target, v.Verdict, want, v.Steps[max(v.Current, 1)-1].Wanting)
	}
}

// forward does what the current step needs, as a diligent agent and a willing
// person would.
func (p *play) forward(set func(name, text string)) {
	if !p.m.started {
		p.start()
		return
	}
	switch id := p.m.current(); id {
	case "plan":
		if !p.m.true(id) {
			set("plan.md", "a plan")
		}
	case "setup":
		if len(p.m.tests()) == 0 {
			set("tests/a.txt", "good")
		}
	case "build":
		if !strings.Contains(p.m.files["src.txt"], "good") {
			set("src.txt", "good")
		}
	case "extract":
		p.job("good")
	case "approval", "done":
		p.ask()
		p.answer(id, false)
	case "":
		return
	}
	p.check("")
}

func (p *play) ask() {
	m := p.m
	_, err := p.h.Request(context.Background(), p.h.ticket, "", "please", "agent")
	id := ""
	if m.started && !m.finished {
		id = m.current()
	}
	if refused := !person(id) || m.steps[id] != nil && m.steps[id].blocked; refused != (err != nil) {
		p.Fatalf("asking at %q: %v", id, err)
	}
	if err != nil {
		return
	}
	// The same question again, while it waits or was answered with yes, is none.
	if m.asked[id] != m.subject(id) || m.answered[id] == "rejected" {
		m.asked[id], m.answered[id] = m.subject(id), ""
	}
}

func (p *play) answer(step string, reject bool) {
	waits := p.m.asked[step] != "" && p.m.answered[step] == ""
	if p.h.answer(step, reject) != waits {
		p.Fatalf("a question at %s: the model says %t", step, waits)
	}
	if waits {
		p.m.answered[step] = map[bool]string{false: "approved", true: "rejected"}[reject]
	}
}

func (p *play) job(kind string) {
	if kind != "other" {
		p.m.runs++
	}
	switch kind {
	case "good":
		p.h.tasks.run("extract", runner.Succeeded, 2)
		p.m.task = "good"
	case "failed":
		p.h.tasks.run("extract", runner.Failed, 2)
		p.m.task = "failed"
	case "empty":
		p.h.tasks.run("extract", runner.Succeeded, 0)
		p.m.task = "empty"
	case "other":
		p.h.tasks.run("another", runner.Succeeded, 2)
	}
	if !p.m.started && kind == "good" {
		p.h.tasks.early()
		p.m.task = "early"
	}
}

func (p *play) block() {
	m := p.m
	_, err := p.h.Block(context.Background(), p.h.ticket, "", "it cannot be done", "agent")
	if refused := !m.started || m.finished; refused != (err != nil) {
		p.Fatalf("blocking: %v", err)
	}
	if err == nil {
		m.step(m.current()).blocked = true
	}
}

// compare looks that everything is shown as the model has it.
func (p *play) compare() {
	v, err := p.h.Show(context.Background(), p.h.ticket)
	if err != nil {
		p.Fatal(err)
	}
	if !p.m.started {
		return
	}
	open := false
	for _, s := range v.Steps {
		if want := p.m.state(s.ID); s.State != want {
			p.Fatalf("%s is shown as %s, the model has it %s", s.ID, s.State, want)
		}
		if s.State != Passed {
			open = true
		}
	}
	if v.Finished.IsZero() != open {
		p.Fatalf("finished: %v", v.Finished)
	}
	if extract := v.Steps[4]; extract.ID != Extract {
		p.Fatal("there is no extraction")
	}
}
