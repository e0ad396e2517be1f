package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// taskWatcher shows tasks again and again: redrawn on a terminal, a line for
// each change elsewhere.
type taskWatcher struct {
	*app
	subject subject

	drawn int              // lines that stand on the terminal
	told  map[int64]string // what was told last of each task; nil before the first
	lost  string           // why nothing can be seen, as it was told
}

// frame is how often a watch looks unless it is told.
const frame = time.Second

// watchTasks goes on until q, Ctrl-C or the end of the one task that is
// watched. The daemon is started once; when somebody stops it, it stays
// stopped, and is met again when it is back.
func (a *app) watchTasks(ctx context.Context, s subject, frame time.Duration) error {
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	w := taskWatcher{app: a, subject: s}
	keys, leave := w.sit()
	defer leave()
	for {
		over, err := w.look(ctx, c)
		if err != nil {
			return err
		}
		if over || a.out.failed != nil || !keys.pause(ctx, frame) {
			return nil
		}
	}
}

func (w *taskWatcher) redraws() bool { return w.screen() > 0 && !w.json }

// sit takes the keyboard and hides the cursor, where out is drawn over, until
// leave.
func (w *taskWatcher) sit() (keys *keyboard, leave func()) {
	if !w.redraws() {
		return nil, func() {}
	}
	keys = openKeyboard(w.in)
	fmt.Fprint(w.out, "\x1b[?25l")
	return keys, func() {
		fmt.Fprint(w.out, "\x1b[?25h")
		keys.close()
	}
}

// look shows how things are now. An error is one that no later look can mend.
func (w *taskWatcher) look(ctx context.Context, c *control.Client) (over bool, err error) {
	limited, cancel := context.WithTimeout(ctx, answerLimit)
	v, err := w.see(limited, c, w.subject)
	cancel()
	switch {
	case ctx.Err() != nil:
		return true, nil
	case err != nil && (w.told == nil || senseless(err)):
		return true, err
	case err != nil:
		w.lose(err)
		return false, nil
	}
	if w.lost = ""; w.redraws() {
		w.told = map[int64]string{}
		w.draw(w.picture(v))
	} else {
		w.changed(v)
	}
	return w.subject.task != 0 && final(v.tasks[0].State), nil
}

// lose tells, once, that nothing can be seen.
func (w *taskWatcher) lose(err error) {
	text := fault.Explain(err, w.lang)
	switch {
	case text == w.lost:
	case w.redraws():
		w.draw([]string{w.lang.Say("cli.status.lost", "time", clock(time.Now()), "reason", inline(text))})
	case w.json:
		w.print(control.ErrorBody{Error: control.Encode(err)})
	default:
		w.aside("cli.status.lost", "time", clock(time.Now()), "reason", text)
	}
	w.lost = text
}

// changed tells those tasks that are not as they were.
func (w *taskWatcher) changed(v view) {
	first := w.told == nil
	if first {
		w.told = map[int64]string{}
	}
	var news []control.Task
	for _, t := range v.tasks {
		if e := essenceOf(t); w.told[t.Task] != e {
			w.told[t.Task] = e
			news = append(news, t)
		}
	}
	switch {
	case w.json && (first || len(news) > 0):
		w.printView(w.subject, v)
	case w.json:
	case first && len(news) == 0:
		w.say("cli.status.none")
	default:
		now := clock(time.Now()) + "  "
		for _, line := range w.taskLines(news, 0) {
			fmt.Fprintln(w.out, now+line)
		}
	}
}

// essenceOf is what matters of a task: not how long it may take, nor that it
// lives.
func essenceOf(t control.Task) string {
	t.LastActivity = nil
	if t.Progress != nil {
		p := *t.Progress
		p.EtaS = nil
		if part, known := partDone(p); known {
			whole := float64(int(part * 100))
			p.Percent = &whole
		}
		t.Progress = &p
	}
	raw, err := json.Marshal(t, json.Deterministic(true))
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// picture is what stands on the terminal.
func (w *taskWatcher) picture(v view) []string {
	lines := []string{clock(time.Now())}
	if w.subject.task == 0 {
		lines[0] += "  " + w.queueWords(v.queue)
	}
	lines = append(lines, w.taskLines(v.tasks, max(1, w.screen()-1))...)
	if len(v.tasks) == 0 {
		lines = append(lines, w.lang.Say("cli.status.none"))
	}
	return append(lines, inline(v.link), w.lang.Say("cli.status.quit"))
}

// draw puts lines where the last ones stand.
func (w *taskWatcher) draw(lines []string) {
	wide, high := w.screen(), w.height()
	if spare := high - 1; spare > 2 && len(lines) > spare {
		more := len(lines) - spare + 1
		lines = append(lines[:spare-1:spare-1], w.lang.Say("cli.status.below", "count", more))
	}
	var b strings.Builder
	if w.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", w.drawn)
	}
	b.WriteByte('\r')
	for _, line := range lines {
		b.WriteString(fit(line, max(1, wide-1)) + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	w.drawn = len(lines)
	fmt.Fprint(w.out, b.String())
}

// height is how many lines the terminal has that out is, 0 when it is none.
func (a *app) height() int {
	f, ok := a.out.Writer.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Row)
}

// keyboard is a terminal whose keys are read one by one. Nil is none.
type keyboard struct {
	fd     int
	before unix.Termios
}

// openKeyboard takes the terminal that in is, unless another program has it.
func openKeyboard(in any) *keyboard {
	f, ok := in.(*os.File)
	if !ok {
		return nil
	}
	k := keyboard{fd: int(f.Fd())}
	now, err := unix.IoctlGetTermios(k.fd, unix.TCGETS)
	if err != nil {
		return nil
	}
	// In the background a change of it would stop this program.
	if group, err := unix.IoctlGetInt(k.fd, unix.TIOCGPGRP); err != nil || group != unix.Getpgrp() {
		return nil
	}
	k.before = *now
	now.Lflag &^= unix.ICANON | unix.ECHO
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(k.fd, unix.TCSETS, now); err != nil {
		return nil
	}
	return &k
}

func (k *keyboard) close() {
	if k != nil {
		_ = unix.IoctlSetTermios(k.fd, unix.TCSETS, &k.before) // the terminal may be gone
	}
}

// pause is over after d, at once with q or the end of ctx; then it is false.
func (k *keyboard) pause(ctx context.Context, d time.Duration) bool {
	if k == nil {
		return wait(ctx, d, nil)
	}
	const slice = 50 * time.Millisecond // how late the end of ctx may be seen
	for over := time.Now().Add(d); ctx.Err() == nil; {
		left := min(slice, time.Until(over))
		if left <= 0 {
			return true
		}
		fds := []unix.PollFd{{Fd: int32(k.fd), Events: unix.POLLIN}} //nolint:gosec // a descriptor is no larger
		if n, err := unix.Poll(fds, int(left.Milliseconds())+1); err != nil || n == 0 {
			continue // a signal, or nothing yet
		}
		keys := make([]byte, 16)
		if n, err := unix.Read(k.fd, keys); err != nil || n == 0 || bytes.ContainsAny(keys[:n], "qQ") {
			return false
		}
	}
	return false
}
