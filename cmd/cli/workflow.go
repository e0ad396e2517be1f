package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/tracker/workflow"
)

// workflowActions are what can be asked of a workflow, as they are typed.
func workflowActions() []string {
	return []string{"show", "start", "check", "block", "request-approval"}
}

func (a *app) workflowCommand() *cobra.Command {
	var ask control.AskWorkflow
	var schema bool
	cmd := &cobra.Command{
		Use:   "workflow [TICKET] [show | start | check | block | request-approval]",
		Short: a.lang.Say("cli.workflow.short"), Long: a.lang.Say("cli.workflow.long"), Example: a.lang.Say("cli.workflow.example"),
		Args: atMost(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if schema {
				return a.printSchema(args)
			}
			if err := a.readWorkflow(cmd, args, &ask); err != nil {
				return err
			}
			return a.workflow(cmd.Context(), ask)
		},
	}
	cmd.Flags().StringVar(&ask.Step, "step", "", a.lang.Say("cli.workflow.flag.step"))
	cmd.Flags().StringVar(&ask.Reason, "reason", "", a.lang.Say("cli.workflow.flag.reason"))
	cmd.Flags().StringVar(&ask.Root, "root", "", a.lang.Say("cli.workflow.flag.root"))
	cmd.Flags().BoolVar(&schema, "schema", false, a.lang.Say("cli.workflow.flag.schema"))
	return cmd
}

func (a *app) printSchema(args []string) error {
	if len(args) > 0 {
		return fault.New(fault.Invalid, "cli.workflow.schema_alone")
	}
	_, err := a.out.Write(workflow.JSONSchema())
	return err
}

// readWorkflow takes the words of the command line. A word that is an action is
// never a ticket.
func (a *app) readWorkflow(cmd *cobra.Command, args []string, ask *control.AskWorkflow) error {
	action := "show"
	switch {
	case len(args) == 2:
		ask.Ticket, action = args[0], args[1]
	case len(args) == 1 && slices.Contains(workflowActions(), args[0]):
		action = args[0]
	case len(args) == 1:
		ask.Ticket = args[0]
	}
	if !slices.Contains(workflowActions(), action) {
		return fault.New(fault.Invalid, "cli.workflow.no_action", "action", inline(short(action)), "actions", strings.Join(workflowActions(), ", "))
	}
	if ask.Ticket == "" {
		ask.Ticket = a.getenv("TRACKER_ID")
	}
	if ask.Ticket != "" || len(args) == 2 {
		if err := checkTicket(ask.Ticket); err != nil {
			return err
		}
	}
	for flag, actions := range map[string][]string{"step": {"check", "block", "request-approval"}, "reason": {"block", "request-approval"}, "root": {"start"}} {
		if cmd.Flags().Changed(flag) && !slices.Contains(actions, action) {
			return fault.New(fault.Invalid, "cli.workflow.flag_alone", "flag", flag, "actions", strings.Join(actions, ", "))
		}
	}
	if ask.Root != "" {
		root, err := filepath.Abs(ask.Root)
		if err != nil {
			return fmt.Errorf("find the folder: %w", err)
		}
		ask.Root = root
	}
	ask.Action, ask.By = strings.ReplaceAll(action, "-", "_"), "uratori workflow"
	return nil
}

func (a *app) workflow(ctx context.Context, ask control.AskWorkflow) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if ask.Action != "check" { // whose commands have limits of their own
		limited, cancel := context.WithTimeout(ctx, lookLongest)
		defer cancel()
		ctx = limited
	}
	if ask.Ticket == "" {
		return a.everyWorkflow(ctx, c, ask)
	}
	return a.oneWorkflow(ctx, c, ask)
}

// everyWorkflow shows all tickets in work, or acts on the only one of the project
// that we are in.
func (a *app) everyWorkflow(ctx context.Context, c *control.Client, ask control.AskWorkflow) error {
	if ask.Action != "show" {
		here, err := os.Getwd()
		if err != nil {
			return fmt.Errorf("find the folder: %w", err)
		}
		mine, err := c.Workflows(ctx, here)
		if err != nil {
			return err
		}
		if len(mine) != 1 {
			return fault.New(fault.Invalid, "cli.workflow.which", "folder", inline(here), "count", len(mine))
		}
		ask.Ticket = mine[0].Ticket
		return a.oneWorkflow(ctx, c, ask)
	}
	all, err := c.Workflows(ctx, "")
	if err != nil {
		return err
	}
	if a.json {
		a.print(all)
	}
	end := ledger.Verified
	for _, w := range all {
		if err := w.Unread(); err != nil {
			end = worst(end, unreadAs(err))
		}
		if !a.json {
			a.tellWorkflowLine(w)
		}
	}
	if len(all) == 0 && !a.json {
		a.say("cli.workflow.none")
	}
	return judged(end)
}

