package progress

import "time"

// Meter weighs what the sources of one attempt say. All times are the
// caller's; they may jump.
type Meter struct {
	work   Work
	series map[Source]*series
	beats  Beats
}

// NewMeter is the meter of an attempt that has said nothing yet.
func NewMeter(work Work) *Meter {
	return &Meter{work: work.clean(), series: map[Source]*series{}}
}

// series is what one source has said so far.
type series struct {
	Counted bool      `json:"counted"`
	Done    int64     `json:"done"`
	Total   int64     `json:"total"`
	Partial bool      `json:"partial"`
	Percent float64   `json:"percent"`
	Item    string    `json:"item,omitempty"`
	Phase   string    `json:"phase,omitempty"`
	At      time.Time `json:"at"`
	Moved   bool      `json:"moved"` // it got further in this attempt
	Items   pace      `json:"items"`
	Share   pace      `json:"share"`
}

// See takes in what was sighted at a time. A sighting that cannot be true (of
// more done than there is, say) changes nothing.
func (m *Meter) See(at time.Time, s Sighting) {
	if !s.valid() {
		return
	}
	if m.take(at, s) {
		m.beats.Progress = at
	}
	if s.Source == File || s.Source == Line {
		m.beats.Beat = at
	}
}

// OutputsCounted takes in how many outputs of the whole task were counted, and the
// name of the newest, "" when there is none.
func (m *Meter) OutputsCounted(at time.Time, done, total int64, newest string) {
	s := Sighting{Source: Outputs, Counted: true, Done: done, Total: total, Item: newest}
	if !s.valid() {
		return
	}
	before := m.series[Outputs]
	if before != nil && done > before.Done || before == nil && done > m.work.Base {
		m.beats.Output = at
	}
	if m.take(at, s) {
		m.beats.Progress = at
	}
}

// OutputGrew notes that the job went on writing an output.
func (m *Meter) OutputGrew(at time.Time) { m.beats.Output = at }

// LogGrew notes that stdout or stderr grew.
func (m *Meter) LogGrew(at time.Time) { m.beats.Log = at }

// Beat notes that the job said that it lives.
func (m *Meter) Beat(at time.Time) { m.beats.Beat = at }

// Beats are the times of the last signs of life.
func (m *Meter) Beats() Beats { return m.beats }

// take adds s to its series and tells whether that is progress.
func (m *Meter) take(at time.Time, s Sighting) bool {
	was, spoken := m.series[s.Source]
	if !spoken {
		was = &series{}
		m.series[s.Source] = was
	}
	was.At = at
	if !s.Counted && s.Total > 0 { // a total alone
		s.Counted = true
		if was.Counted && was.Done <= s.Total {
			s.Done = was.Done
		}
	}
	if s.Counted && s.Total == 0 && s.Source.explicit() && s.Done <= was.Total {
		s.Total = was.Total
	}
	anew := spoken && was.anew(s)
	if anew {
		was.Items, was.Share = pace{}, pace{}
		was.Item = ""
		if s.Counted && !s.Partial {
			was.Partial, was.Percent = false, 0
		}
	}
	if s.Item != "" {
		was.Item = name(s.Item)
	}
	if s.Phase != "" || s.Source == Tqdm {
		was.Phase = name(s.Phase)
	}
	rose := false
	if s.Counted {
		begun := was.Items.Begun
		was.Counted, was.Done, was.Total = true, s.Done, s.Total
		rose = was.Items.reach(at, float64(s.Done))
		if !begun && s.Source == Outputs { // those of earlier attempts are no progress of this one
			rose = s.Done > m.work.Base
		}
	}
	if s.Partial {
		was.Partial, was.Percent = true, s.Percent
		rose = was.Share.reach(at, s.Percent) || rose
	}
	was.Moved = was.Moved || rose
	return rose || anew
}

// anew tells whether s speaks of something else than before: of another phase,
// or of another thing after one that was complete.
func (was *series) anew(s Sighting) bool {
	if s.Phase != "" && was.Phase != "" && name(s.Phase) != was.Phase {
		return true
	}
	if !s.Counted || !was.Counted || s.Total == was.Total {
		return false
	}
	return s.Done < was.Done || was.Total > 0 && was.Done == was.Total && s.Source.guessed()
}
