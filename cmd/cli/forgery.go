package cli

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"

	"uratori/internal/ledger"
)

// forgery changes one entry behind the daemon's back.
func (d *demo) forgery(ctx context.Context) error {
	d.tell("demo.forge")
	head, err := d.forge(ctx, d.other("forged"), `DROP TRIGGER ledger_no_update`,
		`UPDATE ledger SET data = replace(data, '"verified"', '"refuted"') WHERE kind = 'store.backed_up'`)
	if err != nil {
		return err
	}
	r, status, err := d.verify(ctx, d.other("forged"), head)
	if err != nil {
		return err
	}
	at := ledger.Break{}
	if len(r.Breaks) > 0 {
		at = r.Breaks[0]
	}
	d.prove("forgery", r.Verdict == ledger.Refuted && at.What == ledger.Changed && status == exitFailed,
		d.lang.Say("demo.forge_proof", "seq", at.Seq, "what", at.What, "status", status))
	return nil
}

// rewrite makes a whole new chain, which holds by itself.
func (d *demo) rewrite(ctx context.Context) error {
	d.tell("demo.rewrite")
	head, err := d.forge(ctx, d.other("rewritten"), `DROP TRIGGER ledger_no_delete`, `DELETE FROM ledger`,
		`UPDATE ledger_head SET seq = 0, hash = zeroblob(32)`)
	if err != nil {
		return err
	}
	r, _, err := d.verify(ctx, d.other("rewritten"), head)
	if err != nil {
		return err
	}
	d.prove("rewrite", r.Verdict == ledger.Refuted && len(r.Breaks) == 1 && r.Breaks[0].What == ledger.Unknown,
		d.lang.Say("demo.rewrite_proof", "what", ledger.Unknown))
	return nil
}

// forge restores a backup of the demo's store into another home, has it
// edited as by somebody with a SQL shell, and returns the head from before.
func (d *demo) forge(ctx context.Context, home string, edits ...string) (head ledger.Hash, err error) {
	s, err := d.status(ctx, d.home)
	if err != nil {
		return head, err
	}
	if err := os.Mkdir(home, 0o700); err != nil {
		return head, err
	}
	file := filepath.Join(home, "uratori.db")
	if _, err := d.run(ctx, d.home, "backup", file); err != nil {
		return head, err
	}
	shell, err := sql.Open("sqlite", file) // the driver that the store has registered
	if err != nil {
		return head, err
	}
	defer func() { err = errors.Join(err, shell.Close()) }()
	for _, edit := range edits {
		if _, err := shell.ExecContext(ctx, edit); err != nil {
			return head, err
		}
	}
	return s.Ledger.Head, nil
}
