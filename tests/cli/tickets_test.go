package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"

	"uratori/tests/house"
)

// buildFactcheck makes the second program, beside the first.
func buildFactcheck(t *testing.T) {
	t.Helper()
	if err := house.BuildPackage(filepath.Join(filepath.Dir(program), "factcheck"), "./cmd/factcheck", "1.0.0-test"); err != nil {
		t.Fatal(err)
	}
}

// serve NAME starts `uratori sheet serve` on a port of its own and puts its
// address into the variable NAME. It ends with the script.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(program, "sheet", "serve", "--listen", "127.0.0.1:0", "--json") //nolint:noctx // it is ended below
	for _, name := range []string{"PATH", "HOME", "URATORI_HOME", "URATORI_SERVER_LISTEN"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have failed already
		_ = cmd.Wait()
	})
	var at struct{ URL, Spreadsheet string }
	if err := json.NewDecoder(out).Decode(&at); err != nil || at.Spreadsheet != "local" {
		ts.Fatalf("sheet serve says %+v, %v", at, err)
	}
	ts.Setenv(args[0], at.URL)
}

// person URL put CELL TEXT, person URL append TEXT…, and person URL delete ROW
// are what a person does to the tab Tracker with a client that is not ours.
// @FILE stands for the content of a file.
func person(ts *testscript.TestScript, _ bool, args []string) {
	base, what, rest := args[0]+"v4/spreadsheets/local", args[1], args[2:]
	texts := func(args []string) (texts []string) {
		for _, arg := range args {
			texts = append(texts, text(ts, arg))
		}
		return texts
	}
	values := base + "/values/Tracker!"
	switch what {
	case "put":
		ask(ts, http.MethodPut, values+rest[0]+"?valueInputOption=RAW", map[string]any{"values": [][]string{texts(rest[1:])}})
	case "append":
		ask(ts, http.MethodPost, values+"A1:append?valueInputOption=RAW", map[string]any{"values": [][]string{texts(rest)}})
	case "delete":
		row, err := strconv.Atoi(rest[0])
		ts.Check(err)
		span := map[string]any{"sheetId": 0, "dimension": "ROWS", "startIndex": row - 1, "endIndex": row}
		ask(ts, http.MethodPost, base+":batchUpdate", map[string]any{"requests": []any{map[string]any{"deleteDimension": map[string]any{"range": span}}}})
	default:
		ts.Fatalf("a person does not %s", what)
	}
}

func ask(ts *testscript.TestScript, method, address string, body any) {
	raw, err := json.Marshal(body)
	ts.Check(err)
	at, err := url.Parse(address)
	ts.Check(err)
	req, err := http.NewRequest(method, at.String(), bytes.NewReader(raw)) //nolint:noctx // the client has a limit
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Timeout: 30 * time.Second}).Do(req)
	ts.Check(err)
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(res.Body.Close())
	if res.StatusCode != http.StatusOK {
		ts.Fatalf("%s %s: %s\n%s", method, address, res.Status, answer)
	}
}

// text is an argument, or the file that it names with @, to the byte.
func text(ts *testscript.TestScript, arg string) string {
	if file, ok := strings.CutPrefix(arg, "@"); ok {
		return ts.ReadFile(file)
	}
	return arg
}

// cell TICKET HEADER TEXT exports the tab Tracker and compares a cell of it,
// byte by byte. A ticket must be there exactly once; with !, not at all.
func cellIs(ts *testscript.TestScript, neg bool, args []string) {
	file := ts.MkAbs("exported-" + strconv.FormatInt(time.Now().UnixNano(), 36) + ".csv")
	ts.Check(ts.Exec("uratori", "sheet", "export", file))
	raw, err := os.ReadFile(file)
	ts.Check(err)
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	ts.Check(err)
	var found [][]string
	for _, row := range rows[1:] {
		if row[0] == args[0] {
			found = append(found, row)
		}
	}
	if neg {
		if len(found) != 0 {
			ts.Fatalf("%s is there: %q", args[0], found)
		}
		return
	}
	at := -1
	for i, header := range rows[0] {
		if header == args[1] {
			at = i
		}
	}
	if len(found) != 1 || at < 0 {
		ts.Fatalf("%s is there %d times, %s is column %d of %q", args[0], len(found), args[1], at, rows[0])
	}
	got := ""
	if at < len(found[0]) {
		got = found[0][at]
	}
	if want := text(ts, args[2]); got != want {
		ts.Fatalf("%s %s is %q, want %q", args[0], args[1], got, want)
	}
}

// members PATTERN… checks the members of every line of stdout, which must be
// JSON: an object is written {a b c}, in order, an array of objects [{a b}|{a}]
// with each kind once, and anything else is its name alone.
func members(ts *testscript.TestScript, _ bool, args []string) {
	want := strings.Join(args, " ")
	lines := 0
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		lines++
		d := json.NewDecoder(strings.NewReader(line))
		got, err := outline(d)
		ts.Check(err)
		if got != want {
			ts.Fatalf("%s\nis %s\nwant %s", line, got, want)
		}
	}
	if lines == 0 {
		ts.Fatalf("stdout is empty")
	}
}

// outline reads one value and tells its members.
func outline(d *json.Decoder) (string, error) {
	first, err := d.Token()
	if err != nil {
		return "", err
	}
	var parts []string
	switch first {
	case json.Delim('{'):
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return "", err
			}
			value, err := outline(d)
			if err != nil {
				return "", err
			}
			parts = append(parts, fmt.Sprint(name)+value)
		}
		_, err = d.Token()
		return "{" + strings.Join(parts, " ") + "}", err
	case json.Delim('['):
		for d.More() {
			value, err := outline(d)
			if err != nil {
				return "", err
			}
			if value != "" && !slices.Contains(parts, value) {
				parts = append(parts, value)
			}
		}
		if _, err := d.Token(); err != nil || len(parts) == 0 {
			return "", err
		}
		return "[" + strings.Join(parts, "|") + "]", nil
	}
	return "", nil
}

// harmless checks that the last command wrote nothing that moves a cursor.
func harmless(ts *testscript.TestScript, _ bool, _ []string) {
	for _, file := range []string{"stdout", "stderr"} {
		said := ts.ReadFile(file)
		for i, r := range said {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				ts.Fatalf("%s has %q at %d: %q", file, r, i, said)
			}
		}
	}
}

// sentence is English that nobody translated: three words in a row. Errors of
// the system, which stand behind a colon, are its own.
var (
	sentence = regexp.MustCompile(`\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b`)
	usage    = regexp.MustCompile(`(uratori|factcheck) [a-z]+ .*\[flags\]`)
	nameless = regexp.MustCompile(`![a-z_]+(\.[a-z_]+)+!|\{[a-z_]+\}`)
)

// translated checks that all the last command said is Japanese, and that no
// name of a sentence or of a place in one shows through.
func translated(ts *testscript.TestScript, _ bool, _ []string) {
	said := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	if strings.TrimSpace(said) == "" || !japanese.MatchString(said) {
		ts.Fatalf("no Japanese in %q", said)
	}
	for line := range strings.Lines(usage.ReplaceAllString(said, "")) {
		if sentence.MatchString(line) || nameless.MatchString(line) {
			ts.Fatalf("not translated: %s", line)
		}
	}
}
