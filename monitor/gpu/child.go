package gpu

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
)

// child is one probe process, from its start until it was reaped.
type child struct {
	pid    int
	proc   *os.Process
	in     io.WriteCloser
	heard  chan message  // closed after its last word
	ended  chan struct{} // closed when it is gone; what follows is set then
	status string        // how it ended
	noise  error         // why it could not be understood
	said   lastLines
}

// spawn starts a probe of one library. It gets a process group of its own: a
// Ctrl-C that is meant for the daemon must not end it halfway through a call.
func spawn(program string, args, env []string, library string) (*child, error) {
	cmd := exec.Command(program, append(args[:len(args):len(args)], libraryFlag, library)...) //nolint:noctx // end ends it, and not at once by force
	cmd.Env = env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, outEnd, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	said, saidEnd, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, in.Close(), out.Close(), outEnd.Close())
	}
	// Files, so that waiting for the process waits for nothing else.
	cmd.Stdout, cmd.Stderr = outEnd, saidEnd
	err = cmd.Start()
	err = errors.Join(err, outEnd.Close(), saidEnd.Close())
	if err != nil {
		return nil, errors.Join(err, in.Close(), out.Close(), said.Close())
	}
	c := &child{pid: cmd.Process.Pid, proc: cmd.Process, in: in, heard: make(chan message), ended: make(chan struct{})}
	var readers sync.WaitGroup
	readers.Go(func() {
		defer close(c.heard)
		c.noise = c.listen(out)
	})
	readers.Go(func() { c.said.readFrom(said) })
	go func() { // ends with the process; see end
		err := cmd.Wait()
		// What it said last is still on its way. Were the pipes kept open by
		// another process, there would be no end of it.
		over := time.AfterFunc(lastWords, func() {
			_ = out.SetReadDeadline(time.Unix(1, 0))
			_ = said.SetReadDeadline(time.Unix(1, 0))
		})
		readers.Wait()
		over.Stop()
		_, _ = out.Close(), said.Close() // they were read only
		c.status = "exit status 0"
		if err != nil {
			c.status = err.Error()
		}
		close(c.ended)
	}()
	return c, nil
}

// listen hears messages until the process closes its output or talks nonsense.
func (c *child) listen(out io.Reader) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return fmt.Errorf("%w: %s", err, printable(lines.Text()))
		}
		c.heard <- m
	}
	return lines.Err()
}

// ask sends a request. It does not block: the pipe is never full of the one
// request that is under way.
func (c *child) ask(r request) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = c.in.Write(append(line, '\n'))
	return err
}

// end ends the process, gently first: killing one that is inside the driver has
// frozen GPUs. Each step is given grace. It returns false when the process is
// still there, which is when a call into the driver cannot be interrupted.
func (c *child) end(grace time.Duration, signal func(*os.Process, os.Signal) error) bool {
	go func() { // ends with the process's output
		for range c.heard { // nobody listens any more
		}
	}()
	_ = c.in.Close() // it leaves when it hears nothing more
	for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if c.gone(grace) {
			return true
		}
		_ = signal(c.proc, s) // it may have left just now
	}
	return c.gone(grace)
}

func (c *child) gone(within time.Duration) bool {
	limit := time.NewTimer(within)
	defer limit.Stop()
	select {
	case <-c.ended:
		return true
	case <-limit.C:
		return false
	}
}
