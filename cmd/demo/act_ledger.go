package demo

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"uratori/internal/ledger"
)

// forgeries has somebody with a SQL shell change the evidence: one entry of one
// copy, the whole of another.
func (d *demo) forgeries(ctx context.Context) error {
	r, status, seq, err := d.forge(ctx, "changed", `DROP TRIGGER ledger_no_update`,
		`UPDATE ledger SET data = replace(data, '"refuted"', '"verified"') WHERE seq = (SELECT max(seq) FROM ledger WHERE kind = 'factcheck.reported')`)
	if err != nil {
		return err
	}
	at := ledger.Break{}
	if len(r.Breaks) > 0 {
		at = r.Breaks[0]
	}
	const failed = 1
	d.prove("forged", r.Verdict == ledger.Refuted && at.What == ledger.Changed && at.Seq == seq && status == failed,
		d.Lang.Say("demo.claim.forged"), d.Lang.Say("demo.seen.forged", "seq", at.Seq, "status", status), seq)

	r, status, _, err = d.forge(ctx, "rewritten", `DROP TRIGGER ledger_no_delete`, `DELETE FROM ledger`, `UPDATE ledger_head SET seq = 0, hash = zeroblob(32)`)
	if err != nil {
		return err
	}
	d.prove("rewritten", r.Verdict == ledger.Refuted && len(r.Breaks) == 1 && r.Breaks[0].What == ledger.Unknown && status == failed,
		d.Lang.Say("demo.claim.rewritten"), d.Lang.Say("demo.seen.rewritten", "status", status))
	return nil
}

// forge puts a backup of the demo's store into another home, has it edited,
// and asks there whether the head from before is still in the chain. It tells,
// too, which entry was the newest report.
func (d *demo) forge(ctx context.Context, name string, edits ...string) (r ledger.Report, status int, seq int64, err error) {
	d.tell("demo.ledger." + name)
	before, err := d.status(ctx)
	if err != nil {
		return r, 0, 0, err
	}
	if seq, err = d.entry(ctx, ticketID, "factcheck.reported", nil); err != nil {
		return r, 0, 0, err
	}
	home := filepath.Join(d.dir, name)
	if err := write(filepath.Join(home, "config.toml"), settings); err != nil {
		return r, 0, 0, err
	}
	file := filepath.Join(home, "uratori.db")
	var copied struct{}
	if err := d.answer(ctx, d.home, &copied, "backup", file); err != nil {
		return r, 0, 0, err
	}
	if err := edit(ctx, file, edits); err != nil {
		return r, 0, 0, err
	}
	said, err := d.run(ctx, home, "ledger", "verify", "--json", "--known", before.Ledger.Head.String())
	if err != nil {
		return r, 0, 0, err
	}
	if err := json.Unmarshal([]byte(said.out), &r); err != nil {
		return r, 0, 0, errors.Join(err, errors.New(said.out+said.err))
	}
	return r, said.status, seq, d.endHome(ctx, home)
}

// edit changes a store as a SQL shell does.
func edit(ctx context.Context, file string, edits []string) (err error) {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	shell, err := sql.Open("sqlite", file) // the driver that the store has registered
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shell.Close()) }()
	for _, e := range edits {
		if _, err := shell.ExecContext(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
