package runner

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// A pause is counted from the end of an attempt; a clock that was put back since
// makes it no longer, with this daemon or the next.
func TestRetry_AfterTheClockWasPutBack_ComesWhenItsPauseIsOver(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"same daemon": false, "next daemon": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t)
			var by atomic.Int64
			y.now = func() time.Time { return time.Now().Add(time.Duration(by.Load())) }
			y.limits.Backoff = 2 * time.Second
			y.open()
			id := y.enqueue(y.sh(`[ -e once ] && exit 0; touch once; exit 3`))
			y.until("the first attempt has failed", func() bool {
				task, err := y.Task(context.Background(), id)
				return err == nil && task.State == Queued && task.Attempt == 1
			})
			by.Store(int64(-3 * time.Hour))
			if restart {
				y.stop()
				y.open()
			}
			if task := y.ended(id); task.State != Succeeded || task.Attempt != 2 {
				t.Errorf("%+v", task)
			}
		})
	}
}

func TestStatistics_OfAClockThatWasPutBack_KnowNoTimeBelowZero(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	var by atomic.Int64
	y.now = func() time.Time { return time.Now().Add(time.Duration(by.Load())) }
	y.open()
	id := y.enqueue(y.sh(`until [ -e go ]; do sleep 0.02; done`))
	y.running(id)
	by.Store(int64(-3 * time.Hour))
	y.write("go", "")
	y.ended(id)
	if s, err := y.Statistics(context.Background()); err != nil || s.Ran < 0 || s.Waited < 0 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestStartsLater_AsAPersonWantsIt_AlsoByAClockThatWasPutBack(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	var by atomic.Int64
	y.now = func() time.Time { return time.Now().Add(time.Duration(by.Load())) }
	y.open()
	o := y.order("/bin/true")
	o.NotBefore = time.Now().Add(time.Hour)
	late := y.enqueue(o)
	by.Store(int64(-3 * time.Hour))
	y.ended(y.enqueue(y.order("/bin/true"))) // the queue was looked at since
	if task, err := y.Task(context.Background(), late); err != nil || task.State != Queued {
		t.Errorf("%+v %v", task, err)
	}
	y.end(late)
}
