package hook

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const forbidding = `[hooks]
deny_commands = ["git push*", "rm -rf *", "*--no-verify*"]
deny_writes = ["*.png", "tests/**", "/etc/**"]

[[rules]]
name = "tmp"
under = "tmp"
match = ["*.partial"]
recursive = true
message = "use out/"
`

func TestToolUse_ForbiddenCommands_HoweverTheyAreSpelt(t *testing.T) {
	d := newDesk(t)
	d.settings(forbidding)
	d.env["X"] = "push"
	for _, command := range []string{
		"git push", "git  push   origin main", "cd x && git push", "true; git push", "false || git push", "git status | git push", "git push &",
		"(git push)", "{ git push; }", "if true; then git push; fi", "for i in 1 2; do git push; done", "f() { git push; }; f", "$(git push)", "echo `git push`",
		`echo "$(git push)"`, "cat <(git push)", "git -C /x push", "git -c a=b --no-pager push", "/usr/bin/git push", `\git push`, `"git" 'push'`, "g'i't pu\"sh\"",
		"A=b git push", "sudo git push", "sudo -u x git push", "env A=b git push", "command git push", "nohup git push", "timeout 10 git push", "time git push",
		`bash -c "git push"`, `sh -ec 'true && git push'`, `eval "git push"`, `bash -lc "bash -c 'git push'"`, "xargs git push < x", "git ${X}", "git $X", "git pu{sh,}",
		"git push # ok", "git commit --no-verify -m x", "rm -rf /tmp/x", "cat <<EOF\n$(git push)\nEOF", "git push <<EOF\nx\nEOF", "git push\n)", "! git push",
		"[[ -n $(git push) ]]", "x=$(git push)", "git push >/dev/null 2>&1",
	} {
		if reason := d.bash(command).denied(); !strings.Contains(reason, "deny_commands") {
			t.Errorf("%s: %q", command, reason)
		}
	}
	for _, command := range []string{
		"git status", "echo git push", "git log --grep push", `git commit -m "git push"`, "grep 'git push' README.md", "cat <<'EOF'\ngit push\nEOF", "rm -r x", "", "  ",
		"git", "git -C", "(((", "'", "bash -c", "sudo", `echo "$(`, "${", "\x00", strings.Repeat("(", 5000),
	} {
		if a := d.bash(command); a != (answer{}) {
			t.Errorf("%s: %+v", command, a)
		}
	}
}

func TestToolUse_ForbiddenWrites_ByEveryTool(t *testing.T) {
	d := newDesk(t)
	d.settings(forbidding)
	sub := filepath.Dir(d.write("sub/x", ""))
	if err := os.Symlink(filepath.Join(d.project, "tests"), filepath.Join(d.project, "link")); err != nil {
		t.Fatal(err)
	}
	d.write("tests/a.py", "")
	for _, tool := range []string{"Write", "Edit", "MultiEdit"} {
		for file, word := range map[string]string{
			filepath.Join(d.project, "a.png"): "deny_writes", "b.png": "deny_writes", d.project + "/sub/../c.png": "deny_writes", "tests/new.py": "deny_writes", "link/a.py": "deny_writes",
			"/etc/passwd": "deny_writes", "tmp/a.partial": "use out/", "tmp/x/y/B.PARTIAL": "use out/",
		} {
			if reason := d.edits(tool, file).denied(); !strings.Contains(reason, word) {
				t.Errorf("%s %s: %q", tool, file, reason)
			}
		}
		for _, file := range []string{"out/a.png", "a.txt", "", "/tmp/a.png", filepath.Join(d.project, "..", "a.png"), "a.partial", "\x00", strings.Repeat("a/", 5000)} {
			if a := d.edits(tool, file); a != (answer{}) {
				t.Errorf("%s %s: %+v", tool, file, a)
			}
		}
	}
	a := d.call(PreToolUse, map[string]any{"tool_name": "NotebookEdit", "tool_input": map[string]any{"notebook_path": "tests/a.ipynb"}})
	has(t, a.denied(), "deny_writes")
	// A path is relative to where the agent works.
	a = d.call(PreToolUse, map[string]any{"tool_name": "Write", "cwd": sub, "tool_input": map[string]any{"file_path": "../d.png"}})
	has(t, a.denied(), "deny_writes")
	for _, command := range []string{
		"echo x > a.png", "cat b >> tests/a.py", "cp out/a.png a.png", "cp out/a.png .", "mv x tests/", "tee a.png", "sed -i s/a/b/ tests/a.py", "touch 'a.png'", "dd if=x of=a.png",
		"x >| a.png", "ls &> a.png", "ln -s x tests/y",
	} {
		if d.bash(command).denied() == "" {
			t.Error(command)
		}
	}
	for _, command := range []string{"rm a.png", "cat tests/a.py", "cat < a.png", "sed s/a/b/ tests/a.py", "cp a.png out/a.png", "ls *.png", "mv a.png out/"} {
		if reason := d.bash(command).denied(); reason != "" {
			t.Errorf("%s: %s", command, reason)
		}
	}
}

func TestToolUse_SettingsArePinnedWhileWorkGoesOn(t *testing.T) {
	d := newDesk(t)
	d.settings("")
	for _, file := range []string{"uratori.toml", "uratori.workflow.yaml"} {
		has(t, d.edits("Edit", file).denied(), "INTG-088", file, "block")
	}
	has(t, d.bash("rm uratori.toml").denied(), "INTG-088")
	if a := d.edits("Write", "sub/uratori.toml"); a != (answer{}) {
		t.Errorf("%+v", a)
	}
	d.daemon.flows = nil
	if a := d.edits("Edit", "uratori.toml"); a != (answer{}) {
		t.Errorf("%+v", a)
	}
}

