// Package demo shows the main job as a new user would meet it: a ticket, a
// person's edit, the steps, an extraction that is killed in its middle, a kill,
// an alert, the fact check and a forged ledger.
//
// It is a caller as anybody is: it runs this program's commands, asks the
// daemon through its socket, speaks to `uratori mcp` as an agent's client does
// and to the sheet as a person's programs do. Nothing in the product knows of
// it. It works in a folder of its own and never with the user's home.
//
// A claim appears on the screen only with a look that was made there and then,
// and not by whoever is to be believed: at the sheet by another client, at
// /proc, at the files, at what the stand-in for Pushover has received. The
// ledger's entries beside it are where uratori says the same.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// Options are what a showing is given.
type Options struct {
	Program string // this very program
	Build   control.Build
	Environ []string // of the user
	Out     io.Writer
	Lang    phrase.Lang
	Color   bool
	Quiet   bool                // the table alone is wanted, and nothing is told
	Keep    bool                // go on, with the dashboard, until ctx ends
	Visible func(string) string // makes a text harmless to a terminal
	Width   func(string) int    // how many columns it takes
	Now     func() time.Time    // the clock
}

// demo is one showing.
type demo struct {
	Options
	*stage
	table Table
	began time.Time
	agent *agent
	first string // the text of the ticket as the agent has written it
	task  int64  // the extraction
}

// act is one part of a showing. A check that fails is written down, and the
// showing goes on; an error ends it, because the acts build on each other.
type act struct {
	name string // its heading is demo.act.NAME
	play func(context.Context) error
}

func (d *demo) acts() []act {
	return []act{
		{"ticket", d.ticket},
		{"edit", d.edit},
		{"steps", d.steps},
		{"person", d.person},
		{"extract", d.extract},
		{"daemon", d.daemon},
		{"job", d.job},
		{"kill", d.kill},
		{"alert", d.alert},
		{"facts", d.facts},
		{"ledger", d.forgeries},
	}
}

// Run plays the demo. What it has started is gone when it returns, whatever
// happens. The error is that nothing could be shown, or that somebody broke it
// off; what the showing has found is in the table.
func Run(ctx context.Context, o Options) (table Table, err error) {
	stage, err := newStage(ctx, o)
	if err != nil {
		return Table{}, err
	}
	d := &demo{Options: o, stage: stage, began: o.Now()}
	defer func() {
		_ = d.agent.leave() // whatever it says, it is swept away
		err = errors.Join(err, d.tidy(ctx))
	}()
	d.tell("demo.begin", "folder", d.dir, "phone", d.phone.about(d.Lang))
	d.play(ctx, d.acts())
	if ctx.Err() != nil {
		d.tell("demo.tidy")
		return d.table, fault.New(fault.Unavailable, "demo.interrupted")
	}
	if d.Keep {
		d.sum()
		if err := d.keep(ctx); err != nil {
			return d.table, err
		}
		d.tell("demo.tidy")
	}
	if err := d.leave(context.WithoutCancel(ctx)); err != nil {
		d.broke("left", err)
	}
	if !d.Keep {
		d.sum()
	}
	return d.table, nil
}

// play plays acts until one cannot be played.
func (d *demo) play(ctx context.Context, acts []act) {
	for i, a := range acts {
		d.print(fmt.Sprintf("\n[%d/%d] %s", i+1, len(acts), d.Lang.Say("demo.act."+a.name)))
		if err := a.play(ctx); err != nil {
			if ctx.Err() == nil {
				d.broke(a.name, err)
			}
			return
		}
	}
}

// keep leaves everything as it is until somebody ends the showing.
func (d *demo) keep(ctx context.Context) error {
	s, err := d.status(ctx)
	if err != nil {
		return err
	}
	program, err := filepath.EvalSymlinks(d.program) // that can be typed in another terminal
	if err != nil {
		program = "uratori" // its file was replaced meanwhile
	}
	d.tell("demo.kept", "dashboard", s.Dashboard, "ticket", ticketID, "home", d.home, "program", program)
	<-ctx.Done()
	return nil
}

// leave ends the demo in good order and looks whether anything is left of it.
func (d *demo) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	before, err := traces(d.mark) // what the look after has to see the end of
	if err != nil {
		return err
	}
	if err := d.agent.leave(); err != nil {
		return err
	}
	if err := d.endHome(ctx, d.home); err != nil {
		return err
	}
	const soon = 30 * time.Second
	ends, stop := context.WithTimeout(ctx, soon)
	defer stop()
	stay := 0
	for _, t := range before { // one that is dying has no arguments any more to be found by
		if err := t.Exited(ends); ends.Err() != nil {
			stay++
		} else if err != nil {
			return err
		}
	}
	found, err := traces(d.mark)
	if err != nil {
		return err
	}
	left := max(stay, len(found))
	d.prove("left", len(before) > 0 && left == 0, d.Lang.Say("demo.claim.left"), d.Lang.Say("demo.seen.left", "before", len(before), "count", left))
	return nil
}

// tell narrates.
func (d *demo) tell(key string, pairs ...any) { d.print(d.Lang.Say(key, pairs...)) }

func (d *demo) print(text string) {
	if !d.Quiet {
		fmt.Fprintln(d.Out, d.Visible(text))
	}
}

// prove writes down what came of a check: held, and what was seen. The entries
// are those of the ledger in which uratori says the same; an entry 0 is one that
// is not there, and then the claim does not hold.
func (d *demo) prove(name string, held bool, claim, seen string, entries ...int64) {
	p := Proof{Name: name, Claim: claim, Verdict: ledger.Verified, Seen: seen, Evidence: entries}
	for _, e := range entries {
		held = held && e != 0
	}
	if !held {
		p.Verdict = ledger.Refuted
	}
	d.note(p)
}

// broke writes down that an act could not be played to its end.
func (d *demo) broke(name string, err error) {
	d.note(Proof{Name: name, Claim: d.Lang.Say("demo.claim.broke", "heading", d.Lang.Say("demo.act."+name)), Verdict: ledger.Unverifiable, Seen: fault.Explain(err, d.Lang)})
}

func (d *demo) note(p Proof) {
	d.table.Proofs = append(d.table.Proofs, p)
	if d.Quiet {
		return
	}
	text := p.Seen
	switch p.Verdict {
	case ledger.Verified:
	case ledger.Refuted:
		text = d.Lang.Say("demo.refuted", "seen", text)
	default:
		text = d.Lang.Say("demo.unshown", "seen", text)
	}
	fmt.Fprintln(d.Out, "  "+d.sign(p.Verdict)+" "+d.Visible(text))
}

func (d *demo) sum() {
	if !d.Quiet {
		d.table.print(d.Options, d.Now().Sub(d.began))
	}
}
