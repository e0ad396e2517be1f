package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"uratori/internal/fault"
)

// git asks the git of this machine about a repository. The repository is as
// little believed as everything else: what its settings could use to run
// programs, to hide changes or to show other commits than there are is turned
// off.
func (s *session) git(ctx context.Context, folder string, args ...string) ([]byte, error) {
	return s.gitWith(ctx, nil, folder, args...)
}

// gitWith is git with more in its environment.
func (s *session) gitWith(ctx context.Context, env []string, folder string, args ...string) ([]byte, error) {
	all := append([]string{
		"--no-pager", "--no-replace-objects", "--literal-pathspecs", "-C", folder,
		"-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false", "-c", "core.ignoreStat=false", "-c", "core.trustctime=true",
		"-c", "core.checkStat=default", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "log.showSignature=false",
		"-c", "submodule.recurse=false", "-c", "color.ui=false", "-c", "log.mailmap=false",
	}, args...)
	cmd := exec.CommandContext(ctx, "git", all...)
	cmd.Env = append(s.gitEnvironment(), env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	const patience = 2 * time.Second
	cmd.WaitDelay = patience
	err := cmd.Run()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return out.Bytes(), &gitError{err, shown(strings.TrimSpace(problems.String()))}
	}
	return out.Bytes(), nil
}

// gitError is what git said.
type gitError struct {
	err  error
	said string
}

func (e *gitError) Error() string { return "git: " + e.said }

func (e *gitError) Unwrap() error { return e.err }

// status is the exit status of git, -1 when it did not run.
func (e *gitError) status() int {
	if exit, ok := errors.AsType[*exec.ExitError](e.err); ok {
		return exit.ExitCode()
	}
	return -1
}

// gitEnvironment is that of commands, without what would point git elsewhere.
func (s *session) gitEnvironment() []string {
	env := []string{}
	for _, entry := range s.environment() {
		if !strings.HasPrefix(entry, "GIT_") {
			env = append(env, entry)
		}
	}
	return append(env, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE="+os.DevNull, "LC_ALL=C")
}

// resolve is the full name of the commit that a name stands for, empty when
// there is none.
func (s *session) resolve(ctx context.Context, root, name string) (string, error) {
	out, err := s.git(ctx, root, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if e, ok := errors.AsType[*gitError](err); ok && e.status() == 1 {
		return "", nil
	}
	if err != nil {
		return "", noRepository(root, err)
	}
	return strings.TrimSpace(string(out)), nil
}

func noRepository(root string, err error) error {
	if _, ok := errors.AsType[*gitError](err); ok {
		return fault.New(fault.Unavailable, "local.no_repository", "folder", shown(root)).Wrap(err)
	}
	return err
}

// head is the commit of a project at this moment, empty where it has none.
func (s *session) head(ctx context.Context, root string) (string, error) {
	if root == "" {
		return "", nil
	}
	name, err := s.resolve(ctx, root, "HEAD")
	if _, ok := errors.AsType[*fault.Error](err); ok && context.Cause(ctx) == nil {
		return "", nil // no repository yet
	}
	return name, err
}

// stillIn tells whether a branch still has a commit.
func (s *session) stillIn(ctx context.Context, root, commit, branch string) (bool, error) {
	_, err := s.git(ctx, root, "merge-base", "--is-ancestor", commit, branch)
	if e, ok := errors.AsType[*gitError](err); ok && (e.status() == 1 || e.status() == 128) {
		return false, nil
	}
	return err == nil, err
}

// logged are the commits of a branch that are new, and the files that they
// change.
type logged struct {
	commits int
	files   map[string]bool // below the project
}

// since reads the commits of tip that base does not have, or without a base
// all, and counts those that were made after a moment.
func (s *session) since(ctx context.Context, root, tip, base string, after time.Time) (logged, error) {
	args := []string{"log", "-z", "--format=%x00%ct", "--name-only", "--no-renames", "-m", "--first-parent", "--relative", tip}
	if base != "" {
		args = append(args, "--not", base)
	}
	out, err := s.git(ctx, root, append(args, "--")...)
	if err != nil {
		return logged{}, noRepository(root, err)
	}
	// A commit is an empty piece and one with its time, then come the names,
	// the first of them after a line break. No name is empty.
	l := logged{files: map[string]bool{}}
	pieces := strings.Split(string(out), "\x00")
	counts, first := false, false
	for i := 0; i < len(pieces); i++ {
		if pieces[i] == "" {
			if i++; i == len(pieces) {
				break
			}
			made, err := strconv.ParseInt(pieces[i], 10, 64)
			if err != nil {
				return logged{}, fmt.Errorf("git log: no time in %.40q", pieces[i])
			}
			if counts, first = !before(time.Unix(made, 0), after), true; counts {
				l.commits++
			}
			continue
		}
		name := pieces[i]
		if first {
			name, first = strings.TrimPrefix(name, "\n"), false
		}
		if counts {
			l.files[name] = true
		}
	}
	return l, nil
}

// names are the pieces of a list with a NUL behind each.
func names(out []byte) map[string]bool {
	all := map[string]bool{}
	for piece := range strings.SplitSeq(string(out), "\x00") {
		if piece != "" {
			all[piece] = true
		}
	}
	return all
}
