package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// longestReport is the size of the largest report of tests that is read.
const longestReport = 64 << 20

// made is what the run of a command has left for the check of its report.
type made struct {
	id      identity // of the file, after the run
	reading reading
	data    []byte // what it holds, or what the command said
	problem error
}

// reportBefore is how a report looks before the command runs; zero when it is
// not there.
func (s *session) reportBefore(t *tree, r *gate.Report) identity {
	if r.At.Glob == "" {
		return identity{}
	}
	id, err := t.stat(reportPlace(r))
	if err != nil {
		return identity{}
	}
	return id
}

func reportPlace(r *gate.Report) place {
	literal, _ := r.At.Literal()
	return place{r.At.Workspace, literal}
}

// reportAfter reads the report that a run has made. One that looks as it did
// before was made by somebody else.
func (s *session) reportAfter(ctx context.Context, t *tree, r *gate.Report, was identity, run *ran) *made {
	if r.At.Glob == "" {
		m := &made{data: run.stdout.data}
		if run.stdout.lost {
			m.problem = fault.New(fault.Unavailable, "local.output_cut", "stream", "stdout", "bytes", mostOutput)
		}
		return m
	}
	p := reportPlace(r)
	m := &made{}
	m.data, m.reading, m.problem = s.whole(ctx, t, p, longestReport)
	m.id = m.reading.id
	if m.problem == nil && m.id == was {
		m.problem = isWrong(fault.New(fault.Failed, "local.report_not_made", "path", shown(p.String()), "command", r.Command.Name))
	}
	return m
}

// whole reads a file of at most so many bytes.
func (s *session) whole(ctx context.Context, t *tree, p place, most int64) ([]byte, reading, error) {
	f, id, err := t.open(p)
	if err != nil {
		return nil, reading{}, s.unopened(p, err)
	}
	defer f.Close() //nolint:errcheck // only read
	r := reading{id: id, born: birth(f)}
	if id.size > most {
		return nil, r, fault.New(fault.Unavailable, "local.report_too_large", "path", shown(p.String()), "size", id.size, "most", most)
	}
	if beingWritten(f) {
		return nil, r, fault.New(fault.Unavailable, "local.being_written", "path", shown(p.String()))
	}
	data := make([]byte, id.size)
	if _, err := io.ReadFull(readable{ctx, f}, data); err != nil {
		return nil, r, s.unread(ctx, p, err)
	}
	sum := sha256.Sum256(data)
	r.mark = hex.EncodeToString(sum[:])
	return data, r, s.unchanged(t, f, p, id)
}

// report judges what tests have shown, as a command of this very check has
// written it down.
func (s *session) report(ctx context.Context, c *gate.Report) factcheck.Finding {
	at := s.o.Now()
	m, ok := c.Made.Take().(*made)
	if !ok {
		return unverifiable(fault.New(fault.Unavailable, "local.report_no_run", "command", c.Command.Name))
	}
	if m.problem != nil {
		return concluded(at, m.problem)
	}
	name := c.Command.Name
	v := verdict{at: at}
	if c.At.Glob != "" {
		p := reportPlace(c)
		name = shown(p.String())
		t := openTree(c.Scope)
		defer t.close()
		id, err := t.stat(p)
		if err != nil || id != m.id {
			return refuted(at, fault.New(fault.Failed, "local.report_changed", "path", name))
		}
		v.add(s.newer(ctx, t, c.Newer, c.Scope, watchFiles(c.At), p, m.reading))
		v.bases = append(v.bases, m.reading.base(p))
	}
	tests, err := readReport(m.data)
	if err != nil {
		return refuted(at, fault.New(fault.Failed, "local.bad_report", "path", name).Wrap(err))
	}
	switch {
	case tests.failed > 0:
		v.add(isWrong(fault.New(fault.Failed, "local.tests_failed", "failed", tests.failed, "total", tests.total(), "first", shown(tests.first))))
	case tests.passed == 0:
		v.add(isWrong(fault.New(fault.Failed, "local.no_tests", "path", name, "skipped", tests.skipped)))
	case int64(tests.passed) < c.MinTests:
		v.add(isWrong(fault.New(fault.Failed, "local.few_tests", "ran", tests.passed, "min", c.MinTests, "skipped", tests.skipped)))
	}
	if c.MaxSkipped != nil && int64(tests.skipped) > *c.MaxSkipped {
		v.add(isWrong(fault.New(fault.Failed, "local.many_skipped", "skipped", tests.skipped, "max", *c.MaxSkipped)))
	}
	return v.finding()
}
