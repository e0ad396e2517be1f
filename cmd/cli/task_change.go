package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
)

func (a *app) retryCommand() *cobra.Command {
	var r control.Retry
	cmd := &cobra.Command{
		Use: "retry TASK", Short: a.lang.Say("cli.retry.short"), Long: a.lang.Say("cli.retry.long"), Example: a.lang.Say("cli.retry.example"),
		Args: aTask,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if r.Task, err = taskNumber(args[0]); err != nil {
				return err
			}
			var e control.Enqueued
			err = a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				e, err = c.Retry(ctx, r)
				return err
			})
			if err != nil {
				return err
			}
			a.tellEnqueued(e, control.Enqueue{})
			return nil
		},
	}
	cmd.Flags().BoolVar(&r.FromStart, "from-start", false, a.lang.Say("cli.retry.flag.from_start"))
	return cmd
}

func (a *app) pauseCommand() *cobra.Command {
	return a.holdCommand(true, &cobra.Command{Use: "pause [TASK]", Short: a.lang.Say("cli.pause.short"), Long: a.lang.Say("cli.pause.long"), Example: a.lang.Say("cli.pause.example")})
}

func (a *app) resumeCommand() *cobra.Command {
	return a.holdCommand(false, &cobra.Command{Use: "resume [TASK]", Short: a.lang.Say("cli.resume.short"), Long: a.lang.Say("cli.resume.long"), Example: a.lang.Say("cli.resume.example")})
}

func (a *app) holdCommand(hold bool, cmd *cobra.Command) *cobra.Command {
	cmd.Args = atMost(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		r := control.Hold{Hold: hold}
		if len(args) == 1 {
			if r.Task, err = taskNumber(args[0]); err != nil {
				return err
			}
		}
		var p control.TaskPage
		err = a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
			p, err = c.Hold(ctx, r)
			return err
		})
		if err != nil {
			return err
		}
		a.tellHold(r, p)
		return nil
	}
	return cmd
}

func (a *app) tellHold(r control.Hold, p control.TaskPage) {
	if a.json {
		a.print(p)
		return
	}
	var tasks []control.Task
	for _, t := range p.Tasks {
		if r.Task == 0 && !final(t.State) || r.Task == t.Task {
			tasks = append(tasks, t)
		}
	}
	if r.Task == 0 {
		fmt.Fprintln(a.out, a.queueWords(p.Queue))
	}
	a.tellTasks(tasks)
	a.link(p.Dashboard)
}

func (a *app) editCommand() *cobra.Command {
	var name string
	var priority, retries int
	var after []string
	timeout, at := span{zero: true}, moment{now: time.Now, orNow: true}
	cmd := &cobra.Command{
		Use:   "edit TASK [flags] [-- COMMAND [ARG]…]",
		Short: a.lang.Say("cli.edit.short"), Long: a.lang.Say("cli.edit.long"), Example: a.lang.Say("cli.edit.example"),
		Args: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				args = args[:dash]
			}
			return aTask(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			r, given := control.EditTask{Command: args[1:]}, cmd.Flags().Changed
			if r.Task, err = taskNumber(args[0]); err != nil {
				return err
			}
			if given("name") {
				r.Name = &name
			}
			if given("priority") {
				r.Priority = &priority
			}
			if given("retries") {
				r.Retries = &retries
			}
			if given("timeout") {
				ms := timeout.ms()
				r.TimeoutMS = &ms
			}
			if given("at") {
				r.NotBefore = &at.at
			}
			if given("after") {
				numbers, err := afterOrNone(after)
				if err != nil {
					return err
				}
				r.After = &numbers
			}
			if err := checkEdit(cmd, r); err != nil {
				return err
			}
			return a.one(cmd.Context(), func(ctx context.Context, c *control.Client) (control.Task, error) { return c.EditTask(ctx, r) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", "", a.lang.Say("cli.edit.flag.name"))
	f.IntVar(&priority, "priority", 0, a.lang.Say("cli.enqueue.flag.priority"))
	f.IntVar(&retries, "retries", 0, a.lang.Say("cli.edit.flag.retries"))
	f.Var(&timeout, "timeout", a.lang.Say("cli.edit.flag.timeout"))
	f.StringArrayVar(&after, "after", nil, a.lang.Say("cli.edit.flag.after"))
	f.Var(&at, "at", a.lang.Say("cli.edit.flag.at"))
	return cmd
}

// afterOrNone is a list of tasks, or the word none for an empty one.
func afterOrNone(lists []string) ([]int64, error) {
	if len(lists) == 1 && lists[0] == "none" {
		return []int64{}, nil
	}
	numbers, err := taskNumbers(lists)
	if err != nil {
		return nil, fault.New(fault.Invalid, "cli.task.flag", "flag", "after").Wrap(err)
	}
	return numbers, nil
}

func checkEdit(cmd *cobra.Command, r control.EditTask) error {
	changes := len(r.Command) > 0
	for _, flag := range []string{"name", "priority", "retries", "timeout", "after", "at"} {
		changes = changes || cmd.Flags().Changed(flag)
	}
	switch {
	case !changes && cmd.ArgsLenAtDash() >= 0:
		return fault.New(fault.Invalid, "cli.enqueue.no_command")
	case !changes:
		return fault.New(fault.Invalid, "cli.edit.nothing")
	case r.Retries != nil && *r.Retries < 0:
		return fault.New(fault.Invalid, "cli.task.too_few", "flag", "retries", "value", *r.Retries, "fewest", 0)
	case len(r.Command) > 0 && r.Command[0] == "":
		return fault.New(fault.Invalid, "cli.enqueue.empty_command")
	}
	e := control.Enqueue{Command: r.Command}
	if r.Name != nil {
		if e.Name = *r.Name; e.Name == "" {
			return fault.New(fault.Invalid, "cli.enqueue.empty_name")
		}
	}
	return checkTexts(e)
}

func (a *app) beatCommand() *cobra.Command {
	return &cobra.Command{
		Use: "beat [TASK]", Short: a.lang.Say("cli.beat.short"), Long: a.lang.Say("cli.beat.long"), Example: a.lang.Say("cli.beat.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			word := a.getenv("URATORI_TASK")
			if len(args) == 1 {
				word = args[0]
			}
			if word == "" {
				return fault.New(fault.Invalid, "cli.beat.which")
			}
			task, err := taskNumber(word)
			if err != nil {
				return err
			}
			return a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) error {
				t, err := c.Beat(ctx, task)
				if err == nil && a.json {
					a.print(t) // else it says nothing: what a job prints is its log
				}
				return err
			})
		},
	}
}
