package shim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// keeper is one shim process, seen from the daemon that started it.
type keeper struct {
	pid     int
	in      *os.File
	out     *os.File
	answers chan event    // has room for one: started or failed
	gone    chan struct{} // closed when the process has ended, or is let go

	mu      sync.Mutex
	current *Attempt
	ending  bool // it was told to
	alone   bool
}

// hire starts a shim process that waits for an attempt.
func (p *Pool) hire() (*keeper, error) {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirIn.Close() //nolint:errcheck // nothing was written to it here
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	defer theirOut.Close() //nolint:errcheck // nothing was written to it here
	// It outlives every context: what ends it is the end of its input.
	cmd := exec.CommandContext(context.Background(), p.o.Program, append([]string{"shim"}, p.o.Args...)...)
	cmd.Args[0] = "uratori"                                // the path may be a mere descriptor
	cmd.Env, cmd.Dir = append([]string{}, p.o.Env...), "/" // nil would be the daemon's own
	cmd.Stdin, cmd.Stdout, cmd.ExtraFiles = theirIn, theirOut, p.o.Files
	if p.o.Stderr != nil { // a nil *os.File would be a writer that fails
		cmd.Stderr = p.o.Stderr
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	k := &keeper{pid: cmd.Process.Pid, in: in, out: out, answers: make(chan event, 1), gone: make(chan struct{})}
	p.work.Go(func() {
		defer close(k.gone)
		defer p.forget(k)
		if err := k.listen(); err != nil && !k.isAlone() {
			p.o.Log.Error("a shim is left alone, since it talks nonsense", "pid", k.pid, "error", err)
			k.leaveAlone()
		}
		if k.isAlone() {
			_ = cmd.Process.Release() // it may run for days
			return
		}
		if err := cmd.Wait(); err != nil {
			p.o.Log.Warn("a shim has died", "pid", k.pid, "error", err)
		}
	})
	return k, nil
}

// listen hears what the shim says, until it ends or says nonsense.
func (k *keeper) listen() error {
	defer k.hangUp()
	lines := jsontext.NewDecoder(k.out)
	for {
		var e event
		if err := json.UnmarshalDecode(lines, &e); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || k.isEnding() {
				return nil
			}
			return err
		}
		if err := k.hear(e); err != nil {
			return err
		}
	}
}

func (k *keeper) hear(e event) error {
	k.mu.Lock()
	a := k.current
	k.mu.Unlock()
	switch {
	case a == nil:
	case e.Event == started && e.Run != nil, e.Event == failed && e.Failure != nil:
		select {
		case k.answers <- e:
			return nil
		default:
		}
	case e.Event == exited && e.Exit != nil:
		a.over(*e.Exit)
		return nil
	case e.Event == idle:
		a.rest() // before anybody hears of the end
		if e.Exit != nil {
			a.over(*e.Exit)
		}
		return nil
	case e.Event == left:
		return nil
	}
	return fmt.Errorf("%q out of turn", e.Event)
}

// hangUp ends the conversation. A shim that has no attempt then ends.
func (k *keeper) hangUp() {
	k.mu.Lock()
	k.ending = true
	k.mu.Unlock()
	_ = k.in.Close()
	_ = k.out.Close()
}

// leaveAlone ends the conversation with a shim that is to go on.
func (k *keeper) leaveAlone() {
	k.mu.Lock()
	k.alone = true
	k.mu.Unlock()
	k.hangUp()
}

func (k *keeper) isAlone() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.alone
}

func (k *keeper) isEnding() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ending
}

func (k *keeper) serve(a *Attempt) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.current = a
}

func (k *keeper) tell(c command) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = k.in.Write(append(line, '\n'))
	return err
}
