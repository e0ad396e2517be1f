package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/store"
)

func TestRun_AJobThatEndsWell_Succeeds_AndEachStepIsInTheLedger(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`echo hello; echo trouble >&2; pwd`))
	task := y.ended(id)
	if task.State != Succeeded || task.Attempt != 1 || task.ExitCode == nil || *task.ExitCode != 0 {
		t.Errorf("%+v", task)
	}
	if out, errs := y.read(y.attemptFolder(id, 1)+"/stdout"), y.read(y.attemptFolder(id, 1)+"/stderr"); out != "hello\n"+y.work+"\n" || errs != "trouble\n" {
		t.Errorf("%q %q", out, errs)
	}
	if got := y.entries(id); !slices.Equal(got, []string{"task.queued", "task.starting", "task.running", "task.ended"}) {
		t.Error(got)
	}
}

func TestRun_AJobIsToldWhereItBelongs_AndNothingOfAnOuterJob(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.office.tickets["INTG-088"] = "/some/where"
	y.open()
	o := y.order("/usr/bin/env")
	o.Ticket = "INTG-088"
	o.Environ = []string{"PATH=/usr/bin:/bin", "MINE=1", "OVER=old", "URATORI_TOKEN=outer", "URATORI_TASK=7", "TRACKER_ID=INTG-001", "PUSHOVER_TOKEN=secret", "PYTHONUNBUFFERED=0"}
	o.Spec.Env = map[string]string{"OVER": "new", "ÜBER": "日本語\nzwei"}
	id := y.enqueue(o)
	y.ended(id)
	env := map[string]string{}
	for line := range strings.Lines(y.read(y.attemptFolder(id, 1) + "/stdout")) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			env[name] = value
		}
	}
	for name, want := range map[string]string{
		"MINE": "1", "OVER": "new", "ÜBER": "日本語", "TRACKER_ID": "INTG-088", "TRACKER_WORKSPACE": "/some/where", "URATORI_TASK": fmt.Sprint(id),
		"URATORI_ATTEMPT": "1", "URATORI_CHECKPOINT": y.checkpoint(id), "PYTHONUNBUFFERED": "1", "PUSHOVER_TOKEN": "", "URATORI_ITEMS": "",
	} {
		if env[name] != want {
			t.Errorf("%s is %q, not %q", name, env[name], want)
		}
	}
	if env["URATORI_TOKEN"] == "outer" || env["URATORI_TOKEN"] == "" {
		t.Error(env["URATORI_TOKEN"])
	}
}

func TestRun_AJobThatFails_IsTriedAsOftenAsAllowed(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`echo $URATORI_ATTEMPT >> "$URATORI_CHECKPOINT/tries"; exit 7`))
	task := y.ended(id)
	if task.State != Failed || task.Attempt != 4 || *task.ExitCode != 7 || !strings.Contains(task.Reason.Error(), "7") {
		t.Errorf("%+v", task)
	}
	if got := y.read(y.checkpoint(id) + "/tries"); got != "1\n2\n3\n4\n" {
		t.Errorf("%q", got)
	}
}

func TestRun_ASignalIsToldAsOne(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Retries = 0
	y.open()
	task := y.ended(y.enqueue(y.sh(`kill -SEGV $$`)))
	if task.State != Failed || task.ExitCode != nil || task.Signal != "SIGSEGV" {
		t.Errorf("%+v", task)
	}
}

func TestRun_WhatCannotBeRun_FailsAtOnce_AndSaysWhy(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.write("plain", "no program")
	gone := filepath.Join(y.work, "gone")
	if err := os.Mkdir(gone, 0o700); err != nil {
		t.Fatal(err)
	}
	y.open()
	missing := y.enqueue(y.order("no-such-program"))
	denied := y.enqueue(y.order("./plain"))
	o := y.order("/bin/true")
	o.Spec.Cwd, o.Hold = gone, true
	cwd := y.enqueue(o)
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	if _, err := y.Hold(t.Context(), cwd, false); err != nil {
		t.Fatal(err)
	}
	for id, key := range map[int64]string{missing: "task.not_started.not_found", denied: "task.not_started.not_executable", cwd: "task.not_started.no_cwd"} {
		task := y.ended(id)
		if f, ok := errors.AsType[*fault.Error](task.Reason); !ok || f.Key != key || task.State != Failed || task.Attempt != 1 {
			t.Errorf("%s: %+v", key, task)
		}
	}
}

