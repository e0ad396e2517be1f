package local

import (
	"context"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
	"uratori/runner/items"
)

// images decodes pictures to their last pixel.
func (s *session) images(ctx context.Context, c gate.Images) factcheck.Finding {
	t := openTree(c.Scope)
	defer t.close()
	v := verdict{at: s.o.Now()}
	total := 0
	for _, pattern := range c.At {
		places, err := t.list(ctx, pattern)
		if err != nil {
			return concluded(v.at, err)
		}
		total += len(places)
		seen := make([]reading, len(places))
		errs := make([]error, len(places))
		s.each(len(places), func(i int) {
			s.guarded(func() { seen[i], errs[i] = s.picture(ctx, t, c, watchFiles(pattern), places[i]) }, func(err error) { errs[i] = err })
		})
		set := newSet(basisFiles, pattern)
		for i, p := range places {
			v.add(errs[i])
			set.add(p, seen[i].mark, seen[i].id.String())
		}
		v.bases = append(v.bases, set.basis())
	}
	v.add(within(c.Count, int64(total), c.Name))
	return v.finding()
}

// picture decodes one picture, and hashes what it has decoded.
func (s *session) picture(ctx context.Context, t *tree, c gate.Images, watch string, p place) (reading, error) {
	f, id, err := t.open(p)
	if err != nil {
		return reading{}, s.unopened(p, err)
	}
	defer f.Close() //nolint:errcheck // only read
	if beingWritten(f) {
		return reading{}, fault.New(fault.Unavailable, "local.being_written", "path", shown(p.String()))
	}
	name := shown(p.String())
	out, bad, err := items.Judge{Seen: s.seen, Now: s.o.Now}.Open(ctx, f, p.String())
	switch {
	case err != nil:
		return reading{}, err
	case bad != nil && (bad.Unknown() || bad.Reason == items.Changing):
		return reading{}, bad.Fault()
	case bad != nil:
		return reading{}, isWrong(bad.Fault())
	case out.Format == items.Other:
		return reading{}, isWrong(fault.New(fault.Failed, "local.no_picture", "path", name))
	}
	r := reading{id: id, born: birth(f)}
	if r.mark, err = s.content(ctx, f, id, p, gate.Text{}); err != nil {
		return r, err
	}
	if err := s.unchanged(t, f, p, id); err != nil {
		return r, err
	}
	switch {
	case outside(c.Width, out.Width), outside(c.Height, out.Height):
		return r, isWrong(fault.New(fault.Failed, "local.other_size", "path", name, "width", out.Width, "height", out.Height))
	case c.Format != "" && string(out.Format) != c.Format:
		return r, isWrong(fault.New(fault.Failed, "local.other_format", "path", name, "format", out.Format, "wanted", c.Format))
	case c.NotBlank && out.Blank:
		return r, isWrong(fault.New(fault.Failed, "local.blank", "path", name))
	}
	return r, s.newer(ctx, t, c.Newer, c.Scope, watch, p, r)
}

func outside(r gate.Range, n int) bool {
	return r.Min != nil && int64(n) < *r.Min || r.Max != nil && int64(n) > *r.Max
}
