// Package cli runs the command line as its users do, from scripts.
package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"uratori/monitor/notify/notifytest"
	"uratori/tests/house"
)

var program string // set once, by TestMain

func TestMain(m *testing.M) { os.Exit(house.Main(m, &program)) }

func TestScripts(t *testing.T) {
	buildFactcheck(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
			env.Setenv("URATORI_HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("URATORI_SERVER_LISTEN", "127.0.0.1:0")
			env.Setenv("URATORI_LANG", "")
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("TZ", "Asia/Tokyo")
			env.Values[phone{}] = notifytest.New(time.Now)
			env.Defer(func() {
				for _, name := range []string{"home", "other"} {
					h := filepath.Join(env.WorkDir, name)
					run := func(args ...string) {
						cmd := exec.Command(program, args...) //nolint:noctx // it has its own limit
						cmd.Env = append(os.Environ(), "URATORI_HOME="+h, "URATORI_SERVER_LISTEN=127.0.0.1:0")
						if out, err := cmd.CombinedOutput(); err != nil {
							t.Errorf("%v: %v\n%s", args, err, out)
						}
					}
					// Jobs outlive their daemon; of a script that failed some may be left.
					jobs, err := filepath.Glob(filepath.Join(h, "tasks", "[0-9]*"))
					if err != nil {
						t.Error(err)
					}
					for _, job := range jobs {
						run("kill", filepath.Base(job))
					}
					run("down")
				}
			})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "hashes": hashes, "mode": mode, "fault": faultIs, "head": head,
			"pushover": pushover, "arrived": arrived, "soon": soon,
			"serve": serve, "person": person, "cell": cellIs, "members": members, "harmless": harmless, "translated": translated,
		},
	})
}

// exits CODE COMMAND… runs a command that must end with exactly that status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("status %d, want %s", code, args[0])
	}
}

// hashes FILE checks exported lines with nothing of ours.
func hashes(ts *testscript.TestScript, _ bool, args []string) {
	count := 0
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var fields map[string]any
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		ts.Check(d.Decode(&fields))
		want := fields["hash"]
		delete(fields, "hash")
		canonical, err := json.Marshal(fields) // sorted keys; these lines hold nothing that is escaped in several ways
		ts.Check(err)
		if sum := sha256.Sum256(canonical); hex.EncodeToString(sum[:]) != want {
			ts.Fatalf("%s does not give %v", canonical, want)
		}
		count++
	}
	if count == 0 {
		ts.Fatalf("%s is empty", args[0])
	}
}

// mode PERM FILE
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s", args[1], got)
	}
}

// fault KIND CODE checks that stdout is nothing but that fault, as JSON with
// an English sentence.
func faultIs(ts *testscript.TestScript, _ bool, args []string) {
	out := ts.ReadFile("stdout")
	var answer struct {
		Error struct{ Kind, Code, Message string }
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		ts.Fatalf("%q is not JSON: %v", out, err)
	}
	e := answer.Error
	if e.Kind != args[0] || e.Code != args[1] || e.Message == "" || japanese.MatchString(e.Message) {
		ts.Fatalf("fault %+v, want %s %s", e, args[0], args[1])
	}
}

// head FILE keeps the hash of the newest entry, as `uratori status` shows it.
func head(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("uratori", "status", "--json"))
	var status struct{ Ledger struct{ Head string } }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &status))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(status.Ledger.Head), 0o600))
}
