package docs

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"uratori/tests/house"
)

// pages are those whose commands are run, each from its first to its last in a
// home and a project of its own.
func pages() []string {
	return []string{"README.md", "README.ja.md", "docs/guide.md", "docs/guide.ja.md"}
}

// passphrase is what the person of the pages types where one is asked for.
const passphrase = "a person alone knows this"

// act is one command of a page with what the page shows of its output, or an
// edit of the sheet by hand.
type act struct {
	line    int // of the page, from 1
	command string
	output  []string
	person  []string // cell and text
}

var handPattern = regexp.MustCompile(`^<!-- by hand: ([A-Z]+[0-9]+) = (.*) -->$`)

// acts reads a page. A block of the language "console" has commands that are
// run, each after "$ ", its further lines after "> ", then all of its output: a
// line "…" stands for any lines, and … in a line for anything. Every other
// block that shows commands, of the language "sh", says in its first line why
// it is not run.
func acts(page, text string) (list []act, wrong []string) {
	block := ""
	for i, line := range strings.Split(text, "\n") {
		switch fence, ok := strings.CutPrefix(line, "```"); {
		case ok && block != "":
			block = ""
		case ok:
			if block = fence; block == "" {
				block = "text"
			}
			if block == "sh" {
				block = "first"
			}
		case block == "first":
			if !strings.HasPrefix(line, "# not run here: ") && !strings.HasPrefix(line, "# ここでは実行しません:") {
				wrong = append(wrong, fmt.Sprintf("%s:%d: commands that are not run, and no reason", page, i+1))
			}
			block = "sh"
		case block == "":
			if m := handPattern.FindStringSubmatch(line); m != nil {
				list = append(list, act{line: i + 1, person: m[1:]})
			}
		case block == "console":
			command, starts := strings.CutPrefix(line, "$ ")
			more, goes := strings.CutPrefix(line, "> ")
			switch {
			case starts:
				list = append(list, act{line: i + 1, command: command})
			case len(list) == 0:
				wrong = append(wrong, fmt.Sprintf("%s:%d: output of no command", page, i+1))
			case goes && len(list[len(list)-1].output) == 0:
				list[len(list)-1].command += "\n" + more
			default:
				list[len(list)-1].output = append(list[len(list)-1].output, line)
			}
		}
	}
	return list, wrong
}

func TestPages_EveryCommandShown_DoesWhatIsShown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := house.BuildPackage(filepath.Join(filepath.Dir(program), "factcheck"), "./cmd/factcheck", "1.0.0-test"); err != nil {
		t.Fatal(err)
	}
	var files []string
	seen := map[string][]act{}
	for _, page := range pages() {
		list, wrong := acts(page, read(t, page))
		for _, w := range wrong {
			t.Error(w)
		}
		if len(list) == 0 {
			t.Errorf("%s shows no command that is run", page)
		}
		name := strings.ReplaceAll(filepath.Base(page), ".", "_")
		var script strings.Builder
		for i, a := range list {
			fmt.Fprintf(&script, "# %s:%d\nact %s %d\n", page, a.line, page, i)
		}
		files = append(files, filepath.Join(dir, name+".txtar"))
		if err := os.WriteFile(files[len(files)-1], []byte(script.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		seen[page] = list
	}
	w := &writer{seen: seen}
	t.Run("pages", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Files: files,
			Setup: func(env *testscript.Env) error { return settle(t, env) },
			Cmds:  map[string]func(*testscript.TestScript, bool, []string){"act": w.act},
		})
	})
	if os.Getenv("UPDATE_DOCS") != "" {
		w.write(t)
	}
}

type environment struct{}

