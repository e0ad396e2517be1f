package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/tracker/approval"
	"uratori/tracker/project"
)

// standing is a record and how the world is at this moment.
type standing struct {
	*record
	def      Definition      // as pinned
	settings project.Project // as pinned
	space    string          // the folder of the ticket
	now      pins            // as they are
	stale    map[string]error
	thawed   map[string]string // frozen files that are something else now, with what they are: "" for gone
	problem  error
}

// pins are what a start pins, as it is now.
type pins struct {
	def      Definition
	settings project.Project
	err      error // why either cannot be read
	moved    bool  // either is not as pinned
}

// terms are what a step passes under. What was seen under others is stale.
func (s *standing) terms(step Step) string {
	return digest([]byte(step.Digest + " " + s.settings.Digest))
}

// scope is what gates are filled in with.
func (s *standing) scope(step Step) gate.Scope {
	since := s.Started
	if p := s.Steps[step.ID]; p != nil && !p.Began.IsZero() {
		since = p.Began
	}
	return gate.Scope{
		Ticket: s.Ticket, Root: s.Root, Workspace: s.space, Started: s.Started, Since: since,
		Vars: s.settings.Values(), Hosts: s.settings.AllowHosts, Frozen: s.Frozen, Snapshot: s.Snapshot,
	}
}

// open reads what was pinned.
func (w *Workflows) open(r *record) (*standing, error) {
	s := &standing{record: r, stale: map[string]error{}, thawed: map[string]string{}}
	var err error
	if s.def, err = w.parsed(r.Definition); err != nil {
		return nil, fmt.Errorf("the pinned workflow of %s: %w", r.Ticket, err)
	}
	s.def.Own = r.Own
	var text []byte
	if r.Settings != nil {
		text = []byte(*r.Settings)
	}
	if s.settings, err = project.Parse(text, project.File); err != nil {
		return nil, fmt.Errorf("the pinned settings of %s: %w", r.Ticket, err)
	}
	return s, nil
}

// mostParsed is how many definitions are kept as they were read, which takes
// longer than all else that a look does.
const mostParsed = 32

func (w *Workflows) parsed(text string) (Definition, error) {
	w.mu.Lock()
	d, ok := w.texts[text]
	w.mu.Unlock()
	if ok {
		return d, nil
	}
	d, err := Parse([]byte(text), File)
	if err != nil {
		return d, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.texts) >= mostParsed {
		clear(w.texts)
	}
	w.texts[text] = d
	return d, nil
}

// look sees how a workflow stands: which of its steps are stale, and whether
// what was pinned is as it was. It makes no verdict; where it cannot look it
// takes things for stale.
func (w *Workflows) look(ctx context.Context, r *record) (*standing, error) {
	s, err := w.open(r)
	if err != nil {
		return nil, err
	}
	s.space = w.o.Tickets.Workspace(ctx, r.Ticket)
	if !r.Finished.IsZero() {
		return s, nil // what it was done with may go on changing
	}
	s.pinned()
	if err := w.aged(ctx, s); err != nil {
		return nil, err
	}
	return s, w.persons(ctx, s)
}

// pinned compares what is there with what was pinned.
func (s *standing) pinned() {
	var errs [2]error
	raw, err := read(s.Root)
	switch own := err == nil; {
	case own && s.Own && string(raw) == s.Definition, errors.Is(err, fs.ErrNotExist) && !s.Own:
		// Another uratori may bring other steps; those of a ticket stay.
		s.now.def = s.def
	default:
		s.now.def, errs[0] = Load(s.Root)
	}
	s.now.settings, errs[1] = project.Load(s.Root)
	if s.now.err = errors.Join(errs[0], errs[1]); s.now.err != nil {
		first := errs[0]
		if first == nil {
			first = errs[1]
		}
		s.problem = fault.New(fault.Unavailable, "workflow.pins_unread").Wrap(first)
		s.now.moved = true
		return
	}
	for _, p := range []struct{ what, was, is string }{
		{File, s.def.Digest, s.now.def.Digest}, {project.File, s.settings.Digest, s.now.settings.Digest},
	} {
		if p.was != p.is {
			s.now.moved = true
			s.problem = fault.New(fault.Conflict, "workflow.pins_moved", "file", p.what)
		}
	}
}

// aged finds the steps whose evidence is no longer what it was.
func (w *Workflows) aged(ctx context.Context, s *standing) error {
	bases := frozenBases(s.Frozen)
	for _, step := range s.def.Steps {
		p := s.Steps[step.ID]
		if p == nil || p.State != Passed || step.Person() && step.base == nil {
			continue
		}
		if p.Terms != s.terms(step) {
			s.stale[step.ID] = fault.New(fault.Failed, "workflow.stale_terms")
			if p.Terms == thawedTerms {
				s.stale[step.ID] = fault.New(fault.Failed, "workflow.stale_frozen")
			}
		}
		bases = append(bases, p.Bases...)
	}
	if len(bases) == 0 {
		return ctx.Err()
	}
	list, err := w.o.World.Changed(ctx, s.scope(Step{}), bases)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.problem = fault.New(fault.Unavailable, "workflow.not_looked").Wrap(err)
	}
	changed := map[factcheck.Basis]bool{}
	for _, b := range list {
		changed[b] = true
	}
	for _, step := range s.def.Steps {
		p := s.Steps[step.ID]
		if p == nil || p.State != Passed || s.stale[step.ID] != nil {
			continue
		}
		if err != nil && len(p.Bases) > 0 {
			s.stale[step.ID] = s.problem
			continue
		}
		for _, b := range p.Bases {
			if changed[b] {
				s.stale[step.ID] = fault.New(fault.Failed, "workflow.stale_basis", "kind", b.Kind, "name", shown(b.Name))
				break
			}
		}
	}
	return w.thaw(ctx, s, changed)
}

