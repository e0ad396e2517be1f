package workflow

import "uratori/tracker/approval"

// repin takes the workflow and the settings that are there now. What became of
// a step stays where the step is the same; what it passed under is looked at
// elsewhere. Frozen files stay frozen.
func (s *standing) repin() {
	was := map[string]string{}
	for _, step := range s.def.Steps {
		was[step.ID] = step.Digest
	}
	s.def, s.settings = s.now.def, s.now.settings
	s.Own, s.Definition, s.Settings = s.def.Own, string(s.def.Text), nil
	if s.settings.Text != nil {
		text := string(s.settings.Text)
		s.Settings = &text
	}
	kept := map[string]*progress{}
	for _, step := range s.def.Steps {
		if p := s.Steps[step.ID]; p != nil && was[step.ID] == step.Digest {
			kept[step.ID] = p
		}
	}
	s.Steps = kept
	s.now.moved, s.problem = false, nil
}

// before tells whether there is a step that needs a person under this id, and
// everything before it has passed under what is pinned.
func (s *standing) before(id string) bool {
	for _, step := range s.def.Steps {
		if step.ID == id {
			return step.Person()
		}
		p := s.Steps[step.ID]
		if p == nil || p.State != Passed || s.stale[step.ID] != nil || p.Terms != s.terms(step) && (!step.Person() || step.base != nil) {
			return false
		}
	}
	return false
}

// digest is that of all that is pinned.
func (s *standing) digest() string {
	return approval.Digest([]approval.Part{{Kind: "definition", SHA256: s.def.Digest}, {Kind: "settings", SHA256: s.settings.Digest}})
}

// thawedTerms are what a step passed under whose frozen files a person has
// released since.
const thawedTerms = "released"

// refreeze has the steps that freeze files pass once more, though all may be as
// they found it: what they froze is no longer what is frozen.
func (s *standing) refreeze() {
	s.thawed = map[string]string{}
	for _, step := range s.def.Steps {
		if p := s.Steps[step.ID]; p != nil && len(step.Freeze) > 0 {
			p.Terms = thawedTerms
		}
	}
}
