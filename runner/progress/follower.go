package progress

import (
	"errors"
	"time"
)

// Files are the paths of one attempt's files, "" for one that there is not.
// They need not exist yet.
type Files struct{ Stdout, Stderr, Progress string }

// Options are what is known of a task before it runs.
type Options struct {
	Work    Work
	Pattern *Pattern // nil for none
}

// Follower reads what an attempt writes and feeds a meter with it. It keeps no
// file open between looks and reads a bounded amount at each: of a file that
// grows faster than it is read the middle is left out.
//
// [Follower.Save] gives all that it knows as a few kilobytes of JSON, with
// which a daemon that starts again goes on as if it had never been away. One
// that has lost it begins anew: the last 256 KiB of a large log bring the
// reading back at once, the estimate after some more items.
type Follower struct {
	meter    *Meter
	stdout   logStream
	stderr   logStream
	progress fileStream
	at       time.Time // of the last look
}

// NewFollower follows an attempt that has said nothing yet.
func NewFollower(files Files, o Options) *Follower {
	f := &Follower{meter: NewMeter(o.Work)}
	f.stdout = logStream{path: files.Stdout, parser: NewParser(o.Work, o.Pattern)}
	f.stderr = logStream{path: files.Stderr, parser: NewParser(o.Work, o.Pattern)}
	f.progress = fileStream{path: files.Progress}
	return f
}

// Meter is the meter that is fed, for the outputs and beats that the caller
// knows of.
func (f *Follower) Meter() *Meter { return f.meter }

// Look is what one look at an attempt's files found.
type Look struct {
	Bytes   int64 // that were read
	Skipped bool  // a part of a file was left out, as it grew too fast
	More    bool  // something is left to read
}

// Look reads what is new. at is the time of the look; what the files' own
// times tell is preferred where it lies between this look and the one before,
// so that a daemon that was away does not take an old line for a new one. An
// error is about one of the files; the others were read nevertheless.
func (f *Follower) Look(at time.Time) (Look, error) {
	var all Look
	var errs []error
	note := func(g growth, err error) {
		all.Bytes += g.bytes
		all.Skipped = all.Skipped || g.skipped
		all.More = all.More || g.more
		errs = append(errs, err)
	}
	for _, s := range []*logStream{&f.stdout, &f.stderr} {
		if s.path != "" {
			note(s.look(f, at))
		}
	}
	if f.progress.path != "" {
		note(f.progress.look(f, at))
	}
	f.at = at
	return all, errors.Join(errs...)
}

// Finish reads what is left after the attempt has ended, and takes lines
// without an end for whole.
func (f *Follower) Finish(at time.Time) error {
	const looks = mostBehind/mostPerLook + 2 // enough for the most that may wait
	for range looks {
		look, err := f.Look(at)
		if err != nil || !look.More {
			f.stdout.settle(f, at)
			f.stderr.settle(f, at)
			return err
		}
	}
	return nil // somebody still writes, and faster than this
}

// Ignored counts the lines that were meant to tell progress and could not be
// understood.
func (f *Follower) Ignored() int64 {
	return f.progress.lines.Ignored + f.stdout.parser.Ignored() + f.stderr.parser.Ignored()
}

// when is the time at which a file grew that is found grown now.
func (f *Follower) when(at, changed time.Time) time.Time {
	switch {
	case changed.After(at) || at.Before(f.at): // some clock was put back
		return at
	case changed.Before(f.at):
		return f.at
	}
	return changed
}

// logStream is one of the two streams that a job prints to.
type logStream struct {
	path    string
	tail    tail
	parser  *Parser
	settled bool // the open frame was looked at and has not changed
	see     func(Sighting)
}

func (s *logStream) restart()      { s.parser.state.Frames = frames{} }
func (s *logStream) skip()         { s.parser.skip() }
func (s *logStream) take(b []byte) { s.parser.Write(b, s.see) }
func (s *logStream) whole() bool   { return false }

func (s *logStream) look(f *Follower, at time.Time) (growth, error) {
	s.see = func(x Sighting) { f.meter.See(f.when(at, s.tail.Changed), x) }
	g, err := s.tail.look(s.path, s)
	if err == nil && g.bytes == 0 {
		s.settle(f, at)
		return g, nil
	}
	if g.bytes > 0 {
		f.meter.LogGrew(f.when(at, s.tail.Changed))
		s.settled = false
		s.parser.Peek(false, s.see)
	}
	return g, err
}

// settle reads the open frame as it is, once.
func (s *logStream) settle(f *Follower, at time.Time) {
	if !s.settled {
		s.settled = true
		s.parser.Peek(true, func(x Sighting) { f.meter.See(f.when(at, s.tail.Changed), x) })
	}
}

// fileStream is the progress file.
type fileStream struct {
	path  string
	tail  tail
	lines lines
	see   func(Sighting)
}

func (s *fileStream) restart()      { s.lines = lines{Ignored: s.lines.Ignored} }
func (s *fileStream) skip()         { s.lines.skip() }
func (s *fileStream) take(b []byte) { s.lines.write(b, s.see) }
func (s *fileStream) whole() bool   { return !s.lines.Ended && !s.lines.Spoilt }

func (s *fileStream) look(f *Follower, at time.Time) (growth, error) {
	s.see = func(x Sighting) { f.meter.See(f.when(at, s.tail.Changed), x) }
	g, err := s.tail.look(s.path, s)
	if g.bytes > 0 {
		s.lines.peek(s.see)
	}
	return g, err
}
