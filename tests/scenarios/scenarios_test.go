package scenarios

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// scenario is one thing that goes wrong, or looks as if.
type scenario struct {
	room    string   // which part of the table it stands in
	name    string   // what goes wrong
	then    string   // what is done about it
	env     []string // settings of its own
	cards   bool     // with a GPU
	planted bool     // with the binary that has faults of ours
	// told are the messages in their order: a priority, and a piece of the text.
	told []string
	// repeats are messages that reach the phone twice, marked as such.
	repeats int
	// open are the incidents that last.
	open []string
	play func(s *stage)
}

// row is what came of a scenario.
type row struct {
	scenario
	after time.Duration // from when it went wrong to the first message
}

func TestScenarios(t *testing.T) {
	var mu sync.Mutex
	rows := map[string]row{}
	all := slices.Concat(dying(), hanging(), greedy(), cards(), machines(), telling(), keepers())
	names := map[string]bool{}
	for _, c := range all {
		if names[c.name] {
			t.Fatalf("%q stands there twice", c.name)
		}
		names[c.name] = true
	}
	t.Run("all", func(t *testing.T) {
		for _, c := range all {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				r := played(t, c)
				mu.Lock()
				defer mu.Unlock()
				rows[c.name] = r
			})
		}
	})
	if len(rows) != len(all) || t.Failed() {
		return // only some were asked for, or it would say what did not hold
	}
	if testing.Verbose() {
		fmt.Print(table(all, rows))
	}
	if *write {
		if err := writeTable(table(all, rows)); err != nil {
			t.Error(err)
		}
	}
}

// quiet is how long nothing more may be told, afterwards.
const quiet = time.Second

func played(t *testing.T, c scenario) row {
	s := newStage(t, c)
	c.play(s)
	want := len(c.told) + c.repeats
	s.told(want)
	<-time.After(quiet)
	got := s.phone.Messages()
	if len(got) != want {
		var titles []string
		for _, m := range got {
			titles = append(titles, m.Title)
		}
		t.Errorf("%d messages reached the phone, want %d: %q", len(got), want, titles)
	}
	list := s.messages()
	if len(list) < len(c.told) {
		t.Fatalf("%d messages are known", len(list))
	}
	for i, text := range c.told {
		priority, piece, _ := strings.Cut(text, " ")
		m := list[i]
		if m.Priority != priority || !strings.Contains(m.Title+"\n"+m.Body, piece) {
			t.Errorf("message %d is %s %q %q, want %q", i+1, m.Priority, m.Title, m.Body, text)
		}
	}
	s.resolved(c.open...)
	if v := s.Verify(); v.Verdict != "verified" {
		t.Errorf("the ledger: %+v", v)
	}
	r := row{scenario: c}
	if len(got) > 0 {
		r.after = got[0].At.Sub(s.began)
	}
	return r
}

const (
	document = "../../docs/reliability.md"
	opening  = "<!-- scenarios: written by `go test ./tests/scenarios -write` -->"
	closing  = "<!-- end of scenarios -->"
)

// writeTable puts what was measured between two marks of the document.
func writeTable(table string) error {
	raw, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	text := string(raw)
	from, to := strings.Index(text, opening), strings.Index(text, closing)
	if from < 0 || to < from {
		return fmt.Errorf("%s has no marks for the table", document)
	}
	return os.WriteFile(document, []byte(text[:from]+opening+"\n\n"+table+"\n"+text[to:]), 0o644) //nolint:gosec // a document
}

// table is what came of all scenarios.
func table(all []scenario, rows map[string]row) string {
	var b strings.Builder
	b.WriteString("| what goes wrong | told after | messages | what is done |\n|---|---|---|---|\n")
	room := ""
	for _, c := range all {
		if c.room != room {
			room = c.room
			fmt.Fprintf(&b, "| **%s** | | | |\n", room)
		}
		after, told := "–", "none"
		if len(c.told) > 0 {
			after = rows[c.name].after.Round(10 * time.Millisecond).String()
			var levels []string
			for _, one := range c.told {
				level, _, _ := strings.Cut(one, " ")
				levels = append(levels, level)
			}
			told = strings.Join(levels, ", ")
		}
		if c.repeats > 0 {
			told += fmt.Sprintf(" (%d more, marked as a repeat)", c.repeats)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.name, after, told, c.then)
	}
	return b.String()
}
