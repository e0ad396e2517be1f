package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/control/line"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// writing is what the flags of a create or an update say.
type writing struct {
	summary, detail, detailFile string
	set, expect, expectFile     []string
	workspace, key              string
	wait                        time.Duration
	overwrite, edit             bool
}

func (w *writing) flags(a *app, cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&w.summary, "summary", "", a.lang.Say("cli.ticket.flag.summary"))
	f.StringVar(&w.detail, "detail", "", a.lang.Say("cli.ticket.flag.detail"))
	f.StringVar(&w.detailFile, "detail-file", "", a.lang.Say("cli.ticket.flag.detail_file"))
	f.StringArrayVar(&w.set, "set", nil, a.lang.Say("cli.ticket.flag.set"))
	f.StringVar(&w.key, "key", "", a.lang.Say("cli.ticket.flag.key"))
	f.DurationVar(&w.wait, "wait", 0, a.lang.Say("cli.ticket.flag.wait"))
}

func (a *app) ticketCreate() *cobra.Command {
	var w writing
	cmd := &cobra.Command{
		Use: "create [TICKET]", Short: a.lang.Say("cli.ticket.create.short"), Long: a.lang.Say("cli.ticket.create.long"), Example: a.lang.Say("cli.ticket.create.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.CreateTicket{Reader: a.reader()}
			if len(args) == 1 {
				r.Ticket = args[0]
				if err := checkTicket(r.Ticket); err != nil {
					return err
				}
			}
			return a.create(cmd, r, &w)
		},
	}
	w.flags(a, cmd)
	cmd.Flags().StringVar(&w.workspace, "workspace", "", a.lang.Say("cli.ticket.flag.workspace"))
	return cmd
}

func (a *app) create(cmd *cobra.Command, r control.CreateTicket, w *writing) (err error) {
	ctx := cmd.Context()
	given, err := a.fields(cmd, w)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("workspace") {
		if r.Workspace, err = a.folder(w.workspace); err != nil {
			return err
		}
	}
	if r.Project, err = filepath.Abs("."); err != nil {
		r.Project = "" // the folder is gone: so it is in no project
	}
	var d draft
	if !given.has("detail") && !a.json && a.canAsk() && a.editorOf() != "" {
		if d, err = a.edit(ctx, "detail.md", ""); err != nil {
			return err
		}
		if d.text == "" {
			return errors.Join(fault.New(fault.Invalid, "cli.ticket.empty_detail"), d.remove())
		}
		if err := given.put("--detail", "detail", d.text); err != nil {
			return a.keep(d, err, "")
		}
	}
	if len(given.texts) == 0 {
		return fault.New(fault.Invalid, "cli.ticket.nothing_to_file")
	}
	r.Fields, r.Key, r.WaitMS = given.texts, w.key, w.waitMS()
	done, err := a.send(ctx, w, func(ctx context.Context, c *control.Client) (control.Write, error) { return c.CreateTicket(ctx, r) })
	if err != nil {
		return a.keep(d, err, "")
	}
	told := a.tellWrite(done, r.Fields, bounded())
	if done.Queued && done.Ticket == "" {
		a.note(a.lang.Say("cli.ticket.ask_again", "key", inline(w.key)))
	}
	return a.settled(d, "", done, told)
}

func (a *app) ticketUpdate() *cobra.Command {
	var w writing
	cmd := &cobra.Command{
		Use: "update TICKET", Short: a.lang.Say("cli.ticket.update.short"), Long: a.lang.Say("cli.ticket.update.long"), Example: a.lang.Say("cli.ticket.update.example"),
		Args: aTicket,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.update(cmd, control.UpdateTicket{Ticket: args[0], Reader: a.reader()}, &w)
		},
	}
	w.flags(a, cmd)
	cmd.Flags().StringArrayVar(&w.expect, "expect", nil, a.lang.Say("cli.ticket.flag.expect"))
	cmd.Flags().StringArrayVar(&w.expectFile, "expect-file", nil, a.lang.Say("cli.ticket.flag.expect_file"))
	cmd.Flags().BoolVar(&w.overwrite, "overwrite", false, a.lang.Say("cli.ticket.flag.overwrite"))
	cmd.Flags().BoolVar(&w.edit, "edit", false, a.lang.Say("cli.ticket.flag.edit"))
	return cmd
}

