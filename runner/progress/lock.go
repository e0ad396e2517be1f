package progress

// lock decides which of the pairs in a log is the count. A pair whose total is
// the known number of items is; when there is none, a total is believed when it
// is seen a second time with a greater number before it, and until another
// total does so while it is not seen itself.
type lock struct {
	Known  bool      `json:"known,omitempty"` // a pair about the items was seen
	Locked int64     `json:"locked,omitempty"`
	Others []sighted `json:"others,omitempty"` // the oldest first
}

type sighted struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// mostTotals bounds how many totals are watched.
const mostTotals = 16

func (l *lock) choose(work Work, pairs []pair) (pair, bool) {
	for _, p := range pairs {
		if work.counts(p.total) {
			l.Known, l.Others = true, nil
			return p, true
		}
	}
	if l.Known {
		return pair{}, false
	}
	for _, p := range pairs {
		if p.total == l.Locked {
			l.Others = nil
			return p, true
		}
	}
	for _, p := range pairs {
		if l.rises(p) {
			l.Locked, l.Others = p.total, nil
			return p, true
		}
	}
	return pair{}, false
}

// rises tells whether a total was seen before with a smaller number.
func (l *lock) rises(p pair) bool {
	for i := range l.Others {
		if o := &l.Others[i]; o.Total == p.total {
			rises := p.done > o.Done
			o.Done = p.done
			return rises
		}
	}
	l.Others = append(l.Others, sighted{p.done, p.total})
	if len(l.Others) > mostTotals {
		l.Others = l.Others[1:]
	}
	return false
}