func TestRun_SlotsAreNotExceeded_PriorityGoesFirst_ThenTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Slots = 1
	y.open()
	if err := y.HoldQueue(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for i, priority := range []int{0, 0, 5, -1, 5} {
		o := y.sh(fmt.Sprintf(`mkdir lock || echo twice >> order; echo %d >> order; rmdir lock`, i))
		o.Priority = priority
		ids = append(ids, y.enqueue(o))
	}
	if err := y.HoldQueue(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		y.ended(id)
	}
	if got := y.read("order"); got != "2\n4\n0\n1\n3\n" {
		t.Errorf("%q", got)
	}
}

func TestRun_AfterWaitsForSuccess(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Retries = 0
	y.open()
	first := y.enqueue(y.sh(`test -e go`))
	o := y.sh(`echo second >> order`)
	o.After = []int64{first}
	second := y.enqueue(o)
	if task := y.ended(first); task.State != Failed {
		t.Fatalf("%+v", task)
	}
	task, err := y.Task(t.Context(), second)
	if err != nil || task.State != Queued || !slices.Equal(task.WaitsFor, []int64{first}) {
		t.Fatalf("%+v, %v", task, err)
	}
	y.write("go", "")
	if _, err := y.Retry(t.Context(), first, false); err != nil {
		t.Fatal(err)
	}
	if task := y.ended(second); task.State != Succeeded || y.read("order") != "second\n" {
		t.Errorf("%+v", task)
	}
}

