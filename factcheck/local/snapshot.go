package local

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"uratori/factcheck"
	"uratori/factcheck/gate"
)

// Snap looks how things are that the claims of a workflow will be compared
// with later: files that have to be written after the start, files that must
// not appear after it, and the newest commit. It is to be taken when the work
// starts, with the claims of all steps, before anybody else knows of it.
func Snap(ctx context.Context, o Options, scope gate.Scope, claims []factcheck.Claim) (*gate.Snapshot, error) {
	s := newSession(o)
	t := openTree(&scope)
	defer t.close()
	snap := &gate.Snapshot{At: o.Now(), Files: map[string]string{}}
	seen := map[string]bool{}
	for _, claim := range claims {
		var err error
		switch c := claim.(type) {
		case gate.File:
			err = s.snapFiles(ctx, t, snap, seen, c.Newer, c.At)
		case gate.Images:
			err = s.snapFiles(ctx, t, snap, seen, c.Newer, c.At)
		case *gate.Report:
			if c.At.Glob != "" {
				err = s.snapFiles(ctx, t, snap, seen, c.Newer, []gate.Pattern{c.At})
			}
		case gate.NoMatch:
			err = s.snapNames(ctx, t, snap, seen, c)
		case gate.Commit:
			snap.Git = true
		}
		if err != nil {
			return nil, fmt.Errorf("take the snapshot of %s: %w", scope.Ticket, err)
		}
	}
	snap.Seen = slices.Sorted(maps.Keys(seen))
	if snap.Git {
		var err error
		if snap.Commit, err = s.head(ctx, scope.Root); err != nil {
			return nil, err
		}
	}
	return snap, nil
}

func (s *session) snapFiles(ctx context.Context, t *tree, snap *gate.Snapshot, seen map[string]bool, n gate.Newer, patterns []gate.Pattern) error {
	if !n.Asked || len(n.Files) > 0 {
		return nil
	}
	for _, pattern := range patterns {
		places, err := t.list(ctx, pattern)
		if err != nil {
			return err
		}
		for _, p := range places {
			id, err := t.lstatOr(p)
			if err != nil {
				return unlooked(p, err)
			}
			if !id.regular() {
				continue
			}
			if snap.Files[p.String()], err = s.mark(ctx, t, match{p, id}); err != nil {
				return err
			}
		}
		seen[watchFiles(pattern)] = true
	}
	return nil
}

// lstatOr is what p leads to: a link counts as the file that it leads to.
func (t *tree) lstatOr(p place) (identity, error) {
	id, err := t.stat(p)
	if gone(err) {
		return identity{}, nil
	}
	return id, err
}

func (s *session) snapNames(ctx context.Context, t *tree, snap *gate.Snapshot, seen map[string]bool, c gate.NoMatch) error {
	found, err := s.forbidden(ctx, t, c)
	if err != nil {
		return err
	}
	for _, m := range found {
		if snap.Files[m.String()], err = s.mark(ctx, t, m); err != nil {
			return err
		}
	}
	seen[watchNames(c)] = true
	return nil
}

// watchFiles and watchNames are how a snapshot calls what it looked through.

func watchFiles(p gate.Pattern) string { return "file " + p.String() }

func watchNames(c gate.NoMatch) string {
	return fmt.Sprintf("names %s %t %q", c.Under, c.Recursive, c.Match)
}

func watched(snap *gate.Snapshot, watch string) bool { return slices.Contains(snap.Seen, watch) }

// Freeze hashes files that must stay as they are from now on, by path. Patterns
// are written as in a gate, without braces to be filled in but {workspace}.
func Freeze(ctx context.Context, o Options, scope gate.Scope, patterns []string) (map[string]string, error) {
	s := newSession(o)
	t := openTree(&scope)
	defer t.close()
	frozen := map[string]string{}
	for _, text := range patterns {
		pattern, err := gate.ParsePattern(text)
		if err != nil {
			return nil, err
		}
		places, err := t.list(ctx, pattern)
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			r, err := s.read(ctx, t, p, gate.Text{})
			if err == nil {
				r.mark, err = s.sum(ctx, t, p, r)
			}
			if err != nil {
				return nil, err
			}
			frozen[p.String()] = r.mark
		}
	}
	return frozen, nil
}
