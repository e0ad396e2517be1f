package progress

import (
	"encoding/json"
	"fmt"
	"time"
)

// saved is a follower's state.
type saved struct {
	At       time.Time     `json:"at,omitzero"`
	Stdout   savedLog      `json:"stdout"`
	Stderr   savedLog      `json:"stderr"`
	Progress savedProgress `json:"progress"`
	Meter    savedMeter    `json:"meter"`
}

type savedLog struct {
	Tail    tail        `json:"tail"`
	Parser  parserState `json:"parser"`
	Settled bool        `json:"settled"`
}

type savedProgress struct {
	Tail  tail  `json:"tail"`
	Lines lines `json:"lines"`
}

type savedMeter struct {
	Series map[Source]*series `json:"series"`
	Beats  Beats              `json:"beats"`
}

// Save is the state of the follower and its meter, to be handed to
// [Follower.Restore] of a new one for the same attempt.
func (f *Follower) Save() ([]byte, error) {
	log := func(s logStream) savedLog { return savedLog{s.tail, s.parser.state, s.settled} }
	b, err := json.Marshal(saved{
		At: f.at, Stdout: log(f.stdout), Stderr: log(f.stderr),
		Progress: savedProgress{f.progress.tail, f.progress.lines},
		Meter:    savedMeter{f.meter.series, f.meter.beats},
	})
	if err != nil {
		return nil, fmt.Errorf("save the progress: %w", err)
	}
	return b, nil
}

// Restore takes over a state. One that cannot be read changes nothing.
func (f *Follower) Restore(state []byte) error {
	var s saved
	if err := json.Unmarshal(state, &s); err != nil {
		return fmt.Errorf("restore the progress: %w", err)
	}
	s.clean()
	f.at = s.At
	for stream, was := range map[*logStream]savedLog{&f.stdout: s.Stdout, &f.stderr: s.Stderr} {
		stream.tail, stream.parser.state, stream.settled = was.Tail, was.Parser, was.Settled
	}
	f.progress.tail, f.progress.lines = s.Progress.Tail, s.Progress.Lines
	f.meter.series, f.meter.beats = s.Meter.Series, s.Meter.Beats
	return nil
}

// clean brings a state that somebody may have damaged into its bounds.
func (s *saved) clean() {
	for _, t := range []*tail{&s.Stdout.Tail, &s.Stderr.Tail, &s.Progress.Tail} {
		t.Offset = max(t.Offset, 0)
	}
	for _, p := range []*parserState{&s.Stdout.Parser, &s.Stderr.Parser} {
		p.Frames.clean()
		p.Lock.Others = p.Lock.Others[max(0, len(p.Lock.Others)-mostTotals):]
	}
	if l := &s.Progress.Lines; len(l.Text) > longestLine {
		l.Text, l.Spoilt = nil, true
	}
	series := map[Source]*series{}
	for _, source := range strongestFirst() {
		if was := s.Meter.Series[source]; was != nil && was.clean(source) {
			series[source] = was
		}
	}
	s.Meter.Series = series
}

func (f *frames) clean() {
	if len(f.Text) > longestFrame {
		f.Text, f.Spoilt = nil, true
	}
	if f.Escape > ending {
		f.Escape = ground
	}
}

// clean tells whether the series can be believed.
func (was *series) clean(source Source) bool {
	was.Item, was.Phase = name(was.Item), name(was.Phase)
	said := Sighting{Source: source, Counted: was.Counted, Done: was.Done, Total: was.Total, Partial: was.Partial, Percent: was.Percent}
	return !was.At.IsZero() && said.valid() && was.Items.sound() && was.Share.sound()
}

// sound tells whether a pace can be what came of seeing steps.
func (p *pace) sound() bool {
	for _, s := range p.Steps {
		if !(s.Units > 0 && s.Units <= largest) || s.Took < 0 {
			return false
		}
	}
	return len(p.Steps) <= window && p.Peak >= 0 && p.Peak <= largest && p.Origin >= 0 && p.Origin <= largest && (!p.Open || len(p.Steps) > 0)
}
