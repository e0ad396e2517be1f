package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/ledger"
)

// anchor is a head of the ledger that is kept beside the store, written at
// each start, backup and stop. The next daemon demands that it is still in the
// chain: a store that was emptied, cut off or replaced by an older one would
// otherwise be a chain that holds.
type anchor struct {
	file string
	head ledger.Head // zero before the first
	lost bool        // the chain does not have it; it stays until a person removes it
}

func anchorFile(home config.Home) string { return filepath.Join(string(home), "head.json") }

// raise reads what the daemon before this one has left and looks for it.
func (d *daemon) raise(ctx context.Context) error {
	d.anchor.file = anchorFile(d.Config.Home)
	raw, err := os.ReadFile(d.anchor.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return d.Config.Home.Explain(err)
	}
	if err := json.Unmarshal(raw, &d.anchor.head); err != nil {
		return fmt.Errorf("read %s (remove it when it is broken): %w", d.anchor.file, err)
	}
	there, err := d.ledger.Has(ctx, d.anchor.head)
	if err != nil {
		return err
	}
	if !there {
		d.anchor.lost = true
		d.problems.set("ledger", control.NewProblem("problem.ledger_lost", "seq", d.anchor.head.Seq, "file", d.anchor.file))
		d.Log.Error("the ledger lacks an entry that it had", "seq", d.anchor.head.Seq, "hash", d.anchor.head.Hash.String())
	}
	return nil
}

// drop notes the present head for the next daemon. That it could not is no
// reason to stop work.
func (d *daemon) drop(ctx context.Context) {
	if d.anchor.lost {
		return
	}
	head, err := d.ledger.Head(ctx)
	if err == nil {
		err = writeWhole(d.anchor.file, head)
	}
	if err != nil {
		d.Log.Warn("the ledger's head was not noted", "file", d.anchor.file, "error", err)
	}
}
