package progress

// choice follows one bar among several that are drawn in turn.
type choice struct {
	Following bool   `json:"following,omitempty"`
	Phase     string `json:"phase,omitempty"`
	Total     int64  `json:"total,omitempty"`
	Depth     int    `json:"depth,omitempty"`
	Known     bool   `json:"known,omitempty"` // it is about the items
	Over      bool   `json:"over,omitempty"`  // it was complete
	Passed    int    `json:"passed,omitempty"`
	Nested    bool   `json:"nested,omitempty"` // bars beneath others were seen
}

// patience is how many times other bars are drawn before the one that is
// followed is given up. Bars beneath it do not count: they may be drawn many
// times for each of its steps.
const patience = 8

// follows tells whether a bar is the one to listen to.
func (c *choice) follows(work Work, b bar) bool {
	known := work.counts(b.Total)
	c.Nested = c.Nested || b.depth > 0
	switch {
	case !c.Following:
	case b.Phase == c.Phase && b.Total == c.Total && b.depth == c.Depth:
	case known != c.Known:
		if !known {
			return false // nothing else is listened to once the items are counted
		}
	case b.depth < c.Depth || c.Over:
	case b.depth > c.Depth:
		return false
	default:
		c.Passed++
		if c.Passed < patience {
			return false
		}
	}
	*c = choice{Following: true, Phase: b.Phase, Total: b.Total, Depth: b.depth, Known: known, Nested: c.Nested}
	c.Over = b.Total > 0 && b.Done == b.Total || b.Partial && b.Percent == 100
	return true
}