// unreadAs is what it means that a workflow is not shown: its record is not what
// was stored, or nobody can say.
func unreadAs(err error) ledger.Verdict {
	if fault.KindOf(err) == fault.Failed {
		return ledger.Refuted
	}
	return ledger.Unverifiable
}

func (a *app) oneWorkflow(ctx context.Context, c *control.Client, ask control.AskWorkflow) error {
	w, err := c.Workflow(ctx, ask)
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Key == "workflow.no_root" {
		// Work that was not started before starts where we are.
		if ask.Root, err = os.Getwd(); err != nil {
			return fmt.Errorf("find the folder: %w", err)
		}
		w, err = c.Workflow(ctx, ask)
	}
	if err != nil {
		return err
	}
	if a.json {
		a.print(w)
	} else {
		a.tellWorkflow(w)
	}
	if ask.Action != "check" {
		return nil
	}
	return judged(normal(w.Verdict))
}

// stepTitle is the name of a step in the reader's language.
func (a *app) stepTitle(s control.WorkflowStep) string {
	if a.lang == phrase.Japanese {
		return inline(s.Name)
	}
	return inline(s.NameEN)
}

// tellWorkflowLine is a workflow in one line.
func (a *app) tellWorkflowLine(w control.Workflow) {
	if err := w.Unread(); err != nil {
		a.line("cli.workflow.line_unread", a.mark(unreadAs(err)), "ticket", inline(w.Ticket), "why", inline(fault.Explain(err, a.lang)))
		return
	}
	if w.Current < 1 || w.Current > len(w.Steps) {
		a.say("cli.workflow.line_finished", "ticket", inline(w.Ticket), "root", inline(w.Root))
		return
	}
	s := w.Steps[w.Current-1]
	fmt.Fprintf(a.out, "%s  %d/%d %s (%s)  %s\n", inline(w.Ticket), s.Number, len(w.Steps), a.stepTitle(s), a.stepState(s.State), inline(w.Root))
}

func (a *app) stepState(state string) string {
	if phrase.Known("cli.workflow.state." + state) {
		return a.lang.Say("cli.workflow.state." + state)
	}
	return inline(state) // of a newer build
}

// stepMark is a state at a glance.
func (a *app) stepMark(s control.WorkflowStep, current bool) string {
	switch {
	case s.State == "passed":
		return a.mark(ledger.Verified)
	case s.State == "blocked":
		return a.mark(ledger.Refuted)
	case s.State == "stale", s.State == "waiting":
		return a.mark(ledger.Unverifiable)
	case current:
		return "▸"
	}
	return "·"
}

func (a *app) tellWorkflow(w control.Workflow) {
	head := inline(w.Ticket)
	if w.Name != "" {
		head += "  " + inline(w.Name)
	}
	if w.Root != "" {
		head += "  " + inline(w.Root)
	}
	fmt.Fprintln(a.out, head)
	phase := -1
	for _, s := range w.Steps {
		if s.Phase != phase {
			phase = s.Phase
			a.say("cli.workflow.phase", "phase", phase)
		}
		current := s.Number == w.Current
		fmt.Fprintf(a.out, "  %s %2d %s (%s)", a.stepMark(s, current), s.Number, a.stepTitle(s), inline(s.ID))
		if s.State != "open" && s.State != "passed" {
			fmt.Fprint(a.out, " — "+a.stepState(s.State))
		}
		fmt.Fprintln(a.out)
		if current {
			a.tellStep(s)
		}
	}
	if w.Verdict != "" {
		a.line("cli.workflow.verdict", a.mark(normal(w.Verdict)), "verdict", a.verdict(w.Verdict))
	}
	if w.Problem != nil {
		a.line("cli.workflow.problem", a.mark(ledger.Unverifiable), "problem", a.because(w.Problem, ""))
	}
	if next := a.because(w.NextStep, w.Next); next != "" {
		a.say("cli.workflow.next", "next", next)
	}
	a.link(w.Dashboard)
}

// tellStep is what there is to say about the step in hand.
func (a *app) tellStep(s control.WorkflowStep) {
	const indent = "       "
	help := s.HelpEN
	if a.lang == phrase.Japanese {
		help = s.Help
	}
	if help != "" {
		fmt.Fprintln(a.out, indent+inline(help))
	}
	for i, missing := range s.Missing {
		var problem *control.Fault
		if i < len(s.Wanting) {
			problem = s.Wanting[i]
		}
		fmt.Fprintln(a.out, indent+"- "+a.because(problem, missing))
	}
	if s.CheckedAt != nil {
		fmt.Fprintln(a.out, indent+a.lang.Say("cli.workflow.checked", "time", clock(*s.CheckedAt)))
	}
	if s.Approval != nil && s.Approval.ExpiresAt != nil && s.Approval.State == "requested" {
		fmt.Fprintln(a.out, indent+a.lang.Say("cli.workflow.expires", "time", clock(*s.Approval.ExpiresAt)))
	}
}