func TestRun_GPUsAreGrantedOnce_AndTold(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Slots = 5
	y.cards.names = []string{"0", "GPU-1"}
	y.open()
	script := `echo "$CUDA_VISIBLE_DEVICES" > seen.$URATORI_TASK; until test -e go; do sleep 0.01; done`
	ids := make([]int64, 3)
	for i := range ids {
		o := y.sh(script)
		o.Spec.GPU = 1
		ids[i] = y.enqueue(o)
	}
	y.running(ids[0])
	y.running(ids[1])
	plain := y.enqueue(y.sh(`true`)) // needs none, and is not held up
	y.ended(plain)
	if task, err := y.Task(t.Context(), ids[2]); err != nil || task.State != Queued {
		t.Errorf("%+v, %v", task, err)
	}
	y.write("go", "")
	for _, id := range ids {
		y.ended(id)
	}
	a, b := y.read(fmt.Sprintf("seen.%d", ids[0])), y.read(fmt.Sprintf("seen.%d", ids[1]))
	if a+b != "0\nGPU-1\n" {
		t.Errorf("%q %q", a, b)
	}
	if _, err := y.Enqueue(t.Context(), Order{Spec: Spec{Command: []string{"true"}, Cwd: y.work, GPU: 3}}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
}

func TestKill_EndsTheTree_AndLooks(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`setsid sh -c 'trap "" TERM; echo $$ > child; while :; do sleep 1; done' & echo $$ > main; wait; sleep 100`))
	y.running(id)
	y.until("the child is there", func() bool { _, err := os.Stat(filepath.Join(y.work, "child")); return err == nil })
	s, err := y.Kill(t.Context(), id, 100*time.Millisecond, "test")
	if err != nil || s.Verdict() != ledger.Verified || s.State != Killed || len(s.Ended) < 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	task, err := y.Task(t.Context(), id)
	if err != nil || task.State != Killed || task.Attempt != 1 {
		t.Errorf("%+v, %v", task, err)
	}
	for _, name := range []string{"main", "child"} {
		pid := strings.TrimSpace(y.read(name))
		if stat, err := os.ReadFile("/proc/" + pid + "/stat"); err == nil && !strings.Contains(string(stat), ") Z") {
			t.Errorf("%s still lives: %s", name, stat)
		}
	}
	again, err := y.Kill(t.Context(), id, 0, "test")
	if err != nil || again.Verdict() != ledger.Verified || again.State != Killed || len(again.Ended) != 0 {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestKill_OfAWaitingTask_NeverRunsIt(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	o := y.sh(`echo ran >> ran`)
	o.Hold = true
	id := y.enqueue(o)
	s, err := y.Kill(t.Context(), id, 0, "test")
	if err != nil || s.State != Killed || s.Verdict() != ledger.Verified {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := y.Kill(t.Context(), 999, 0, "test"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(y.work, "ran")); err == nil {
		t.Error("it ran")
	}
}

func TestKill_OfATaskWithAGPU_IsVerifiedOnlyWhenItsMemoryIsSeenToBeFree(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.cards.names = []string{"0"}
	y.cards.err = fault.New(fault.Unavailable, "task.gpus_unknown")
	y.open()
	o := y.sh(`sleep 100`)
	o.Spec.GPU = 1
	id := y.enqueue(o)
	y.running(id)
	s, err := y.Kill(t.Context(), id, time.Second, "test")
	if err != nil || s.State != Killed || s.Verdict() != ledger.Unverifiable || s.GPUFreed != nil {
		t.Errorf("%+v, %v", s, err)
	}
	y.cards.err = nil
	id = y.enqueue(o)
	y.running(id)
	s, err = y.Kill(t.Context(), id, time.Second, "test")
	if err != nil || s.Verdict() != ledger.Verified || s.GPUFreed == nil || !*s.GPUFreed {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestKill_ByManyAtOnce_AnswersAll(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`sleep 100`))
	type answer struct {
		s   Stopped
		err error
	}
	answers := make(chan answer, 10)
	for range cap(answers) {
		go func() {
			s, err := y.Kill(t.Context(), id, time.Second, "test")
			answers <- answer{s, err}
		}()
	}
	for range cap(answers) {
		if a := <-answers; a.err != nil || a.s.State != Killed || a.s.Verdict() != ledger.Verified {
			t.Errorf("%+v", a)
		}
	}
}

func TestHold_StopsARunningTreeWhereItIs_AndLetsItGoOn(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`n=0; while test $n -lt 1000; do n=$((n+1)); echo $n > count; sleep 0.01; done`))
	y.running(id)
	y.until("it counts", func() bool { _, err := os.Stat(filepath.Join(y.work, "count")); return err == nil })
	task, err := y.Hold(t.Context(), id, true)
	if err != nil || !task.Held || task.State != Running {
		t.Fatalf("%+v, %v", task, err)
	}
	before := y.read("count")
	y.until("nothing moves for a while", func() bool {
		<-time.After(100 * time.Millisecond)
		now := y.read("count")
		same := now == before
		before = now
		return same
	})
	if task, err = y.Hold(t.Context(), id, false); err != nil || task.Held {
		t.Fatalf("%+v, %v", task, err)
	}
	y.until("it goes on", func() bool { return y.read("count") != before })
	y.end(id)
}

// stands are the states of a task's processes, sorted.
func (y *yard) stands(id int64) string {
	y.t.Helper()
	tree := y.tree(y.running(id))
	members, err := tree.Members()
	if err != nil {
		y.t.Fatal(err)
	}
	var states []byte
	for _, p := range members {
		states = append(states, p.State)
	}
	slices.Sort(states)
	return string(states)
}

// forks is a job of several processes that leave their number.
const forks = `for i in 1 2 3; do (while :; do sleep 0.01; done) & done; echo > there; wait`

