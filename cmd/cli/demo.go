package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

func (a *app) demoCommand() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use: "demo", Short: a.lang.Say("cli.demo.short"), Long: a.lang.Say("cli.demo.long"), Example: a.lang.Say("cli.demo.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), keep) },
	}
	cmd.Flags().BoolVar(&keep, "keep", false, a.lang.Say("cli.demo.flag.keep"))
	return cmd
}

// demo is one showing: this program, run as a user would run it, in a home of
// its own.
type demo struct {
	*app
	dir    string
	home   string
	ticket string // that was filed
	proof  []proof
}

// proof is one thing that was shown, for --json and for the last line.
type proof struct {
	Name    string         `json:"name"`
	Verdict ledger.Verdict `json:"verdict"`
	Detail  string         `json:"detail"`
}

// demoAnswer is the answer of `uratori demo --json`.
type demoAnswer struct {
	Verdict ledger.Verdict `json:"verdict"`
	Proofs  []proof        `json:"proofs"`
}

func (a *app) demo(ctx context.Context, keep bool) (err error) {
	dir, err := os.MkdirTemp("", "uratori-demo-")
	if err != nil {
		return err
	}
	d := &demo{app: a, dir: dir, home: filepath.Join(dir, "home")}
	if a.json {
		a.lang = phrase.English
	}
	began := time.Now()
	if !keep {
		defer func() {
			// Ctrl-C ends the showing, not the tidying up.
			tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), downLimit)
			defer cancel()
			for _, home := range []string{d.home, d.other("forged"), d.other("rewritten")} {
				_, _ = d.run(tidy, home, "down") // one that was not reached is not there
			}
			err = errors.Join(err, os.RemoveAll(dir))
		}()
	}
	d.tell("demo.start", "home", d.home)
	for _, show := range []func(context.Context) error{d.together, d.filed, d.edited, d.crash, d.examined, d.forgery, d.rewrite} {
		if err := show(ctx); err != nil {
			return err
		}
	}
	if !keep {
		if err := d.stop(ctx); err != nil {
			return err
		}
	}
	return d.end(ctx, began, keep)
}

func (d *demo) end(ctx context.Context, began time.Time, keep bool) error {
	answer := demoAnswer{Verdict: ledger.Verified, Proofs: d.proof}
	held := 0
	for _, p := range d.proof {
		if p.Verdict == ledger.Verified {
			held++
		} else {
			answer.Verdict = p.Verdict
		}
	}
	if keep {
		s, err := d.status(ctx, d.home)
		if err != nil {
			return err
		}
		d.tell("demo.kept", "dashboard", s.Dashboard, "home", d.home)
	}
	d.tell("demo.end", "held", held, "all", len(d.proof), "seconds", fmt.Sprintf("%.1f", time.Since(began).Seconds()))
	if d.json {
		d.print(answer)
	}
	return judged(answer.Verdict)
}

// together starts one daemon by many commands.
func (d *demo) together(ctx context.Context) error {
	const count = 20
	d.tell("demo.together", "count", count)
	pids := map[int]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	var failed error
	for range count {
		all.Go(func() {
			s, err := d.status(ctx, d.home)
			mu.Lock()
			defer mu.Unlock()
			pids[s.Daemon.PID] = true
			failed = errors.Join(failed, err)
		})
	}
	all.Wait()
	if failed != nil {
		return failed
	}
	started, err := d.find(ctx, d.home, "daemon.started")
	if err != nil {
		return err
	}
	s, err := d.status(ctx, d.home)
	if err != nil {
		return err
	}
	d.prove("together", len(pids) == 1 && pids[s.Daemon.PID] && len(started) == 1,
		d.lang.Say("demo.together_proof", "pid", s.Daemon.PID, "started", len(started)))
	return nil
}

