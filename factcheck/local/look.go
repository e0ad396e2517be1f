package local

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"golang.org/x/sys/unix"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

const (
	// inMemory is the size up to which a file is read at once.
	inMemory = 16 << 20
	// longestHashed is the size up to which a file is read for no other reason
	// than to know later that it is the same. Of larger ones the times and the
	// inode stand for it.
	longestHashed = 1 << 30
)

// reading is what a look into a file has shown.
type reading struct {
	id   identity
	mark string    // SHA-256, or "stat:…" of a very large file that nobody had to read
	born time.Time // zero where the file system does not say
}

// read looks into a file, which must not change meanwhile. What it must and
// must not hold is told as wrong.
func (s *session) read(ctx context.Context, t *tree, p place, want gate.Text) (r reading, err error) {
	f, id, err := t.open(p)
	if err != nil {
		return r, s.unopened(p, err)
	}
	defer f.Close() //nolint:errcheck // only read
	if beingWritten(f) {
		return r, fault.New(fault.Unavailable, "local.being_written", "path", shown(p.String()))
	}
	r = reading{id: id, born: birth(f)}
	if r.mark, err = s.content(ctx, f, id, p, want); err != nil {
		return r, err
	}
	return r, s.unchanged(t, f, p, id)
}

// unopened tells why a file was not opened.
func (s *session) unopened(p place, err error) error {
	switch {
	case errors.Is(err, errNotRegular):
		return isWrong(fault.New(fault.Failed, "local.not_file", "path", shown(p.String())))
	case gone(err):
		return isWrong(fault.New(fault.Failed, "local.no_file", "path", shown(p.String())))
	}
	return unlooked(p, err)
}

// unchanged tells whether a file is what it was before it was read, and still
// in its place.
func (s *session) unchanged(t *tree, f *os.File, p place, id identity) error {
	info, err := f.Stat()
	if err == nil {
		var open, placed identity
		if open, err = identityOf(info); err == nil {
			placed, err = t.stat(p)
		}
		if err == nil && open == id && placed == id {
			return nil
		}
	}
	return fault.New(fault.Unavailable, "local.changing", "path", shown(p.String()))
}

// content hashes an open file and looks for texts in it.
func (s *session) content(ctx context.Context, f *os.File, id identity, p place, want gate.Text) (string, error) {
	switch known, ok := s.hashes.Load(id); {
	case ok && !want.Any():
		return known.(string), nil
	case id.size > longestHashed && !want.Any():
		return "stat:" + id.String(), nil
	}
	hash := sha256.New()
	if id.size <= inMemory {
		data, err := io.ReadAll(io.LimitReader(readable{ctx, f}, id.size+1))
		switch {
		case err != nil:
			return "", s.unread(ctx, p, err)
		case int64(len(data)) != id.size:
			return "", fault.New(fault.Unavailable, "local.changing", "path", shown(p.String()))
		}
		hash.Write(data)
		if err := holds(data, want, shown(p.String())); err != nil {
			return "", err
		}
	} else if err := s.stream(ctx, f, hash, p, want); err != nil {
		return "", err
	}
	mark := hex.EncodeToString(hash.Sum(nil))
	s.hashes.Store(id, mark)
	return mark, nil
}

func (s *session) unread(ctx context.Context, p place, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return unlooked(p, err)
}

// holds tells whether a text is as it has to be.
func holds(data []byte, want gate.Text, what string) error {
	for _, text := range want.Contains {
		if !bytes.Contains(data, []byte(text)) {
			return isWrong(fault.New(fault.Failed, "local.lacks_text", "what", what, "text", shown(text)))
		}
	}
	for _, text := range want.Lacks {
		if bytes.Contains(data, []byte(text)) {
			return isWrong(fault.New(fault.Failed, "local.has_text", "what", what, "text", shown(text)))
		}
	}
	for _, re := range want.Matches {
		if !re.Match(data) {
			return isWrong(fault.New(fault.Failed, "local.no_match_text", "what", what, "expression", shown(re.String())))
		}
	}
	return nil
}

// stream does the same to a file that is too large for the memory.
func (s *session) stream(ctx context.Context, f *os.File, hash io.Writer, p place, want gate.Text) error {
	found := map[string]bool{}
	longest := 0
	texts := append(append([]string{}, want.Contains...), want.Lacks...)
	for _, text := range texts {
		longest = max(longest, len(text))
	}
	window := make([]byte, 0, 1<<20+longest)
	for {
		kept := min(len(window), max(0, longest-1))
		copy(window, window[len(window)-kept:])
		n, err := io.ReadFull(readable{ctx, f}, window[kept:cap(window)])
		window = window[:kept+n]
		_, _ = hash.Write(window[kept:]) // never fails
		for _, text := range texts {
			found[text] = found[text] || bytes.Contains(window, []byte(text))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return s.unread(ctx, p, err)
		}
	}
	for _, text := range want.Contains {
		if !found[text] {
			return isWrong(fault.New(fault.Failed, "local.lacks_text", "what", shown(p.String()), "text", shown(text)))
		}
	}
	for _, text := range want.Lacks {
		if found[text] {
			return isWrong(fault.New(fault.Failed, "local.has_text", "what", shown(p.String()), "text", shown(text)))
		}
	}
	for _, re := range want.Matches {
		if err := s.search(ctx, f, p, re); err != nil {
			return err
		}
	}
	return nil
}

// search looks for an expression in a large file.
func (s *session) search(ctx context.Context, f *os.File, p place, re *regexp.Regexp) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return unlooked(p, err)
	}
	from := &honest{Reader: readable{ctx, f}}
	matched := re.MatchReader(bufio.NewReaderSize(from, 1<<20))
	switch {
	case from.err != nil:
		return s.unread(ctx, p, from.err)
	case !matched:
		return isWrong(fault.New(fault.Failed, "local.no_match_text", "what", shown(p.String()), "expression", shown(re.String())))
	}
	return nil
}

// honest keeps the error that a reader of it takes for the end.
type honest struct {
	io.Reader
	err error
}

func (h *honest) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		h.err = err
	}
	return n, err
}

// birth is when a file was made. Nobody can set it.
func birth(f *os.File) time.Time {
	var st unix.Statx_t
	if unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_BTIME, &st) != nil || st.Mask&unix.STATX_BTIME == 0 {
		return time.Time{}
	}
	return time.Unix(st.Btime.Sec, int64(st.Btime.Nsec))
}

// String is an identity as a basis keeps it.
func (id identity) String() string {
	return fmt.Sprintf("%x:%x:%x:%d:%d:%d", id.dev, id.ino, id.mode, id.size, id.modified.UnixNano(), id.attended.UnixNano())
}

// base is what a verdict on one file was taken from.
func (r reading) base(p place) factcheck.Basis {
	return factcheck.Basis{Kind: basisFile, Name: p.String(), SHA256: r.mark, Stat: r.id.String()}
}

// tick is how far the clock of file times may lag behind: it moves 100 to 1000
// times a second.
const tick = 10 * time.Millisecond

// before tells whether a file time lies before a moment, as far as it can
// show: some file systems keep whole seconds only.
func before(written, moment time.Time) bool {
	if written.Nanosecond() == 0 {
		moment = moment.Truncate(time.Second)
	}
	return written.Add(tick).Before(moment)
}
