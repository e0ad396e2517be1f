package jobs

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/monitor/notify/notifytest"
	"uratori/tests/house"
)

const untilGo = `until test -e go; do sleep 0.05; done; exit 3`

// comesBack waits for a daemon that no command of this test has started.
func (y *yard) comesBack() *control.Client {
	y.t.Helper()
	var c *control.Client
	house.Until(y.t, "a daemon that comes back by itself", func() bool {
		var err error
		c, err = control.Dial(y.t.Context(), y.Home, control.Build{})
		return err == nil
	})
	return c
}

func TestDaemonKilled_TheShimOfARunningJob_BringsItBack(t *testing.T) {
	t.Parallel()
	y := newYard(t, "URATORI_MONITOR_DAEMON_CHECK=200ms", "URATORI_RUNNER_RETRIES=0")
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", untilGo}})
	y.until(id, "running")
	for range 2 { // the second one is missed by a shim that nobody ever listened to since
		y.Kill(y.Status())
		y.comesBack().Close()
	}
	task := y.task(id)
	if task.State != "running" || task.Attempt != 1 {
		t.Errorf("%+v", task.Task)
	}
	y.write("go", "")
	if d := y.ended(id); d.ExitCode == nil || *d.ExitCode != 3 || d.Attempt != 1 {
		t.Errorf("%+v", d.Task)
	}
}

func TestDaemonKilled_AndTheJobEnds_TheShimHasSomebodyNoticeIt(t *testing.T) {
	t.Parallel()
	y := newYard(t, "URATORI_MONITOR_DAEMON_CHECK=500ms", "URATORI_RUNNER_RETRIES=0")
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", untilGo}})
	y.until(id, "running")
	y.Kill(y.Status())
	y.write("go", "")
	c := y.comesBack()
	defer c.Close()
	task, err := c.WaitTask(t.Context(), id, 30*time.Second)
	if err != nil || task.State != "failed" || task.ExitCode == nil || *task.ExitCode != 3 {
		t.Errorf("%+v, %v", task, err)
	}
}

// Whoever stopped it wanted that.
func TestDaemonStopped_TheShimOfARunningJob_LeavesItStopped(t *testing.T) {
	t.Parallel()
	y := newYard(t, "URATORI_MONITOR_DAEMON_CHECK=20ms")
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", `until test -e go; do sleep 0.01; done; while test $((i += 1)) -lt 100; do sleep 0.01; done; touch over`}})
	y.until(id, "running")
	y.Must("down")
	y.write("go", "") // a second later it ends, having been looked after fifty times
	house.Until(t, "the end of the job", func() bool { return there(filepath.Join(y.work, "over")) })
	_, err := control.Dial(t.Context(), y.Home, control.Build{})
	if fault.KindOf(err) != fault.Unavailable || len(y.Daemons()) > 0 {
		t.Errorf("a daemon is there: %v", err)
	}
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestDaemonKilled_AndItCannotStart_TheShimsTellPeopleOnce(t *testing.T) {
	t.Parallel()
	phone := notifytest.New(time.Now)
	base, stop, err := phone.Listen(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	y := newYard(t, "URATORI_MONITOR_DAEMON_CHECK=200ms", "URATORI_RUNNER_SLOTS=3",
		"PUSHOVER_TOKEN="+notifytest.Token, "PUSHOVER_USER="+notifytest.User, "URATORI_NOTIFY_PUSHOVER_ENDPOINT="+base)
	var ids []int64
	for range 3 {
		ids = append(ids, y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", untilGo}, Retries: new(int)}))
	}
	for _, id := range ids {
		y.until(id, "running")
	}
	before := y.Status()
	broken := y.Home.Config()
	if err := os.WriteFile(broken, []byte("[tracker\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	y.Kill(before)
	told, err := phone.Wait(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if m := told[0]; m.Priority != 1 || !strings.Contains(m.Text, "config.toml") || strings.Contains(m.Text, notifytest.Token) {
		t.Errorf("%+v", m)
	}
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	y.comesBack().Close()
	y.write("go", "")
	for _, id := range ids {
		if d := y.ended(id); d.ExitCode == nil || *d.ExitCode != 3 {
			t.Errorf("%+v", d.Task)
		}
	}
	gone := 0
	for _, m := range phone.Messages() {
		if m.Text == told[0].Text {
			gone++
		}
	}
	if gone != 1 {
		t.Errorf("told %d times", gone)
	}
}

func TestHeartbeat_BeatsWhileTheMonitorLooks_AndSaysWhenNobodyHears(t *testing.T) {
	t.Parallel()
	var beats atomic.Int64
	var deaf atomic.Bool
	hears := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ping/a-secret-uuid" || deaf.Load() {
			http.Error(w, "no", http.StatusServiceUnavailable)
			return
		}
		beats.Add(1)
	}))
	defer hears.Close()
	y := newYard(t, "URATORI_MONITOR_HEARTBEAT_INTERVAL=20ms")
	y.Must("up", "--background", "--heartbeat-url", hears.URL+"/ping/a-secret-uuid")
	house.Until(t, "ten beats", func() bool { return beats.Load() >= 10 })
	complains := func() bool {
		for _, p := range y.Status().Problems {
			if p.Code == "problem.heartbeat" {
				return true
			}
		}
		return false
	}
	deaf.Store(true)
	house.Until(t, "that nobody hears it is said", complains)
	deaf.Store(false)
	house.Until(t, "that somebody hears it again", func() bool { return !complains() })
	log, err := os.ReadFile(filepath.Join(y.Home.Logs(), "daemon.log"))
	if err != nil || strings.Contains(string(log), "a-secret-uuid") {
		t.Errorf("the address is in the log, %v", err)
	}
	if out := y.Must("config", "show"); strings.Contains(out, "a-secret-uuid") {
		t.Errorf("the address is shown: %s", out)
	}
}
