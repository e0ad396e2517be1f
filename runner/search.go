package runner

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"unicode/utf8"

	"uratori/internal/fault"
	"uratori/runner/shim"
)

// SearchQuery says what is looked for in one stream of an attempt.
type SearchQuery struct {
	Task    int64
	Attempt int    // 0 is the last
	Stream  string // "stdout" or "stderr"
	Text    string // as it is shown: escape sequences are looked through; without capitals, capitals do not matter
	At      int64  // where the search begins
	Most    int    // so many lines at most; 0 is 50
}

// Hit is a line in which the text stands.
type Hit struct {
	At   int64  // where the line begins
	Line string // what is shown of it round the text, bounded
}

// Found is what a search has come to.
type Found struct {
	Attempt int
	Hits    []Hit
	Next    int64 // where it goes on
	Done    bool  // there is nothing behind it
	Size    int64
}

const (
	// longestText is in bytes.
	longestText = 500
	usualHits   = 50
	mostHits    = 500
	// mostSearched bounds one request, in bytes: whoever asks may ask on.
	mostSearched = 256 << 20
	// longestLine is the longest that is looked at as one; a longer one is
	// several, which overlap by as much as a text may be long.
	longestLine = 64 << 10
	// shownRound is how much is shown before and behind what was found.
	shownRound = 160
)

// Search looks for a text in a log of any size.
func (r *Runner) Search(ctx context.Context, q SearchQuery) (Found, error) {
	switch {
	case q.Text == "" || len(q.Text) > longestText || !utf8.ValidString(q.Text):
		return Found{}, fault.New(fault.Invalid, "task.bad_search", "most", longestText)
	case q.At < 0 || q.Most < 0 || q.Most > mostHits:
		return Found{}, fault.New(fault.Invalid, "task.out_of_range", "what", "limit", "value", q.Most, "low", 1, "high", mostHits)
	}
	if q.Most == 0 {
		q.Most = usualHits
	}
	path, w, err := r.streamOf(ctx, q.Task, q.Attempt, q.Stream)
	if err != nil || path == "" {
		return Found{Done: true}, err
	}
	log, err := shim.OpenLog(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Found{Attempt: w.Attempt, Done: true}, nil
	}
	if err != nil {
		return Found{}, err
	}
	defer log.Close() //nolint:errcheck // only read from
	s := searcher{want: []byte(q.Text), fold: !bytes.ContainsFunc([]byte(q.Text), capital), most: q.Most, found: Found{Attempt: w.Attempt, Next: q.At}}
	if s.found.Size, err = log.Size(); err != nil {
		return Found{}, err
	}
	err = s.run(ctx, log, q.At)
	return s.found, err
}

func capital(r rune) bool { return r >= 'A' && r <= 'Z' }

// searcher goes through a log line by line.
type searcher struct {
	want  []byte
	fold  bool // capitals do not matter
	most  int
	found Found
	plain []byte // scratch
	low   []byte // scratch
}

func (s *searcher) run(ctx context.Context, log *shim.LogFile, at int64) error {
	const step = 1 << 20
	buf := make([]byte, step)
	for begin := at; at-begin < mostSearched; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n, gap, err := log.ReadAt(buf, at)
		if n == 0 {
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			s.found.Done = true
			return nil
		}
		at += gap
		taken, full := s.block(buf[:n], at, n < step)
		at += int64(taken)
		s.found.Next = at
		if full {
			return nil
		}
	}
	return nil
}

// block goes through the lines of a piece, which begins at that offset, and
// tells how much of it was taken and whether there are hits enough. Only the
// last piece may end within a line.
func (s *searcher) block(data []byte, at int64, last bool) (taken int, full bool) {
	for taken < len(data) {
		rest := data[taken:]
		n, step := bytes.IndexByte(rest, '\n'), 0
		switch {
		case n > longestLine || n < 0 && len(rest) > longestLine:
			n, step = longestLine, longestLine-longestText
		case n >= 0:
			step = n + 1
		case last:
			n, step = len(rest), len(rest)
		default:
			return taken, false // the rest of the line comes with the next piece
		}
		if text, ok := s.look(rest[:n]); ok {
			s.found.Hits = append(s.found.Hits, Hit{At: at + int64(taken), Line: text})
		}
		taken += step
		if len(s.found.Hits) >= s.most {
			return taken, true
		}
	}
	return taken, false
}

// look tells whether the text is in a line, and what stands round it.
func (s *searcher) look(line []byte) (string, bool) {
	if bytes.IndexByte(line, '\x1b') >= 0 {
		s.plain = withoutEscapes(s.plain[:0], line)
		line = s.plain
	}
	in := line
	if s.fold {
		s.low = append(s.low[:0], line...)
		for i, c := range s.low {
			if c >= 'A' && c <= 'Z' {
				s.low[i] = c + ('a' - 'A')
			}
		}
		in = s.low
	}
	i := bytes.Index(in, s.want)
	if i < 0 {
		return "", false
	}
	from, to := max(0, i-shownRound), min(len(line), i+len(s.want)+shownRound)
	return string(bytes.ToValidUTF8(line[from:to], []byte("\uFFFD"))), true
}

// withoutEscapes appends a line without its escape sequences (ECMA-48): they
// change how it looks, not what it says.
func withoutEscapes(into, line []byte) []byte {
	for i := 0; i < len(line); i++ {
		if line[i] != '\x1b' {
			into = append(into, line[i])
			continue
		}
		if i++; i >= len(line) {
			break
		}
		switch line[i] {
		case '[': // up to a letter
			for i++; i < len(line) && (line[i] < '@' || line[i] > '~'); i++ {
			}
		case ']', 'P', 'X', '^', '_': // up to BEL, or to ESC \
			for i++; i < len(line) && line[i] != '\a'; i++ {
				if line[i] == '\x1b' && i+1 < len(line) && line[i+1] == '\\' {
					i++
					break
				}
			}
		}
	}
	return into
}
