package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// The kinds of what verdicts are taken from.
const (
	basisFile    = "file"
	basisFiles   = "files" // all that a pattern names, with what is in them
	basisNames   = "names" // all that a pattern names, and whether something is in them
	basisCommit  = "commit"
	basisTask    = "task"
	basisCommand = "command"
	basisCell    = "cell"
	basisVote    = "approval"
)

// file looks at files.
func (s *session) file(ctx context.Context, c gate.File) factcheck.Finding {
	t := openTree(c.Scope)
	defer t.close()
	at := s.o.Now()
	if c.Absent {
		return s.absent(ctx, t, c)
	}
	v := verdict{at: at}
	total, empty := int64(0), 0
	for _, pattern := range c.At {
		places, err := t.find(ctx, pattern, c.Folder)
		if err != nil {
			return concluded(at, err)
		}
		_, literal := pattern.Literal()
		set := newSet(basisFiles, pattern)
		for _, p := range places {
			total++
			if c.Folder {
				v.add(s.isFolder(t, p))
				continue
			}
			r, err := s.oneFile(ctx, t, c, watchFiles(pattern), p, literal)
			v.add(err)
			if err == nil && r.id.size == 0 {
				empty++
			}
			if set.add(p, r.mark, r.id.String()); literal {
				v.bases = append(v.bases, r.base(p))
			}
		}
		if !literal && !c.Folder {
			v.bases = append(v.bases, set.basis())
		}
	}
	v.add(within(c.Count, total, c.Name))
	if noSize := c.Size.Min == nil && c.Size.Max == nil; noSize && empty > 0 && int64(empty) == total {
		v.add(isWrong(fault.New(fault.Failed, "local.all_empty", "path", c.Name)))
	}
	return v.finding()
}

// oneFile looks at one of the files of a claim.
func (s *session) oneFile(ctx context.Context, t *tree, c gate.File, watch string, p place, literal bool) (reading, error) {
	r, err := s.read(ctx, t, p, c.Text)
	if err != nil {
		return r, err
	}
	name := shown(p.String())
	switch {
	case r.id.size == 0 && literal && c.Size.Min == nil && c.Size.Max == nil:
		return r, isWrong(fault.New(fault.Failed, "local.empty", "path", name))
	case c.Size.Min != nil && r.id.size < *c.Size.Min:
		return r, isWrong(fault.New(fault.Failed, "local.too_small", "path", name, "size", r.id.size, "min", *c.Size.Min))
	case c.Size.Max != nil && r.id.size > *c.Size.Max:
		return r, isWrong(fault.New(fault.Failed, "local.too_large", "path", name, "size", r.id.size, "max", *c.Size.Max))
	}
	if c.SHA256 != "" {
		sum, err := s.sum(ctx, t, p, r)
		if err != nil {
			return r, err
		}
		if sum != c.SHA256 {
			return r, isWrong(fault.New(fault.Failed, "local.other_hash", "path", name, "expected", c.SHA256, "actual", sum))
		}
	}
	return r, s.newer(ctx, t, c.Newer, c.Scope, watch, p, r)
}

// sum is the hash of a file, however large it is.
func (s *session) sum(ctx context.Context, t *tree, p place, r reading) (string, error) {
	if r.id.size <= longestHashed {
		return r.mark, nil
	}
	f, id, err := t.open(p)
	if err != nil {
		return "", s.unopened(p, err)
	}
	defer f.Close() //nolint:errcheck // only read
	hash := sha256.New()
	if err := s.stream(ctx, f, hash, p, gate.Text{}); err != nil {
		return "", err
	}
	if id != r.id {
		return "", fault.New(fault.Unavailable, "local.changing", "path", shown(p.String()))
	}
	return hex.EncodeToString(hash.Sum(nil)), s.unchanged(t, f, p, id)
}

func (s *session) isFolder(t *tree, p place) error {
	id, err := t.stat(p)
	switch {
	case gone(err):
		return isWrong(fault.New(fault.Failed, "local.no_file", "path", shown(p.String())))
	case err != nil:
		return unlooked(p, err)
	case !id.folder():
		return isWrong(fault.New(fault.Failed, "local.no_directory", "path", shown(p.String())))
	}
	return nil
}

// absent looks that nothing is there, not even a link that leads nowhere.
func (s *session) absent(ctx context.Context, t *tree, c gate.File) factcheck.Finding {
	v := verdict{at: s.o.Now()}
	for _, pattern := range c.At {
		if literal, ok := pattern.Literal(); ok {
			v.add(s.nothingAt(t, place{pattern.Workspace, literal}))
			v.bases = append(v.bases, newSet(basisNames, pattern).basis())
			continue
		}
		for _, folders := range []bool{false, true} {
			places, err := t.find(ctx, pattern, folders)
			if v.add(err); len(places) > 0 {
				v.add(isWrong(fault.New(fault.Failed, "local.is_there", "path", shown(places[0].String()))))
			}
		}
		v.bases = append(v.bases, newSet(basisNames, pattern).basis())
	}
	return v.finding()
}

func (s *session) nothingAt(t *tree, p place) error {
	root, _, err := t.in(p)
	if err != nil {
		return err
	}
	_, err = root.Lstat(p.path)
	switch {
	case err == nil:
		return isWrong(fault.New(fault.Failed, "local.is_there", "path", shown(p.String())))
	case gone(err):
		return nil
	}
	// The way there leads through a link: what is at its end counts.
	if _, err := t.stat(p); !gone(err) {
		if err == nil {
			return isWrong(fault.New(fault.Failed, "local.is_there", "path", shown(p.String())))
		}
		return unlooked(p, err)
	}
	return nil
}

// within tells whether so many files are as many as there have to be, one at
// least.
func within(r gate.Range, count int64, name string) error {
	least := int64(1)
	if r.Min != nil {
		least = *r.Min
	}
	switch {
	case count == 0:
		return isWrong(fault.New(fault.Failed, "local.none", "path", name))
	case count < least:
		return isWrong(fault.New(fault.Failed, "local.too_few", "path", name, "count", count, "min", least))
	case r.Max != nil && count > *r.Max:
		return isWrong(fault.New(fault.Failed, "local.too_many", "path", name, "count", count, "max", *r.Max))
	}
	return nil
}
