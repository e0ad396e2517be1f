package claude_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const transcript = "../../../docs/transcript.md"

const transcriptHead = `# A ticket, from its filing to the last approval

A real Claude Code with our server and hooks, as ` + "`uratori install claude`" + ` sets them up, takes a ticket through the thirteen steps. What
the model says is a script, which looks at every answer before it goes on and stops where an answer is another; all else is real: the
daemon, the sheet, the repository, the tests, the extraction, and a person who types a passphrase at a terminal.

` + "`tests/clients/claude`" + ` plays it with every ` + "`make test`" + ` and holds this page to what was told (` + "`UPDATE_DOCS=1`" + ` writes it). Answers are shortened;
times, hashes and folders are other ones each time and are replaced. ` + "`●`" + ` is the agent, ` + "`⎿`" + ` what it was answered, ` + "`○`" + ` a hook, ` + "`$`" + ` a person.
`

// page is a transcript as it is played. The model's server writes it, and so
// does the test between two sessions.
type page struct {
	mu   sync.Mutex
	text strings.Builder
	old  []string // replaced, each with what stands behind it
}

func newPage(replaced ...string) *page {
	p := &page{old: replaced}
	p.text.WriteString(transcriptHead)
	return p
}

// write adds a text as it is.
func (p *page) write(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.WriteString(text)
}

// line adds what was said by whoever may say anything.
func (p *page) line(text string) { p.write(p.normal(text) + "\n\n") }

// begin begins a block of one session or of one person's words.
func (p *page) begin(title, about string) {
	p.write("\n## " + title + "\n\n" + about + "\n\n```text\n")
}

func (p *page) end() { p.write("```\n") }

const longestLine = 190 // characters

// use is a use of a tool, its arguments shortened.
func (p *page) use(words, name, input string) {
	if words != "" {
		p.line("● " + words)
	}
	var arguments []string
	d := jsontext.NewDecoder(strings.NewReader(input))
	_, _ = d.ReadToken() // it was written by us
	for d.PeekKind() == '"' {
		key, _ := d.ReadToken()
		label := key.String()
		value, _ := d.ReadValue()
		arguments = append(arguments, label+": "+p.argument(value))
	}
	p.write("● " + strings.TrimPrefix(name, tool("")) + "(" + strings.Join(arguments, ", ") + ")\n")
}

// argument is one of a tool's.
func (p *page) argument(raw jsontext.Value) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return p.shortened(text)
}

// shortened is a text, or its beginning and how long it is.
func (p *page) shortened(text string) string {
	const longest = 120
	text = p.normal(text)
	if list := []rune(text); len(list) > longest {
		first, _, _ := strings.Cut(string(list[:longest]), "\n")
		return fmt.Sprintf("「%s …」 (%d lines, %d characters)", first, strings.Count(text, "\n")+1, len(list))
	}
	return strings.ReplaceAll(text, "\n", "⏎")
}

// answer is what of an answer a reader of the page wants to know.
func (p *page) answer(h heard) {
	var lines []string
	switch step := h.inHand(); {
	case !h.object:
		lines = strings.Split(h.text, "\n")
		if h.failed {
			lines[0] = "refused: " + lines[0]
		}
	case len(h.Steps) > 0:
		now := "no step is in hand"
		if step.ID != "" {
			now = fmt.Sprintf("in hand: %d/%d %s, %s", step.Number, len(h.Steps), step.ID, step.State)
		}
		if h.Verdict != "" {
			now = string(h.Verdict) + " · " + now
		}
		lines = append([]string{now}, step.Missing...)
	case h.Ended:
		lines = []string{fmt.Sprintf("task %d has %s, %d of %d items", h.Task, h.State, h.Progress.Done, h.Progress.Total)}
	case h.Task != 0: // it may run by now, or not yet
		lines = []string{fmt.Sprintf("task %d", h.Task)}
	case len(h.Counts) > 0:
		lines = []string{fmt.Sprintf("%s · %d verified, %d refuted, %d unverifiable", h.Verdict, h.Counts["verified"], h.Counts["refuted"], h.Counts["unverifiable"])}
	default:
		lines = []string{string(h.Verdict)}
		for _, f := range h.Fields {
			told := string(f.Verdict)
			if told == "" {
				told = p.shortened(f.Text)
			}
			if told != "" {
				lines[0] += " · " + f.Column + ": " + told
			}
		}
		lines[0] = strings.TrimPrefix(lines[0], " · ")
	}
	p.shown("  ⎿ ", lines, 6, 0)
}

// shown adds lines, but for those in the middle when there are too many.
func (p *page) shown(mark string, lines []string, first, last int) {
	var b strings.Builder
	for i, line := range lines {
		if left := len(lines) - first - last; left > 1 && i >= first && i < first+left {
			if i == first {
				fmt.Fprintf(&b, "    … %d more lines\n", left)
			}
			continue
		}
		line = strings.TrimRight(p.normal(line), " \t\r")
		if list := []rune(line); len(list) > longestLine {
			line = string(list[:longestLine]) + "…"
		}
		b.WriteString(strings.TrimRight(mark+line, " ") + "\n")
		mark = "    "
	}
	p.write(b.String() + "\n")
}

// hook is what the hook of a session's start has told.
func (p *page) hook(told content) {
	_, text, found := strings.Cut(told.text(), "SessionStart hook additional context: ")
	if !found {
		return
	}
	text, _, _ = strings.Cut(text, "</system-reminder>")
	p.shown("○ SessionStart: ", strings.Split(strings.TrimSpace(text), "\n"), 12, 0)
}

// screen is what a person has seen at a terminal.
func (p *page) screen(command, text string) {
	p.shown("$ ", append([]string{command}, strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r", "")), "\n")...), 34, 12)
}

var moments = []struct {
	is   *regexp.Regexp
	told string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?( ?(Z|UTC|[+-]\d\d:?\d\d))?`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d`), "DATE"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`), "TIME"},
	{regexp.MustCompile(`\b[0-9a-f]{40,64}\b`), "HASH"},
	{regexp.MustCompile(`\b[0-9a-f]*([0-9][a-f]|[a-f][0-9])[0-9a-f]*\b`), "HASH"},
	{regexp.MustCompile(`ledger entry \d+`), "ledger entry N"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:8088"},
}

// normal is a text without what is another at each run.
func (p *page) normal(text string) string {
	text = strings.NewReplacer(p.old...).Replace(text)
	for _, m := range moments {
		text = m.is.ReplaceAllString(text, m.told)
	}
	return text
}

// holds compares the page with that of the documentation; UPDATE_DOCS=1 writes
// that one.
func (p *page) holds(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	text := strings.ReplaceAll(p.text.String(), "\n\n```\n", "\n```\n")
	if strings.Contains(text, words) {
		t.Fatal("the passphrase was shown")
	}
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(transcript, []byte(text), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(transcript)
	if err != nil {
		t.Fatal(err)
	}
	was, is := strings.Split(string(kept), "\n"), strings.Split(text, "\n")
	for i := range max(len(was), len(is)) {
		var a, b string
		if i < len(was) {
			a = was[i]
		}
		if i < len(is) {
			b = is[i]
		}
		if a != b {
			t.Fatalf("docs/transcript.md is not what was played; UPDATE_DOCS=1 go test -run Session ./tests/clients/claude writes it. Line %d\nis   %s\nwant %s", i+1, a, b)
		}
	}
}
