package local

import (
	"context"
	"path/filepath"
	"strings"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// command runs a command and judges how it ended and what it said.
func (s *session) command(ctx context.Context, c *gate.Command) factcheck.Finding {
	t := openTree(c.Scope)
	defer t.close()
	at := s.o.Now()
	dir, err := s.folderOf(t, c.Dir)
	if err == nil {
		err = s.canKeep()
	}
	if err != nil {
		return concluded(at, err)
	}
	inputs := append(append([]gate.Pattern{}, c.Inputs...), s.scripts(t, c, dir)...)
	before, err := s.digests(ctx, t, inputs)
	if err != nil {
		return concluded(at, err)
	}
	reports := map[*gate.Report]identity{}
	for _, r := range c.Reports {
		r.Made.Take()
		reports[r] = s.reportBefore(t, r)
	}
	r, err := s.run(ctx, c, dir)
	if err != nil {
		return concluded(at, err)
	}
	f := s.judgeRun(c, r)
	kept, err := s.keep(c, r)
	if err != nil {
		return unverifiable(err)
	}
	f.Log = kept.path
	// The time for the command is not that for looking at what it left.
	look, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), afterRun, errLimit)
	defer cancel()
	after, err := s.digests(look, t, inputs)
	if err == nil && !equal(before, after) {
		err = fault.New(fault.Unavailable, "local.inputs_changed", "command", c.Name)
	}
	if err != nil && f.Reason == nil {
		g := concluded(at, err)
		g.Log = f.Log
		return g
	}
	for report, was := range reports {
		report.Made.Leave(s.reportAfter(look, t, report, was, r))
	}
	f.Basis = append(after, factcheck.Basis{Kind: basisCommand, Name: c.Name, SHA256: kept.hash})
	return f
}

// judgeRun tells what a run has shown of the command itself.
func (s *session) judgeRun(c *gate.Command, r *ran) factcheck.Finding {
	v := verdict{at: r.began}
	switch {
	case r.late:
		v.add(isWrong(fault.New(fault.Failed, "local.timed_out", "limit", c.Limit)))
	case r.signal != "":
		v.add(isWrong(fault.New(fault.Failed, "local.signalled", "signal", r.signal, "wanted", c.ExitStatus).Wrap(lastLine(r))))
	case r.status != c.ExitStatus:
		v.add(isWrong(fault.New(fault.Failed, "local.exit_status", "status", r.status, "wanted", c.ExitStatus).Wrap(lastLine(r))))
	}
	if len(r.left) > 0 {
		v.add(fault.New(fault.Unavailable, "local.survivors", "pid", r.left[0].PID, "name", shown(r.left[0].Name), "count", len(r.left)))
	}
	v.add(said("stdout", r.stdout, c.Stdout))
	v.add(said("stderr", r.stderr, c.Stderr))
	return v.finding()
}

// said judges a stream. What was not kept could hold anything.
func said(name string, from *capped, want gate.Text) error {
	err := holds(from.data, want, name)
	if from.lost && (err != nil || len(want.Lacks) > 0) {
		if _, has := textIn(from.data, want.Lacks); has {
			return err
		}
		return fault.New(fault.Unavailable, "local.output_cut", "stream", name, "bytes", mostOutput)
	}
	return err
}

func textIn(data []byte, texts []string) (string, bool) {
	for _, text := range texts {
		if strings.Contains(string(data), text) {
			return text, true
		}
	}
	return "", false
}

// lastLine is what a command said last, for whoever wonders why.
func lastLine(r *ran) error {
	for _, stream := range []*capped{r.stderr, r.stdout} {
		text := strings.TrimSpace(string(stream.data))
		if text != "" {
			return fault.New(fault.Failed, "local.last_line", "line", shown(text[strings.LastIndexByte(text, '\n')+1:]))
		}
	}
	return nil
}

// folderOf is the absolute path of the folder that a command runs in.
func (s *session) folderOf(t *tree, p gate.Pattern) (string, error) {
	literal, ok := p.Literal()
	if !ok {
		return "", fault.New(fault.Invalid, "gate.bad_path", "path", shown(p.String()))
	}
	at := place{p.Workspace, literal}
	if err := s.isFolder(t, at); err != nil {
		return "", err
	}
	_, folder, err := t.in(at)
	return filepath.Join(folder, filepath.FromSlash(literal)), err
}

// scripts are the words of a command that name files of the project or of the
// ticket: with another script it would be another command.
func (s *session) scripts(t *tree, c *gate.Command, dir string) []gate.Pattern {
	var all []gate.Pattern
	seen := map[place]bool{}
	for _, word := range c.Exec {
		file := word
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		for _, at := range []struct {
			folder    string
			workspace bool
		}{{t.projectPath, false}, {t.workspacePath, true}} {
			inside, ok := below(at.folder, file)
			p := place{at.workspace, filepath.ToSlash(inside)}
			if !ok || seen[p] {
				continue
			}
			if id, err := t.stat(p); err == nil && id.regular() {
				seen[p] = true
				all = append(all, gate.Pattern{Workspace: p.workspace, Glob: gate.Escape(p.path)})
			}
		}
	}
	return all
}

// digests are what a command depends on, as it is now.
func (s *session) digests(ctx context.Context, t *tree, patterns []gate.Pattern) ([]factcheck.Basis, error) {
	var bases []factcheck.Basis
	for _, pattern := range patterns {
		places, err := t.list(ctx, pattern)
		if err != nil {
			return nil, err
		}
		if len(places) == 0 {
			return nil, isWrong(fault.New(fault.Failed, "local.none", "path", shown(pattern.String())))
		}
		_, literal := pattern.Literal()
		set := newSet(basisFiles, pattern)
		for _, p := range places {
			r, err := s.read(ctx, t, p, gate.Text{})
			if err != nil {
				return nil, err
			}
			if set.add(p, r.mark, r.id.String()); literal {
				bases = append(bases, r.base(p))
			}
		}
		if !literal {
			bases = append(bases, set.basis())
		}
	}
	return bases, nil
}

// equal compares what files hold; how they look from outside may differ.
func equal(a, b []factcheck.Basis) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || a[i].SHA256 != b[i].SHA256 {
			return false
		}
	}
	return true
}
