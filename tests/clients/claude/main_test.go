// Package claude_test drives the real Claude Code, with a model that follows a
// script, through a ticket: our server and our hooks as `uratori install claude`
// sets them up. No key and no network are needed.
package claude_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/tests/house"
)

var (
	program string // uratori
	claude  string // Claude Code
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	setup := exec.Command("../../../scripts/setup-clients", "claude") //nolint:noctx // go test has its own limit
	var errs bytes.Buffer
	setup.Stderr = &errs
	out, err := setup.Output()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, &errs)
		return 1
	}
	claude = strings.TrimSpace(string(out))
	return house.Main(m, &program)
}

// site is a project in which Claude Code works, with a home of its own for each
// of all who are there.
type site struct {
	*house.House
	t       *testing.T
	project string
	person  string // the folder of Claude Code's own settings
	env     []string
}

func newSite(t *testing.T, env ...string) *site {
	t.Helper()
	s := &site{House: house.New(t, program), t: t, person: t.TempDir(), env: env}
	var err error
	if s.project, err = filepath.EvalSymlinks(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	// What a person answers when Claude Code asks, once, whether the folder and
	// the server can be trusted.
	s.write(filepath.Join(s.person, ".claude.json"), map[string]any{
		"hasCompletedOnboarding": true,
		"projects":               map[string]any{s.project: map[string]any{"hasTrustDialogAccepted": true, "enabledMcpjsonServers": []string{"uratori"}}},
	})
	return s
}

func (s *site) write(file string, value any) {
	s.t.Helper()
	raw, err := json.Marshal(value)
	if err == nil {
		err = os.WriteFile(file, raw, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// claude prepares a command of Claude Code in the project.
func (s *site) claude(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.t.Context(), claude, args...)
	cmd.Dir = s.project
	cmd.Env = []string{
		"HOME=" + s.person, "PATH=" + filepath.Dir(program) + ":" + os.Getenv("PATH"), "TMPDIR=" + s.t.TempDir(), "LANG=C.UTF-8",
		"DISABLE_AUTOUPDATER=1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "MCP_TIMEOUT=30000",
		"URATORI_HOME=" + string(s.Home), "URATORI_LANG=en", "URATORI_SERVER_LISTEN=127.0.0.1:0",
	}
	cmd.Env = append(cmd.Env, s.env...)
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// prompt has the agent do what the script of a model says, and returns what it
// said at the end.
func (s *site) prompt(m *model, text string, args ...string) string {
	s.t.Helper()
	cmd := s.claude(append([]string{"-p", text, "--model", "claude-sonnet-4-5", "--allowedTools", "mcp__uratori", "Bash", "Write"}, args...)...)
	cmd.Env = append(cmd.Env, "ANTHROPIC_BASE_URL="+m.server.URL, "ANTHROPIC_API_KEY=sk-ant-none")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("claude -p: %v\n%s%s", err, &out, &errs)
	}
	return out.String()
}
