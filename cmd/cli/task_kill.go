package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// killLimit is how long a kill may take beyond its grace: until nothing is
// seen any more, and the memory of the GPU is free.
const killLimit = 10 * time.Minute

func (a *app) killCommand() *cobra.Command {
	var grace span
	grace.zero = true
	cmd := &cobra.Command{
		Use: "kill TASK…", Short: a.lang.Say("cli.kill.short"), Long: a.lang.Say("cli.kill.long"), Example: a.lang.Say("cli.kill.example"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return takes(1)(cmd, args)
			}
			_, err := taskNumbers(args)
			return err
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			tasks, err := taskNumbers(args)
			if err != nil {
				return err
			}
			r := control.Kill{By: a.reader()}
			if cmd.Flags().Changed("grace") {
				ms := grace.ms()
				r.GraceMS = &ms
			}
			return a.kill(cmd.Context(), tasks, r, grace.Duration+killLimit)
		},
	}
	cmd.Flags().Var(&grace, "grace", a.lang.Say("cli.kill.flag.grace"))
	return cmd
}

// kill ends tasks, all at the same time, and tells of each what was seen.
func (a *app) kill(ctx context.Context, tasks []int64, r control.Kill, limit time.Duration) error {
	killed, errs := make([]control.Killed, len(tasks)), make([]error, len(tasks))
	var all sync.WaitGroup
	for i, task := range tasks {
		r := r
		r.Task = task
		all.Go(func() {
			killed[i], _, errs[i] = twice(ctx, a, limit, func(ctx context.Context, c *control.Client) (control.Killed, error) { return c.Kill(ctx, r) })
		})
	}
	all.Wait()
	if len(tasks) == 1 && errs[0] != nil {
		return errs[0]
	}
	var verdicts []ledger.Verdict
	for i, task := range tasks {
		verdicts = append(verdicts, a.tellKill(task, killed[i], errs[i]))
	}
	return judged(worst(verdicts...))
}

// tellKill tells what became of one task. What could not be asked for is
// known as little as what could not be seen.
func (a *app) tellKill(task int64, k control.Killed, err error) ledger.Verdict {
	if err != nil {
		v := ledger.Refuted
		if exitStatus(err) == exitUnverifiable {
			v = ledger.Unverifiable
		}
		if a.json {
			a.print(notKilled{Task: task, Error: control.Encode(err)})
		} else {
			a.line("cli.kill.failed", a.mark(v), "task", called(task), "reason", inline(fault.Explain(err, a.lang)))
		}
		return v
	}
	v := judgeKill(k)
	if a.json {
		a.print(k)
		return v
	}
	a.line("cli.kill.end."+string(v), a.mark(v), "task", called(task), "state", a.stateWord(k.State), "ended", len(k.Ended), "ms", k.TookMS)
	rows := make([][]string, len(k.Ended))
	for i, p := range k.Ended {
		how := inline(p.Signal)
		if how == "" {
			how = a.lang.Say("cli.kill.by_itself")
		}
		rows[i] = []string{"   ", strconv.Itoa(p.PID), fit(inline(p.Name), longestName), how}
	}
	a.tellRows(rows)
	if len(k.Survivors) > 0 {
		pids := make([]string, len(k.Survivors))
		for i, pid := range k.Survivors {
			pids[i] = strconv.Itoa(pid)
		}
		a.say("cli.kill.survivors", "pids", strings.Join(pids, ", "))
	}
	if k.GPUFreed != nil && *k.GPUFreed {
		a.say("cli.kill.gpu_free")
	} else if k.GPUFreed != nil {
		a.say("cli.kill.gpu_taken")
	}
	if reason := a.because(k.Problem, k.Reason); reason != "" {
		fmt.Fprintln(a.out, "    "+reason)
	}
	a.link(k.Dashboard)
	return v
}

// notKilled is a task of several for which the request failed.
type notKilled struct {
	Task  int64          `json:"task"`
	Error *control.Fault `json:"error"`
}

// judgeKill is the verdict of a kill, no better than what else it says.
func judgeKill(k control.Killed) ledger.Verdict {
	if len(k.Survivors) > 0 || k.GPUFreed != nil && !*k.GPUFreed {
		return worst(k.Verdict, ledger.Refuted)
	}
	return normal(k.Verdict)
}
