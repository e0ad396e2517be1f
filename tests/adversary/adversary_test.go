// Package adversary plays what an agent with a shell can try under the same user
// to get a step passed, a write called verified, or an approval given: for real,
// against the built binary, a real repository, real jobs, and MCP over stdio
// where the way goes through a tool.
//
// Each move is a row of the table in docs/adversary.md. A row says how it ends:
// it is refused, or it is detected, or it is open, which is to say that nothing
// that runs under the same account can prevent it; what shows it then is played
// too. A row passes only when what it names as evidence was really seen, and the
// step that it aims at has not passed.
package adversary

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"uratori/tests/house"
)

var program string

// atOnce is how many moves are played at a time: they mostly wait for processes
// and for the disk.
const atOnce = "6"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(house.Main(m, &program))
}

// end is how a move ends.
type end string

const (
	refused  end = "refused"  // it got nothing
	detected end = "detected" // it changed something, and that is told
	open     end = "open"     // nothing under the same account prevents it
)

// move is one thing that an agent tries.
type move struct {
	name  string   // the words of the test
	does  string   // what the agent does
	ends  end      //
	by    string   // what refuses or shows it
	shows []string // what has to be seen of that: codes of faults, kinds of entries, words that were said
	from  string   // the step that is in hand when it begins, "" for a ticket whose work was not started
	aims  string   // the step that must not pass, where that is not from
	alone bool     // in a home of its own
	phone bool     // with somebody's phone; alone
	play  func(p *play)
}

// group is a chapter of the table.
type group struct {
	title string
	moves []move
}

func groups() []group {
	return []group{
		{"Doors", doors()},
		{"The workflow and the settings", definitions()},
		{"Evidence that is none", evidence()},
		{"Pictures", pictures()},
		{"Tests", tests()},
		{"Processes and jobs", jobs()},
		{"The tracker", tracker()},
		{"Approvals", approvals()},
		{"The store", stores()},
		{"The daemon", daemons()},
		{"Words", words()},
	}
}

// outcomes are how the moves have ended, for the table.
type outcomes struct {
	mu   sync.Mutex
	took map[string]time.Duration
	lost []string // that did not end as they should
}

func (o *outcomes) note(name string, took time.Duration, failed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.took[name] = took
	if failed {
		o.lost = append(o.lost, name)
	}
}

func TestAdversary_EachMove_EndsAsTheTableSays(t *testing.T) {
	o := &outcomes{took: map[string]time.Duration{}}
	shared := newOffice(t, false)
	began := time.Now()
	// A test of its own, so that this one goes on when all moves are over.
	t.Run("move", func(t *testing.T) {
		for _, g := range groups() {
			for _, m := range g.moves {
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					began := time.Now()
					t.Cleanup(func() { o.note(m.name, time.Since(began), t.Failed()) })
					of := shared
					if m.alone || m.phone {
						of = newOffice(t, m.phone)
					}
					enter(t, of, m)
				})
			}
		}
	})
	t.Log("\n" + report(o, time.Since(began)))
}

// report is the table with its figures, for people who run it.
func report(o *outcomes, took time.Duration) string {
	var b strings.Builder
	count := map[end]int{}
	for _, g := range groups() {
		fmt.Fprintf(&b, "%s\n", g.title)
		for _, m := range g.moves {
			spent, played := o.took[m.name]
			if !played {
				continue
			}
			ended := string(m.ends)
			if slices.Contains(o.lost, m.name) {
				ended = "NOT AS SAID"
			} else {
				count[m.ends]++
			}
			fmt.Fprintf(&b, "  %-11s %5.1f s  %s\n", ended, spent.Seconds(), m.name)
		}
	}
	fmt.Fprintf(&b, "%d moves in %.0f s: %d refused, %d detected, %d open, %d not as the table says\n",
		len(o.took), took.Seconds(), count[refused], count[detected], count[open], len(o.lost))
	return b.String()
}
