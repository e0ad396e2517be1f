package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// subject is what a status is wanted of: everything, the tasks of a ticket or
// of a state, or one task.
type subject struct {
	task          int64
	ticket, state string
	all           bool // every task that there is, not only the latest
}

// everything tells the status of the whole from that of tasks.
func (s subject) everything() bool { return s == subject{} }

func (a *app) statusCommand() *cobra.Command {
	var s subject
	var watch bool
	interval := span{Duration: frame}
	cmd := &cobra.Command{
		Use: "status [TASK | TICKET]", Short: a.lang.Say("cli.status.short"), Long: a.lang.Say("cli.status.long"), Example: a.lang.Say("cli.status.example"),
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) == 1 {
				if err := s.read(args[0]); err != nil {
					return err
				}
			}
			if cmd.Flags().Changed("state") && s.state == "" {
				return fault.New(fault.Invalid, "cli.status.empty_state")
			}
			if s.task != 0 && (s.all || s.state != "") {
				return fault.New(fault.Invalid, "cli.status.one_task")
			}
			if watch {
				return a.watchTasks(cmd.Context(), s, interval.Duration)
			}
			if cmd.Flags().Changed("interval") {
				return fault.New(fault.Invalid, "cli.factcheck.interval_alone")
			}
			var v view
			err = a.tracked(cmd.Context(), func(ctx context.Context, c *control.Client) (err error) {
				v, err = a.see(ctx, c, s)
				return err
			})
			if err != nil {
				return err
			}
			a.tellView(s, v)
			return nil
		},
	}
	cmd.Flags().BoolVar(&watch, "watch", false, a.lang.Say("cli.status.flag.watch"))
	cmd.Flags().Var(&interval, "interval", a.lang.Say("cli.status.flag.interval"))
	cmd.Flags().BoolVar(&s.all, "all", false, a.lang.Say("cli.status.flag.all"))
	cmd.Flags().StringVar(&s.state, "state", "", a.lang.Say("cli.status.flag.state"))
	return cmd
}

// read takes a word for a task when it is a number, else for a ticket.
func (s *subject) read(word string) (err error) {
	if digits := strings.TrimPrefix(word, "#"); digits != word || strings.Trim(digits, "0123456789") == "" && digits != "" {
		s.task, err = taskNumber(word)
		return err
	}
	if err := checkTicket(word); err != nil {
		return err
	}
	if !ticketForm.MatchString(word) {
		return fault.New(fault.Invalid, "cli.status.neither", "word", inline(short(word)))
	}
	s.ticket = word
	return nil
}

// view is a status as it was seen. One is set of status and detail, or none.
type view struct {
	status *control.Status     // of everything
	detail *control.TaskDetail // of one task
	tasks  []control.Task
	queue  control.Queue
	next   int64 // there are more tasks, of lower numbers
	about  control.Status
	link   string
}

// see looks at the subject. What only --json shows is only asked for it.
func (a *app) see(ctx context.Context, c *control.Client, s subject) (v view, err error) {
	if s.everything() || a.json {
		if v.about, err = c.Status(ctx); err != nil {
			return v, err
		}
	}
	switch {
	case s.everything():
		v.status, v.tasks, v.queue, v.link = &v.about, v.about.Tasks, v.about.Queue, v.about.Dashboard
	case s.task != 0:
		t, err := c.Task(ctx, s.task)
		if err != nil {
			return v, err
		}
		v.detail, v.tasks, v.link = &t, []control.Task{t.Task}, t.Dashboard
	default:
		err := v.list(ctx, c, s)
		return v, err
	}
	return v, nil
}

