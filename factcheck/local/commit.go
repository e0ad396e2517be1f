package local

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"uratori/factcheck"
	"uratori/factcheck/gate"
	"uratori/internal/fault"
)

// commit looks into the project's repository.
func (s *session) commit(ctx context.Context, c gate.Commit) factcheck.Finding {
	at := s.o.Now()
	name, err := s.checkCommit(ctx, c)
	if err != nil {
		return concluded(at, err)
	}
	return verified(at, factcheck.Basis{Kind: basisCommit, Name: c.Branch, SHA256: name})
}

// checkCommit is the name of the commit that is as claimed.
func (s *session) checkCommit(ctx context.Context, c gate.Commit) (string, error) {
	root := c.Scope.Root
	top, err := s.ownTree(ctx, root)
	if err != nil {
		return "", err
	}
	tip, err := s.resolve(ctx, root, c.Branch)
	if err != nil {
		return "", err
	}
	if tip == "" {
		return "", isWrong(fault.New(fault.Failed, "local.no_commit", "name", c.Branch))
	}
	if c.Commit != "" {
		if tip, err = s.named(ctx, root, c.Commit, tip, c.Branch); err != nil {
			return "", err
		}
	}
	fresh, err := s.fresh(ctx, c, tip)
	if err != nil {
		return "", err
	}
	if err := s.contains(ctx, c, tip, fresh); err != nil {
		return "", err
	}
	if c.Clean {
		if err := s.clean(ctx, top); err != nil {
			return "", err
		}
	}
	return tip, nil
}

// ownTree is the top of a repository's files. One whose settings give it those
// of another folder is refused.
func (s *session) ownTree(ctx context.Context, root string) (string, error) {
	out, err := s.git(ctx, root, "rev-parse", "--show-toplevel")
	if err != nil {
		return "", noRepository(root, err)
	}
	top, err := filepath.EvalSymlinks(strings.TrimSuffix(string(out), "\n"))
	if err != nil {
		return "", fault.New(fault.Unavailable, "local.no_repository", "folder", shown(root)).Wrap(bare(err))
	}
	if _, ok := below(top, root); !ok {
		return "", fault.New(fault.Unavailable, "local.other_tree", "folder", shown(root), "other", shown(top))
	}
	return top, nil
}

// named is a commit that was named, and that the branch has.
func (s *session) named(ctx context.Context, root, name, tip, branch string) (string, error) {
	commit, err := s.resolve(ctx, root, name)
	if err != nil {
		return "", err
	}
	if commit == "" || !strings.HasPrefix(commit, name) {
		return "", isWrong(fault.New(fault.Failed, "local.no_commit", "name", name))
	}
	has, err := s.stillIn(ctx, root, commit, tip)
	if err == nil && !has {
		err = isWrong(fault.New(fault.Failed, "local.not_on_branch", "commit", commit, "branch", branch))
	}
	return commit, err
}

// fresh are the files that commits after a moment have brought, nil when no
// moment is asked for. Dates of commits can be made up, so that, where it is
// known, the commit of the start is what they are measured against.
func (s *session) fresh(ctx context.Context, c gate.Commit, tip string) (map[string]bool, error) {
	if c.After.IsZero() {
		return nil, nil
	}
	root, base := c.Scope.Root, ""
	snap := c.Scope.Snapshot
	if snap != nil && snap.Git {
		base = snap.Commit
	}
	l, err := s.since(ctx, root, tip, base, c.After)
	if err != nil {
		return nil, err
	}
	if l.commits == 0 {
		return nil, isWrong(fault.New(fault.Failed, "local.no_new_commit", "branch", c.Branch, "since", stamp(c.After)))
	}
	if base != "" {
		// What an amended commit has had before is not new.
		out, err := s.git(ctx, root, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--relative", base, tip, "--")
		if err != nil {
			return nil, noRepository(root, err)
		}
		l.files = names(out)
	}
	if len(l.files) == 0 {
		return nil, isWrong(fault.New(fault.Failed, "local.empty_commits", "branch", c.Branch, "since", stamp(c.After)))
	}
	return l.files, nil
}

// contains looks for files in a commit.
func (s *session) contains(ctx context.Context, c gate.Commit, tip string, fresh map[string]bool) error {
	if len(c.Contains) == 0 {
		return nil
	}
	out, err := s.git(ctx, c.Scope.Root, "ls-tree", "-r", "-z", "--name-only", tip)
	if err != nil {
		return noRepository(c.Scope.Root, err)
	}
	there := names(out)
	for _, pattern := range c.Contains {
		has := func(in map[string]bool) bool {
			return slices.ContainsFunc(sortedKeys(in), func(name string) bool {
				ok, err := doublestar.Match(pattern, name)
				return ok && err == nil && there[name]
			})
		}
		switch {
		case !has(there):
			return isWrong(fault.New(fault.Failed, "local.not_committed", "path", shown(pattern), "commit", tip))
		case fresh != nil && !has(fresh):
			return isWrong(fault.New(fault.Failed, "local.not_in_new_commits", "path", shown(pattern), "since", stamp(c.After)))
		}
	}
	return nil
}

// clean looks for tracked files that differ from what is committed, and for
// those that git was told not to look at.
func (s *session) clean(ctx context.Context, top string) error {
	if err := s.unchangedTree(ctx, top, nil); err != nil {
		return err
	}
	out, err := s.git(ctx, top, "ls-files", "-v", "-z")
	if err != nil {
		return noRepository(top, err)
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if entry != "" && entry[0] != 'H' && entry[0] != 'R' && entry[0] != 'C' {
			return fault.New(fault.Unavailable, "local.hidden_from_git", "path", shown(entry[min(len(entry), 2):]))
		}
	}
	// What git remembers of the times of files has whole seconds, and whoever
	// changes a file within the same one and sets its time back is not seen. An
	// index that remembers nothing makes it read every file.
	folder, err := os.MkdirTemp("", "uratori-index-*")
	if err != nil {
		return fault.New(fault.Unavailable, "local.unreadable", "path", shown(os.TempDir())).Wrap(bare(err))
	}
	defer os.RemoveAll(folder) //nolint:errcheck // nobody needs it any more
	env := []string{"GIT_INDEX_FILE=" + filepath.Join(folder, "index")}
	if _, err := s.gitWith(ctx, env, top, "read-tree", "HEAD"); err != nil {
		return noRepository(top, err)
	}
	return s.unchangedTree(ctx, top, env)
}

// unchangedTree asks git whether files or what is staged differ.
func (s *session) unchangedTree(ctx context.Context, top string, env []string) error {
	out, err := s.gitWith(ctx, env, top, "status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=none", "--no-renames")
	if err != nil {
		return noRepository(top, err)
	}
	if first, _, _ := strings.Cut(string(out), "\x00"); first != "" {
		return isWrong(fault.New(fault.Failed, "local.not_clean", "change", shown(first)))
	}
	return nil
}
