package workflow

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/tracker/approval"
	"uratori/tracker/project"
)

// startedEntry is what the ledger keeps of a start.
type startedEntry struct {
	Root       string `json:"root"`
	Name       string `json:"name"`
	Definition string `json:"definition"`
	Settings   string `json:"settings"`
	Steps      int    `json:"steps"`
	By         string `json:"by,omitempty"`
}

// blockedEntry is what the ledger keeps of a block, and of its end.
type blockedEntry struct {
	Step   string `json:"step"`
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"`
}

// Start begins the workflow of a ticket in the folder of its project. Again, it
// re-opens a step that was blocked; and as long as nobody has approved anything,
// it takes the workflow and the settings as they are now.
func (w *Workflows) Start(ctx context.Context, ticket, root, by string) (View, error) {
	free, err := w.occupy(ticket)
	if err != nil {
		return View{}, err
	}
	defer free()
	r, err := w.load(ctx, ticket)
	if errors.Is(err, errNotStarted) {
		return w.begin(ctx, ticket, root, by)
	}
	if err != nil {
		return View{}, err
	}
	if root != "" {
		if root, err = Folder(root); err != nil {
			return View{}, err
		}
		if root != r.Root {
			return View{}, fault.New(fault.Conflict, "workflow.other_root", "ticket", shown(ticket), "root", r.Root)
		}
	}
	return w.again(ctx, r, by)
}

// begin is the first start.
func (w *Workflows) begin(ctx context.Context, ticket, root, by string) (View, error) {
	if err := w.known(ctx, ticket); err != nil {
		return View{}, err
	}
	if root == "" {
		return View{}, fault.New(fault.Invalid, "workflow.no_root")
	}
	root, err := Folder(root)
	if err != nil {
		return View{}, err
	}
	def, err := Load(root)
	if err != nil {
		return View{}, err
	}
	settings, err := project.Load(root)
	if err != nil {
		return View{}, err
	}
	r := &record{
		Ticket: ticket, Root: root, Own: def.Own, Definition: string(def.Text), Started: w.o.Now(),
		Steps: map[string]*progress{}, Frozen: map[string]string{},
	}
	if settings.Text != nil {
		text := string(settings.Text)
		r.Settings = &text
	}
	s, err := w.open(r)
	if err != nil {
		return View{}, err
	}
	s.space = w.o.Tickets.Workspace(ctx, ticket)
	if r.Snapshot, err = w.snapshot(ctx, s); err != nil {
		return View{}, err
	}
	s.step(def.Steps[0].ID).Began = r.Started
	err = w.save(ctx, r, func(add adder) error {
		_, err := add("workflow.started", startedEntry{root, def.Name, def.Digest, settings.Digest, len(def.Steps), by})
		return err
	})
	if err != nil {
		return View{}, err
	}
	return w.Show(ctx, ticket)
}

// snapshot notes what later claims will be compared with.
func (w *Workflows) snapshot(ctx context.Context, s *standing) (*gate.Snapshot, error) {
	var claims []factcheck.Claim
	for _, step := range s.def.Steps {
		list, err := s.claims(step)
		if err != nil {
			return nil, err
		}
		claims = append(claims, list...)
	}
	taken, err := w.o.World.Snapshot(ctx, s.scope(Step{}), claims)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "workflow.no_snapshot", "root", s.Root).Wrap(err)
	}
	return taken, nil
}