// crash kills the daemon and looks whether what it acknowledged is there.
func (d *demo) crash(ctx context.Context) error {
	d.tell("demo.kill")
	before, err := d.status(ctx, d.home)
	if err != nil {
		return err
	}
	if _, err := d.run(ctx, d.home, "backup", filepath.Join(d.dir, "backup.db")); err != nil {
		return err
	}
	noted, err := d.status(ctx, d.home)
	if err != nil {
		return err
	}
	if err := syscall.Kill(before.Daemon.PID, syscall.SIGKILL); err != nil {
		return err
	}
	for alive := true; alive; {
		if alive, err = before.Daemon.Alive(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	report, _, err := d.verify(ctx, d.home, noted.Ledger.Head)
	if err != nil {
		return err
	}
	after, err := d.status(ctx, d.home)
	if err != nil {
		return err
	}
	d.prove("crash", report.Verdict == ledger.Verified && after.Daemon.PID != before.Daemon.PID && report.Entries > noted.Ledger.Entries,
		d.lang.Say("demo.kill_proof", "old", before.Daemon.PID, "new", after.Daemon.PID, "entries", report.Entries))
	return nil
}

// examined waits for the new daemon's own look at the store.
func (d *demo) examined(ctx context.Context) error {
	d.tell("demo.examined")
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	for {
		found, err := d.find(ctx, d.home, "store.examined")
		if err != nil {
			return err
		}
		if len(found) > 0 {
			var e struct {
				Verdict ledger.Verdict `json:"verdict"`
			}
			if err := json.Unmarshal(found[0].Data, &e); err != nil {
				return err
			}
			d.prove("examined", e.Verdict == ledger.Verified, d.lang.Say("demo.examined_proof", "verdict", e.Verdict))
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (d *demo) stop(ctx context.Context) error {
	d.tell("demo.down")
	out, err := d.run(ctx, d.home, "down", "--json")
	if err != nil {
		return err
	}
	var s stopped
	if err := json.Unmarshal(out, &s); err != nil {
		return err
	}
	d.prove("down", s.Verdict == ledger.Verified && s.PID != 0, d.lang.Say("demo.down_proof", "pid", s.PID, "ms", s.TookMS))
	return nil
}

func (d *demo) other(name string) string { return filepath.Join(d.dir, name) }

// tell narrates; with --json only the proofs are printed.
func (d *demo) tell(key string, pairs ...any) {
	if !d.json {
		d.say(key, pairs...)
	}
}

func (d *demo) prove(name string, held bool, detail string) {
	p := proof{Name: name, Verdict: ledger.Verified, Detail: detail}
	if !held {
		p.Verdict, p.Detail = ledger.Refuted, d.lang.Say("demo.refuted")+": "+detail
	}
	d.proof = append(d.proof, p)
	if !d.json {
		fmt.Fprintln(d.out, "  "+d.mark(p.Verdict)+" "+visible(p.Detail))
	}
}

// run executes a command of this program as a user would, in the given home.
func (d *demo) run(ctx context.Context, home string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Args[0] = "uratori"
	cmd.Env = append(os.Environ(), "URATORI_HOME="+home, "URATORI_SERVER_LISTEN=127.0.0.1:0",
		"URATORI_TRACKER_SPREADSHEET=local", "URATORI_TRACKER_ENDPOINT=", "URATORI_TRACKER_SHEET=Tracker") // never the user's own
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out, fmt.Errorf("uratori %s: %w: %s%s", strings.Join(args, " "), err, exit.Stderr, out)
	}
	return out, err
}

func (d *demo) status(ctx context.Context, home string) (control.Status, error) {
	out, err := d.run(ctx, home, "status", "--json")
	if err != nil {
		return control.Status{}, err
	}
	var s control.Status
	return s, json.Unmarshal(out, &s)
}

// verify returns the report and the exit status of the command.
func (d *demo) verify(ctx context.Context, home string, known ledger.Hash) (ledger.Report, int, error) {
	out, err := d.run(ctx, home, "ledger", "verify", "--json", "--known", known.String())
	status := exitDone
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == exitFailed {
		status, err = exitFailed, nil
	}
	if err != nil {
		return ledger.Report{}, 0, err
	}
	var r ledger.Report
	return r, status, json.Unmarshal(out, &r)
}

func (d *demo) find(ctx context.Context, home, kind string) ([]ledger.Entry, error) {
	out, err := d.run(ctx, home, "ledger", "export")
	if err != nil {
		return nil, err
	}
	var found []ledger.Entry
	for line := range strings.Lines(string(out)) {
		var e ledger.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return nil, err
		}
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found, nil
}
