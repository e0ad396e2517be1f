package local

import (
	"context"
	"time"

	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// newer tells whether a file is newer than it has to be. The time of the last
// write can be set by anybody, so the change time, which cannot, has to agree;
// and since touch(1) makes both new, a file that was there at the start must
// also hold something else than it held then.
func (s *session) newer(ctx context.Context, t *tree, n gate.Newer, scope *gate.Scope, watch string, p place, r reading) error {
	if !n.Asked {
		return nil
	}
	if len(n.Files) > 0 {
		return s.newerThanFiles(ctx, t, n.Files, p, r)
	}
	for _, at := range []time.Time{r.id.modified, r.id.attended} {
		if before(at, n.Since) {
			written, since := stamps(at, n.Since)
			return isWrong(fault.New(fault.Failed, "local.older", "path", shown(p.String()), "written", written, "since", since))
		}
	}
	if snap := scope.Snapshot; snap != nil && watched(snap, watch) {
		if held, ok := snap.Files[p.String()]; ok && held == r.mark {
			return isWrong(fault.New(fault.Failed, "local.only_touched", "path", shown(p.String()), "since", stamp(snap.At)))
		}
		return nil
	}
	if r.born.IsZero() || before(r.born, n.Since) {
		return fault.New(fault.Unavailable, "local.not_known_before", "path", shown(p.String()), "since", stamp(n.Since))
	}
	return nil
}

// newerThanFiles compares with the change times of other files, which cannot
// be set back.
func (s *session) newerThanFiles(ctx context.Context, t *tree, patterns []gate.Pattern, p place, r reading) error {
	written := r.id.modified
	if r.id.attended.Before(written) {
		written = r.id.attended // it was set into the future
	}
	seen := 0
	for _, pattern := range patterns {
		places, err := t.list(ctx, pattern)
		if err != nil {
			return err
		}
		for _, other := range places {
			if other == p {
				continue
			}
			id, err := t.stat(other)
			if err != nil {
				return unlooked(other, err)
			}
			if seen++; before(written, id.attended) {
				mine, others := stamps(written, id.attended)
				return isWrong(fault.New(fault.Failed, "local.older_than_file", "path", shown(p.String()), "other", shown(other.String()), "written", mine, "changed", others))
			}
		}
	}
	if seen == 0 {
		return isWrong(fault.New(fault.Failed, "local.nothing_to_compare", "path", shown(p.String())))
	}
	return nil
}

// stamp is a time as people are told it everywhere.
func stamp(t time.Time) string { return t.Local().Format(time.DateTime) }

// stamps are two times that people compare: of one second with its fractions.
func stamps(a, b time.Time) (string, string) {
	if stamp(a) != stamp(b) {
		return stamp(a), stamp(b)
	}
	const fine = time.DateTime + ".000000000"
	return a.Local().Format(fine), b.Local().Format(fine)
}