func (a *app) update(cmd *cobra.Command, r control.UpdateTicket, w *writing) error {
	ctx := cmd.Context()
	given, err := a.fields(cmd, w)
	if err != nil {
		return err
	}
	expected, err := a.expected(ctx, w)
	if err != nil {
		return err
	}
	if w.overwrite && (a.json || !a.canAsk()) {
		return fault.New(fault.Invalid, "cli.ticket.overwrite_wants_terminal")
	}
	var d draft
	before := ""
	if w.edit {
		if before, d, err = a.editDetail(ctx, r.Ticket, given, expected); err != nil {
			return err
		}
	}
	if len(given.texts) == 0 {
		return errors.Join(fault.New(fault.Invalid, "cli.ticket.nothing_to_change"), d.remove())
	}
	r.Fields, r.Expected, r.Key, r.WaitMS = given.texts, expected.texts, w.key, w.waitMS()
	for {
		done, err := a.send(ctx, w, func(ctx context.Context, c *control.Client) (control.Write, error) { return c.UpdateTicket(ctx, r) })
		if err != nil {
			return a.keep(d, err, before)
		}
		if !w.overwrite || !conflicted(done) {
			return a.settled(d, before, done, a.tellWrite(done, r.Fields, bounded()))
		}
		// All of it is shown: a yes is for what was seen.
		told := a.tellWrite(done, r.Fields, bounds{})
		if r.Expected, err = seen(done, expected); err != nil {
			return a.keep(d, err, before)
		}
		if !a.agrees(ctx, a.lang.Say("cli.ticket.ask_overwrite")) {
			return a.keep(d, told, before)
		}
		w.key = newKey() // it is another request now
		r.Key = w.key
	}
}

// seen are the texts that a conflict has shown, beside those that were
// expected in other cells.
func seen(w control.Write, expected cells) (map[string]string, error) {
	all := maps.Clone(expected.texts)
	for _, f := range w.Fields {
		if !f.Conflict {
			continue
		}
		if f.Actual == nil {
			return nil, fault.New(fault.Unavailable, "cli.ticket.unseen", "column", inline(f.Column))
		}
		maps.DeleteFunc(all, func(name, _ string) bool {
			return expected.field(name) == expected.field(f.Field) || expected.field(name) == expected.field(f.Column)
		})
		all[f.Field] = *f.Actual
	}
	return all, nil
}

// fields are the texts of the flags but for the editor's.
func (a *app) fields(cmd *cobra.Command, w *writing) (cells, error) {
	given, flags := a.newCells(), cmd.Flags()
	if flags.Changed("wait") && (w.wait <= 0 || w.wait > longestWait) {
		return given, fault.New(fault.Invalid, "cli.ticket.bad_wait", "wait", w.wait, "longest", longestWait)
	}
	if flags.Changed("key") && w.key == "" {
		return given, fault.New(fault.Invalid, "cli.ticket.empty_key")
	}
	if err := checkText("--key", []byte(w.key)); err != nil {
		return given, err
	}
	if w.key == "" {
		w.key = newKey()
	}
	if flags.Changed("summary") {
		if err := given.put("--summary", "summary", w.summary); err != nil {
			return given, err
		}
	}
	if flags.Changed("detail") {
		if err := given.put("--detail", "detail", w.detail); err != nil {
			return given, err
		}
	}
	if err := given.putAll("--set", w.set, asGiven); err != nil {
		return given, err
	}
	if !flags.Changed("detail-file") {
		return given, nil
	}
	if given.has("detail") {
		return given, fault.New(fault.Invalid, "cli.ticket.twice", "column", "detail", "first", given.from["detail"], "second", "--detail-file")
	}
	text, err := a.textFile(cmd.Context(), w.detailFile)
	if err != nil {
		return given, err
	}
	return given, given.put("--detail-file", "detail", text)
}

