package work

import (
	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/tracker/workflow"
)

// view is a workflow as it crosses the socket.
func (b *Bench) view(v workflow.View) control.Workflow {
	w := control.Workflow{
		Ticket: v.Ticket, Name: v.Name, Digest: v.Digest, Root: v.Root, Workspace: v.Workspace, StartedAt: daemon.Moment(v.Started), FinishedAt: daemon.Moment(v.Finished),
		Verdict: v.Verdict, Steps: []control.WorkflowStep{}, Current: v.Current, NextStep: control.Encode(v.Next), Problem: control.Encode(v.Problem),
		Dashboard: daemon.Link(b.house.Dashboard(), v.Ticket),
	}
	if v.Next != nil {
		w.Next = v.Next.Error()
	}
	for _, s := range v.Steps {
		w.Steps = append(w.Steps, step(s, s.Number == v.Current))
	}
	return w
}

func step(s workflow.StepView, current bool) control.WorkflowStep {
	w := control.WorkflowStep{
		Number: s.Number, ID: s.ID, Phase: s.Phase, Name: s.Name, NameEN: s.NameEN, State: string(s.State), Reason: s.Reason,
		PassedAt: daemon.Moment(s.Passed), Evidence: s.Evidence,
	}
	if current {
		w.Help, w.HelpEN, w.CheckedAt = s.Help, s.HelpEN, daemon.Moment(s.Checked)
	}
	if s.Approval != nil {
		standing := approvalStanding(*s.Approval)
		w.Approval = &standing
	}
	for _, sentence := range s.Gate {
		w.Gate = append(w.Gate, sentence.Error())
	}
	for _, why := range s.Wanting {
		w.Missing = append(w.Missing, why.Error())
		w.Wanting = append(w.Wanting, control.Encode(why))
	}
	for _, f := range s.Found {
		w.Checks = append(w.Checks, found(f))
	}
	return w
}

// found is what a check found as it crosses the socket.
func found(f workflow.Found) control.FactCheck {
	c := control.FactCheck{
		Claim: f.Claim, Subject: f.Subject, Verdict: f.Verdict, Expected: f.Expected, Actual: f.Actual, Problem: f.Why,
		Evidence: append([]int64{}, f.Evidence...),
	}
	if err := f.Why.Decode(); err != nil {
		c.Reason = err.Error()
	}
	return c
}
