package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// mcp compares the server for agents with the least that one can be: how soon
// it answers after it was started, and what a call costs that asks the daemon.
func (b *bench) mcp(ctx context.Context) (rows []row, err error) {
	echo := filepath.Join(b.dir, "echo")
	if words, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", echo, "./tests/bench/echo").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the echo: %w\n%s", err, words)
	}
	_, env := b.home("mcp")
	if _, err := b.call(ctx, env, "up", "--background"); err != nil {
		return nil, err
	}
	defer func() {
		_, down := b.call(ctx, env, "down")
		err = errors.Join(err, down)
	}()
	const starts, calls = 40, 500
	const ratioLimit, overLimit = 2, time.Millisecond
	var ours, floor []time.Duration
	for range starts { // in turn, so that a slower moment of the machine meets both
		a, err := b.startAgentServer(ctx, env, b.program, "mcp")
		if err != nil {
			return nil, err
		}
		f, err := b.startAgentServer(ctx, env, echo)
		if err != nil {
			return nil, errors.Join(err, a.end())
		}
		ours, floor = append(ours, a.first), append(floor, f.first)
		if err := errors.Join(a.end(), f.end()); err != nil {
			return nil, err
		}
	}
	start, least := median(ours), median(floor)
	ratio := float64(start) / float64(least)
	rows = append(rows, row{
		"`uratori mcp` from its start to its first answer, median of " + strconv.Itoa(starts), ms(start),
		"a bare mcp-go echo " + ms(least), fmt.Sprintf("%.2f ×", ratio), fmt.Sprintf("≤ %d ×", ratioLimit), ratio <= ratioLimit,
	})

	a, err := b.startAgentServer(ctx, env, b.program, "mcp")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.end()) }()
	f, err := b.startAgentServer(ctx, env, echo)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.end()) }()
	if err := errors.Join(a.tool("status", `{}`), f.tool("echo", `{"text":"hi"}`)); err != nil { // the first connects
		return nil, err
	}
	ours, floor = nil, nil
	for range calls {
		began := time.Now()
		if err := a.tool("status", `{}`); err != nil {
			return nil, err
		}
		ours = append(ours, time.Since(began))
		began = time.Now()
		if err := f.tool("echo", `{"text":"hi"}`); err != nil {
			return nil, err
		}
		floor = append(floor, time.Since(began))
	}
	call, bare := median(ours), median(floor)
	return append(rows, row{
		"`status` of an agent over stdio, which asks the daemon, median of " + strconv.Itoa(calls), ms(call),
		"a call of the echo " + ms(bare), fmt.Sprintf("+%s", ms(call-bare)), "≤ " + ms(overLimit) + " more", call-bare <= overLimit,
	}), nil
}

// agentServer is a server of the protocol as a child, asked line by line.
type agentServer struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	first time.Duration // from its start to its first answer
	n     int
}

func (b *bench) startAgentServer(ctx context.Context, env []string, program string, args ...string) (*agentServer, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = env
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s := &agentServer{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	err = s.ask(`"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}`)
	s.first = time.Since(began)
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	return s, nil
}

// ask sends a request and reads its answer.
func (s *agentServer) ask(rest string) error {
	s.n++
	if _, err := fmt.Fprintf(s.in, `{"jsonrpc":"2.0","id":%d,%s}`+"\n", s.n, rest); err != nil {
		return err
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.Contains(line, fmt.Sprintf(`"id":%d,`, s.n)) || !strings.Contains(line, `"result"`) || strings.Contains(line, `"isError":true`) {
		return fmt.Errorf("an answer that is none: %.200s", line)
	}
	return nil
}

func (s *agentServer) tool(name, arguments string) error {
	return s.ask(fmt.Sprintf(`"method":"tools/call","params":{"name":%q,"arguments":%s}`, name, arguments))
}

// end closes its input, at which a server ends.
func (s *agentServer) end() error { return errors.Join(s.in.Close(), s.cmd.Wait()) }
