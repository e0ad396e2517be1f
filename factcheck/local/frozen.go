package local

import (
	"context"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// frozen looks that files are what they were.
func (s *session) frozen(ctx context.Context, c gate.Frozen) factcheck.Finding {
	t := openTree(c.Scope)
	defer t.close()
	v := verdict{at: s.o.Now()}
	for _, name := range sortedKeys(c.Files) {
		p := placeOf(name)
		r, err := s.read(ctx, t, p, gate.Text{})
		if err == nil {
			r.mark, err = s.sum(ctx, t, p, r)
		}
		if err == nil && r.mark != c.Files[name] {
			err = isWrong(fault.New(fault.Failed, "local.not_frozen", "path", shown(name), "expected", shown(c.Files[name]), "actual", r.mark))
		}
		v.add(err)
		v.bases = append(v.bases, r.base(p))
	}
	return v.finding()
}
