package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// conflicted tells whether a write stopped before a person's text.
func conflicted(w control.Write) bool {
	return w.Conflict || slices.ContainsFunc(w.Fields, func(f control.WriteField) bool { return f.Conflict })
}

// judge is the verdict on a write as a whole: no better than on any cell.
func judge(w control.Write) ledger.Verdict {
	var all []ledger.Verdict
	for _, f := range w.Fields {
		all = append(all, f.Verdict)
	}
	if len(all) == 0 {
		return worst(w.Verdict, ledger.Unverifiable)
	}
	return worst(append(all, w.Verdict)...)
}

// tellWrite tells what became of a write, and ends the command with it. sent
// are the texts that were asked for.
func (a *app) tellWrite(w control.Write, sent map[string]string, b bounds) error {
	v := judge(w)
	if a.json {
		a.print(w)
	} else {
		a.tellFields(w, b)
		a.tellReturns(w, sent)
		a.tellEnd(w, v)
		a.tellWorkspace(w.Workspace)
		a.link(w.Dashboard)
	}
	if conflicted(w) {
		// The answer is on stdout as it is; why it is none goes to stderr.
		a.json = false
		return fault.New(fault.Conflict, "cli.ticket.conflict", "ticket", inline(w.Ticket))
	}
	return judged(v)
}

// named is what a write's ticket is called: a draft that waits for the sheet has
// no id yet.
func (a *app) named(w control.Write) string {
	if w.Ticket == "" {
		return a.lang.Say("cli.ticket.no_id_yet")
	}
	return inline(w.Ticket)
}

func (a *app) tellFields(w control.Write, b bounds) {
	whole := a.because(w.Problem, w.Reason)
	for _, f := range w.Fields {
		place := a.row(w.Row)
		if w.ReadAt != nil {
			place = strings.TrimPrefix(place+", "+a.lang.Say("cli.ticket.read_back", "time", clock(*w.ReadAt)), ", ")
		}
		if place != "" {
			place = " (" + place + ")"
		}
		word := a.verdict(f.Verdict)
		v := normal(f.Verdict)
		switch {
		case f.Conflict:
			word, v = a.lang.Say("cli.ticket.in_conflict"), ledger.Refuted
		case conflicted(w): // nothing of it was sent, so nothing of it is there
			word, v = a.lang.Say("cli.ticket.held_back"), ledger.Unverifiable
		case w.Queued && v == ledger.Unverifiable:
			word = a.lang.Say("cli.ticket.queued")
		}
		reason := a.because(f.Problem, f.Reason)
		switch {
		case f.Conflict && f.Actual != nil:
			reason = "" // the text below is the reason, and the error at the end says it
		case reason == whole && !conflicted(w):
			reason = "" // it is said once, of all cells
		case reason != "":
			reason = ": " + reason
		}
		fmt.Fprintf(a.out, "%s %s %s: %s%s%s\n", a.mark(v), a.named(w), inline(f.Column), word, place, reason)
		a.tellCell(f, b)
	}
}

// tellCell shows what differs in a cell.
func (a *app) tellCell(f control.WriteField, b bounds) {
	const indent = "    "
	sides := sides{a.lang.Say("cli.side.written"), a.lang.Say("cli.side.sheet")}
	switch {
	case f.Edited:
		fmt.Fprintln(a.out, indent+a.lang.Say("cli.ticket.edited_since"))
	case f.Conflict:
		sides.old = a.lang.Say("cli.side.unsent")
	case normal(f.Verdict) == ledger.Verified:
		return
	}
	a.compare(indent, sides, f.Expected, f.Actual, b)
}

// tellReturns says which texts were not sent quite to the letter.
func (a *app) tellReturns(w control.Write, sent map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if !strings.Contains(sent[name], "\r") {
			continue
		}
		column := name
		for _, f := range w.Fields {
			if f.Field == name {
				column = f.Column
			}
		}
		a.say("cli.ticket.returns", "column", inline(column))
	}
}

// tellEnd is the verdict on the whole in one line.
func (a *app) tellEnd(w control.Write, v ledger.Verdict) {
	ticket, mark := a.named(w), a.mark(v)
	reason := a.because(w.Problem, w.Reason)
	switch {
	case conflicted(w):
		return // the error says it
	case v == ledger.Verified:
		a.line("cli.ticket.verified", mark, "ticket", ticket, "count", len(w.Fields))
	case v == ledger.Refuted:
		a.line("cli.ticket.refuted", mark, "ticket", ticket)
	case w.Queued && w.Ticket == "":
		a.line("cli.ticket.waiting_unnamed", mark, "ticket", ticket)
	case w.Queued:
		a.line("cli.ticket.waiting", mark, "ticket", ticket)
	default:
		a.line("cli.ticket.unverifiable", mark, "ticket", ticket)
	}
	if reason != "" {
		fmt.Fprintln(a.out, "    "+reason)
	}
}

func (a *app) tellWorkspace(w *control.Workspace) {
	if w == nil {
		return
	}
	if w.Problem != nil {
		a.line("cli.ticket.no_workspace", a.mark(ledger.Refuted), "path", inline(w.Path), "reason", a.because(w.Problem, ""))
		return
	}
	if len(w.Created) > 0 {
		a.say("cli.ticket.workspace", "path", inline(w.Path), "files", inline(strings.Join(w.Created, ", ")))
	}
	if len(w.Kept) > 0 {
		a.say("cli.ticket.workspace_kept", "path", inline(w.Path), "files", inline(strings.Join(w.Kept, ", ")))
	}
}
