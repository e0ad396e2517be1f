package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"uratori/internal/control"
	"uratori/internal/phrase"
)

// tellDetail prints all that is known of a task, line by line.
func (a *app) tellDetail(t control.TaskDetail) {
	a.tellTasks([]control.Task{t.Task})
	var rows [][]string
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, []string{"  " + label, value})
		}
	}
	add(a.lang.Say("cli.detail.attempt"), a.attemptOf(t.Task))
	add(a.lang.Say("cli.detail.progress"), a.progressOf(t.Progress))
	if t.LastActivity != nil {
		add(a.lang.Say("cli.detail.activity"), clock(*t.LastActivity))
	}
	if t.GPU > 0 {
		add("GPU", a.joined(strconv.Itoa(t.GPU), inline(strings.Join(t.GPUs, ", "))))
	}
	if t.Priority != 0 {
		add(a.lang.Say("cli.detail.priority"), strconv.Itoa(t.Priority))
	}
	add(a.lang.Say("cli.detail.command"), quotedCommand(t.Command))
	add(a.lang.Say("cli.detail.cwd"), inline(t.Cwd))
	add(a.lang.Say("cli.detail.created"), clock(t.CreatedAt))
	a.tellRows(rows)
	a.tellAttempts(t.Runs)
}

// attemptOf says which attempt it is, of how many, and its process.
func (a *app) attemptOf(t control.Task) string {
	if t.Attempt == 0 {
		return ""
	}
	words := a.lang.Say("cli.detail.nth", "attempt", t.Attempt, "attempts", max(t.Attempts, t.Attempt))
	if t.PID > 0 && active(t.State) {
		words = a.joined(words, "pid "+strconv.Itoa(t.PID))
	}
	return words
}

// progressOf is all that is known of the progress, and who says so.
func (a *app) progressOf(p *control.TaskProgress) string {
	if p == nil {
		return ""
	}
	phase, source := "", ""
	if p.Item != "" { // else the line has it
		phase = inline(p.Phase)
	}
	if phrase.Known("cli.source." + p.Source) { // else of a newer build
		source = a.lang.Say("cli.source." + p.Source)
	}
	return a.joined(a.progressLine(*p, 0), phase, source)
}

// tellAttempts prints the runs of a task as a table.
func (a *app) tellAttempts(runs []control.Attempt) {
	if len(runs) == 0 {
		return
	}
	rows := make([][]string, len(runs))
	for i, r := range runs {
		done, end, used := "", "", ""
		if r.Total > 0 || r.Done > 0 {
			done = progressFigure(control.TaskProgress{Done: r.Done, Total: r.Total})
		}
		if r.EndedAt != nil {
			end = "– " + clock(*r.EndedAt)
		}
		switch cpu := durationWords(a.lang, time.Duration(r.CPUMS)*time.Millisecond); {
		case r.MaxRSS > 0:
			used = a.lang.Say("cli.detail.used", "cpu", cpu, "memory", size(r.MaxRSS))
		case r.CPUMS > 0: // it was over before anybody could look at its memory
			used = "CPU " + cpu
		}
		rows[i] = []string{
			"  " + strconv.Itoa(r.Attempt), a.stateWord(r.State), clock(r.StartedAt), end, a.howEnded(r.ExitCode, r.Signal), done, used, a.because(r.Problem, r.Reason),
		}
	}
	fmt.Fprintln(a.out, "  "+a.lang.Say("cli.detail.attempts"))
	a.tellRows(rows)
	if last := runs[len(runs)-1]; last.Folder != "" {
		fmt.Fprintln(a.out, "  "+a.lang.Say("cli.detail.folder", "folder", inline(last.Folder)))
	}
}
