package local

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// count pairs two sets of files up: each file of the left has one of the same
// stem on the right, and the other way round. Files in folders below what the
// patterns have in common are told apart by these.
func (s *session) count(ctx context.Context, c gate.Count) factcheck.Finding {
	t := openTree(c.Scope)
	defer t.close()
	v := verdict{at: s.o.Now()}
	left := s.side(ctx, t, c.Left, &v)
	right := s.side(ctx, t, c.Right, &v)
	if v.blind != nil && v.bad == nil {
		return v.finding()
	}
	for _, stem := range sortedKeys(left) {
		if _, ok := right[stem]; !ok {
			v.add(isWrong(fault.New(fault.Failed, "local.unpaired", "path", shown(left[stem].String()), "left", len(left), "right", len(right))))
		}
	}
	for _, stem := range sortedKeys(right) {
		if _, ok := left[stem]; !ok {
			v.add(isWrong(fault.New(fault.Failed, "local.unpaired", "path", shown(right[stem].String()), "left", len(left), "right", len(right))))
		}
	}
	switch {
	case len(left)+len(right) == 0 && !c.AllowEmpty:
		v.add(isWrong(fault.New(fault.Failed, "local.both_empty")))
	case len(left)+len(right) > 0 && int64(len(left)) < c.Min:
		v.add(isWrong(fault.New(fault.Failed, "local.too_few", "path", c.Name, "count", len(left), "min", c.Min)))
	}
	return v.finding()
}

// side is the files of one side by their stems.
func (s *session) side(ctx context.Context, t *tree, patterns []gate.Pattern, v *verdict) map[string]place {
	all := map[string]place{}
	for _, pattern := range patterns {
		places, err := t.list(ctx, pattern)
		v.add(err)
		base, _ := doublestar.SplitPattern(pattern.Glob)
		base = unescaped(base)
		set := newSet(basisNames, pattern)
		for _, p := range places {
			id, err := t.stat(p)
			switch {
			case gone(err):
				v.add(isWrong(fault.New(fault.Failed, "local.no_file", "path", shown(p.String()))))
			case err != nil:
				v.add(unlooked(p, err))
			case !id.regular():
				v.add(isWrong(fault.New(fault.Failed, "local.not_file", "path", shown(p.String()))))
			case id.size == 0:
				v.add(isWrong(fault.New(fault.Failed, "local.empty", "path", shown(p.String()))))
			}
			set.add(p, nameMark(id), "")
			stem := stemOf(base, p.path)
			if other, ok := all[stem]; ok && other != p {
				v.add(isWrong(fault.New(fault.Failed, "local.same_stem", "path", shown(p.String()), "other", shown(other.String()))))
				continue
			}
			all[stem] = p
		}
		v.bases = append(v.bases, set.basis())
	}
	return all
}

// stemOf is the path of a file below base, without its extension.
func stemOf(base, file string) string {
	if base != "." {
		file = strings.TrimPrefix(strings.TrimPrefix(file, base), "/")
	}
	return strings.TrimSuffix(file, path.Ext(file))
}

// nameMark is what a set of names keeps of a file: whether something is in it.
func nameMark(id identity) string {
	if id.regular() && id.size > 0 {
		return "file"
	}
	return "nothing"
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
