package chaos

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/process"
	"uratori/tests/house"
)

// Daemon is the daemon of one home, killed now and then, and started again by
// whoever asks it next.
type Daemon struct {
	starter control.Starter
	kills   atomic.Int64

	mu     sync.Mutex
	client *control.Client
	id     process.ID
}

// NewDaemon prepares a home whose tracker is behind a wire.
func NewDaemon(t *testing.T, program, endpoint string) *Daemon {
	t.Helper()
	h := house.New(t, program)
	for name, value := range map[string]string{
		"TRACKER_ENDPOINT": endpoint, "TRACKER_SPREADSHEET": "local",
		"TRACKER_REQUESTS_PER_MINUTE": "0", "TRACKER_SYNC_INTERVAL": "200ms",
		"SERVER_LISTEN": "127.0.0.1:0", "LANG": "en",
	} {
		t.Setenv("URATORI_"+name, value) // the daemon is started as a child of this process
	}
	d := &Daemon{starter: control.Starter{Home: h.Home, Build: control.Build{Version: "1.0.0-test"}, Program: program}}
	t.Cleanup(d.drop)
	return d
}

// Home is where the daemon lives.
func (d *Daemon) Home() config.Home { return d.starter.Home }

// Do asks the daemon until it answers, whoever that is by then.
func (d *Daemon) Do(ctx context.Context, ask func(*control.Client) error) error {
	for {
		c, err := d.connect(ctx)
		if err == nil {
			err = ask(c)
		}
		if !gone(err) || ctx.Err() != nil {
			return err
		}
		d.leave(c)
	}
}

// gone tells whether nobody answered. Faults of the protocol's own are told
// from those of the daemon by their keys.
func gone(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && strings.HasPrefix(f.Key, "control.")
}

func (d *Daemon) connect(ctx context.Context) (*control.Client, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client != nil {
		return d.client, nil
	}
	c, err := d.starter.Connect(ctx)
	if err != nil {
		return nil, err
	}
	status, err := c.Status(ctx)
	if err != nil {
		c.Close()
		return nil, err
	}
	d.client, d.id = c, status.Daemon.ID
	return c, nil
}

// leave forgets a client that got no answer.
func (d *Daemon) leave(c *control.Client) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c != nil && d.client == c {
		c.Close()
		d.client = nil
	}
}

func (d *Daemon) drop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client != nil {
		d.client.Close()
		d.client = nil
	}
}

// Kill ends the daemon with SIGKILL, if it runs, and returns when it is gone.
func (d *Daemon) Kill() error {
	d.mu.Lock()
	id, running := d.id, d.client != nil
	d.mu.Unlock()
	if !running {
		return nil
	}
	if alive, err := id.Alive(); err != nil || !alive {
		return err
	}
	if err := syscall.Kill(id.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	d.kills.Add(1)
	for {
		if alive, err := id.Alive(); err != nil || !alive {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// Kills is how often the daemon was killed.
func (d *Daemon) Kills() int64 { return d.kills.Load() }