// However long a path is, and wherever it goes, it is judged at once.
func TestResolved_TakesNoTime_AndFollowsLinksToWhatIsNotThereYet(t *testing.T) {
	d := newDesk(t)
	if err := os.Symlink("../home/new", filepath.Join(d.project, "later")); err != nil {
		t.Fatal(err)
	}
	has(t, d.edits("Write", "later/x").denied(), "belongs to uratori itself")
	begun := worked(t)
	for _, path := range []string{strings.Repeat("a/", 1<<16), strings.Repeat("a/", 2000) + "x", strings.Repeat("../", 2000) + "x", strings.Repeat("later/", 1000)} {
		d.edits("Write", path)
	}
	for _, command := range []string{"cp" + strings.Repeat(" a", 32_000), strings.Repeat("rm a;", 12_000), "rm" + strings.Repeat(" "+strings.Repeat("a/", 1000), 30), strings.Repeat("$(", 30_000)} {
		d.bash(command)
	}
	if took := worked(t) - begun; took > 30*time.Second {
		t.Error(took)
	}
}

// worked is for how long this process has been at work, however much the machine
// has to do beside it.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// What is judged by the project alone needs no daemon.
func TestToolUse_AsksNobodyWhereNobodyIsNeeded(t *testing.T) {
	d := newDesk(t)
	d.settings(forbidding)
	asked := d.daemon
	d.bash("git push")
	d.edits("Write", "a.png")
	d.edits("Write", "a.txt")
	if asked.asked != 0 {
		t.Error("the daemon was asked")
	}
}

func TestToolUse_TheHomeIsNobodysToEdit_ButForTheTicketsFolders(t *testing.T) {
	d := newDesk(t)
	if err := os.MkdirAll(filepath.Join(d.home, "workspaces", "INTG-088"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(d.home, filepath.Join(d.project, "link")); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{
		d.home + "/config.toml", d.home + "/uratori.db", d.home + "/run/hooks/x.json", d.home + "/workspaces/../mcp.token", "link/config.toml", d.home + "/evidence/new",
		d.home + "/new", "../home/uratori.db-wal",
	} {
		has(t, d.edits("Write", file).denied(), "belongs to uratori itself")
	}
	for _, command := range []string{
		"echo x > $URATORI_HOME/config.toml", `sqlite3 "${URATORI_HOME}/uratori.db" "UPDATE x"`, "rm -f ../home/uratori.db", "cp x " + d.home + "/", "sed -i s/a/b/ link/config.toml",
		"mv " + d.home + "/head.json /tmp/", "bash -c 'truncate -s 0 $URATORI_HOME/uratori.db'",
	} {
		if reason := d.bash(command).denied(); !strings.Contains(reason, "belongs to uratori itself") {
			t.Errorf("%s: %q", command, reason)
		}
	}
	for _, file := range []string{d.home + "/workspaces/INTG-088/SOW_INTG-088.md", "link/workspaces/INTG-088/x"} {
		if a := d.edits("Write", file); a != (answer{}) {
			t.Errorf("%s: %+v", file, a)
		}
	}
	for _, command := range []string{"cat $URATORI_HOME/logs/daemon.log", "ls " + d.home, "cp $URATORI_HOME/logs/daemon.log ."} {
		if reason := d.bash(command).denied(); reason != "" {
			t.Errorf("%s: %s", command, reason)
		}
	}
	d.writeHome("config.toml", "[tracker]\nworkspace = \"{home}/lora/kiri-{id}\"\n")
	if a := d.edits("Write", d.home+"/lora/kiri-INTG-088/SOW.md"); a != (answer{}) {
		t.Errorf("%+v", a)
	}
	d.writeHome("config.toml", "[tracker]\nworkspace = \"{home}/{id}\"\n")
	if a := d.edits("Write", d.home+"/INTG-088/SOW.md"); a != (answer{}) {
		t.Errorf("%+v", a)
	}
	has(t, d.edits("Write", d.home+"/config.toml").denied(), "belongs to uratori itself")
}

func (d *desk) writeHome(file, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.home, file), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// A file that is no settings forbids nothing that could be known; that is said,
// and what stands without it stands.
func TestToolUse_SettingsThatCannotBeRead_AreSaid(t *testing.T) {
	d := newDesk(t)
	d.settings("[hooks]\ndeny_comands = []\n")
	a := d.bash("git push")
	has(t, a.System, "cannot be read", "deny_comands")
	if a.denied() != "" {
		t.Error(a.denied())
	}
	has(t, d.edits("Write", d.home+"/uratori.db").denied(), "belongs to uratori itself")
}

func TestLike_IsAWholeText(t *testing.T) {
	for _, tc := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"*", "", true},
		{"*", "a b/c", true},
		{"a*c", "abc", true},
		{"a*c", "acb", false},
		{"a?c", "a長c", true},
		{"a?c", "ac", false},
		{"**a**", "bab", true},
		{"git push*", "git pull", false},
		{"*a*b*c*", "xxaxxbxxc", true},
		{"*a*b*c", "abcabd", false},
	} {
		if like(tc.pattern, tc.text) != tc.want {
			t.Errorf("%q %q", tc.pattern, tc.text)
		}
	}
}

func FuzzDeeds(f *testing.F) {
	f.Add("git push; bash -c 'a > b'")
	f.Add("${x:=y} $((1/0)) ${!a} {1..99999999}")
	f.Fuzz(func(t *testing.T, line string) {
		for _, one := range deedsOf(line, []string{"HOME=/x"}) {
			if one.words == nil && one.writes == "" {
				t.Errorf("%q: %+v", line, one)
			}
		}
	})
}
