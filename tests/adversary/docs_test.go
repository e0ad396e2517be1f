package adversary

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const page = "../../docs/adversary.md"

// TestTable_IsThatOfTheDocumentation holds the page to the moves that are
// played. UPDATE_DOCS=1 writes it.
func TestTable_IsThatOfTheDocumentation(t *testing.T) {
	t.Parallel()
	want := table()
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("docs/adversary.md is not what is played (%v): UPDATE_DOCS=1 go test -run Table ./tests/adversary", err)
	}
}

const head = `# What an agent with a shell can try

Every row is played by ` + "`make adversary`" + ` (and by ` + "`make test`" + `): against the built program, in a real repository, with real jobs and processes, and
over MCP where the way goes through a tool. The agent has a shell under the same user and has read the source. A row passes when
what it names as evidence was really seen, and the step that it aims at has not passed.

* **refused**: it got nothing.
* **detected**: it changed something, and that is told.
* **open**: nothing that runs under the same account prevents it. What shows it is played; what closes it stands in the
  [threat model](threat-model.md).

%d moves: %d refused, %d detected, %d open. This page is written by the test; the moves are in ` + "`tests/adversary`" + `.
`

const foot = `
## What is not played

* **The clock set back or forth**: needs root, or a library that is loaded before the daemon (the same as another binary). Where times decide something, change times and
  snapshots of the start do; a clock that jumps makes lock-outs longer, not shorter.
* **Reading the passphrase** from the memory of the daemon or from a terminal, **another binary** in its place, **aliases** in a shell's rc file: see the threat model. They
  succeed, and playing them would show nothing about this program.
* **A Google sheet as a channel of approvals**: what Google lets an account do is up to Google.
* **Hooks of other clients**, and whether a model follows orders that it reads: only that texts come marked as data.
`

func table() string {
	var b strings.Builder
	count, all := map[end]int{}, 0
	for _, g := range groups() {
		fmt.Fprintf(&b, "\n## %s\n\n| the agent | ends | by what |\n|---|---|---|\n", g.title)
		for _, m := range g.moves {
			all++
			count[m.ends]++
			ends := string(m.ends)
			if m.ends != refused {
				ends = "**" + ends + "**"
			}
			by := m.by
			if keys := m.keys(); keys != "" {
				by += " (" + keys + ")"
			}
			fmt.Fprintf(&b, "| **%s**: %s | %s | %s |\n", m.name, escaped(m.does), ends, escaped(by))
		}
	}
	return fmt.Sprintf(head, all, count[refused], count[detected], count[open]) + b.String() + foot
}

// keys are the codes and kinds that have to be seen.
func (m move) keys() string {
	var keys []string
	for _, key := range m.shows {
		if before, after, ok := strings.Cut(key, "."); ok && before != "" && after != "" && !strings.ContainsAny(key, ` "/`) && !strings.Contains(m.by, key) {
			keys = append(keys, "`"+key+"`")
		}
	}
	return strings.Join(keys, ", ")
}

func escaped(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
