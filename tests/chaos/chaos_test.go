package chaos

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"uratori/internal/control"
	"uratori/tests/house"
)

var program string // set once, by TestMain

func TestMain(m *testing.M) {
	status := house.Main(m, &program)
	if err := goleak.Find(); status == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// Weather is how rough a run is.
type Weather struct {
	Steps, Agents int
	// Odds are in a thousand: of a fault of a read and of a write, of a person's
	// act before and after a write, of a kill within a write.
	Reads, Writes, Before, After, Kill int
	Faults                             []Fault       // those that may happen
	Pace                               time.Duration // between a person's other acts, on average; 0: none
	Kills                              int           // steps between kills, on average; 0: none
}

// storm is everything at once, but for requests that are carried out after
// their connection was lost: what those cover when daemons die as well is not
// always told from a person's doing (see docs/reliability.md). CHAOS_LATE=1
// adds them.
func storm(steps int) Weather {
	faults := Faults()
	if os.Getenv("CHAOS_LATE") == "" {
		faults = slices.DeleteFunc(faults, func(f Fault) bool { return f == Late })
	}
	return Weather{
		Steps: steps, Agents: 5, Reads: 50, Writes: 150, Before: 80, After: 100, Kill: 15,
		Faults: faults, Pace: 40 * time.Millisecond, Kills: 60,
	}
}

// Run is one run of the whole.
type Run struct {
	sheet  *Sheet
	wire   *Wire
	human  *Human
	daemon *Daemon
	board  *Board
	over   atomic.Bool // the storm is
	errs   chan error
}

func start(t *testing.T, program string, w Weather, seed uint64) *Run {
	t.Helper()
	rows := make([][]string, 20)
	for i := range rows {
		rows[i] = []string{fmt.Sprintf("INTG-%03d", i+1), fmt.Sprintf("概要 %d", i+1), fmt.Sprintf("詳細 %d", i+1), filed, "", "", ""}
	}
	r := &Run{sheet: OpenSheet(t, rows...), board: &Board{}, errs: make(chan error, 1000)}
	r.human = NewHuman(r.sheet, "INTG", seed)
	random := rand.New(rand.NewPCG(seed, 4)) //nolint:gosec // weather, not secrets
	var mu sync.Mutex
	chance := func(odds int) bool {
		mu.Lock()
		defer mu.Unlock()
		return !r.over.Load() && random.IntN(1000) < odds
	}
	r.wire = &Wire{
		Sheet: r.sheet, Trouble: r.trouble,
		Pick: func(read bool) Fault {
			odds := w.Writes
			if read {
				odds = w.Reads
			}
			if len(w.Faults) == 0 || !chance(odds) {
				return None
			}
			mu.Lock()
			defer mu.Unlock()
			f := w.Faults[random.IntN(len(w.Faults))]
			if read && (f == Late || f == Forgotten) {
				return None
			}
			return f
		},
		Before: func(cells []Place) {
			if chance(w.Before) {
				r.trouble(r.human.Act(cells))
			}
			if chance(w.Kill) {
				r.trouble(r.kill())
			}
		},
		After: func(cells []Place) {
			if chance(w.After) {
				r.trouble(r.human.Act(cells))
			}
			if chance(w.Kill) {
				r.trouble(r.kill())
			}
		},
	}
	r.wire.Open(t, seed)
	r.daemon = NewDaemon(t, program, r.wire.URL())
	for i := range mostTickets {
		r.board.add(rows[i][0])
	}
	return r
}

func (r *Run) kill() error {
	err := r.daemon.Kill()
	r.sheet.Killed()
	return err
}

// trouble is for what fails in the test itself.
func (r *Run) trouble(err error) {
	if err == nil {
		return
	}
	select {
	case r.errs <- err:
	default: // the first thousand are enough
	}
}

// storm lets everybody work until the steps are done.
func (r *Run) storm(t *testing.T, w Weather, seed uint64) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var steps atomic.Int64
	var agents, others sync.WaitGroup
	for i := range w.Agents {
		a := NewAgent("agent"+strconv.Itoa(i+1), r.daemon, r.board, &r.sheet.Clock, seed+uint64(i)) //nolint:gosec // a handful
		agents.Go(func() {
			for steps.Add(1) <= int64(w.Steps) {
				bounded, cancel := context.WithTimeout(ctx, 2*time.Minute)
				err := a.Step(bounded)
				cancel()
				r.trouble(err)
			}
		})
	}
	often := func(every func() time.Duration, do func() error) {
		others.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-time.After(every()):
					r.trouble(do())
				}
			}
		})
	}
	if w.Pace > 0 {
		often(func() time.Duration { return rand.N(2 * w.Pace) }, func() error { return r.human.Act(nil) }) //nolint:gosec // moments
	}
	if w.Kills > 0 {
		next := int64(0)
		often(func() time.Duration { return time.Millisecond }, func() error {
			if steps.Load() < next {
				return nil
			}
			next = steps.Load() + 1 + rand.N(2*int64(w.Kills)) //nolint:gosec // moments
			return r.kill()
		})
	}
	agents.Wait()
	stop()
	others.Wait()
}

