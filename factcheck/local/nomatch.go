package local

import (
	"context"
	"os"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// noMatch looks for files that must not have appeared or changed. A file that
// was there at the start and is the same is none of them.
func (s *session) noMatch(ctx context.Context, c gate.NoMatch) factcheck.Finding {
	t := openTree(c.Scope)
	defer t.close()
	v := verdict{at: s.o.Now()}
	matches, err := s.forbidden(ctx, t, c)
	if err != nil {
		return concluded(v.at, err)
	}
	for _, m := range matches {
		v.add(s.appeared(ctx, t, c, m))
	}
	return v.finding()
}

// match is a file whose name must not appear.
type match struct {
	place
	id identity // of itself, not of what it may lead to
}

// forbidden finds all files with such a name, those that begin with a dot too.
// Whoever wants a file not to be found has more names to choose from than
// whoever looks for it, so that the case does not count.
func (s *session) forbidden(ctx context.Context, t *tree, c gate.NoMatch) ([]match, error) {
	under, _ := c.Under.Literal()
	var found []match
	var look func(folder string) error
	look = func(folder string) error {
		entries, err := t.entries(ctx, place{c.Under.Workspace, folder})
		if err != nil {
			return err
		}
		for _, e := range entries {
			at := place{c.Under.Workspace, path.Join(folder, e.Name())}
			if e.IsDir() {
				if c.Recursive && e.Name() != ".git" {
					if err := look(at.path); err != nil {
						return err
					}
				}
				continue
			}
			if !matches(c.Match, e.Name()) {
				continue
			}
			info, err := t.lstat(at)
			if gone(err) {
				continue // it has gone, which is what is wanted
			}
			if err != nil {
				return unlooked(at, err)
			}
			found = append(found, match{at, info})
		}
		return nil
	}
	// What is not there has nothing in it; what cannot be opened may have.
	if _, _, err := t.in(place{c.Under.Workspace, under}); err != nil {
		return nil, err
	}
	return found, look(under)
}

func matches(patterns []string, name string) bool {
	for _, pattern := range patterns {
		if ok, err := doublestar.Match(strings.ToLower(pattern), strings.ToLower(name)); ok && err == nil {
			return true
		}
	}
	return false
}

// lstat looks at p itself.
func (t *tree) lstat(p place) (id identity, err error) {
	folder := place{p.workspace, path.Dir(p.path)}
	err = t.reach(folder, func(root *os.Root, dir string) error {
		info, err := root.Lstat(path.Join(dir, path.Base(p.path)))
		if err == nil {
			id, err = identityOf(info)
		}
		return err
	})
	return id, err
}

// appeared tells whether a file is new, or another than it was.
func (s *session) appeared(ctx context.Context, t *tree, c gate.NoMatch, m match) error {
	name := shown(m.String())
	at, since := stamps(m.id.attended, c.Since)
	recent := !before(m.id.attended, c.Since) || !before(m.id.modified, c.Since)
	snap := c.Scope.Snapshot
	if snap == nil || !watched(snap, watchNames(c)) {
		if recent {
			return isWrong(fault.New(fault.Failed, "local.appeared", "path", name, "at", at, "since", since).Wrap(message(c)))
		}
		return nil
	}
	held, known := snap.Files[m.String()]
	switch {
	case !known && (recent || !c.Since.After(snap.At)):
		return isWrong(fault.New(fault.Failed, "local.appeared", "path", name, "at", at, "since", since).Wrap(message(c)))
	case !known || !recent:
		return nil
	}
	now, err := s.mark(ctx, t, m)
	if err != nil {
		return err
	}
	if now != held {
		return isWrong(fault.New(fault.Failed, "local.changed_since", "path", name, "at", at, "since", since).Wrap(message(c)))
	}
	return nil
}

// message is what the project says about a rule, nil when it says nothing.
func message(c gate.NoMatch) error {
	if c.Message == "" {
		return nil
	}
	return fault.New(fault.Failed, "local.rule", "message", shown(c.Message))
}

// mark is what a snapshot keeps of a file.
func (s *session) mark(ctx context.Context, t *tree, m match) (string, error) {
	switch {
	case m.id.regular():
		f, id, err := t.open(m.place)
		if err != nil {
			return "", unlooked(m.place, err)
		}
		defer f.Close() //nolint:errcheck // only read
		return s.content(ctx, f, id, m.place, gate.Text{})
	case m.id.link():
		var target string
		err := t.reach(place{m.workspace, path.Dir(m.path)}, func(root *os.Root, dir string) (err error) {
			target, err = root.Readlink(path.Join(dir, path.Base(m.path)))
			return err
		})
		if err != nil {
			return "", unlooked(m.place, err)
		}
		return "link:" + target, nil
	}
	return "stat:" + m.id.String(), nil
}
