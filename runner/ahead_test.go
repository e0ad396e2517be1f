package runner

import (
	"os"
	"testing"
	"time"
)

// While one task runs, the folder of the one behind it is made ready. That is
// seen by nobody: it waits as before, can be killed, and runs as if nothing had
// been there, whoever was ahead of it in the end.
func TestAhead_FolderOfTheNextTask_IsReady_AndChangesNothing(t *testing.T) {
	t.Parallel()
	y := oneSlot(t)
	first := y.enqueue(y.sh(`until test -e go; do sleep 0.01; done`))
	second, third := y.enqueue(y.sh(`echo second`)), y.enqueue(y.sh(`echo third`))
	y.holdQueue(false)
	ready := y.attemptFolder(second, 1)
	y.until("the folder of the next task", func() bool {
		_, err := os.Stat(ready + "/stderr")
		return err == nil
	})
	if task, err := y.Task(t.Context(), second); err != nil || task.State != Queued || task.Attempt != 0 {
		t.Errorf("%+v, %v", task, err)
	}
	urgent := y.sh(`echo urgent`)
	urgent.Priority = 1
	last := y.enqueue(urgent)
	y.write("go", "")
	for id, want := range map[int64]string{last: "urgent\n", second: "second\n", third: "third\n"} {
		task := y.ended(id)
		if out := y.read(y.attemptFolder(id, 1) + "/stdout"); out != want || task.Attempt != 1 {
			t.Errorf("%+v wrote %q", task, out)
		}
		if _, err := os.Stat(y.attemptFolder(id, 1) + "/exit.json.part"); err == nil {
			t.Errorf("something is left of the folder of task %d that was made ready", id)
		}
	}
	if task := y.ended(first); task.State != Succeeded {
		t.Errorf("%+v", task)
	}
}

func TestAhead_KilledWhileItWaits_IsCleanedUpWithTheOthers(t *testing.T) {
	t.Parallel()
	y := oneSlot(t)
	first := y.enqueue(y.sh(`until test -e go; do sleep 0.01; done`))
	second := y.enqueue(y.sh(`echo never`))
	y.holdQueue(false)
	y.until("the folder of the next task", func() bool {
		_, err := os.Stat(y.attemptFolder(second, 1) + "/stderr")
		return err == nil
	})
	if _, err := y.Kill(t.Context(), second, 0, ""); err != nil {
		t.Fatal(err)
	}
	y.write("go", "")
	y.ended(first)
	if _, err := os.Stat(y.attemptFolder(second, 1) + "/exit.json"); err == nil {
		t.Error("a killed task has run")
	}
	if cleaned, err := y.Cleanup(t.Context(), time.Now().Add(time.Hour), false); err != nil || len(cleaned) != 2 {
		t.Errorf("%+v, %v", cleaned, err)
	}
	if _, err := os.Stat(y.taskFolder(second)); !os.IsNotExist(err) {
		t.Error(err)
	}
}
