package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const worked = `git_commit: {work: {contains: ["out/manifest.json"], after: start, clean: true}}`

func newRepository(t *testing.T) *project {
	p := newProject(t)
	p.git("init", "-q", "-b", "main")
	p.put("src/a.py", "a")
	p.put("out/old.json", "old")
	p.commit("before")
	p.wait() // dates of commits have whole seconds
	return p
}

// nextSecond waits until commits have another date.
func (p *project) nextSecond() {
	p.t.Helper()
	for now := time.Now().Unix(); time.Now().Unix() <= now+1; {
		p.wait()
	}
}

func TestCommit_WorkThatIsCommitted_IsVerified_AndStaleWhenItIsAmendedAway(t *testing.T) {
	t.Parallel()
	p := newRepository(t)
	p.starts(worked)
	p.wants(worked, no, "local.no_new_commit")
	p.put("out/manifest.json", "{}")
	p.wants(worked, no, "local.no_new_commit")
	name := p.commit("work")
	f := p.wants(worked, yes, "")
	if len(f.Basis) != 1 || f.Basis[0].Kind != "commit" || f.Basis[0].SHA256 != name {
		t.Errorf("%+v", f.Basis)
	}
	p.put("src/b.py", "b")
	p.commit("more") // what comes after it takes nothing from it
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 0 {
		t.Errorf("%+v, %v", changed, err)
	}
	p.wants(`git_commit: {it: {commit: "`+name[:12]+`"}}`, yes, "")
	p.git("reset", "-q", "--soft", "HEAD~2")
	p.commit("amended")
	if changed, err := Changed(t.Context(), p.scope, f.Basis); err != nil || len(changed) != 1 {
		t.Errorf("%+v, %v", changed, err)
	}
	p.wants(`git_commit: {it: {commit: "`+name+`"}}`, no, "local.not_on_branch")
	p.wants(`git_commit: {it: {commit: "`+strings.Repeat("0", 40)+`"}}`, no, "local.no_commit")
	p.wants(`git_commit: {it: {branch: nonesuch}}`, no, "local.no_commit")
}

func TestCommit_LiesAboutCommits(t *testing.T) {
	t.Parallel()
	const manifest = `git_commit: {work: {contains: ["out/old.json"], after: start}}`
	for name, tc := range map[string]struct {
		lie    func(p *project)
		reason string
	}{
		"an empty commit": {func(p *project) { p.commit("nothing") }, "local.empty_commits"},
		"amended, with what it had before": {func(p *project) {
			p.git("commit", "-q", "--amend", "--no-edit", "--date=now", "--allow-empty")
		}, "local.empty_commits"},
		"another file": {func(p *project) { p.put("x", "x"); p.commit("x") }, "local.not_in_new_commits"},
		"a date of before": {func(p *project) {
			p.put("out/old.json", "new")
			p.git("add", "-A")
			p.o.Env = append(p.o.Env, "GIT_COMMITTER_DATE=2020-01-01T00:00:00Z")
			p.git("commit", "-q", "-m", "x")
		}, "local.no_new_commit"},
		"deleted": {func(p *project) { must(p.t, os.Remove(p.path("out/old.json"))); p.commit("x") }, "local.not_committed"},
		"a name that looks like a commit": {func(p *project) {
			p.put(strings.Repeat("a", 40)+" 99999999999", "x")
			p.commit("x")
		}, "local.not_in_new_commits"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newRepository(t)
			p.nextSecond()
			p.starts(manifest)
			if p.scope.Snapshot.Commit == "" || !p.scope.Snapshot.Git {
				t.Fatalf("%+v", p.scope.Snapshot)
			}
			tc.lie(p)
			p.wants(manifest, no, tc.reason)
			p.put("out/old.json", "newer")
			p.git("add", "-A")
			p.o.Env = append(p.o.Env, "GIT_COMMITTER_DATE=")
			p.git("commit", "-q", "-m", "honest")
			p.wants(manifest, yes, "")
		})
	}
}