// again is a start of what was started.
func (w *Workflows) again(ctx context.Context, r *record, by string) (View, error) {
	s, err := w.look(ctx, r)
	if err != nil {
		return View{}, err
	}
	if s.now.moved && s.now.err != nil && !s.approved() {
		return View{}, s.problem // as at the first start
	}
	var notes []func(adder) error
	for _, step := range s.def.Steps {
		p := s.Steps[step.ID]
		if p == nil || p.State != Blocked {
			continue
		}
		p.State, p.Reason = Open, ""
		notes = append(notes, func(add adder) error {
			_, err := add("workflow.reopened", blockedEntry{Step: step.ID, By: by})
			return err
		})
	}
	if s.now.moved && !s.approved() {
		s.repin()
		s.step(s.def.Steps[0].ID)
		// The start stays when it was, and so does what was there then: what is
		// new is not told from what is old for what was not looked at.
		notes = append(notes, func(add adder) error {
			_, err := add("workflow.started", startedEntry{s.Root, s.def.Name, s.def.Digest, s.settings.Digest, len(s.def.Steps), by})
			return err
		})
	}
	if len(notes) == 0 {
		return w.Show(ctx, r.Ticket)
	}
	err = w.save(ctx, r, func(add adder) error {
		for _, n := range notes {
			if err := n(add); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return w.Show(ctx, r.Ticket)
}

func (w *Workflows) known(ctx context.Context, ticket string) error {
	known, err := w.o.Tickets.Known(ctx, ticket)
	if err != nil {
		return fault.New(fault.Unavailable, "workflow.ticket_unseen", "ticket", shown(ticket)).Wrap(err)
	}
	if !known {
		return fault.New(fault.NotFound, "workflow.no_ticket", "ticket", shown(ticket))
	}
	return nil
}

// Folder is the folder of a project, absolute and without links. An error of the
// kind Invalid tells that there is none.
func Folder(root string) (string, error) {
	bad := fault.New(fault.Invalid, "workflow.bad_root", "root", shown(root))
	if !filepath.IsAbs(root) || !line(root) {
		return "", bad
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", bad.Wrap(err)
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() || real == "/" || !line(real) {
		return "", bad.Wrap(err)
	}
	return real, nil
}

func line(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) }

// longestReason is in characters.
const longestReason = 2000

// Block says that a step cannot be done, and why: of the current step, or of one
// before it. It is always allowed; [Workflows.Start] takes it back.
func (w *Workflows) Block(ctx context.Context, ticket, step, reason, by string) (View, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > longestReason {
		return View{}, fault.New(fault.Invalid, "workflow.no_reason", "most", longestReason)
	}
	s, target, err := w.aim(ctx, ticket, step)
	if err != nil {
		return View{}, err
	}
	p := s.step(target.ID)
	p.State, p.Reason = Blocked, reason
	err = w.save(ctx, s.record, func(add adder) error {
		_, err := add("workflow.blocked", blockedEntry{target.ID, reason, by})
		return err
	})
	if err != nil {
		return View{}, err
	}
	return w.Show(ctx, ticket)
}

// Request asks a person to approve the current step, which must need one. What
// is asked for is what is there now.
func (w *Workflows) Request(ctx context.Context, ticket, step, note, by string) (View, error) {
	s, target, err := w.aim(ctx, ticket, step)
	if err != nil {
		return View{}, err
	}
	current := s.current()
	switch {
	case target.ID != current.ID || !target.Person():
		return View{}, fault.New(fault.Conflict, "workflow.nobody_needed", "step", target.ID, "current", current.Number, "current_step", current.ID)
	case s.step(target.ID).State == Blocked:
		return View{}, fault.New(fault.Conflict, "workflow.blocked", "ticket", ticket, "step", target.ID, "reason", shown(s.step(target.ID).Reason))
	case s.now.err != nil:
		return View{}, s.problem
	}
	// A person is not asked for what has to be changed, and asked for again.
	want, err := lacking(ticket, s.Root, s.space, s.now.def, s.now.settings)
	if err == nil {
		err = want
	}
	if err != nil {
		return View{}, err
	}
	parts := s.parts(target)
	_, err = w.o.Approvals.Ask(ctx, approval.Request{
		Subject: approval.Subject{Ticket: ticket, Step: target.ID, Digest: approval.Digest(parts)},
		Parts:   parts, Name: target.Name, NameEN: target.NameEN, Note: note, By: by, Life: target.Life,
	})
	if err != nil {
		return View{}, err
	}
	w.o.Moved(ticket)
	return w.Show(ctx, ticket)
}
