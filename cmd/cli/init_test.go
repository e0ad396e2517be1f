package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/phrase"
)

// desk is where a person sits: a home, an environment and a terminal.
type desk struct {
	t    *testing.T
	home config.Home
	env  map[string]string
	lang phrase.Lang
	in   io.Reader
	seen func(address string) // called once with the address of a sign-in

	waits func(usual time.Duration) time.Duration // for an answer; nil for the usual time
}

func newDesk(t *testing.T) *desk {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	return &desk{t: t, home: config.Home(home), env: map[string]string{"URATORI_HOME": home, "HOME": dir, "PATH": os.Getenv("PATH")}, lang: phrase.English}
}

// ended is what a command did.
type ended struct {
	code     int
	out, err string
}

func (e ended) all() string { return e.out + e.err }

func (d *desk) run(args ...string) ended { return d.runIn(d.t.Context(), args...) }

func (d *desk) runIn(ctx context.Context, args ...string) ended {
	var out, errs watched
	out.seen, errs.seen = d.seen, d.seen
	a := &app{
		in: d.in, out: &output{Writer: &out}, err: &errs, lang: d.lang,
		getenv: func(name string) string { return d.env[name] }, build: control.Build{Version: "test"}, waits: d.waits,
	}
	if a.in == nil {
		a.in = strings.NewReader("yes\n") // of nobody: a pipe is no terminal
	}
	for name, value := range d.env {
		a.environ = append(a.environ, name+"="+value)
	}
	code := a.run(ctx, args)
	return ended{code, out.String(), errs.String()}
}

// watched is a buffer that sees the address of a sign-in pass by.
type watched struct {
	bytes.Buffer
	seen func(string)
}

var signInAddress = regexp.MustCompile(`(?m)^(http\S+/authorize\S+)$`)

func (w *watched) Write(p []byte) (int, error) {
	if m := signInAddress.FindSubmatch(p); m != nil && w.seen != nil {
		w.seen(string(m[1]))
	}
	return w.Buffer.Write(p)
}

const ownSettings = "# mine\n[tracker]\nprefix = \"T\" # keep\n\n# sheet = \"Old\"\n"

func (d *desk) settings(text string) {
	d.t.Helper()
	if err := d.home.Create(); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(d.home.Config(), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// file is a file of the home, "" when it is not there.
func (d *desk) file(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		d.t.Fatal(err)
	}
	return string(raw)
}

func (d *desk) tracker() config.Tracker {
	d.t.Helper()
	c, err := config.Load(d.home, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return c.Tracker
}

// must demands a status and words.
func (d *desk) must(e ended, code int, words ...string) {
	d.t.Helper()
	for _, w := range words {
		if !strings.Contains(e.all(), w) {
			d.t.Errorf("no %q in:\n%s", w, e.all())
		}
	}
	if e.code != code || strings.Contains(e.all(), "\x1b") || strings.Contains(e.all(), "!cli.") {
		d.t.Errorf("status %d, want %d:\n%s", e.code, code, e.all())
	}
}

// terminal is a real one; a person types answer.
func terminal(t *testing.T, answer string) *os.File {
	t.Helper()
	keys, screen := openTerminal(t)
	if _, err := keys.WriteString(answer); err != nil {
		t.Fatal(err)
	}
	return screen
}

// openTerminal is a person's side of a terminal, and a program's.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slave.Close() })
	return master, slave
}

func TestInitSpreadsheet_AsksOnTheTerminal_AndOnlyAYesWrites(t *testing.T) {
	const endOfFile = "\x04"
	for answer, yes := range map[string]bool{
		"y\n": true, "YES \n": true, "はい\n": true, "n\n": false, "\n": false, "yes please\n": false, "いいえ\n": false, endOfFile: false, "y" + endOfFile + endOfFile: true,
	} {
		d := newDesk(t)
		d.at(newBook(t, "ID", "概要", "詳細"))
		d.in = terminal(t, answer)
		before := d.file(d.home.Config())
		e := d.run("init", "--spreadsheet", "local")
		if yes {
			d.must(e, 0, "Write this to "+d.home.Config()+"? [y/N]", "verified")
		} else {
			d.must(e, 1, "[y/N]", "nothing was written")
		}
		if changed := d.file(d.home.Config()) != before; changed != yes {
			t.Errorf("%q: %v", answer, changed)
		}
	}
}

func TestInitSpreadsheet_NobodyToAsk_IsAMistakeAndNothingIsEvenLookedAt(t *testing.T) {
	pipe, other, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()  //nolint:errcheck // of the test
	defer other.Close() //nolint:errcheck // of the test
	for _, in := range []io.Reader{nil, pipe} {
		d := newDesk(t)
		d.in = in
		d.must(d.run("init", "--spreadsheet", "local"), 2, "--yes", "nothing was written")
		d.must(d.run("init", "--spreadsheet", "local", "--json"), 2, "cli.init.json_wants_yes")
		if _, err := os.Stat(string(d.home)); err == nil {
			t.Error("a home was made")
		}
	}
}

func TestInitSpreadsheet_CtrlCAtTheQuestion_WritesNothing(t *testing.T) {
	d := newDesk(t)
	d.at(newBook(t, "ID", "概要", "詳細"))
	d.in = terminal(t, "")
	before := d.file(d.home.Config())
	ctx, cancel := context.WithCancel(t.Context())
	asked := &trigger{word: "[y/N]", then: cancel}
	a := &app{in: d.in, out: &output{Writer: asked}, err: io.Discard, lang: phrase.English, getenv: func(name string) string { return d.env[name] }}
	for name, value := range d.env {
		a.environ = append(a.environ, name+"="+value)
	}
	if code := a.run(ctx, []string{"init", "--spreadsheet", "local"}); code != 1 || d.file(d.home.Config()) != before {
		t.Errorf("%d", code)
	}
}

// trigger does something once a word was written.
type trigger struct {
	word string
	then func()
}

func (w *trigger) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.word) {
		w.then()
	}
	return len(p), nil
}

func TestInit_FlagsThatSayNothingTogether(t *testing.T) {
	for line, want := range map[string]string{
		"--google --spreadsheet local":                     "two steps",
		"--yes":                                            "--yes has no meaning without --spreadsheet",
		"--sheet x":                                        "--sheet has no meaning",
		"--column id=x":                                    "--column has no meaning",
		"--credentials x":                                  "--credentials has no meaning",
		"--timeout 1s":                                     "--timeout has no meaning",
		"--google --yes":                                   "--yes has no meaning",
		"--google --timeout 0s":                            "--timeout 0s",
		"--google --timeout -1s":                           "--timeout -1s",
		"--google --timeout soon":                          "duration",
		"--spreadsheet local --yes --timeout 1s":           "--timeout has no meaning",
		"--spreadsheet local --yes --column id":            "NAME=HEADER; the names are id, summary, detail, status, approval",
		"--spreadsheet local --yes --column phase=x":       "--column phase=x",
		"--spreadsheet local --yes --column id=":           "tracker.columns.id",
		"--spreadsheet local --yes --column summary=ID":    "the same column ID",
		"--spreadsheet local --yes --credentials /dev/zzz": "/dev/zzz is not there",
	} {
		d := newDesk(t)
		d.env["URATORI_TRACKER_ENDPOINT"] = "https://127.0.0.1.invalid/"
		e := d.run(append([]string{"init"}, strings.Fields(line)...)...)
		d.must(e, 2, want)
		if d.file(d.home.Config()) != "" {
			t.Errorf("%s: written", line)
		}
	}
}
