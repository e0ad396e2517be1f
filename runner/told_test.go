package runner

import "testing"

// What a job has told of itself is told of it after its end as before.
func TestProgress_OfAJobThatCountsItself_HasItsTotalAlsoAfterTheEnd(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	task := y.ended(y.enqueue(y.sh(`echo 1/2; sleep 0.02; echo 2/2`)))
	s, err := y.Look(t.Context(), task)
	if err != nil || s.Progress.Done != 2 || s.Progress.Total != 2 {
		t.Errorf("%+v, %v", s.Progress, err)
	}
	if task.Total != 0 {
		t.Errorf("the job's own words became %d inputs of the task", task.Total)
	}
}

// A task is told as it was when it was queued, though it starts at once.
func TestPosition_OfATaskThatHasJustStarted_IsTheFirst(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	o := y.sh(`true`)
	queued, err := y.Enqueue(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	y.ended(queued.ID)
	queued.State = Queued // as whoever has read it a moment before the start
	if s, err := y.Look(t.Context(), queued); err != nil || s.Position != 1 {
		t.Errorf("position %d, %v", s.Position, err)
	}
}

// The end of an attempt is not told of the next one while it runs.
func TestRun_TriedAgain_HasNoExitStatusYet(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.open()
	id := y.enqueue(y.sh(`test $URATORI_ATTEMPT = 1 && exit 3; until test -e go; do sleep 0.01; done`))
	y.until("the second attempt", func() bool {
		task, err := y.Task(t.Context(), id)
		return err == nil && task.Attempt == 2 && task.State == Running
	})
	task, err := y.Task(t.Context(), id)
	if err != nil || task.ExitCode != nil || task.Signal != "" {
		t.Errorf("%+v, %v", task, err)
	}
	y.write("go", "")
	if task := y.ended(id); task.State != Succeeded || task.ExitCode == nil || *task.ExitCode != 0 {
		t.Errorf("%+v", task)
	}
}
