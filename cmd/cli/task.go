package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// taskNumber reads a task as people write it: 42 or #42.
func taskNumber(word string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
	if err != nil || n < 1 || strings.ContainsAny(word, "+-") {
		return 0, fault.New(fault.Invalid, "cli.task.bad_number", "word", inline(short(strings.ToValidUTF8(word, "�"))))
	}
	return n, nil
}

// taskNumbers reads lists of tasks, as 41,42; each counts once.
func taskNumbers(lists []string) ([]int64, error) {
	numbers := []int64{}
	for _, list := range lists {
		for word := range strings.SplitSeq(list, ",") {
			n, err := taskNumber(strings.TrimSpace(word))
			if err != nil {
				return nil, err
			}
			if !slices.Contains(numbers, n) {
				numbers = append(numbers, n)
			}
		}
	}
	return numbers, nil
}

// aTask demands exactly one argument, a task.
func aTask(cmd *cobra.Command, args []string) error {
	if err := takes(1)(cmd, args); err != nil {
		return err
	}
	_, err := taskNumber(args[0])
	return err
}

// final tells whether nothing more happens to a task by itself. A state of a
// newer build is none that we know to be the end.
func final(state string) bool {
	return state == "succeeded" || state == "failed" || state == "killed"
}

// active tells whether an attempt is at work.
func active(state string) bool {
	return state == "starting" || state == "running" || state == "stalled"
}

// state is where a task stands, in words.
func (a *app) state(t control.Task) string {
	switch {
	case t.Held && t.State == "queued":
		return a.lang.Say("cli.task.state.held")
	case t.Held && active(t.State):
		return a.lang.Say("cli.task.state.paused")
	}
	return a.stateWord(t.State)
}

// stateWord is a state of a task, or how an attempt ended, in words; one of a
// newer build stays as it is.
func (a *app) stateWord(state string) string {
	if phrase.Known("cli.task.state." + state) {
		return a.lang.Say("cli.task.state." + state)
	}
	return inline(state)
}

// called is how a task is spoken of: #42 (INTG-088 extract).
func called(task int64, words ...string) string {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	name := "#" + strconv.FormatInt(task, 10)
	if len(words) == 0 {
		return name
	}
	return name + " (" + inline(strings.Join(words, " ")) + ")"
}

// why is the reason for a task being as it is, "" when there is none.
func (a *app) why(t control.Task) string { return a.because(t.Problem, t.Reason) }

// howEnded is an exit status or a signal, "" when neither is known.
func (a *app) howEnded(exit *int, signal string) string {
	switch {
	case signal != "":
		return a.lang.Say("cli.task.signal", "signal", inline(signal))
	case exit != nil:
		return a.lang.Say("cli.task.exit", "code", *exit)
	}
	return ""
}

// pauses is what a task that waits is waiting for.
func (a *app) pauses(t control.Task) string {
	if t.State != "queued" {
		return ""
	}
	var words []string
	if len(t.WaitsFor) > 0 {
		words = append(words, a.lang.Say("cli.task.waits_for", "tasks", numbered(t.WaitsFor)))
	}
	if t.NotBefore != nil && t.NotBefore.After(time.Now()) {
		words = append(words, a.lang.Say("cli.task.not_before", "time", clock(*t.NotBefore)))
	}
	switch {
	case len(words) > 0 || t.Held:
	case t.Position == 1:
		words = append(words, a.lang.Say("cli.task.next"))
	case t.Position > 1:
		words = append(words, a.lang.Say("cli.task.position", "position", t.Position))
	}
	return a.joined(words...)
}

// joined are the words that there are, as a list.
func (a *app) joined(words ...string) string {
	comma := ", "
	if a.lang == phrase.Japanese {
		comma = "、"
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), comma)
}

func numbered(tasks []int64) string {
	words := make([]string, len(tasks))
	for i, t := range tasks {
		words[i] = called(t)
	}
	return strings.Join(words, ", ")
}