func TestCommit_WithoutASnapshot_TheDatesHaveToDo(t *testing.T) {
	t.Parallel()
	p := newRepository(t)
	p.nextSecond()
	p.scope.Started = time.Now()
	p.wants(`git_commit: {w: {after: start}}`, no, "local.no_new_commit")
	p.put("out/x\n1 2", "x")
	p.commit("work")
	p.wants(`git_commit: {w: {after: start, contains: "out/*"}}`, yes, "")
	p.wants(`git_commit: {w: {after: start, contains: "src/a.py"}}`, no, "local.not_in_new_commits")
	p.wants(`git_commit: {w: {contains: "src/a.py"}}`, yes, "")
}

// fooled wants git itself to see no change.
func (p *project) fooled() {
	p.t.Helper()
	if out := p.git("status", "--porcelain", "--untracked-files=no"); out != "" {
		p.t.Errorf("the lie is none: git sees %q", out)
	}
}

func TestCommit_ChangesThatAreHidden_AreFound(t *testing.T) {
	t.Parallel()
	const clean = `git_commit: {w: {clean: true}}`
	for name, tc := range map[string]struct {
		lie    func(p *project)
		reason string
	}{
		"a change": {func(p *project) { p.put("src/a.py", "b") }, "local.not_clean"},
		"staged":   {func(p *project) { p.put("src/a.py", "b"); p.git("add", "-A") }, "local.not_clean"},
		"assume-unchanged": {func(p *project) {
			p.git("update-index", "--assume-unchanged", "src/a.py")
			p.put("src/a.py", "b")
			p.fooled()
		}, "local.hidden_from_git"},
		"skip-worktree": {func(p *project) { p.git("update-index", "--skip-worktree", "src/a.py"); p.put("src/a.py", "b") }, "local."},
		"its time set back": {func(p *project) {
			info, err := os.Stat(p.path("src/a.py"))
			must(p.t, err)
			old := info.ModTime().Add(-time.Hour)
			p.git("config", "core.trustctime", "false")
			set := func(content string) {
				p.put("src/a.py", content)
				must(p.t, os.Chtimes(p.path("src/a.py"), old, old))
			}
			for range 20 { // all has to happen within one second
				set("a")
				p.git("status")
				if set("b"); p.git("status", "--porcelain", "--untracked-files=no") == "" {
					break
				}
			}
			p.fooled()
		}, "local.not_clean"},
		"a monitor that sees nothing": {func(p *project) {
			p.script("none.sh", `printf 'token\0'`)
			must(p.t, os.Rename(p.path("none.sh"), p.path(".git/none.sh")))
			p.git("config", "core.fsmonitor", p.path(".git/none.sh"))
			p.git("config", "core.fsmonitorHookVersion", "2")
			p.git("update-index", "--fsmonitor")
			p.nextSecond()
			p.git("status")
			p.put("src/a.py", "b")
			p.fooled()
		}, "local.not_clean"},
		"another tree": {func(p *project) {
			other := filepath.Join(p.t.TempDir(), "tree")
			must(p.t, os.CopyFS(other, os.DirFS(p.scope.Root)))
			p.git("config", "core.worktree", other)
			p.put("src/a.py", "b")
		}, "local.other_tree"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newRepository(t)
			p.wants(clean, yes, "")
			p.put("untracked.txt", "x") // is none of git's business
			p.wants(clean, yes, "")
			tc.lie(p)
			f := p.look(clean)[0]
			if f.Verdict == yes || !strings.HasPrefix(codes(f.Reason), tc.reason) {
				t.Errorf("%s, %v", f.Verdict, f.Reason)
			}
		})
	}
}

func TestCommit_NoRepository_IsUnverifiable(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.starts(worked)
	p.wants(worked, unknown, "local.no_repository")
	p.git("init", "-q")
	p.wants(worked, no, "local.no_commit")
	p.put("out/manifest.json", "{}")
	p.commit("first")
	p.wants(worked, yes, "")
	p.o.Env = []string{"PATH=/nonexistent"}
	p.wants(worked, yes, "") // git itself is found by the daemon
}
