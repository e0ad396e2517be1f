package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/daemon/embedded"
	"uratori/internal/daemon/tasks"
	"uratori/internal/daemon/tickets"
	"uratori/internal/daemon/watch"
	"uratori/internal/daemon/work"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func (a *app) upCommand() *cobra.Command {
	var background, unit, detach bool
	var readyFD int
	var heartbeat string
	cmd := &cobra.Command{
		Use: "up", Short: a.lang.Say("cli.up.short"), Long: a.lang.Say("cli.up.long"), Example: a.lang.Say("cli.up.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if heartbeat != "" {
				// As the environment says it, for this process and the daemon
				// that it may start: argv is everybody's to read.
				const name = "URATORI_MONITOR_HEARTBEAT_URL"
				if err := os.Setenv(name, heartbeat); err != nil {
					return fault.New(fault.Invalid, "cli.up.bad_heartbeat").Wrap(err)
				}
				a.environ = append(a.environ, name+"="+heartbeat)
			}
			switch {
			case unit && background:
				return fault.New(fault.Invalid, "cli.up.either")
			case unit:
				return a.printUnit()
			case background:
				return a.upBackground(cmd.Context())
			case detach:
				return a.detach(cmd.Context())
			}
			return a.up(cmd.Context(), readyFD)
		},
	}
	cmd.Flags().BoolVar(&background, "background", false, a.lang.Say("cli.up.flag.background"))
	cmd.Flags().BoolVar(&unit, "systemd", false, a.lang.Say("cli.up.flag.systemd"))
	cmd.Flags().StringVar(&heartbeat, "heartbeat-url", "", a.lang.Say("cli.up.flag.heartbeat"))
	// How the pieces of a start call each other; see control.Starter.
	cmd.Flags().BoolVar(&detach, "detach", false, "")
	cmd.Flags().IntVar(&readyFD, "ready-fd", 0, "")
	for _, hidden := range []string{"detach", "ready-fd"} {
		if err := cmd.Flags().MarkHidden(hidden); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return cmd
}

// up is the daemon itself.
func (a *app) up(ctx context.Context, readyFD int) (err error) {
	syscall.Umask(0o077) // nothing it makes is for others
	answer := func(error) {}
	if readyFD > 0 {
		answer = answerOnce(readyFD)
		defer func() { answer(err) }() // whatever kept it from becoming ready
	}
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	if err := home.Create(); err != nil {
		return err
	}
	settings, err := config.Load(home, a.environ)
	if err != nil {
		return err
	}
	var console io.Writer
	if readyFD == 0 {
		console = a.err
	}
	log, file := daemon.OpenLog(settings, console, isTerminal(os.Stderr) && a.color)
	defer func() { err = errors.Join(err, file.Close()) }()
	program, err := a.path()
	if err != nil {
		return fmt.Errorf("find the path of this program: %w", err)
	}
	var sheet embedded.Sheet
	var office tickets.Office
	var tower watch.Tower
	var hall tasks.Hall
	var bench work.Bench
	return daemon.Run(ctx, daemon.Options{
		Config: settings, Build: a.build, Log: log, Now: time.Now,
		Parts: []daemon.Part{
			sheet.Part(), office.Part(&sheet), tower.Outbox(), tower.Part(&hall, &office), hall.Part(&office, &tower, program),
			bench.Approvals(), bench.Part(&office, &hall), linesPart(a.build),
		},
		Ready: func() { answer(nil) },
	})
}

// answerOnce writes to the pipe of whoever started this daemon; only the
// first call counts. That it may have gone is no concern of the daemon.
func answerOnce(fd int) func(error) {
	syscall.CloseOnExec(fd)
	pipe := os.NewFile(uintptr(fd), "ready")
	var once sync.Once
	return func(err error) {
		once.Do(func() {
			_ = json.MarshalWrite(pipe, control.Started{PID: os.Getpid(), Error: control.Encode(err)})
			_ = pipe.Close()
		})
	}
}

// detach runs between a command and the daemon that it starts.
func (a *app) detach(ctx context.Context) error {
	syscall.Umask(0o077)
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	// What the log cannot hold: the last words of a crashing runtime.
	output, err := os.OpenFile(filepath.Join(home.Logs(), "daemon.stderr"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		a.print(control.Started{Error: control.Encode(home.Explain(err))})
		return nil
	}
	defer output.Close() //nolint:errcheck // the daemon has its own descriptor
	started, err := control.Detach(ctx, self, output)
	if err != nil {
		started.Error = control.Encode(fmt.Errorf("%w; see %s", err, output.Name()))
	}
	a.print(started)
	return nil
}

func (a *app) upBackground(ctx context.Context) error {
	s, err := a.ask(ctx)
	if err != nil {
		return err
	}
	if a.json {
		a.print(s)
		return nil
	}
	a.say("cli.up.running", "pid", s.Daemon.PID, "dashboard", s.Dashboard)
	return nil
}

func (a *app) printUnit() error {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	program, err := a.path()
	if err != nil {
		return fmt.Errorf("find the path of this program: %w", err)
	}
	fmt.Fprint(a.out, daemon.Unit(program, home))
	fmt.Fprintln(a.err, a.lang.Say("cli.up.unit_hint"))
	return nil
}

// stopped is the answer of `uratori down`.
type stopped struct {
	PID     int            `json:"pid"` // 0 when none was running
	Verdict ledger.Verdict `json:"verdict"`
	TookMS  int64          `json:"took_ms"`
}

func (a *app) downCommand() *cobra.Command {
	return &cobra.Command{
		Use: "down", Short: a.lang.Say("cli.down.short"), Long: a.lang.Say("cli.down.long"), Example: a.lang.Say("cli.down.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.down(cmd.Context()) },
	}
}

// downLimit is longer than the daemon's own limit for a stop.
const downLimit = 30 * time.Second

// down is done when the process that was asked is seen to be gone.
func (a *app) down(ctx context.Context) error {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, downLimit)
	defer cancel()
	c, err := control.Dial(ctx, home, a.build)
	if errors.Is(err, control.ErrNotRunning) {
		if a.json {
			a.print(stopped{Verdict: ledger.Verified})
		} else {
			a.say("cli.down.none", "home", home)
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer c.Close()
	id, err := c.Stop(ctx)
	if err != nil {
		return err
	}
	for {
		alive, err := id.Alive()
		if err != nil {
			return fault.New(fault.Unavailable, "cli.down.unknown", "pid", id.PID).Wrap(err)
		}
		if !alive {
			break
		}
		select {
		case <-ctx.Done():
			return fault.New(fault.Failed, "cli.down.still_there", "pid", id.PID)
		case <-time.After(5 * time.Millisecond):
		}
	}
	s := stopped{PID: id.PID, Verdict: ledger.Verified, TookMS: time.Since(began).Milliseconds()}
	if a.json {
		a.print(s)
	} else {
		a.say("cli.down.done", "pid", s.PID)
	}
	return nil
}