// figure is how far a task is, in numbers.
func figure(p *control.TaskProgress) string {
	if p == nil {
		return ""
	}
	return progressFigure(*p)
}

// quotedCommand is a command as one would type it.
func quotedCommand(command []string) string {
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = inline(word)
		if word == "" || strings.ContainsFunc(word, needsQuotes) {
			words[i] = "'" + strings.ReplaceAll(inline(word), "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

func needsQuotes(r rune) bool {
	return r < 0x80 && !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-", r) || r == '\u3000'
}

// aligned puts rows of cells under each other. A column that is empty
// everywhere is left out; wide is where the screen ends, 0 for nowhere.
func aligned(rows [][]string, wide int) []string {
	var columns []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(columns) {
				columns = append(columns, 0)
			}
			columns[i] = max(columns[i], displayWidth(cell))
		}
	}
	lines := make([]string, len(rows))
	for r, row := range rows {
		var cells []string
		for i, cell := range row {
			if columns[i] > 0 {
				cells = append(cells, pad(cell, columns[i]))
			}
		}
		lines[r] = strings.TrimRight(strings.Join(cells, "  "), " ")
		if wide > 0 {
			lines[r] = fit(lines[r], wide)
		}
	}
	return lines
}

// longestName is how much of a name a table shows, in columns.
const longestName = 24

// taskCells are the columns of a task in a table, but for its progress and
// what there is to say.
func (a *app) taskCells(t control.Task) []string {
	attempt := ""
	if t.Attempt > 1 {
		attempt = a.lang.Say("cli.task.attempt", "attempt", t.Attempt, "attempts", max(t.Attempts, t.Attempt))
	}
	return []string{called(t.Task), inline(t.Ticket), fit(inline(t.Name), longestName), a.state(t), attempt}
}

// remark is what there is to say of a task.
func (a *app) remark(t control.Task) string {
	why := a.why(t)
	if why == "" && final(t.State) && t.State != "succeeded" {
		why = a.howEnded(t.ExitCode, t.Signal)
	}
	return a.joined(a.pauses(t), why)
}

// taskLines are tasks as a table, its progress as bars. A line ends where the
// screen does; 0 is nowhere.
func (a *app) taskLines(tasks []control.Task, wide int) []string {
	rows := make([][]string, len(tasks))
	for i, t := range tasks {
		rows[i] = a.taskCells(t)
	}
	lines := aligned(rows, 0)
	begin := 0
	for _, line := range lines {
		begin = max(begin, displayWidth(line))
	}
	for i, t := range tasks {
		progress, left := figure(t.Progress), wide-begin-2
		if t.Progress != nil && active(t.State) && (wide == 0 || left > 0) {
			progress = a.progressLine(*t.Progress, max(left, 0))
		}
		for _, cell := range []string{progress, a.remark(t)} {
			if cell != "" {
				lines[i] = pad(lines[i], begin) + "  " + cell
			}
		}
		if wide > 0 {
			lines[i] = fit(lines[i], wide)
		}
	}
	return lines
}

// tellTasks prints tasks as a table.
func (a *app) tellTasks(tasks []control.Task) {
	for _, line := range a.taskLines(tasks, a.screen()) {
		fmt.Fprintln(a.out, line)
	}
}

func (a *app) tellRows(rows [][]string) {
	for _, line := range aligned(rows, a.screen()) {
		fmt.Fprintln(a.out, line)
	}
}

// tellTask prints one task as it is after something was done to it.
func (a *app) tellTask(t control.Task) error {
	if a.json {
		a.print(t)
		return nil
	}
	a.tellTasks([]control.Task{t})
	a.link(t.Dashboard)
	return nil
}

// one asks for something that answers with a task, and tells it.
func (a *app) one(ctx context.Context, ask func(context.Context, *control.Client) (control.Task, error)) error {
	var t control.Task
	err := a.tracked(ctx, func(ctx context.Context, c *control.Client) (err error) {
		t, err = ask(ctx, c)
		return err
	})
	if err != nil {
		return err
	}
	return a.tellTask(t)
}
