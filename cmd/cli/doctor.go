package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: a.lang.Say("cli.doctor.short"), Long: a.lang.Say("cli.doctor.long"), Example: a.lang.Say("cli.doctor.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context()) },
	}
}

// diagnosis is the answer of `uratori doctor --json`.
type diagnosis struct {
	Verdict ledger.Verdict  `json:"verdict"`
	Checks  []control.Check `json:"checks"`
}

func (a *app) doctor(ctx context.Context) error {
	d := diagnosis{Verdict: ledger.Verified, Checks: a.examine(ctx)}
	for _, c := range d.Checks {
		if c.Verdict == ledger.Refuted || c.Verdict == ledger.Unverifiable && d.Verdict == ledger.Verified {
			d.Verdict = c.Verdict
		}
	}
	if a.json {
		a.print(d)
		return judged(d.Verdict)
	}
	for _, c := range d.Checks {
		a.tellFinding(c)
	}
	return judged(d.Verdict)
}

func (a *app) tellFinding(c control.Check) {
	mark := a.mark(c.Verdict)
	if c.Unused {
		mark = "-" // a tick would say that it works
	}
	a.line("cli.doctor.line", mark, "name", fmt.Sprintf("%-9s", c.Name), "text", inline(c.Say(a.lang)))
}

func (a *app) examine(ctx context.Context) []control.Check {
	checks := []control.Check{found("program", ledger.Verified, "doctor.program",
		"version", a.build.Version, "go", runtime.Version(), "system", runtime.GOOS+"/"+runtime.GOARCH)}
	home, err := config.FindHome(a.getenv)
	if err == nil {
		err = home.Create()
	}
	if err != nil {
		return append(checks, a.bad("home", "doctor.settings_bad", err))
	}
	settings, check := a.checkSettings(home)
	checks = append(checks, checkHome(home), check)
	if settings == nil {
		return checks // no daemon starts with these
	}
	return append(checks, a.checkDaemon(ctx, settings)...)
}

func found(name string, v ledger.Verdict, key string, pairs ...any) control.Check {
	return control.Check{Name: name, Verdict: v, Problem: control.NewProblem(key, pairs...)}
}

// bad tells a fault as a check. Its sentence is in the reader's language even
// as a value.
func (a *app) bad(name, key string, err error) control.Check {
	lang := a.lang
	if a.json {
		lang = "en"
	}
	verdict := ledger.Refuted
	if fault.KindOf(err) == fault.Unavailable {
		verdict = ledger.Unverifiable
	}
	return found(name, verdict, key, "error", fault.Explain(err, lang))
}

// remote file systems, where flock, rename and SQLite's shared memory cannot
// be relied on.
var remote = map[int64]string{
	unix.V9FS_MAGIC: "9p", unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB",
	unix.CIFS_SUPER_MAGIC: "CIFS", unix.SMB2_SUPER_MAGIC: "SMB", unix.FUSE_SUPER_MAGIC: "FUSE",
}

func checkHome(home config.Home) control.Check {
	info, err := os.Stat(string(home))
	if err != nil {
		return found("home", ledger.Unverifiable, "doctor.home_unread", "home", home, "error", err)
	}
	var on unix.Statfs_t
	if err := unix.Statfs(string(home), &on); err != nil {
		return found("home", ledger.Unverifiable, "doctor.home_unread", "home", home, "error", err)
	}
	if name, ok := remote[on.Type]; ok {
		return found("home", ledger.Refuted, "doctor.home_remote", "home", home, "fs", name)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return found("home", ledger.Refuted, "doctor.home_open", "home", home, "mode", info.Mode().Perm())
	}
	return found("home", ledger.Verified, "doctor.home_ok", "home", home)
}

func (a *app) checkSettings(home config.Home) (*config.Config, control.Check) {
	c, err := config.Load(home, a.environ)
	if err != nil {
		return nil, a.bad("settings", "doctor.settings_bad", err)
	}
	if _, err := os.Stat(home.Config()); errors.Is(err, fs.ErrNotExist) {
		return c, found("settings", ledger.Verified, "doctor.settings_none", "file", home.Config())
	}
	own := 0
	for _, s := range c.Settings() {
		if s.Origin != "default" {
			own++
		}
	}
	return c, found("settings", ledger.Verified, "doctor.settings_ok", "file", home.Config(), "count", own)
}

// doctorLongest is how long the daemon may take to look at everything: a little
// longer than it waits for each of its checks.
const doctorLongest = 80 * time.Second

func (a *app) checkDaemon(ctx context.Context, settings *config.Config) []control.Check {
	c, err := a.connect(ctx)
	if err != nil {
		return []control.Check{a.bad("daemon", "doctor.daemon_bad", err)}
	}
	defer c.Close()
	short, cancel := a.within(ctx, answerLimit)
	defer cancel()
	status, err := c.Status(short)
	if err != nil {
		return []control.Check{a.bad("daemon", "doctor.daemon_bad", err)}
	}
	var checks []control.Check
	switch {
	case status.Daemon.Build != a.build:
		checks = append(checks, found("daemon", ledger.Refuted, "doctor.daemon_other", "daemon", status.Daemon.Version, "command", a.build.Version))
	case status.Daemon.Settings != settings.Fingerprint():
		checks = append(checks, found("daemon", ledger.Refuted, "doctor.daemon_stale"))
	default:
		checks = append(checks, found("daemon", ledger.Verified, "doctor.daemon_ok", "pid", status.Daemon.PID))
	}
	long, cancel := a.within(ctx, doctorLongest)
	defer cancel()
	inside, err := c.Checks(long)
	if err != nil {
		return append(checks, a.bad("daemon", "doctor.daemon_bad", err))
	}
	return append(checks, inside...)
}