// settle is a user's machine: a home that is empty, the programs on PATH, and
// the examples of this repository in a project.
func settle(t *testing.T, env *testscript.Env) error {
	own := filepath.Join(env.WorkDir, "you")
	env.Cd = filepath.Join(own, "project")
	env.Setenv("HOME", own)
	env.Setenv("URATORI_HOME", filepath.Join(own, ".local", "share", "uratori"))
	env.Setenv("URATORI_SERVER_LISTEN", "127.0.0.1:0")
	env.Setenv("URATORI_MONITOR_INTERVAL", "200ms") // what a look costs a reader of this page is waiting
	env.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	env.Setenv("LC_ALL", "C.UTF-8")
	env.Setenv("URATORI_LANG", "en")
	if strings.Contains(filepath.Base(env.WorkDir), "_ja_") {
		env.Setenv("URATORI_LANG", "ja")
	}
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		env.Setenv("GIT_"+who+"_NAME", "You")
		env.Setenv("GIT_"+who+"_EMAIL", "you@example.org")
	}
	env.Values[environment{}] = env
	env.Defer(func() {
		cmd := exec.Command(program, "down") //nolint:noctx // it has its own limit
		cmd.Env = env.Vars
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return os.CopyFS(filepath.Join(env.Cd, "extract"), os.DirFS(filepath.Join(repository, "examples", "extract")))
}

// writer keeps what was printed, for UPDATE_DOCS.
type writer struct {
	seen map[string][]act
	mu   sync.Mutex
	said map[string]map[int]string // page → act → output
}

// act PAGE N does one act of a page and compares.
func (w *writer) act(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	a := w.seen[args[0]][n]
	env, _ := ts.Value(environment{}).(*testscript.Env)
	if a.person != nil {
		ts.Check(byHand(env, a.person[0], a.person[1]))
		return
	}
	out, err := do(env, a.command)
	got := steady(strings.ReplaceAll(out, env.Getenv("HOME"), "/home/you"))
	if err != nil {
		ts.Fatalf("%s:%d: %s: %v\n%s", args[0], a.line, a.command, err, got)
	}
	if len(a.output) == 0 && os.Getenv("UPDATE_DOCS") != "" {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.said == nil {
			w.said = map[string]map[int]string{}
		}
		if w.said[args[0]] == nil {
			w.said[args[0]] = map[int]string{}
		}
		w.said[args[0]][a.line+strings.Count(a.command, "\n")] = got
		return
	}
	if !fits(a.output, got) {
		ts.Fatalf("%s:%d: %s\nshown:\n%s\nprinted:\n%s", args[0], a.line, a.command, strings.Join(a.output, "\n"), got)
	}
}

// write puts what was printed under the commands of which nothing is shown.
func (w *writer) write(t *testing.T) {
	t.Helper()
	for page, said := range w.said {
		var b strings.Builder
		for i, line := range strings.Split(strings.TrimSuffix(read(t, page), "\n"), "\n") {
			b.WriteString(line + "\n" + said[i+1])
		}
		if err := os.WriteFile(filepath.Join(repository, page), []byte(b.String()), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
	}
}

// do runs a command as a person at a shell would. It returns all that was
// printed.
func do(env *testscript.Env, command string) (string, error) {
	cmd := exec.Command("bash", "-c", command) //nolint:noctx // go test has its own limit
	cmd.Dir, cmd.Env = env.Cd, env.Vars
	if words := strings.Fields(command); len(words) > 1 && words[1] == "approve" {
		ja := env.Getenv("URATORI_LANG") == "ja"
		var questions []string
		switch first := strings.Contains(command, "--set-passphrase"); {
		case first && ja:
			questions = []string{"新しいパスフレーズ:", "もう一度:"}
		case first:
			questions = []string{"New passphrase:", "once more:"}
		case ja:
			questions = []string{"を承認するパスフレーズ"}
		default:
			questions = []string{"Passphrase to APPROVE"}
		}
		screen, err := house.AtTerminal(cmd, passphrase, questions...)
		return strings.ReplaceAll(screen, "\r\n", "\n"), err
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// byHand writes into a cell of the embedded sheet with no client of ours.
func byHand(env *testscript.Env, at, text string) error {
	serve := exec.Command(program, "sheet", "serve", "--listen", "127.0.0.1:0", "--json") //nolint:noctx // killed below
	serve.Env = env.Vars
	out, err := serve.StdoutPipe()
	if err != nil {
		return err
	}
	if err := serve.Start(); err != nil {
		return err
	}
	defer func() {
		_ = serve.Process.Kill()
		_ = serve.Wait() // killed
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(line)
	body := `{"values":[[` + strconv.Quote(text) + `]]}`
	request, err := http.NewRequest(http.MethodPut, base+"v4/spreadsheets/local/values/"+url.PathEscape("Tracker!"+at)+"?valueInputOption=RAW", strings.NewReader(body)) //nolint:noctx // to this machine
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // only read from
	if said, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %w", answer.Status, said, err)
	}
	return nil
}

// steadied is what differs from run to run, and what stands for it.
var steadied = []struct {
	is *regexp.Regexp
	as string
}{
	{regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`), ""},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "2026-11-27 10:12:03"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`), "10:12:03"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:8088"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), strings.Repeat("c0ffee", 11)[:64]},
	{regexp.MustCompile(`\b[0-9a-f]{12,40}\b`), "c0ffee12c0ff"},
	{regexp.MustCompile(`\bpid:? \d+`), "pid 4242"},
	{regexp.MustCompile(`(プロセス |process )\d+`), "${1}4242"},
	{regexp.MustCompile(`\b\d+(\.\d+)? ?(ms|s)\b`), "1 s"},
	{regexp.MustCompile(`\b(\d+分)?\d+(\.\d+)? ?(秒|ミリ秒)`), "1 s"}, // to which \b is no letter
	{regexp.MustCompile(`\b\d+(\.\d+)? ?[KMG]i?B\b`), "12 MiB"},
}

func steady(s string) string {
	for _, p := range steadied {
		s = p.is.ReplaceAllString(s, p.as)
	}
	return s
}

// fits tells whether what is shown is what was printed.
func fits(shown []string, printed string) bool {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for _, line := range shown {
		if line = strings.TrimRight(line, " "); line == "…" {
			b.WriteString(`(?:[^\n]*\n)*?`)
			continue
		}
		var parts []string
		for part := range strings.SplitSeq(steady(line), "…") {
			parts = append(parts, regexp.QuoteMeta(part))
		}
		b.WriteString(strings.Join(parts, `[^\n]*`) + ` *\n`)
	}
	if printed != "" && !strings.HasSuffix(printed, "\n") {
		printed += "\n"
	}
	return regexp.MustCompile(b.String() + `\z`).MatchString(printed)
}

func TestFits_OnlyWhatIsLeftOutMayDiffer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shown, printed string
		fits           bool
	}{
		{"", "", true},
		{"", "a\n", false},
		{"a", "a\n", true},
		{"a", "a\nb\n", false},
		{"a\n…", "a\nb\nc\n", true},
		{"…\nc", "a\nb\nc\n", true},
		{"…\nc", "a\nb\nd\n", false},
		{"a … c", "a b c\n", true},
		{"a … c", "a b\nc\n", false},
		{"所要 12秒、終了", "所要 1.4秒、終了\n", true},
		{"seen 2020-01-01 00:00:00", "seen 2026-11-27 10:12:03\n", true},
		{"✔ verified", "✘ refuted\n", false},
		{"a.c", "abc\n", false},
	} {
		var shown []string
		if c.shown != "" {
			shown = strings.Split(c.shown, "\n")
		}
		if got := fits(shown, steady(c.printed)); got != c.fits {
			t.Errorf("%q shown, %q printed: %v", c.shown, c.printed, got)
		}
	}
}
