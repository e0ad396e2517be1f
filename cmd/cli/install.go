package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/hook/install"
)

func (a *app) installCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "install", Short: a.lang.Say("cli.install.short"), Long: a.lang.Say("cli.install.long")})
	cmd.AddCommand(a.installClaudeCommand())
	return cmd
}

// installing is what is asked of an installation.
type installing struct {
	project string
	dry     bool
	remove  bool
}

func (a *app) installClaudeCommand() *cobra.Command {
	var i installing
	cmd := &cobra.Command{
		Use: "claude", Short: a.lang.Say("cli.install.claude.short"), Long: a.lang.Say("cli.install.claude.long"), Example: a.lang.Say("cli.install.claude.example"),
		Args: takes(0),
		RunE: func(*cobra.Command, []string) error { return a.installClaude(i) },
	}
	cmd.Flags().StringVar(&i.project, "project", ".", a.lang.Say("cli.install.flag.project"))
	cmd.Flags().BoolVar(&i.dry, "dry-run", false, a.lang.Say("cli.install.flag.dry_run"))
	cmd.Flags().BoolVar(&i.remove, "uninstall", false, a.lang.Say("cli.install.flag.uninstall"))
	return cmd
}

// installedFiles is what became, or would become, of the settings.
type installedFiles struct {
	Project string          `json:"project"`
	Program string          `json:"program,omitempty"`
	DryRun  bool            `json:"dry_run"`
	Files   []installedFile `json:"files"`
}

type installedFile struct {
	File   string       `json:"file"`
	Change install.Kind `json:"change"`
	Backup string       `json:"backup,omitempty"`
	Diff   string       `json:"diff,omitempty"` // of a dry run
}

func (a *app) installClaude(i installing) error {
	told := installedFiles{DryRun: i.dry}
	var plan install.Plan
	var err error
	if i.remove {
		plan, err = install.Uninstall(i.project)
	} else {
		var e install.Entry
		if e, err = a.entry(); err != nil {
			return err
		}
		told.Program = e.Program
		plan, err = install.Install(i.project, e)
	}
	if err == nil && !i.dry {
		err = plan.Apply()
	}
	if err != nil {
		return err
	}
	told.Project = plan.Folder
	for _, c := range plan.Changes {
		f := installedFile{File: c.File, Change: c.Kind, Backup: c.Backup}
		if i.dry {
			f.Backup, f.Diff = "", string(diff.Diff("a/"+c.File, c.Before, "b/"+c.File, c.After))
		}
		told.Files = append(told.Files, f)
	}
	if a.json {
		a.print(told)
		return nil
	}
	a.tellInstalled(told, i.remove)
	return nil
}

// entry is how Claude Code is to call this very program.
func (a *app) entry() (install.Entry, error) {
	self, err := a.path()
	if err != nil {
		return install.Entry{}, fault.New(fault.Failed, "cli.install.nameless").Wrap(err)
	}
	e := install.Entry{Program: self}
	if found, err := exec.LookPath(program); err == nil && sameFile(found, self) {
		e.Program = program
	} else if filepath.Base(self) != program || strings.HasSuffix(self, " (deleted)") {
		return e, fault.New(fault.Invalid, "cli.install.other_name", "program", inline(self))
	}
	if a.getenv("URATORI_HOME") != "" {
		home, err := config.FindHome(a.getenv)
		if err != nil {
			return e, err
		}
		e.Home = string(home)
	}
	return e, nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, wrong := os.Stat(b)
	return err == nil && wrong == nil && os.SameFile(one, other)
}

func (a *app) tellInstalled(told installedFiles, removed bool) {
	changed := false
	for _, f := range told.Files {
		changed = changed || f.Change != install.Unchanged
		switch {
		case f.Diff != "":
			fmt.Fprint(a.out, visible(f.Diff))
		case f.Backup != "":
			a.say("cli.install.kept", "file", inline(filepath.Join(told.Project, f.File)), "change", a.changeOf(f.Change), "backup", f.Backup)
		default:
			a.say("cli.install.file", "file", inline(filepath.Join(told.Project, f.File)), "change", a.changeOf(f.Change))
		}
	}
	switch {
	case told.DryRun:
		a.say("cli.install.dry")
	case changed && !removed:
		a.say("cli.install.next", "project", inline(told.Project))
	}
}

func (a *app) changeOf(k install.Kind) string { return a.lang.Say("cli.install.change." + string(k)) }
