package cli

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"syscall"

	"uratori/internal/config"
	"uratori/internal/ledger"
	"uratori/sheets"
	"uratori/sheets/auth"
)

// signedIn is the answer of `uratori init --google`.
type signedIn struct {
	Config    string         `json:"config"`
	TokenFile string         `json:"token_file"`
	Verdict   ledger.Verdict `json:"verdict"`
}

// initGoogle has a person sign in. The settings change only after that.
func (a *app) initGoogle(ctx context.Context, w wishes) error {
	c, err := a.openHome()
	if err != nil {
		return err
	}
	values, err := w.values()
	if err != nil {
		return err
	}
	if c, err = c.With(given, a.environ, values); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	err = auth.SignIn(waiting, sheets.Credentials(c, a.getenv), a.lang, func(address string) error {
		a.invite(ctx, address, w)
		return a.out.failed
	})
	if err != nil {
		return err
	}
	s := signedIn{Config: c.Home.Config(), TokenFile: sheets.TokenFile(c.Home)}
	if c, s.Verdict, err = a.settle(ctx, c.Home, values); err != nil {
		return err
	}
	if s.Verdict == ledger.Verified {
		s.Verdict = a.isSignedIn(ctx, c)
	}
	switch {
	case a.json:
		a.print(s)
		return judged(s.Verdict)
	case s.Verdict == ledger.Verified:
		a.line("cli.init.signed_in", a.mark(s.Verdict), "file", s.TokenFile)
	default:
		a.line("cli.init.not_signed_in", a.mark(s.Verdict), "file", s.TokenFile)
	}
	a.tellStale(ctx, c)
	return judged(s.Verdict)
}

// isSignedIn looks whether the settings lead to the sign-in that was kept.
func (a *app) isSignedIn(ctx context.Context, c *config.Config) ledger.Verdict {
	_, who, err := auth.Open(ctx, sheets.Credentials(c, a.getenv))
	if err != nil || who.Kind != auth.Installed {
		return ledger.Refuted
	}
	return ledger.Verified
}

// invite shows the address to open, and opens it where there is a display.
func (a *app) invite(ctx context.Context, address string, w wishes) {
	to := io.Writer(a.out)
	if a.json {
		to = a.err // the answer alone is JSON
	}
	fmt.Fprintln(to, visible(a.lang.Say("cli.init.open", "address", address, "timeout", w.timeout)))
	if !slices.ContainsFunc([]string{"DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"}, func(name string) bool { return a.getenv(name) != "" }) {
		return
	}
	go func() {
		for _, program := range []string{"xdg-open", "wslview", "open"} {
			cmd := exec.CommandContext(context.WithoutCancel(ctx), program, address) // a browser that it starts stays
			cmd.Env = a.environ
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // nor does Ctrl-C end it
			if cmd.Run() == nil {
				return
			}
		}
	}()
}
