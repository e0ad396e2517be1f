package monitor

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"uratori/internal/store"
	"uratori/monitor/notify"
)

func failure(attempt, of int, state string, code int) map[string]any {
	return map[string]any{
		"attempt": attempt, "of": of, "outcome": "failed", "state": state, "exit_code": code, "ticket": "INTG-088", "name": "extract", "done": 43, "total": 120,
		"why": map[string]any{"key": "task.exit_status", "values": map[string]string{"code": "1"}},
	}
}

func TestFailure_IsToldAtFirst_AndWhenItIsFinal(t *testing.T) {
	y := newYard(t)
	y.start()
	for n := 1; n <= 4; n++ {
		state := "queued"
		if n == 4 {
			state = "failed"
		}
		y.record("task.ended", "task/1", failure(n, 4, state, 1))
		y.read()
	}
	y.wants("normal", "high")
	y.wantsOpen("task/1 task_failed")
	// Asked for again by a person, it is another round.
	y.record("task.again", "task/1", map[string]any{"attempt": 4})
	y.read()
	y.wantsOpen()
	y.record("task.ended", "task/1", failure(5, 8, "failed", 1))
	y.read()
	y.wants("normal", "high", "high")
	y.record("task.ended", "task/1", map[string]any{"attempt": 6, "of": 8, "outcome": "succeeded", "state": "succeeded"})
	y.read()
	y.wantsOpen()
	y.wants("normal", "high", "high")
}

func TestFailure_OfAnotherKind_IsNews(t *testing.T) {
	y := newYard(t)
	y.start()
	y.record("task.ended", "task/1", failure(1, 4, "queued", 1))
	y.record("task.ended", "task/1", failure(2, 4, "queued", 1))
	y.record("task.ended", "task/1", failure(3, 4, "queued", 137))
	y.record("task.ended", "task/2", failure(1, 4, "queued", 1))
	y.read()
	y.wants("normal", "normal", "normal")
}

func TestFailure_ThatNobodyLooksAfter_EndsAfterAWeek(t *testing.T) {
	y := newYard(t)
	y.start()
	y.record("task.ended", "task/1", failure(1, 1, "failed", 1))
	y.read()
	for range 8 {
		y.wantsOpen("task/1 task_failed")
		y.pass(24 * time.Hour)
		if err := y.tidy(context.Background(), y.time()); err != nil {
			t.Fatal(err)
		}
	}
	y.wantsOpen()
}

func TestStopped_IsToldWhenItBegins_OrElseWhenItIsDone(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	job.Attempts = 1
	y.record("task.ending", "task/1", ending(job, "gpu_error"))
	y.read()
	y.wants("critical")
	y.record("task.ended", "task/1", endedAs(job, "gpu_error", "failed"))
	y.read()
	y.wants("critical")
	y.wantsOpen()
	// One that failed by itself, and whose last words were of its GPU.
	job.Task = 2
	y.record("task.ended", "task/2", endedAs(job, "gpu_error", "failed"))
	y.read()
	y.wants("critical", "critical")
	// A person's own kill is nobody's news.
	job.Task = 3
	y.record("task.ending", "task/3", ending(job, "killed"))
	y.record("task.ended", "task/3", endedAs(job, "killed", "killed"))
	y.read()
	y.wants("critical", "critical")
	y.wantsOpen()
}

