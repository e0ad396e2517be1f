package workflow

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/tracker/project"
)

// gateOf is what a step has to show in the project as it was pinned.
func (s *standing) gateOf(step Step) (gate.Gate, error) { return gateIn(step, s.settings) }

func gateIn(step Step, settings project.Project) (gate.Gate, error) {
	values := settings.Values()
	return step.Gate(func(value string) bool { return len(values[value]) > 0 })
}

// claims are all that has to be true for a step to pass, but for what a person
// says and what earlier steps have to show.
func (s *standing) claims(step Step) ([]factcheck.Claim, error) {
	scope := s.scope(step)
	g, err := s.gateOf(step)
	if err != nil {
		return nil, err
	}
	var claims []factcheck.Claim
	if !g.Empty() {
		if claims, err = g.Claims(scope); err != nil {
			return nil, err
		}
	}
	for _, more := range []func() (gate.Gate, error){
		func() (gate.Gate, error) { return s.rulesOf(step) },
		func() (gate.Gate, error) { return s.frozenBy(step) },
	} {
		g, err := more()
		if err != nil {
			return nil, err
		}
		if g.Empty() {
			continue
		}
		added, err := g.Claims(scope)
		if err != nil {
			return nil, err
		}
		claims = append(claims, added...)
	}
	return claims, nil
}

// block is a part of a gate as JSON, which is YAML too.
type block map[string]map[string]map[string]any

func (b block) gate(name string) (gate.Gate, error) {
	raw, err := json.Marshal(b, json.Deterministic(true))
	if err != nil {
		return gate.Gate{}, err
	}
	return gate.Parse(raw, name)
}

// rulesOf are the rules of the project, where a step looks at them.
func (s *standing) rulesOf(step Step) (gate.Gate, error) {
	if !step.Rules || len(s.settings.Rules) == 0 {
		return gate.Gate{}, nil
	}
	return ruleGate(s.settings)
}

func ruleGate(settings project.Project) (gate.Gate, error) {
	rules := map[string]map[string]any{}
	for _, r := range settings.Rules {
		options := map[string]any{"under": r.Under, "match": r.Match, "recursive": r.Recursive, "since": "start"}
		if r.Message != "" {
			options["message"] = r.Message
		}
		rules[r.Name] = options
	}
	return block{gate.KindNoMatch: rules}.gate(project.File)
}

// frozenPatterns are what a step freezes, filled in.
func (s *standing) frozenPatterns(step Step) (patterns []string, err error) {
	values := s.settings.Values()
	for _, text := range step.Freeze {
		texts := []string{strings.ReplaceAll(text, "{id}", gate.Escape(s.Ticket))}
		if name, ok := strings.CutPrefix(text, "{"); ok && slices.Contains(project.Names(), strings.TrimSuffix(name, "}")) {
			name = strings.TrimSuffix(name, "}")
			if texts = values[name]; len(texts) == 0 {
				return nil, fault.New(fault.Unavailable, "gate.no_value", "name", name, "line", project.Line(name))
			}
		}
		patterns = append(patterns, texts...)
	}
	return patterns, nil
}

// frozenBy claims that what a step has frozen before is still so: looking at
// the tests again must not be a way to other tests.
func (s *standing) frozenBy(step Step) (gate.Gate, error) {
	if len(step.Freeze) == 0 || len(s.Frozen) == 0 {
		return gate.Gate{}, nil
	}
	return block{gate.KindFrozen: {step.ID: {}}}.gate(step.source)
}

// lacking is what a project's settings must have for its workflow to come to an
// end, by what the gates say: all of it at once, or nil.
func lacking(ticket, root, workspace string, def Definition, settings project.Project) (want, err error) {
	var w wants
	for _, step := range def.Steps {
		g, err := gateIn(step, settings)
		if err != nil {
			return nil, err
		}
		if g.Empty() {
			continue
		}
		claims, err := g.Claims(gate.Scope{Ticket: ticket, Root: root, Workspace: workspace, Vars: settings.Values(), Hosts: settings.AllowHosts})
		if err != nil {
			return nil, err
		}
		for _, c := range claims {
			u, _ := c.(gate.Unready)
			for _, reason := range u.Reasons {
				w.note(step.ID, reason)
			}
		}
	}
	return w.told(), nil
}

// wants are what steps want of the settings.
type wants struct {
	steps        []string
	names, lines []string       // of values that are not there
	wrong        []*fault.Error // about values that are
}

func (w *wants) note(step string, reason error) {
	f, ok := reason.(*fault.Error) //nolint:errorlint // the outermost counts
	switch {
	case !ok:
		return
	case f.Key == "gate.no_value":
		if name := "{" + f.Values["name"] + "}"; !slices.Contains(w.names, name) {
			w.names, w.lines = append(w.names, name), append(w.lines, f.Values["line"])
		}
	case f.Key == "gate.unknown_part" || f.Key == "gate.unknown_name":
		if !slices.ContainsFunc(w.wrong, func(known *fault.Error) bool { return known.Error() == f.Error() }) {
			w.wrong = append(w.wrong, f)
		}
	default:
		return // the work itself may bring it
	}
	if !slices.Contains(w.steps, step) {
		w.steps = append(w.steps, step)
	}
}

func (w *wants) told() error {
	if len(w.steps) == 0 {
		return nil
	}
	var cause error
	for _, f := range slices.Backward(w.wrong) {
		cause = f.Wrap(cause)
	}
	if len(w.names) > 0 {
		cause = fault.New(fault.Unavailable, "workflow.lacks_values", "names", strings.Join(w.names, ", "), "lines", strings.Join(w.lines, "; ")).Wrap(cause)
	}
	return fault.New(fault.Unavailable, "workflow.lacks", "steps", strings.Join(w.steps, ", ")).Wrap(cause)
}
