package claude_test

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"uratori/tests/house"
)

var hooks = []string{"session-start", "user-prompt-submit", "pre-tool-use", "stop", "subagent-stop"}

// hook calls a hook as Claude Code does.
func (s *site) hook(event, input string) house.Result {
	s.t.Helper()
	cmd := s.Command("hook", event)
	cmd.Dir, cmd.Stdin = s.project, strings.NewReader(input)
	return house.Finish(s.t, cmd)
}

// Status 2 would block the agent, and any other but 0 is told as a failure.
func TestHook_WhateverGoesWrong_EndsWithStatusZero(t *testing.T) {
	s := newSite(t)
	for name, input := range map[string]string{"nothing": "", "no JSON": "hello", "wrong type": `{"cwd":1}`, "fifty megabytes": `{"a":"` + strings.Repeat("x", 50<<20) + `"}`} {
		for _, event := range append(slices.Clone(hooks), "of-tomorrow", "--flag") {
			r := s.hook(event, input)
			if r.Code != 0 || r.Out != "" || strings.Count(r.Err, "\n") != 1 {
				t.Errorf("%s %s: %+v", name, event, r)
			}
			if name == "fifty megabytes" {
				break // it takes its time, and is read before the event matters
			}
		}
	}
	if r := s.hook("stop", "{}"); r.Code != 0 || len(s.Daemons()) != 0 {
		t.Errorf("%+v %v", r, s.Daemons())
	}
}

func TestHook_InputThatNeverComes_IsNotWaitedFor(t *testing.T) {
	s := newSite(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // nothing is on it
	defer w.Close() //nolint:errcheck // nothing is on it
	cmd := s.Command("hook", "stop")
	cmd.Stdin = r
	begun := time.Now()
	if got := house.Finish(t, cmd); got.Code != 0 || !strings.Contains(got.Err, "did not end") {
		t.Errorf("%+v", got)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Error(took)
	}
}

// How long the agent waits, with a daemon that answers. The figures are told; only
// what nobody could call quick on any machine fails.
func TestHook_AnswersAtOnce(t *testing.T) {
	s := newSite(t)
	s.withSettings()
	s.Must("ticket", "create", "--summary", "x", "--detail", "y")
	s.Must("workflow", "INTG-001", "start", "--root", s.project)
	input := `{"session_id":"s","cwd":"` + s.project + `","tool_name":"Bash","tool_input":{"command":"cd x && make"}}`
	for _, event := range append([]string{"version"}, hooks...) {
		var times []time.Duration
		for range 11 {
			cmd := s.Command("hook", event)
			if event == "version" {
				cmd = s.Command("version") // what starting the program takes by itself
			}
			cmd.Stdin = strings.NewReader(input)
			cmd.Stdout, cmd.Stderr = new(bytes.Buffer), new(bytes.Buffer)
			begun := time.Now()
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			times = append(times, time.Since(begun))
		}
		slices.Sort(times)
		t.Logf("%-20s median %v, slowest %v", event, times[5].Round(time.Millisecond), times[10].Round(time.Millisecond))
		if times[0] > 500*time.Millisecond {
			t.Errorf("%s: never below %v", event, times[0])
		}
	}
	if r := s.hook("stop", input); !strings.Contains(r.Out, `"decision":"block"`) || !strings.Contains(r.Out, "INTG-001") {
		t.Errorf("%+v", r)
	}
}

// A link to the program by another name is none that settings could keep.
func TestInstall_WritesAProgramThatIsThere(t *testing.T) {
	s := newSite(t)
	other := t.TempDir() + "/other"
	if err := os.Link(program, other); err != nil {
		if out, err := exec.CommandContext(t.Context(), "cp", program, other).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	cmd := s.Command("install", "claude", "--project", s.project)
	cmd.Path = other
	if r := house.Finish(t, cmd); r.Code != 2 || !strings.Contains(r.Err, "other") {
		t.Errorf("%+v", r)
	}
	for _, dry := range []bool{true, false} {
		args := []string{"install", "claude", "--project", s.project}
		if dry {
			args = append(args, "--dry-run")
		}
		out := s.Must(args...)
		if _, err := os.Stat(s.project + "/.mcp.json"); (err == nil) == dry {
			t.Error(out)
		}
		if dry && (!strings.Contains(out, "+++ b/.mcp.json") || !strings.Contains(out, "+"+`      "command": "`+program+`"`)) {
			t.Error(out)
		}
	}
	if out := s.Must("install", "claude", "--project", s.project, "--json"); !strings.Contains(out, `"change":"unchanged"`) {
		t.Error(out)
	}
}
