package cli

import (
	"context"
	"path/filepath"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"uratori/internal/ledger"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: a.lang.Say("cli.backup.short"), Long: a.lang.Say("cli.backup.long"), Example: a.lang.Say("cli.backup.example"),
		Args: takes(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.backup(cmd.Context(), args[0]) },
	}
}

func (a *app) backup(ctx context.Context, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	b, err := c.Backup(ctx, file)
	if err != nil {
		return err
	}
	if a.json {
		a.print(b)
		return judged(b.Verdict)
	}
	if b.Verdict == ledger.Verified {
		a.line("cli.backup.good", a.mark(b.Verdict), "file", b.File, "size", humanize.IBytes(b.Bytes), "entries", b.Ledger.Entries, "sha256", b.SHA256)
	} else {
		a.line("cli.backup.bad", a.mark(b.Verdict), "file", b.File)
		for _, wrong := range b.Wrong {
			a.say("cli.backup.wrong", "wrong", wrong)
		}
	}
	return judged(b.Verdict)
}
