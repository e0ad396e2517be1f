package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"uratori/internal/fault"
)

// until a file is there, a job of these tests waits.
const untilGo = `until test -e go; do sleep 0.01; done; `

func TestRestart_AJobGoesOn_AndItsExitStatusIsKnown(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Retries = 0
	y.open()
	ids := []int64{y.enqueue(y.sh(untilGo + `exit 7`)), y.enqueue(y.sh(untilGo + `exit 0`))}
	before := y.running(ids[0])
	y.running(ids[1])
	y.stop()
	y.open()
	after := y.running(ids[0])
	if after.Run.Child != before.Run.Child {
		t.Errorf("%+v is not %+v", after.Run, before.Run)
	}
	y.write("go", "")
	a, b := y.ended(ids[0]), y.ended(ids[1])
	if a.State != Failed || *a.ExitCode != 7 || a.Attempt != 1 || b.State != Succeeded || b.Attempt != 1 {
		t.Errorf("%+v\n%+v", a, b)
	}
}

func TestRestart_AJobThatEndedMeanwhile_IsToldAsItEnded(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Retries = 0
	y.open()
	id := y.enqueue(y.sh(untilGo + `exit 9`))
	a := y.running(id)
	y.stop()
	y.write("go", "")
	y.until("exit.json", func() bool { _, err := os.Stat(filepath.Join(a.Folder, "exit.json")); return err == nil })
	y.open()
	if task := y.ended(id); task.State != Failed || *task.ExitCode != 9 {
		t.Errorf("%+v", task)
	}
}

func TestRestart_AKillThatWasUnderWay_IsBroughtToItsEnd(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`sleep 1000`))
	y.running(id)
	y.stop()
	// As if the daemon had died right after the wish was stored.
	y.plant(`UPDATE runner_tasks SET wish = 'killed' WHERE id = ?`, id)
	y.open()
	if task := y.ended(id); task.State != Killed {
		t.Errorf("%+v", task)
	}
}

func TestInterrupted_ByTheDeathOfItsShim_IsTriedAgain_NeverTwiceAtATime(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`mkdir lock || { echo twice >> twice; exit 0; }; trap 'rmdir lock' EXIT; test "$URATORI_ATTEMPT" -gt 1 || { sleep 0.5; exit 0; }`))
	a := y.running(id)
	if err := syscall.Kill(a.Run.Shim.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	task := y.ended(id)
	list, err := y.Attempts(t.Context(), id)
	if err != nil || task.State != Succeeded || task.Attempt != 2 || list[0].State != string(Interrupted) || list[0].Exit != nil {
		t.Errorf("%+v\n%+v, %v", task, list, err)
	}
	if _, err := os.Stat(filepath.Join(y.work, "twice")); err == nil {
		t.Error("two attempts were alive at a time")
	}
}

func TestKill_OfAJobWhoseShimIsDead_EndsItsTree(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`sleep 1000`))
	a := y.running(id)
	if err := syscall.Kill(a.Run.Shim.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	y.end(id)
	if alive, err := a.Run.Child.Alive(); alive || err != nil {
		t.Errorf("alive: %v, %v", alive, err)
	}
	if task := y.ended(id); task.State != Killed {
		t.Errorf("%+v", task)
	}
}

func TestReboot_WhateverRanIsInterrupted(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`test "$URATORI_ATTEMPT" -gt 1 || sleep 1000`))
	a := y.running(id)
	y.stop()
	// What a reboot leaves: the folder, no process, and another boot id in it.
	if err := syscall.Kill(a.Run.Shim.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(a.Run.Child.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(a.Folder, "run.json")
	text := strings.ReplaceAll(y.read(run), a.Run.Child.Boot, "00000000-0000-0000-0000-000000000000")
	if err := os.WriteFile(run, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	y.open()
	if task := y.ended(id); task.State != Succeeded || task.Attempt != 2 {
		t.Errorf("%+v", task)
	}
}

func TestLeftovers_OfAJobThatEnded_AreEndedBeforeItsSlotIsFree(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`setsid sleep 1000 & echo $! > left; exit 0`))
	if task := y.ended(id); task.State != Succeeded {
		t.Errorf("%+v", task)
	}
	var pid int
	if _, err := fmt.Sscan(y.read("left"), &pid); err != nil {
		t.Fatal(err)
	}
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && !strings.Contains(string(stat), ") Z") {
		t.Errorf("left behind: %s", stat)
	}
}

// counted is a task that has failed twice, and counts its attempts in its
// checkpoint.
func (y *yard) counted() int64 {
	y.t.Helper()
	id := y.enqueue(y.sh(`echo x >> "$URATORI_CHECKPOINT/state"; exit 1`))
	y.ended(id)
	if _, err := y.Retry(y.t.Context(), id, false); err != nil {
		y.t.Fatal(err)
	}
	y.ended(id)
	return id
}