// list is one page of tasks, or all.
func (v *view) list(ctx context.Context, c *control.Client, s subject) error {
	q := control.TaskQuery{Ticket: s.ticket, State: s.state}
	seen := map[int64]bool{}
	for {
		page, err := c.Tasks(ctx, q)
		if err != nil {
			return err
		}
		for _, t := range page.Tasks { // one may have moved between the pages
			if !seen[t.Task] {
				seen[t.Task] = true
				v.tasks = append(v.tasks, t)
			}
		}
		v.queue, v.link, v.next = page.Queue, page.Dashboard, page.Next
		if !s.all || page.Next == 0 {
			return nil
		}
		if page.Next == q.Before || len(page.Tasks) == 0 {
			return fault.New(fault.Failed, "cli.status.circle", "before", page.Next)
		}
		q.Before = page.Next
	}
}

// selection is the JSON of a status that is not of everything.
type selection[T any] struct {
	Tasks     []T             `json:"tasks"`
	Queue     *control.Queue  `json:"queue,omitempty"`
	Tracker   control.Tracker `json:"tracker"`
	Changes   []control.Event `json:"changes"`
	Next      int64           `json:"next,omitzero"`
	Dashboard string          `json:"dashboard"`
}

func (a *app) tellView(s subject, v view) {
	switch {
	case a.json:
		a.printView(s, v)
	case v.status != nil:
		a.tellStatus(*v.status)
	case v.detail != nil:
		a.tellDetail(*v.detail)
		a.link(v.link)
	default:
		a.tellList(s, v)
		a.link(v.link)
	}
}

func (a *app) printView(s subject, v view) {
	if v.status != nil {
		a.print(v.status)
		return
	}
	ticket := s.ticket
	if v.detail != nil {
		ticket = v.detail.Ticket
	}
	changes := slices.DeleteFunc(v.about.Changes, func(e control.Event) bool { return ticket != "" && e.Ticket != ticket })
	link := cmp.Or(v.link, v.about.Dashboard)
	if v.detail != nil {
		a.print(selection[control.TaskDetail]{Tasks: []control.TaskDetail{*v.detail}, Tracker: v.about.Tracker, Changes: changes, Dashboard: link})
		return
	}
	a.print(selection[control.Task]{Tasks: v.tasks, Queue: &v.queue, Tracker: v.about.Tracker, Changes: changes, Next: v.next, Dashboard: link})
}

func (a *app) tellStatus(s control.Status) {
	a.say("cli.status.daemon", "version", s.Daemon.Version, "pid", s.Daemon.PID, "since", clock(s.Daemon.StartedAt))
	a.say("cli.status.home", "home", s.Daemon.Home)
	a.say("cli.status.ledger", "entries", s.Ledger.Entries, "head", s.Ledger.Head)
	if s.Dashboard != "" {
		a.say("cli.status.dashboard", "dashboard", s.Dashboard)
	}
	a.say("cli.status.tasks", "queue", a.queueWords(s.Queue))
	for _, p := range s.Problems {
		a.line("cli.status.problem", a.mark(ledger.Refuted), "problem", a.sentence(&p))
	}
	for _, i := range s.Incidents {
		a.tellOpen(i, time.Now())
	}
	if len(s.Problems) == 0 && len(s.Incidents) == 0 {
		a.line("cli.status.fine", a.mark(ledger.Verified))
	}
	if len(s.Tasks) > 0 {
		fmt.Fprintln(a.out)
		a.tellTasks(s.Tasks)
	}
}

// queueWords is how the queue is as a whole.
func (a *app) queueWords(q control.Queue) string {
	words := a.lang.Say("cli.queue", "running", q.Running, "slots", q.Slots, "queued", q.Queued)
	if q.Paused {
		words = a.joined(words, a.lang.Say("cli.queue.paused"))
	}
	return words
}

func (a *app) tellList(s subject, v view) {
	a.tellTasks(v.tasks)
	switch {
	case len(v.tasks) > 0:
	case s.ticket != "":
		a.say("cli.status.none_of", "ticket", inline(s.ticket))
	default:
		a.say("cli.status.none")
	}
	if v.next != 0 {
		a.say("cli.status.more")
	}
}