// expected are the texts that the asker says to have seen.
func (a *app) expected(ctx context.Context, w *writing) (cells, error) {
	e, stdin := a.newCells(), w.detailFile == "-"
	if err := e.putAll("--expect", w.expect, asGiven); err != nil {
		return e, err
	}
	return e, e.putAll("--expect-file", w.expectFile, func(path string) (string, error) {
		if path == "-" && stdin {
			return "", fault.New(fault.Invalid, "cli.text.stdin_twice")
		}
		stdin = stdin || path == "-"
		return a.textFile(ctx, path)
	})
}

// editDetail has a person change the present text of a ticket's detail, which
// is expected to stand there still when the change arrives. before is that
// text as the file held it.
func (a *app) editDetail(ctx context.Context, ticket string, given, expected cells) (before string, d draft, err error) {
	switch {
	case given.has("detail") || expected.has("detail"):
		return "", d, fault.New(fault.Invalid, "cli.ticket.edit_alone")
	case !a.canAsk():
		return "", d, fault.New(fault.Invalid, "cli.ticket.edit_wants_terminal")
	case a.editorOf() == "":
		return "", d, fault.New(fault.Invalid, "cli.editor.none")
	}
	var t control.Ticket
	err = a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		t, err = c.Ticket(ctx, ticket, a.reader())
		return err
	})
	if err != nil {
		return "", d, err
	}
	for _, f := range t.Fields {
		if f.Field != "detail" {
			continue
		}
		if d, err = a.edit(ctx, "detail.md", f.Text); err != nil {
			return "", d, err
		}
		if before = f.Text; before != "" {
			before += "\n"
		}
		if d.text == f.Text {
			if len(given.texts) > 0 {
				return before, d, nil
			}
			return "", d, errors.Join(fault.New(fault.Invalid, "cli.ticket.unchanged"), d.remove())
		}
		if err := errors.Join(given.put("--edit", "detail", d.text), expected.put("--edit", "detail", f.Text)); err != nil {
			return "", d, a.keep(d, err, before)
		}
		return before, d, nil
	}
	return "", d, fault.New(fault.Failed, "cli.ticket.no_detail", "ticket", ticket)
}

// folder is where a person means when they name one: from where they are.
func (a *app) folder(path string) (string, error) {
	if path == "" {
		return "", fault.New(fault.Invalid, "cli.ticket.empty_workspace")
	}
	if err := checkText("--workspace", []byte(path)); err != nil {
		return "", err
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok && filepath.IsAbs(a.getenv("HOME")) {
		return filepath.Join(a.getenv("HOME"), rest), nil // in quotes, so that no shell saw it
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find the folder %s: %w", path, err)
	}
	return abs, nil
}

// The bounds of a wait for a verdict.
const (
	longestWait = 10 * time.Minute // the daemon waits no longer
	usualWait   = 2 * time.Minute  // more than the daemon waits by itself
)

func (w *writing) waitMS() int64 {
	return int64((w.wait + time.Millisecond - 1) / time.Millisecond)
}

func newKey() string { return line.NewKey() }

// send has a write done. One whose answer was lost, because the daemon was
// killed, is asked for once more: under the same key it is the same write.
func (a *app) send(ctx context.Context, w *writing, ask func(context.Context, *control.Client) (control.Write, error)) (control.Write, error) {
	limit := w.wait + answerLimit
	if w.wait == 0 {
		limit = usualWait
	}
	done, open, err := twice(ctx, a, limit, ask)
	if open {
		err = fault.New(fault.Unavailable, "cli.ticket.outcome_open", "key", inline(w.key)).Wrap(err)
	}
	return done, err
}

// isOpen tells an error that leaves it open whether anything was done.
func isOpen(err error) bool {
	for _, open := range []error{control.ErrUnreachable, control.ErrNotRunning, fault.New(fault.Unavailable, "control.gave_up"), fault.New(fault.Unavailable, "control.broken_answer")} {
		if errors.Is(err, open) {
			return true
		}
	}
	return false
}

// settled ends a write that was made in an editor: the text goes once the
// sheet or the outbox has it.
func (a *app) settled(d draft, before string, w control.Write, err error) error {
	if err == nil || w.Queued && !conflicted(w) && worst(w.Verdict) == ledger.Unverifiable {
		return errors.Join(err, d.remove())
	}
	return a.keep(d, err, before)
}
