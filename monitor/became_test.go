package monitor

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// incidentsOf are the incidents of task 1, the oldest first, each as what was done
// about it and what is to be done.
func (y *yard) incidentsOf() (list []string) {
	y.t.Helper()
	all, err := y.Incidents(y.t.Context(), Query{Task: 1})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, i := range slices.Backward(all) {
		list = append(list, strings.TrimSpace(i.Done.Key+" "+i.ToDo.Key))
	}
	return list
}

func (y *yard) wantsIncidents(want ...string) {
	y.t.Helper()
	if got := y.incidentsOf(); !slices.Equal(got, want) {
		y.t.Errorf("incidents say %q, want %q", got, want)
	}
}

// Who looks back at an incident is not told to do what is done, nor that a task is
// not resumed that has gone on.
func TestIncidents_OfATaskThatWentOn_SayWhatBecameOfIt(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	job.Attempts = 1
	y.record("task.ending", "task/1", ending(job, "stalled"))
	y.record("task.ended", "task/1", endedAs(job, "stalled", "failed"))
	y.read()
	y.wantsIncidents("monitor.stopping.done monitor.task.todo")
	y.record("task.again", "task/1", map[string]any{"attempt": 1})
	y.read()
	y.wantsIncidents("monitor.became.again")
	job.Attempt, job.Attempts = 2, 3
	y.record("task.ended", "task/1", endedAs(job, "failed", "queued"))
	y.read()
	y.wantsIncidents("monitor.became.again", "monitor.task.again")
	job.Attempt = 3
	y.record("task.ended", "task/1", endedAs(job, "failed", "failed"))
	y.read()
	y.wantsIncidents("monitor.became.failed", "monitor.task.failed monitor.task.todo")
	y.record("task.again", "task/1", map[string]any{"attempt": 3})
	job.Attempt, job.Attempts = 4, 6
	y.pass(time.Minute)
	y.record("task.ended", "task/1", endedAs(job, "succeeded", "succeeded"))
	y.read()
	y.wantsIncidents("monitor.became.succeeded", "monitor.became.succeeded")
	y.wantsOpen()
	all, err := y.Incidents(t.Context(), Query{Task: 1})
	if err != nil {
		t.Fatal(err)
	}
	at := y.time().Local().Format(time.DateTime)
	if got := all[0].Done; got.Values["n"] != "4" || got.Values["at"] != at || all[0].What.Key != "monitor.stalled" {
		t.Errorf("%+v", all[0])
	}
}

func TestIncidents_OfATaskThatWasKilledOrCleanedAway_AskForNothing(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	y.record("task.ended", "task/1", endedAs(job, "failed", "failed"))
	y.read()
	y.wantsIncidents("monitor.task.failed monitor.task.todo")
	y.record("task.cleaned", "task/1", map[string]any{})
	y.read()
	y.wantsIncidents("monitor.task.failed")
	y.record("task.ended", "task/1", endedAs(job, "killed", "killed"))
	y.read()
	y.wantsIncidents("monitor.became.killed")
}

// What stays open is said as it was found.
func TestIncidents_OfATaskThatIsResumedByItself_StayAsTheyAre(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	y.record("task.ending", "task/1", ending(job, "stalled"))
	y.record("task.ended", "task/1", endedAs(job, "stalled", "queued"))
	y.read()
	y.wantsIncidents("monitor.stopping.again")
	job.Attempt = 2
	y.record("task.ended", "task/1", endedAs(job, "succeeded", "succeeded"))
	y.read()
	y.wantsIncidents("monitor.became.succeeded")
}