func TestLedger_WhatElseItTells(t *testing.T) {
	for name, c := range map[string]struct {
		kind, subject string
		data          map[string]any
		told          string
		open          []string
	}{
		"loop":      {"loop.failed", "daemon", map[string]any{"loop": "tracker", "error": "panic: 17", "panic": true}, "critical a part of uratori itself failed: tracker: panic: 17", nil},
		"survivors": {"task.survivors", "task/1", map[string]any{"ticket": "INTG-1", "name": "n"}, "critical INTG-1 n: it could not be ended", []string{"task/1 not_ended"}},
		"refused":   {"task.refused", "INTG-1", map[string]any{"ticket": "INTG-1", "name": "n", "why": map[string]any{"key": "task.no_command"}}, "normal INTG-1 n: ", nil},
		"damaged":   {"store.examined", "store", map[string]any{"verdict": "refuted"}, "critical the records of uratori are damaged", []string{"store store_damaged"}},
		"crash":     {"daemon.started", "daemon", map[string]any{"before": "crashed"}, "high uratori had ended without being asked to", nil},
		"approval": {
			"approval.requested", "INTG-7",
			map[string]any{"request": 1, "step": "plan-approval", "digest": "d", "round": 1, "content": map[string]any{"name": "SOW・計画の承認", "name_en": "Approval of the plan"}},
			"high INTG-7: your approval is waited for: Approval of the plan", nil,
		},
		"approval without a name": {"approval.requested", "INTG-7", map[string]any{"step": "plan-approval", "digest": "d"}, "high INTG-7: your approval is waited for: plan-approval", nil},
		"locked out":              {"approval.locked", "approval", map[string]any{"until": "2026-07-01T09:15:00.000Z", "level": 1}, "critical somebody has typed wrong passphrases", nil},
		"first passphrase":        {"approval.passphrase_set", "approval", map[string]any{"key": 1, "first": true}, "high a passphrase for approvals was set for the first time", nil},
		"other passphrase":        {"approval.passphrase_set", "approval", map[string]any{"key": 2}, "high the passphrase for approvals was changed", nil},
		"usurped":                 {"approval.passphrase_set", "approval", map[string]any{"key": 1, "first": true, "again": true}, "critical the passphrase for approvals was replaced by somebody who did not know", nil},
		"tampered":                {"approval.tampered", "INTG-7", map[string]any{"what": "decision"}, "critical the records of approvals were tampered with: INTG-7", nil},
		"astray":                  {"tracker.astray", "INTG-7", map[string]any{}, "low INTG-7: a write to the sheet landed in another row", nil},
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			y.start()
			for range 3 {
				y.record(c.kind, c.subject, c.data)
				if slices.Contains([]string{"astray", "first passphrase", "other passphrase", "usurped", "tampered"}, name) {
					break // each is one of its own
				}
			}
			y.read()
			told := y.told()
			if len(told) != 1 || !strings.HasPrefix(told[0], c.told) {
				t.Errorf("%q", told)
			}
			y.wantsOpen(c.open...)
			y.again()
			y.read()
			if len(y.told()) != 1 {
				t.Errorf("%q", y.told())
			}
		})
	}
}

func TestApproval_IsToldOncePerRound_WithItsLink_AndEachLockOut(t *testing.T) {
	y := newYard(t)
	y.start()
	y.o.Link = func(ticket string) string { return "http://127.0.0.1:8088/tracker/" + ticket }
	ask := func(digest string, round int) {
		y.record("approval.requested", "INTG-7", map[string]any{"step": "plan-approval", "digest": digest, "round": round, "content": map[string]any{"name_en": "Plan"}})
		y.read()
	}
	ask("a", 1)
	y.record("approval.decided", "INTG-7", map[string]any{"verdict": "reject"})
	ask("a", 1) // as it was rejected
	y.wants("high")
	ask("b", 2)
	ask("a", 3)
	y.wants("high", "high", "high")
	var url string
	if err := y.db.Reader().QueryRowContext(context.Background(), `SELECT url FROM notify_messages LIMIT 1`).Scan(&url); err != nil || url != "http://127.0.0.1:8088/tracker/INTG-7" {
		t.Errorf("%q %v", url, err)
	}
	for _, until := range []string{"2026-07-01T09:15:00.000Z", "2026-07-01T09:45:00.000Z"} {
		y.record("approval.locked", "approval", map[string]any{"until": until})
		y.read()
	}
	y.wants("high", "high", "high", "critical", "critical")
	y.wantsOpen()
}

func TestLedger_OfUsualThings_TellsNobody(t *testing.T) {
	y := newYard(t)
	y.start()
	for range 50 {
		for _, kind := range []string{"approval.decided", "approval.voided", "approval.wrong", "approval.key_renewed", "approval.unclear", "task.queued", "task.starting", "task.running", "ticket.written", "daemon.stopping", "notify.accepted"} {
			y.record(kind, "task/1", map[string]any{"verdict": "refuted", "before": "crashed"})
		}
	}
	y.record("daemon.started", "daemon", map[string]any{"before": "stopped"})
	y.record("store.examined", "store", map[string]any{"verdict": "unverifiable"})
	y.read()
	y.wants()
	if y.reader.stored < lazily {
		t.Errorf("the place was kept at %d only", y.reader.stored)
	}
}

func TestCursor_WhatHappenedWhileNobodyFollowed_IsTold_AndNothingTwice(t *testing.T) {
	y := newYard(t)
	y.start()
	y.record("task.ended", "task/1", failure(1, 1, "failed", 1)) // before the loop has begun
	y.again()
	y.record("task.ended", "task/2", failure(1, 1, "failed", 1))
	y.again()
	y.read()
	y.wants("high", "high")
	for range 3 {
		y.again()
		y.read()
	}
	y.wants("high", "high")
}

