package local

import (
	"context"
	"fmt"
	"strings"

	"uratori/factcheck"
	"uratori/factcheck/gate"
)

// Changed tells which of the things that verdicts were taken from are no longer
// as they were. It is made to be called often: what looks the same from
// outside is not read again. What cannot be looked at counts as changed.
//
// Files and commits are looked at. A commit is the same while its branch still
// has it, whatever came after. What was a moment's observation (command, cell,
// task, approval) is left out: only a new check says anything about it.
func Changed(ctx context.Context, s gate.Scope, bases []factcheck.Basis) ([]factcheck.Basis, error) {
	session := newSession(Options{})
	t := openTree(&s)
	defer t.close()
	var changed []factcheck.Basis
	for _, b := range bases {
		same, err := session.same(ctx, t, &s, b)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("look for changes: %w", context.Cause(ctx))
		}
		if err != nil || !same {
			changed = append(changed, b)
		}
	}
	return changed, nil
}

func (s *session) same(ctx context.Context, t *tree, scope *gate.Scope, b factcheck.Basis) (bool, error) {
	switch b.Kind {
	case basisFile:
		return s.sameFile(ctx, t, b)
	case basisFiles, basisNames:
		return s.sameSet(ctx, t, b)
	case basisCommit:
		return s.stillIn(ctx, scope.Root, b.SHA256, b.Name)
	}
	return true, nil
}

func (s *session) sameFile(ctx context.Context, t *tree, b factcheck.Basis) (bool, error) {
	p := placeOf(b.Name)
	id, err := t.stat(p)
	if err != nil {
		return false, err
	}
	if id.String() == b.Stat {
		return true, nil
	}
	if strings.HasPrefix(b.SHA256, "stat:") {
		return false, nil
	}
	r, err := s.read(ctx, t, p, gate.Text{})
	return r.mark == b.SHA256, err
}

func (s *session) sameSet(ctx context.Context, t *tree, b factcheck.Basis) (bool, error) {
	pattern, err := gate.ParsePattern(b.Name)
	if err != nil {
		return false, err
	}
	places, err := t.list(ctx, pattern)
	if err != nil {
		return false, err
	}
	outside, names := newSet(b.Kind, pattern), newSet(b.Kind, pattern)
	for _, p := range places {
		id, err := t.stat(p)
		if err != nil {
			return false, err
		}
		outside.add(p, "", id.String())
		names.add(p, nameMark(id), "")
	}
	switch {
	case b.Kind == basisNames:
		return names.basis().SHA256 == b.SHA256, nil
	case outside.basis().Stat == b.Stat:
		return true, nil
	}
	content := newSet(b.Kind, pattern)
	for _, p := range places {
		r, err := s.read(ctx, t, p, gate.Text{})
		if err != nil {
			return false, err
		}
		content.add(p, r.mark, "")
	}
	return content.basis().SHA256 == b.SHA256, nil
}
