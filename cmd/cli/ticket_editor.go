package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"uratori/internal/fault"
)

// draft is a text that a person wrote in an editor.
type draft struct {
	text string
	dir  string // holds the file alone; "" when there is none
	file string
}

// editorOf is the command line of the person's editor, or "".
func (a *app) editorOf() string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if e := strings.TrimSpace(a.getenv(name)); e != "" {
			return e
		}
	}
	return ""
}

// edit has a person change text in their editor. Editors end a file with a
// line feed: one is added before and one taken off after.
func (a *app) edit(ctx context.Context, name, text string) (d draft, err error) {
	if d.dir, err = os.MkdirTemp("", "uratori-"); err != nil {
		return d, fault.New(fault.Failed, "cli.editor.no_file").Wrap(err)
	}
	d.file = filepath.Join(d.dir, name)
	if text != "" {
		text += "\n"
	}
	if err := os.WriteFile(d.file, []byte(text), 0o600); err != nil {
		return d, fault.New(fault.Failed, "cli.editor.no_file").Wrap(errors.Join(err, d.remove()))
	}
	if err := a.runEditor(ctx, d.file); err != nil {
		return d, a.keep(d, fault.New(fault.Failed, "cli.editor.failed", "editor", inline(a.editorOf())).Wrap(err), text)
	}
	if d.text, err = a.textFile(ctx, d.file); err != nil {
		return d, a.keep(d, err, text)
	}
	d.text = strings.TrimSuffix(d.text, "\n")
	return d, nil
}

// editorGrace is how long an editor may take to save what it holds when this
// command is told to end.
const editorGrace = 5 * time.Second

// runEditor runs it on the terminal that stdin is, even where stdout leads
// elsewhere. The shell splits the words of $EDITOR, as git has it do.
func (a *app) runEditor(ctx context.Context, file string) error {
	terminal, ok := a.in.(*os.File)
	if !ok {
		return errors.ErrUnsupported
	}
	// Stdin may be open for reading only.
	if both, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", terminal.Fd()), os.O_RDWR|syscall.O_NOCTTY, 0); err == nil {
		defer both.Close() //nolint:errcheck // nothing of ours is in it
		terminal = both
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", a.editorOf()+` "$@"`, "editor", file)
	cmd.Env = a.environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = editorGrace
	return cmd.Run()
}

func (d draft) remove() error {
	if d.dir == "" {
		return nil
	}
	return os.RemoveAll(d.dir)
}

// keep leaves what a person has written where it is and says so: it was typed
// by hand and is nowhere else.
func (a *app) keep(d draft, err error, before string) error {
	if d.dir == "" {
		return err
	}
	if now, readErr := os.ReadFile(d.file); readErr != nil || string(now) == before {
		return errors.Join(err, d.remove())
	}
	fmt.Fprintln(a.err, visible(a.lang.Say("cli.editor.kept", "file", d.file)))
	return err
}
