// Package npm_test has the published clients of the protocol, unmodified, live with the built binary: the TypeScript
// SDK, the Inspector, and the protocol's own conformance suite.
package npm_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/tests/house"
)

// program is the built binary, modules the folder that the clients are installed in, and runtime the one with the
// Node.js that comes with them: not every npm puts a link to it among the commands.
var program, modules, runtime string

func TestMain(m *testing.M) {
	if err := install(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(house.Main(m, &program))
}

// install has the clients installed when they are not there.
func install() error {
	out, err := exec.Command("../../../scripts/setup-clients", "npm").Output() //nolint:noctx // npm has limits of its own, and go test has one
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("the clients that these tests drive are not there: %s", failed.Stderr)
	}
	if err != nil {
		return err
	}
	modules = string(bytes.TrimSpace(out))
	found, err := filepath.Glob(filepath.Join(modules, "node-linux-*", "bin"))
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("there is not one Node.js among the clients in %s but %q", modules, found)
	}
	runtime = found[0]
	return nil
}

// site is a home, and a project whose commands are run.
type site struct {
	*house.House
	t       *testing.T
	project string
	own     string // the home of whoever runs the client
}

func newSite(t *testing.T) *site {
	t.Helper()
	return &site{House: house.New(t, program), t: t, project: t.TempDir(), own: t.TempDir()}
}

// environ is all that a server is given. These clients give a server nothing that they were not told to, so that a
// variable forgotten here would have it serve the home of whoever runs the tests.
func (s *site) environ() []string {
	return []string{
		"URATORI_HOME=" + string(s.Home), "URATORI_LANG=en", "URATORI_SERVER_LISTEN=127.0.0.1:0", "CLAUDE_PROJECT_DIR=" + s.project,
		"HOME=" + s.own, "PATH=" + os.Getenv("PATH"),
	}
}

// node prepares a script of somebody else's.
func (s *site) node(script string, words ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(runtime, "node"), append([]string{script}, words...)...)
	cmd.Env = append(s.environ(), "NO_COLOR=1", "PATH="+runtime+string(os.PathListSeparator)+os.Getenv("PATH"))
	return cmd
}

// face is where the daemon serves over HTTP; asking starts it.
func (s *site) face() (address, token string) {
	s.t.Helper()
	var f struct {
		URL   string `json:"url"`
		Token string `json:"token"`
	}
	if err := json.Unmarshal([]byte(s.Must("mcp", "--token", "--json")), &f); err != nil || f.Token == "" {
		s.t.Fatalf("no address of the face over HTTP: %v", err)
	}
	return f.URL, f.Token
}

// write makes a file in the project.
func (s *site) write(name string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.project, name), nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// texts joins the texts of an answer.
func texts(content []block) string {
	var all []string
	for _, b := range content {
		all = append(all, b.Text)
	}
	return strings.Join(all, "\n")
}