func TestCursor_OfAnOldLedger_BeginsAtItsEnd(t *testing.T) {
	y := newYard(t)
	y.start()
	y.record("task.ended", "task/1", failure(1, 1, "failed", 1))
	if err := y.db.Write(context.Background(), func(tx *store.Tx) error { _, err := tx.Exec(`UPDATE monitor_cursor SET seq = -1`); return err }); err != nil {
		t.Fatal(err)
	}
	y.again()
	y.record("task.ended", "task/2", failure(1, 1, "failed", 1))
	y.read()
	y.wants("high")
}

// A daemon that dies between an entry and its message leaves both or neither:
// the store is taken away at each write in turn.
func TestCursor_DaemonDiesAtAnyMoment_EachIsToldOnce(t *testing.T) {
	y := newYard(t)
	y.start()
	const tasks = 12
	for n := range tasks {
		y.record("task.ended", taskSubject(int64(n+1)), failure(1, 1, "failed", 1))
	}
	for n := 1; ; n++ {
		// In this life it comes as far as n entries, and dies in the next.
		seen := 0
		died := errors.New("kill -9")
		for e, err := range y.ledger.Entries(context.Background(), y.reader.seq, "") {
			if err != nil {
				t.Fatal(err)
			}
			act, err := y.meaning(context.Background(), e)
			if err != nil {
				t.Fatal(err)
			}
			if act == nil {
				continue
			}
			if seen++; seen > n%3 {
				err := y.db.Write(context.Background(), func(tx *store.Tx) error { return errors.Join(act(tx), y.readUpTo(tx, e.Seq), died) })
				if !errors.Is(err, died) {
					t.Fatal(err)
				}
				break
			}
			if err := y.takeIn(context.Background(), e); err != nil {
				t.Fatal(err)
			}
			y.reader.seq = e.Seq
		}
		if seen == 0 {
			break
		}
		y.again()
	}
	if told := y.told(); len(told) != tasks {
		t.Errorf("%d of %d were told: %q", len(told), tasks, told)
	}
}

// What nobody can make sense of is passed over, and said to be.
func TestCursor_EntryThatCannotBeUnderstood_HoldsNothingUp(t *testing.T) {
	y := newYard(t)
	y.start()
	y.record("task.ended", "task/not-a-number", map[string]any{"state": 17})
	y.record("task.ended", "task/2", failure(1, 1, "failed", 1))
	tries := 0
	for err := y.catchUp(context.Background()); err != nil; err = y.catchUp(context.Background()) {
		if tries++; tries > 10 {
			t.Fatal(err)
		}
	}
	y.wants("high", "high")
	if told := y.told(); !strings.Contains(told[0], "cannot be understood") {
		t.Errorf("%q", told)
	}
}

func TestFollow_TakesInWhatComes_UntilItEnds(t *testing.T) {
	y := newYard(t)
	y.start()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- y.Follow(ctx) }()
	y.record("task.ended", "task/1", failure(1, 1, "failed", 1))
	for deadline := time.Now().Add(20 * time.Second); len(y.told()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nobody was told")
		}
		<-time.After(time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Whatever is found in whatever order: nothing is open twice, and nobody is
// told more often than something opened or rose.
func TestIncidents_AnyOrder_OneMessageForEachRise(t *testing.T) {
	y := newYard(t)
	y.start()
	task := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		task++
		subject, before := taskSubject(task), len(y.told())
		rises := 0
		level := map[string]notify.Priority{} // that people know of
		since := map[string]time.Time{}
		open := map[string]bool{}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			y.pass(time.Duration(rapid.IntRange(0, 10).Draw(rt, "hours")) * time.Hour)
			kind := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "kind")
			f := Finding{
				Kind: kind, Subject: subject, Level: notify.Priority(rapid.IntRange(1, 4).Draw(rt, "level")), What: say("monitor.astray"),
				Moment: rapid.Bool().Draw(rt, "moment"),
			}
			if rapid.IntRange(0, 2).Draw(rt, "over") == 0 {
				open[kind] = false
				if err := y.db.Write(context.Background(), func(tx *store.Tx) error { return y.over(tx, subject, only(kind)) }); err != nil {
					rt.Fatal(err)
				}
				continue
			}
			if !open[kind] && y.time().Sub(since[kind]) >= forget {
				level[kind], since[kind] = 0, y.time()
			}
			if f.Level > level[kind] {
				level[kind] = f.Level
				rises++
			}
			if err := y.Find(context.Background(), f); err != nil {
				rt.Fatal(err)
			}
			open[kind] = open[kind] || !f.Moment
		}
		y.open() // complains of what is open twice
		if told := y.told()[before:]; len(told) > rises {
			rt.Fatalf("%d messages for %d rises: %q", len(told), rises, told)
		} else if len(told) < rises {
			rt.Fatalf("only %d messages for %d rises: %q", len(told), rises, told)
		}
	})
}