// calm waits, in good weather, until the daemon says that nothing is open, and
// asks once more for what is.
func (r *Run) calm(t *testing.T) {
	t.Helper()
	r.over.Store(true)
	r.trouble(r.human.Tidy())
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r.wire.Quiet()
	for pending := -1; pending != 0; {
		err := r.daemon.Do(ctx, func(c *control.Client) error {
			s, err := c.Status(ctx)
			pending = s.Tracker.Pending
			return err
		})
		if err != nil {
			t.Errorf("%d writes are still open: %v", pending, err)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	asker := NewAgent("asker", r.daemon, r.board, &r.sheet.Clock, 0)
	for _, op := range r.board.Ops() {
		if !op.settled() {
			r.trouble(asker.ask(ctx, op))
		}
	}
	// One more look, so that what a late write did is seen.
	err := r.daemon.Do(ctx, func(c *control.Client) error {
		_, err := c.Sync(ctx)
		return err
	})
	r.trouble(err)
	for pending := -1; pending != 0 && ctx.Err() == nil; {
		r.trouble(r.daemon.Do(ctx, func(c *control.Client) error {
			s, err := c.Status(ctx)
			pending = s.Tracker.Pending
			return err
		}))
	}
}

// judge holds all that happened against all that was said.
func (r *Run) judge(t *testing.T) (*Journal, Judgement) {
	t.Helper()
	j := r.sheet.Journal()
	read, err := r.sheet.ReadAs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := Judge(j, r.board.Ops(), read)
	for _, lie := range r.board.lies {
		told.Violations = append(told.Violations, Violation{Wrong: OtherAnswer, Entry: -1, What: lie})
	}
	if len(told.Violations) > 0 {
		r.keep(t, j)
	}
	close(r.errs)
	for err := range r.errs {
		t.Errorf("the test itself: %v", err)
	}
	return j, told
}

// report prints what happened.
func (r *Run) report(t *testing.T, j *Journal, told Judgement) {
	t.Helper()
	c := told.Counts
	t.Logf("%d writes: %d verified (%d cells edited since), %d refuted, %d conflicts (%d needless), %d turned down, %d on two rows",
		c.Writes, c.Verified, c.Edited, c.Refuted, c.Conflicts, c.Needless, c.TurnedDown, c.OnTwoRows)
	t.Logf("%d changes of the table, %d acts of the person, %d readings, %d kills", len(j.Entries), r.human.Acts(), len(j.Readings), r.daemon.Kills())
	t.Logf("misplaced %d cells, %d put back; %d rows made twice, %d taken out; raced %d (%d of them by a request sent again), of which %d put back, blind %d, late %d, deceived %d, undecidable %d, left in rows without an id %d",
		c.Misplaced, c.Healed, c.Twins, c.TwinsHealed, c.Raced, c.Resent, c.MadeGood, c.Blind, c.Late, c.Deceived, c.Undecidable, c.Nameless)
	faults := r.wire.Counts()
	var said []string
	for _, f := range slices.Sorted(maps.Keys(faults)) {
		if f != None {
			said = append(said, fmt.Sprintf("%s %d", f, faults[f]))
		}
	}
	t.Logf("%d requests without a fault; %s", faults[None], strings.Join(said, ", "))
	wrong := map[Wrong]int{}
	for _, v := range told.Violations {
		wrong[v.Wrong]++
	}
	t.Logf("false verified %d, lost writes %d, duplicates %d, cells of others %d; other violations %d",
		wrong[FalseVerified]+wrong[UnreadClaim], wrong[Lost], wrong[Duplicate], wrong[Overwritten]+wrong[Astray]+wrong[Destroyed]+wrong[Resurrected],
		wrong[LeftBehind]+wrong[FalseReport]+wrong[OtherAnswer]+wrong[Untold])
}

// The promise, in all weathers: `make chaos` makes more of it.
func TestChaos_WhatIsToldOfAWriteIsTrue_AndNobodysTextIsLost(t *testing.T) {
	seed := uint64(number(t, "CHAOS_SEED", int(time.Now().UnixNano()&0x7fffffff))) //nolint:gosec // G115: it is not negative
	w := storm(number(t, "CHAOS_STEPS", 400))
	t.Logf("CHAOS_SEED=%d CHAOS_STEPS=%d", seed, w.Steps)
	r := start(t, program, w, seed)
	r.storm(t, w, seed)
	r.calm(t)
	j, told := r.judge(t)
	r.report(t, j, told)
	// Of what was hit just as rows moved, hardly any cell is not put back, but nobody
	// promises it: docs/reliability.md has the figures. The strict run allows none.
	few := 1 + w.Steps/5000
	allowed := map[Wrong]int{Astray: few, Destroyed: few, Resurrected: few, Overwritten: few}
	if os.Getenv("CHAOS_STRICT") != "" || told.Counts.Misplaced == 0 {
		allowed = map[Wrong]int{}
	}
	for _, v := range told.Violations {
		if allowed[v.Wrong] > 0 {
			allowed[v.Wrong]--
			t.Logf("%v", v)
			continue
		}
		t.Errorf("%v\n%s", v, History(j, r.board.Ops(), v))
	}
}

func number(t *testing.T, name string, standard int) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(standard)))
	if err != nil || n < 0 {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
