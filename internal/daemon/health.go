package daemon

import (
	"context"
	"errors"

	"github.com/dustin/go-humanize"
	"golang.org/x/sys/unix"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

// lowDisk is where doctor warns: a day of samples and logs of a long job fits
// into it several times.
const lowDisk = 256 << 20 // bytes

// checks is the daemon's share of `uratori doctor`.
func (d *daemon) checks(ctx context.Context) []control.Check {
	all := append([]Inspection{
		{"store", d.checkStore}, {"ledger", d.checkLedger}, {"disk", d.checkDisk},
	}, d.inspections...)
	if d.pages.url() != "" { // else there is a problem that says why
		all = append(all, Inspection{"dashboard", d.pages.check})
	}
	checks := d.inspector.look(ctx, all)
	if d.pages.url() != "" && d.Config.Server.Exposed() {
		checks = append(checks, check("dashboard", ledger.Refuted, "doctor.dashboard_exposed", "listen", d.Config.Server.Listen))
	}
	for _, g := range d.guards {
		if s := g.status(); s.State == control.LoopWaiting {
			checks = append(checks, check("loop", ledger.Refuted, "doctor.loop_failed", "loop", s.Name, "error", s.LastError))
		}
	}
	for _, p := range d.problems.list() {
		checks = append(checks, control.Check{Name: "problem", Verdict: ledger.Refuted, Problem: p})
	}
	return checks
}

func check(name string, v ledger.Verdict, key string, pairs ...any) control.Check {
	return control.Check{Name: name, Verdict: v, Problem: control.NewProblem(key, pairs...)}
}

// unread is the verdict on what could not be read: damage was seen, anything
// else says nothing.
func unread(err error) ledger.Verdict {
	if errors.Is(err, store.ErrCorrupt) {
		return ledger.Refuted
	}
	return ledger.Unverifiable
}

func (d *daemon) checkStore(ctx context.Context) control.Check {
	wrong, err := store.Check(ctx, d.db.Reader().DB)
	err = d.db.Explain(err)
	switch {
	case d.db.InPlace() != nil:
		return check("store", ledger.Refuted, "store.replaced", "file", d.db.Path())
	case err != nil:
		return check("store", unread(err), "doctor.store_unread", "file", d.db.Path(), "error", err)
	case len(wrong) > 0:
		return check("store", ledger.Refuted, "doctor.store_damaged", "file", d.db.Path(), "count", len(wrong), "first", wrong[0])
	}
	return check("store", ledger.Verified, "doctor.store_ok", "file", d.db.Path())
}

func (d *daemon) checkLedger(ctx context.Context) control.Check {
	r, err := ledger.Verify(ctx, d.db.Reader().DB, d.anchor.head.Hash)
	err = d.db.Explain(err)
	switch {
	case err != nil:
		return check("ledger", unread(err), "doctor.ledger_unread", "error", err)
	case r.Verdict != ledger.Verified:
		return check("ledger", ledger.Refuted, "doctor.ledger_broken", "seq", r.Breaks[0].Seq, "what", r.Breaks[0].What)
	}
	return check("ledger", ledger.Verified, "doctor.ledger_ok", "entries", r.Entries, "head", r.Head.Hash)
}

func (d *daemon) checkDisk(context.Context) control.Check {
	var fs unix.Statfs_t
	home := string(d.Config.Home)
	if err := unix.Statfs(home, &fs); err != nil {
		return check("disk", ledger.Unverifiable, "doctor.disk_unread", "home", home, "error", err)
	}
	free := fs.Bavail * uint64(max(fs.Bsize, 0)) //nolint:gosec // a size is never negative
	if free < lowDisk {
		return check("disk", ledger.Refuted, "doctor.disk_low", "home", home, "free", humanize.IBytes(free), "want", humanize.IBytes(lowDisk))
	}
	return check("disk", ledger.Verified, "doctor.disk_ok", "home", home, "free", humanize.IBytes(free))
}
