package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"uratori/internal/ledger"
	"uratori/internal/store"
)

// all are the entries of the ledger, as kind and subject.
func (y *yard) all() []string {
	y.t.Helper()
	var list []string
	for e, err := range y.Ledger.Entries(y.t.Context(), 0, "") {
		if err != nil {
			y.t.Fatal(err)
		}
		list = append(list, e.Kind+" "+e.Subject)
	}
	return list
}

// oneSlot is a yard that does one thing at a time, and whose queue waits.
func oneSlot(t *testing.T) *yard {
	t.Helper()
	y := newYard(t)
	y.limits.Slots = 1
	y.open()
	y.holdQueue(true)
	return y
}

func (y *yard) holdQueue(hold bool) {
	y.t.Helper()
	if err := y.HoldQueue(y.t.Context(), hold); err != nil {
		y.t.Fatal(err)
	}
}

func TestHandOver_ASlotGoesToTheNextTask_InTheOrderOfTheQueue(t *testing.T) {
	t.Parallel()
	y := oneSlot(t)
	urgent := y.sh(`echo urgent >> order`)
	urgent.Priority = 1
	first, second := y.enqueue(y.sh(`echo first >> order`)), y.enqueue(y.sh(`echo second >> order`))
	third := y.enqueue(urgent)
	waits := y.sh(`echo waits >> order`)
	waits.After, waits.Priority = []int64{second}, 2
	fourth := y.enqueue(waits)
	y.holdQueue(false)
	for _, id := range []int64{first, second, third, fourth} {
		if task := y.ended(id); task.State != Succeeded || task.Attempt != 1 {
			t.Errorf("%+v", task)
		}
		if got := y.entries(id); !slices.Equal(got, []string{"task.queued", "task.starting", "task.running", "task.ended"}) {
			t.Error(got)
		}
	}
	if got := y.read("order"); got != "urgent\nfirst\nsecond\nwaits\n" {
		t.Errorf("%q", got)
	}
	// The end and the next beginning are neighbours: nothing was between.
	log := y.all()
	for before, after := range map[int64]int64{third: first, first: second, second: fourth} {
		end := slices.Index(log, "task.ended "+subject(before))
		if end+1 >= len(log) || log[end+1] != "task.starting "+subject(after) {
			t.Errorf("after the end of %d came not the beginning of %d: %q", before, after, log)
		}
	}
}

func TestHandOver_NeverMoreThanTheSlots_AndEachRunsOnce(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	// A folder for each that runs: the third finds both taken.
	const job = `mkdir a 2>/dev/null && mine=a || { mkdir b 2>/dev/null && mine=b; } || echo $URATORI_TASK >> tooMany
		echo $URATORI_TASK >> ran; rmdir $mine`
	var ids []int64
	for range 40 {
		ids = append(ids, y.enqueue(y.sh(job)))
	}
	for _, id := range ids {
		if task := y.ended(id); task.State != Succeeded || task.Attempt != 1 {
			t.Errorf("%+v", task)
		}
	}
	ran := strings.Fields(y.read("ran"))
	slices.Sort(ran)
	if len(slices.Compact(slices.Clone(ran))) != len(ids) || len(ran) != len(ids) {
		t.Errorf("%d ran: %q", len(ran), ran)
	}
	if free := y.free(); free < 0 {
		t.Errorf("%d slots are free", free)
	}
}

func TestHandOver_QueuePausedMeanwhile_StartsNothing(t *testing.T) {
	t.Parallel()
	y := oneSlot(t)
	first, second := y.enqueue(y.sh(`touch runs; until test -e go; do sleep 0.01; done`)), y.enqueue(y.order("true"))
	y.holdQueue(false)
	y.running(first)
	y.holdQueue(true)
	y.write("go", "")
	y.ended(first)
	y.until("the slot is free", func() bool { return y.free() == 1 })
	if task, err := y.Task(t.Context(), second); err != nil || task.State != Queued {
		t.Errorf("%+v, %v", task, err)
	}
	y.holdQueue(false)
	y.ended(second)
}

func TestHandOver_NextCannotBeRead_TheEndIsRecordedAllTheSame(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Slots = 1
	y.open()
	first, second := y.enqueue(y.sh(`until test -e go; do sleep 0.01; done; exit 0`)), y.enqueue(y.order("true"))
	y.running(first)
	change := func(spec string) {
		t.Helper()
		err := y.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE runner_tasks SET spec = ? WHERE id = ?`, spec, second)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(`{"command":`)
	y.write("go", "")
	if task := y.ended(first); task.State != Succeeded {
		t.Errorf("%+v", task)
	}
	// The loop meets it, too, and says so; its guard would run it again.
	if err := <-y.done; err == nil || !strings.Contains(err.Error(), fmt.Sprintf("task %d", second)) {
		t.Errorf("the loop ended with %v", err)
	}
	change(fmt.Sprintf(`{"command":["true"],"cwd":%q}`, y.work))
	y.loop()
	if task := y.ended(second); task.State != Succeeded {
		t.Errorf("%+v", task)
	}
}

func TestHandOver_KillOfWhatIsJustStarting_IsTrue(t *testing.T) {
	t.Parallel()
	y := oneSlot(t)
	var ids []int64
	for range 30 {
		ids = append(ids, y.enqueue(y.sh(`exec sleep 0.00`+fmt.Sprint(len(ids)%8))))
	}
	y.holdQueue(false)
	for n, id := range ids {
		if n%3 > 0 {
			continue
		}
		y.until("it is begun", func() bool {
			task, err := y.Task(t.Context(), id)
			return err == nil && task.State != Queued
		})
		s, err := y.Kill(context.Background(), id, 0, "test")
		if err != nil || len(s.Survivors) > 0 {
			t.Errorf("%+v, %v", s, err)
		}
	}
	for _, id := range ids {
		task := y.ended(id)
		if task.State != Succeeded && task.State != Killed || task.Attempt != 1 {
			t.Errorf("%+v", task)
		}
	}
}

func TestKill_OfATaskThatHasEnded_WhoseShimServesAnother_FindsNobody(t *testing.T) {
	t.Parallel()
	y := oneSlot(t)
	first, second := y.enqueue(y.order("true")), y.enqueue(y.order("sleep", "1000"))
	y.holdQueue(false)
	y.ended(first)
	a := y.running(second)
	before, err := y.attempt(t.Context(), first, 1)
	if err != nil || before.Run.Shim != a.Run.Shim {
		t.Errorf("two shims: %+v, %v", before, err)
	}
	if s, err := y.Kill(t.Context(), first, 0, "test"); err != nil || s.Verdict() != ledger.Verified || s.State != Succeeded {
		t.Errorf("%+v, %v", s, err)
	}
	y.end(second)
}

func TestRan_AJobThatEndsAtOnce_IsRecordedWithWhoRanIt(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.order("true"))
	y.ended(id)
	list, err := y.Attempts(t.Context(), id)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	a := list[0]
	if a.Ran.IsZero() || a.Ran.Before(a.Started) || a.Ended.Before(a.Ran) || a.Run == nil || a.Run.Child.PID == 0 || a.Exit == nil {
		t.Errorf("%+v", a)
	}
}