// A part of a job that stands still while the job is said to run is neither.
func TestHold_ThatCannotBeDoneOrRecorded_IsTakenBack(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(y *yard) (mend func()){
		"the time is over when all have been told": func(y *yard) func() {
			before := y.Limits.Hold
			y.Limits.Hold = time.Nanosecond
			return func() { y.Limits.Hold = before }
		},
		"it cannot be recorded": func(y *yard) func() {
			y.trigger(`CREATE TRIGGER planted BEFORE UPDATE OF held ON runner_tasks BEGIN SELECT RAISE(ABORT, 'planted'); END`)
			return func() { y.trigger(`DROP TRIGGER planted`) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t)
			y.open()
			id := y.enqueue(y.sh(forks))
			y.running(id)
			y.until("it is there", func() bool { _, err := os.Stat(filepath.Join(y.work, "there")); return err == nil })
			mend := fail(y)
			_, err := y.Hold(t.Context(), id, true)
			if !errors.Is(err, fault.New(fault.Failed, "task.not_held")) {
				t.Fatal(err)
			}
			if task, err := y.Task(t.Context(), id); err != nil || task.Held {
				t.Errorf("%+v, %v", task, err)
			}
			y.until("all go on", func() bool { return !strings.Contains(y.stands(id), "T") })
			mend()
			if task, err := y.Hold(t.Context(), id, true); err != nil || !task.Held {
				t.Fatalf("%+v, %v", task, err)
			}
			mend = fail(y)
			// Neither is a pause that holds given up by a second that fails.
			_, again := y.Hold(t.Context(), id, true)
			_, err = y.Hold(t.Context(), id, false)
			if !errors.Is(err, fault.New(fault.Failed, "task.not_released")) {
				t.Fatal(err, again)
			}
			if task, err := y.Task(t.Context(), id); err != nil || !task.Held {
				t.Errorf("%+v, %v", task, err)
			}
			if states := strings.Trim(y.stands(id), "TD"); states != "" {
				t.Errorf("some go on: %q", states)
			}
			mend()
			if task, err := y.Hold(t.Context(), id, false); err != nil || task.Held {
				t.Fatalf("%+v, %v", task, err)
			}
			y.end(id)
		})
	}
}

// trigger changes the open store.
func (y *yard) trigger(query string) {
	y.t.Helper()
	if err := y.DB.Write(y.t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query); return err }); err != nil {
		y.t.Fatal(err)
	}
}

func TestTimeout_EndsAnAttempt_AndItIsTriedAgain(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	o := y.sh(`if test "$URATORI_ATTEMPT" = 1; then sleep 100; fi`)
	o.Spec.Timeout = 300 * time.Millisecond
	id := y.enqueue(o)
	task := y.ended(id)
	if task.State != Succeeded || task.Attempt != 2 {
		t.Errorf("%+v", task)
	}
	list, err := y.Attempts(t.Context(), id)
	if err != nil || list[0].State != string(TimedOut) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestExecute_RunsTheNextOneThoughTheQueueIsPaused(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Slots = 1
	y.open()
	if err := y.HoldQueue(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := y.Execute(t.Context()); !errors.Is(err, ErrNothingQueued) {
		t.Error(err)
	}
	first, second := y.enqueue(y.sh(`until test -e go; do sleep 0.01; done`)), y.enqueue(y.sh(`true`))
	task, err := y.Execute(t.Context())
	if err != nil || task.ID != first {
		t.Fatalf("%+v, %v", task, err)
	}
	if _, err := y.Execute(t.Context()); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
	y.write("go", "")
	y.ended(first)
	if task, err := y.Task(t.Context(), second); err != nil || task.State != Queued {
		t.Errorf("%+v, %v", task, err)
	}
}

// The clock moves on at each look, so that each task becomes due between two
// others.
func TestStartsLater_DueWhileTheQueueIsLookedAt_IsNotForgotten(t *testing.T) {
	t.Parallel()
	const step = 100 * time.Millisecond
	y := newYard(t)
	var looks atomic.Int64
	base := time.Now()
	y.now = func() time.Time { return base.Add(time.Duration(looks.Add(1)) * step) }
	y.open()
	for n := range 12 {
		o := y.order("/bin/true")
		o.NotBefore = base.Add(time.Duration(looks.Load()+int64(n))*step + step/2)
		y.ended(y.enqueue(o))
	}
}

func TestStartsLater_NotBeforeItsTime(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	o := y.sh(`date +%s%N > when`)
	o.NotBefore = time.Now().Add(300 * time.Millisecond)
	y.ended(y.enqueue(o))
	var ns int64
	if _, err := fmt.Sscan(y.read("when"), &ns); err != nil || time.Unix(0, ns).Before(o.NotBefore.Truncate(time.Millisecond)) {
		t.Errorf("%v before %v, %v", time.Unix(0, ns), o.NotBefore, err)
	}
}
