package mcp

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"uratori/internal/control"
)

type logsArgs struct {
	Task    int64  `json:"task"`
	Attempt int    `json:"attempt,omitempty" jsonschema:"default: the last"`
	Stream  string `json:"stream,omitempty"`
	Lines   int    `json:"lines,omitempty" jsonschema:"from the end; default 50"`
}

// logsAnswer is the end of a job's output.
type logsAnswer struct {
	Task      int64  `json:"task"`
	Attempt   int    `json:"attempt"` // 0: it never ran
	State     string `json:"state"`
	Stdout    string `json:"stdout"`
	Stderr    string `json:"stderr"`
	Folder    string `json:"folder,omitempty"` // holds the files stdout and stderr
	Dashboard string `json:"dashboard"`
}

const (
	usualLines = 50
	mostLines  = 2000
	// mostLog is how much output is told, of both streams together.
	mostLog = 18_000
	// mostKept bounds what is held while a log is read: of each stream the end.
	mostKept = 1 << 20
)

func (s *Server) logs() *tool {
	return &tool{
		name: "logs", about: "The last lines of a task's output.",
		in:      input[logsArgs](among("stream", "stdout", "stderr"), between("lines", 1, mostLines)),
		out:     output[logsAnswer]("stdout", "stderr"),
		hints:   hints{readOnly: true, idempotent: true},
		example: `logs(task=42, lines=200)`,
		do: func(ctx context.Context, c call) (answer, error) {
			var a logsArgs
			if err := c.read(&a); err != nil {
				return answer{}, err
			}
			c.seen.task = a.Task
			if a.Lines == 0 {
				a.Lines = usualLines
			}
			var t control.TaskDetail
			out, errs := &ending{most: mostKept}, &ending{most: mostKept}
			err := s.link.ask(ctx, func(d Daemon) (err error) {
				if t, err = d.Task(ctx, a.Task); err != nil {
					return err
				}
				*out, *errs = ending{most: mostKept}, ending{most: mostKept}
				return d.Logs(ctx, control.TaskLogs{Task: a.Task, Attempt: a.Attempt, Stream: a.Stream, Lines: a.Lines}, sort(out, errs))
			})
			if err != nil {
				return answer{}, err
			}
			return s.output(t, a, out, errs), nil
		},
	}
}

// sort puts each piece to the stream that it is of.
func sort(out, errs *ending) func(control.LogChunk) error {
	return func(c control.LogChunk) error {
		if c.Stream == "stderr" {
			errs.add(c.Data, c.Gap)
		} else {
			out.add(c.Data, c.Gap)
		}
		return nil
	}
}

// ending is the end of a stream.
type ending struct {
	most int
	raw  []byte
	lost int64 // bytes that are not in raw
}

func (e *ending) add(piece []byte, gap int64) {
	e.lost += gap
	e.raw = append(e.raw, piece...)
	if over := len(e.raw) - e.most; over > 0 {
		e.lost += int64(over)
		e.raw = append([]byte(nil), e.raw[over:]...)
	}
}

// output tells the two endings, each as much as the other leaves room for.
func (s *Server) output(t control.TaskDetail, a logsArgs, out, errs *ending) answer {
	f := logsAnswer{Task: t.Task.Task, Attempt: a.Attempt, State: t.State, Dashboard: t.Dashboard}
	if f.Attempt == 0 {
		f.Attempt = t.Attempt
	}
	for _, r := range t.Runs {
		if r.Attempt == f.Attempt {
			f.Folder = r.Folder
		}
	}
	stdout, stderr := lastOf(printed(out.raw), a.Lines), lastOf(printed(errs.raw), a.Lines)
	half := mostLog / 2
	room := max(half, mostLog-size(stderr))
	var cut [2]bool
	stdout, cut[0] = tail(stdout, room)
	stderr, cut[1] = tail(stderr, max(half, mostLog-size(stdout)))
	f.Stdout, f.Stderr = stdout, stderr
	told := told{Untrusted: stdout != "" || stderr != ""}
	for i, name := range []string{"stdout", "stderr"} {
		if cut[i] {
			told.Truncated = append(told.Truncated, name)
		}
	}
	lines := strings.Count(stdout, "\n") >= a.Lines-1 || strings.Count(stderr, "\n") >= a.Lines-1
	switch {
	case f.Attempt == 0:
		told.Note = s.o.Lang.Say("mcp.note.never_ran", "state", t.State)
	case len(told.Truncated) > 0 || lines || out.lost+errs.lost > 0:
		// Said each time that there may be more: an end looks like a whole.
		told.Whole = logURI(t.Task.Task)
		told.Note = s.o.Lang.Say("mcp.note.log_end", "lines", a.Lines, "folder", f.Folder)
	}
	return answer{value: f, told: told, link: s.logLink(t.Task.Task)}
}

// size is what a text takes in JSON.
func size(text string) int {
	raw, err := compact(text)
	if err != nil {
		return len(text)
	}
	return len(raw)
}

// lastOf are the last n lines.
func lastOf(text string, n int) string {
	end := len(strings.TrimRight(text, "\n"))
	at := end
	for ; n > 0; n-- {
		if at = strings.LastIndexByte(text[:at], '\n'); at < 0 {
			return text
		}
	}
	return text[at+1:]
}

// tail cuts a text at its front, between lines where it can, until it fits.
func tail(text string, room int) (string, bool) {
	cut := false
	for size(text) > room {
		cut = true
		list := []rune(text)
		drop := max(len(list)/8, 1)
		rest := string(list[drop:])
		if at := strings.IndexByte(rest, '\n'); at >= 0 && at < len(rest)/4 {
			rest = rest[at+1:]
		}
		text = rest
	}
	return text, cut
}

// logURI names a task's log as a resource.
func logURI(task int64) string { return "uratori://task/" + strconv.FormatInt(task, 10) + "/log" }

// wholeLog is a task's output as far as a resource carries it: the end of both
// streams of the last attempt.
func (s *Server) wholeLog(ctx context.Context, task int64) (string, error) {
	const most = 400_000
	out, errs := &ending{most: most / 2}, &ending{most: most / 2}
	err := s.link.ask(ctx, func(d Daemon) error {
		*out, *errs = ending{most: most / 2}, ending{most: most / 2}
		return d.Logs(ctx, control.TaskLogs{Task: task}, sort(out, errs))
	})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, part := range []struct {
		name string
		of   *ending
	}{{"stdout", out}, {"stderr", errs}} {
		fmt.Fprintf(&b, "== %s ==\n", part.name)
		if part.of.lost > 0 {
			fmt.Fprintln(&b, s.o.Lang.Say("mcp.log.lost", "bytes", part.of.lost))
		}
		text := printed(part.of.raw)
		b.WriteString(text)
		if text != "" && !strings.HasSuffix(text, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String(), nil
}