// A retry that is not stored has not touched what the task can go on from.
func TestRetry_FromTheStart_ThatCannotBeStored_LeavesTheCheckpoint(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Retries = 0
	y.open()
	id := y.counted()
	y.trigger(`CREATE TRIGGER planted BEFORE UPDATE OF budget ON runner_tasks BEGIN SELECT RAISE(ABORT, 'planted'); END`)
	if _, err := y.Retry(t.Context(), id, true); err == nil {
		t.Fatal("it was stored")
	}
	y.trigger(`DROP TRIGGER planted`)
	if task, err := y.Task(t.Context(), id); err != nil || task.State != Failed || !task.Since.IsZero() {
		t.Errorf("%+v, %v", task, err)
	}
	if got := y.read(y.checkpoint(id) + "/state"); got != "x\nx\n" {
		t.Errorf("the checkpoint: %q", got)
	}
	if _, err := y.Retry(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	y.ended(id)
	if got := y.read(y.checkpoint(id) + "/state"); got != "x\nx\nx\n" {
		t.Errorf("it did not go on where it was: %q", got)
	}
}

// Between what is stored and what is done the daemon may die at any moment.
func TestRetry_FromTheStart_IsCompletedByTheNextDaemon(t *testing.T) {
	t.Parallel()
	for name, crash := range map[string]func(y *yard, id int64){
		"before the checkpoint was put aside": func(*yard, int64) {},
		"after that": func(y *yard, id int64) {
			if err := os.Rename(y.checkpoint(id), y.checkpoint(id)+".2"); err != nil {
				y.t.Fatal(err)
			}
		},
		"with a new one begun": func(y *yard, id int64) {
			if err := errors.Join(os.Rename(y.checkpoint(id), y.checkpoint(id)+".2"), os.Mkdir(y.checkpoint(id), 0o700)); err != nil {
				y.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t)
			y.limits.Retries = 0
			y.open()
			id := y.counted()
			if err := y.HoldQueue(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			if _, err := y.Retry(t.Context(), id, true); err != nil {
				t.Fatal(err)
			}
			y.stop()
			crash(y, id)
			y.open()
			if err := y.HoldQueue(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			for number := 3; number <= 4; number++ { // once, and not before the attempt after it
				if task := y.ended(id); task.Attempt != number {
					t.Fatalf("%+v", task)
				}
				if got := y.read(y.checkpoint(id) + "/state"); got != strings.Repeat("x\n", number-2) {
					t.Errorf("attempt %d: %q", number, got)
				}
				if got := y.read(y.checkpoint(id) + ".2/state"); got != "x\nx\n" {
					t.Errorf("the old checkpoint: %q", got)
				}
				if number == 3 {
					if _, err := y.Retry(t.Context(), id, false); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

func TestRetry_GoesOnWhereItWas_OrFromTheStart(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.limits.Retries = 0
	y.open()
	id := y.enqueue(y.sh(`echo x >> "$URATORI_CHECKPOINT/state"; test "$(wc -l < "$URATORI_CHECKPOINT/state")" -ge 2`))
	if task := y.ended(id); task.State != Failed {
		t.Fatalf("%+v", task)
	}
	if _, err := y.Retry(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	if task := y.ended(id); task.State != Succeeded || task.Attempt != 2 {
		t.Fatalf("%+v", task)
	}
	if _, err := y.Retry(t.Context(), id, true); err != nil {
		t.Fatal(err)
	}
	if task := y.ended(id); task.State != Failed || task.Attempt != 3 {
		t.Fatalf("%+v", task)
	}
	if got := y.read(y.checkpoint(id) + "/state"); got != "x\n" {
		t.Errorf("%q", got)
	}
	if got := y.read(y.checkpoint(id) + ".2/state"); got != "x\nx\n" {
		t.Errorf("the old checkpoint: %q", got)
	}
	o := y.sh(`sleep 100`)
	running := y.enqueue(o)
	y.running(running)
	if _, err := y.Retry(t.Context(), running, false); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
	y.end(running)
}

func TestEdit_ChangesOnlyWhatWaits(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	o := y.sh(`exit 1`)
	o.Hold = true
	id := y.enqueue(o)
	name, priority := "better", 9
	task, err := y.Edit(t.Context(), id, Edit{Name: &name, Priority: &priority, Command: []string{"/bin/true"}})
	if err != nil || task.Name != name || task.Priority != priority || !slices.Equal(task.Spec.Command, []string{"/bin/true"}) {
		t.Fatalf("%+v, %v", task, err)
	}
	self := []int64{id}
	if _, err := y.Edit(t.Context(), id, Edit{After: &self}); err == nil {
		t.Error("a task may wait for itself")
	}
	second := y.enqueue(Order{Spec: o.Spec, After: []int64{id}, Hold: true})
	round := []int64{second}
	if _, err := y.Edit(t.Context(), id, Edit{After: &round}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("two tasks may wait for each other: %v", err)
	}
	if _, err := y.Hold(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	if task := y.ended(id); task.State != Succeeded {
		t.Errorf("%+v", task)
	}
	if _, err := y.Edit(t.Context(), id, Edit{Name: &name}); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
}

// Of two conductors that give up at the same time, the loop ends for the one. The
// other is taken up with all the rest, and is no reason to end once more.
func TestRun_TwoThatGiveUpAtOnce_EndTheLoopOnce(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	y.stop()
	r := New(y.Options)
	r.broken <- errors.New("it came while the loop was ending")
	r.settle()
	select {
	case err := <-r.broken:
		t.Errorf("kept for the next loop: %v", err)
	default:
	}
}

// A stall is noted by whoever watches, while the conductor works on.
func TestStall_WhileTheOutputsAreJudged_IsNoRace(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh("sleep 60"))
	y.running(id)
	y.mu.Lock()
	c := y.custody[id]
	y.mu.Unlock()
	stalled := make(chan error, 1)
	go func() { stalled <- y.Stall(context.Background(), id, true) }()
	v := verdict{outcome: Done}
	for range 100 {
		if err := c.judge(t.Context(), &v); err != nil {
			t.Error(err)
		}
	}
	if err := <-stalled; err != nil {
		t.Error(err)
	}
	y.end(id)
}