// thaw finds out what became of frozen files that have changed.
func (w *Workflows) thaw(ctx context.Context, s *standing, changed map[factcheck.Basis]bool) error {
	for path, hash := range s.Frozen {
		if changed[factcheck.Basis{Kind: "file", Name: path, SHA256: hash}] {
			now, err := w.o.World.Freeze(ctx, s.scope(Step{}), []string{exactly(path)})
			if err != nil {
				s.problem = fault.New(fault.Unavailable, "workflow.not_looked").Wrap(err)
				now = map[string]string{path: digest([]byte("unreadable"))}
			}
			s.thawed[path] = now[path]
		}
	}
	return ctx.Err()
}

// exactly is the pattern that names one file.
func exactly(path string) string {
	const workspace = "{workspace}/"
	if rest, ok := strings.CutPrefix(path, workspace); ok {
		return workspace + gate.Escape(rest)
	}
	return gate.Escape(path)
}

// parts are what a person approves at a step: what the steps are, what the
// project says, what was found before it, and frozen files that are not as they
// were frozen.
func (s *standing) parts(step Step) []approval.Part {
	list := []approval.Part{
		{Kind: "definition", Name: File, SHA256: s.now.def.Digest},
		{Kind: "settings", Name: project.File, SHA256: s.now.settings.Digest},
	}
	for _, before := range s.def.Steps[:step.Number-1] {
		p := s.Steps[before.ID]
		if p == nil {
			continue
		}
		var found []approval.Part
		if before.Person() && p.Approved != "" {
			found = append(found, approval.Part{Kind: "evidence", Name: before.ID, SHA256: p.Approved})
		}
		for _, b := range p.Bases {
			// A cell may be written to as the work goes on, and each run of a
			// command has its own output.
			if b.Kind != "cell" && b.Kind != "command" {
				found = append(found, partOf(b))
			}
		}
		if len(found) > mostParts {
			found = []approval.Part{{Kind: "evidence", Name: fmt.Sprintf("%s (%d)", before.ID, len(found)), SHA256: approval.Digest(found)}}
		}
		list = append(list, found...)
	}
	for _, path := range slices.Sorted(maps.Keys(s.thawed)) {
		kind, hash := "unfrozen", s.thawed[path]
		if hash == "" {
			kind, hash = "unfrozen, removed", s.Frozen[path]
		}
		list = append(list, approval.Part{Kind: kind, Name: path, SHA256: hash})
	}
	return unique(list)
}

// partOf is what a verdict was taken from as a person is shown it.
func partOf(b factcheck.Basis) approval.Part {
	p := approval.Part{Kind: b.Kind, Name: b.Name, SHA256: b.SHA256}
	if !line(p.Name) || p.Name == "" {
		p.Name = strconv.QuoteToASCII(b.Name)
	}
	if raw, err := hex.DecodeString(p.SHA256); err != nil || len(raw) != sha256.Size { // a commit, or a file that is too large to be read
		if p.Kind == "commit" {
			p.Name = strings.TrimSpace(p.Name + " " + shown(p.SHA256))
		}
		p.SHA256 = digest([]byte(b.SHA256))
	}
	return p
}

// mostParts of a step are shown to a person one by one; more of them, such as
// thousands of pictures, are one line with the digest of all.
const mostParts = 25

// unique drops what an earlier step has shown already.
func unique(parts []approval.Part) (list []approval.Part) {
	for _, p := range parts {
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// persons finds the approvals that were given to something else than what is
// there now.
func (w *Workflows) persons(ctx context.Context, s *standing) error {
	for _, step := range s.def.Steps {
		p := s.Steps[step.ID]
		if !step.Person() || p == nil || p.State != Passed || s.stale[step.ID] != nil {
			continue
		}
		if s.now.err != nil || !slices.Equal(p.Parts, s.parts(step)) {
			s.stale[step.ID] = fault.New(fault.Failed, "workflow.stale_approval")
			continue
		}
		// The answer itself is looked at, not our note of it.
		given, err := w.o.Approvals.Standing(ctx, approval.Subject{Ticket: s.Ticket, Step: step.ID, Digest: p.Approved})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.stale[step.ID] = err
			continue
		}
		if !given.Given() {
			s.stale[step.ID] = fault.New(fault.Failed, "workflow.stale_approval")
		}
	}
	return nil
}

// holds tells whether a step has passed and is not stale.
func (s *standing) holds(step Step) bool {
	p := s.Steps[step.ID]
	return p != nil && p.State == Passed && s.stale[step.ID] == nil
}

// current is the first step that does not hold, nil when all do.
func (s *standing) current() *Step {
	for i, step := range s.def.Steps {
		if !s.holds(step) {
			return &s.def.Steps[i]
		}
	}
	return nil
}

// approved tells whether any person has approved anything yet.
func (s *standing) approved() bool {
	return slices.ContainsFunc(s.def.Steps, func(step Step) bool {
		return step.Person() && s.Steps[step.ID] != nil && s.Steps[step.ID].Approved != ""
	})
}
