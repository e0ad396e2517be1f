package progress

import "time"

// Reading is how far the job is at now.
func (m *Meter) Reading(now time.Time) Reading {
	source := m.winner()
	s := m.series[source]
	if s == nil {
		return Reading{}
	}
	r := Reading{Item: s.Item, Phase: s.Phase, Source: source, At: s.At}
	for _, named := range strongestFirst() { // what was named without a count still has that name
		if s := m.series[named]; named.explicit() && s != nil && !s.speaks() {
			r.Item, r.Phase = first(s.Item, r.Item), first(s.Phase, r.Phase)
		}
	}
	r.Done, r.Total = m.placed(source, s)
	switch {
	case r.Total > 0:
		percent := 100 * float64(r.Done) / float64(r.Total)
		r.Percent = &percent
		if each, ok := s.Items.median(); ok || r.Done == r.Total {
			r.EtaSeconds = estimate(s.Items.left(now, float64(r.Total-r.Done), each))
		}
	case s.Partial:
		percent := s.Percent
		r.Percent = &percent
		if each, ok := s.Share.slope(); ok || percent == 100 {
			r.EtaSeconds = estimate(s.Share.left(now, 100-percent, each))
		}
	}
	return r
}

// longestEta is where an estimate stops to mean anything: ten years, in seconds.
const longestEta = 10 * 365 * 24 * 60 * 60

func estimate(seconds float64) *float64 {
	if seconds > longestEta {
		return nil
	}
	return &seconds
}

// winner is the source to believe, "" when none has spoken. It is the
// strongest that has, with one exception: a bar or a count that is not about
// the items, when their number is known, is an aside ("Loading checkpoint
// shards 3/3", the tiles of one image). It is shown while there is nothing
// better to show, and no longer than it goes on.
func (m *Meter) winner() Source {
	var best, aside, over Source
	for _, source := range strongestFirst() {
		s := m.series[source]
		switch {
		case s == nil || !s.speaks():
		case source.guessed() && m.work.Total > 0 && !m.work.counts(s.Total):
			if s.Total > 0 && s.Done == s.Total {
				over = first(over, source)
			} else {
				aside = first(aside, source)
			}
		default:
			best = first(best, source)
		}
	}
	// Outputs that have not begun to appear know less than a bar that moves;
	// a percentage is weaker than any.
	if best == Percent || best == Outputs && !m.series[Outputs].Moved {
		best = first(aside, best)
	}
	return first(best, first(aside, over))
}

func first[T ~string](a, b T) T {
	if a != "" {
		return a
	}
	return b
}

// speaks tells whether the source has said how far it is, and not only names.
func (was *series) speaks() bool { return was.Counted || was.Partial }

// placed is what a source has counted, as a part of the whole task.
func (m *Meter) placed(source Source, s *series) (done, total int64) {
	done, total = s.Done, s.Total
	switch {
	case !s.Counted || m.work.Total == 0 || source == Outputs:
	case total == m.work.Total:
	case total == m.work.rest() && total > 0:
		done, total = done+m.work.Base, m.work.Total
	case total == 0 && source.explicit() && done <= m.work.Total:
		// It counts from where this attempt began, unless it began there by
		// itself or has counted beyond the rest.
		if began := int64(s.Items.Origin); (began < 2 || began < m.work.Base) && int64(s.Items.Peak) <= m.work.rest() {
			done += m.work.Base
		}
		total = m.work.Total
	}
	return done, total
}
