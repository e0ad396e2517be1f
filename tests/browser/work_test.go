package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"uratori/internal/control"
	"uratori/tests/house"
)

// settings are of the project in the folder of jobs.
const settings = `[project]
tests = ["tests/**"]
test = ["sh", "tests/test.sh"]
test_report = "build/junit.xml"
sources = ["src/**"]
inputs = ["pages/*.png"]
outputs = ["out/*.png"]
`

func (s *site) write(path, text string) {
	s.t.Helper()
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.work, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) git(args ...string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	cmd.Dir = s.work
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// flow asks something of a ticket's workflow; the command may end with any status.
func (s *site) flow(ticket string, words ...string) control.Workflow {
	s.t.Helper()
	cmd := s.Command(append([]string{"--json", "workflow", ticket}, words...)...)
	cmd.Dir = s.work
	r := house.Finish(s.t, cmd)
	var w control.Workflow
	decode(s.t, r.Out, &w)
	if w.Ticket == "" {
		s.t.Fatalf("%v: %d %s%s", words, r.Code, r.Out, r.Err)
	}
	return w
}

// asks takes a ticket to the step at which a person is asked for the plan, and
// asks.
func (s *site) asks(ticket string) {
	s.t.Helper()
	s.write("README.md", "抽出\n")
	s.write("src/extract.sh", "echo not yet\n")
	s.write("uratori.toml", settings)
	if _, err := os.Stat(filepath.Join(s.work, ".git")); err != nil {
		s.git("init", "--quiet")
		s.git("add", "README.md", "src", "uratori.toml")
		s.git("commit", "--quiet", "--message", "begin")
	}
	w := s.flow(ticket, "start")
	s.flow(ticket, "check")
	for _, document := range []string{"SOW", "IMPLEMENTATION_PLAN"} {
		s.write(filepath.Join(w.Workspace, document+"_"+ticket+".md"), "# 作業\n\n"+strings.Repeat("人物だけを残して背景を透明にする。", 20)+"\n")
		s.flow(ticket, "check")
	}
	if w = s.flow(ticket, "request-approval"); w.Steps[w.Current-1].State != "waiting" {
		s.t.Fatalf("%+v", w.Steps[w.Current-1])
	}
}
