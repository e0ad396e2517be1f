package jobs

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// The session of an agent, in whose process group the MCP server runs that has
// started the daemon and asked for the job, is killed as a whole: as when a
// terminal is closed, or somebody kills a hanging agent.
func TestSession_OfAnAgentIsKilled_TheJobGoesOn_AndTheNextSessionKnows(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGHUP} {
		flag := fmt.Sprintf("go-%d", signal)
		first := y.session()
		asked := first.call("enqueue", map[string]any{
			"command": []string{"/bin/sh", "-c", "until test -e " + flag + "; do sleep 0.05; done; echo finished; exit 3"}, "cwd": y.work, "retries": 0,
		})
		id := int64(asked["task"].(float64))
		y.until(id, "running")
		before := y.task(id).PID
		first.kill(signal)
		if alive := syscall.Kill(before, 0); alive != nil {
			t.Fatalf("%v: the job died with the session of the agent: %v", signal, alive)
		}
		y.write(flag, "")
		d := y.ended(id)
		if d.State != "failed" || d.ExitCode == nil || *d.ExitCode != 3 || d.Attempt != 1 {
			t.Errorf("%v: %+v", signal, d.Task)
		}
		next := y.session()
		if told := fmt.Sprint(next.call("logs", map[string]any{"task": id})); !strings.Contains(told, "finished") {
			t.Errorf("%v: the next session is told %s", signal, told)
		}
		next.kill(signal)
	}
}

// session is an agent's, over stdio.
type session struct {
	y    *yard
	ask  func(method string, params any) map[string]any
	kill func(syscall.Signal) // everything that is in it
}

func (y *yard) session() *session {
	y.t.Helper()
	cmd := y.Command("mcp")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		y.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		y.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		y.t.Fatal(err)
	}
	y.t.Cleanup(func() { _ = cmd.Process.Kill() }) // mostly it is gone
	lines := bufio.NewReader(out)
	n := 0
	s := &session{y: y}
	s.ask = func(method string, params any) map[string]any {
		y.t.Helper()
		n++
		text, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": n, "method": method, "params": params})
		if err == nil {
			_, err = in.Write(append(text, '\n'))
		}
		for err == nil {
			var line []byte
			if line, err = lines.ReadBytes('\n'); err != nil {
				break
			}
			var answer struct {
				ID     int
				Result map[string]any
				Error  any
			}
			if err = json.Unmarshal(line, &answer); err == nil && answer.ID == n {
				if answer.Error != nil {
					y.t.Fatalf("%s: %v", method, answer.Error)
				}
				return answer.Result
			}
		}
		y.t.Fatalf("%s: %v", method, err)
		return nil
	}
	s.kill = func(signal syscall.Signal) {
		y.t.Helper()
		if err := syscall.Kill(-cmd.Process.Pid, signal); err != nil {
			y.t.Fatal(err)
		}
		_ = cmd.Wait() // by the signal
	}
	s.ask("initialize", map[string]any{
		"protocolVersion": "2025-11-25", "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "test", "version": "1"},
	})
	return s
}

func (s *session) call(tool string, arguments map[string]any) map[string]any {
	s.y.t.Helper()
	r := s.ask("tools/call", map[string]any{"name": tool, "arguments": arguments})
	content, _ := r["structuredContent"].(map[string]any)
	if r["isError"] == true || content == nil {
		s.y.t.Fatalf("%s: %v", tool, r)
	}
	return content
}
