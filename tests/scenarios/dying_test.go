package scenarios

import (
	"context"
	"os"
	"syscall"
	"time"

	"uratori/internal/control"
)

func dying() []scenario {
	const room = "a job dies"
	return []scenario{
		{
			room: room, name: "it ends with status 1", then: "failed", told: []string{"high ended with status 1"}, open: []string{"task_failed"},
			play: func(s *stage) {
				id := s.run("until [ -e go ]; do sleep 0.05; done; exit 1")
				s.pid(id, 1)
				s.wrong()
				s.touch("go")
				s.becomes(id, "failed")
			},
		},
		{
			room: room, name: "it fails once and succeeds when it is tried again", then: "resumed, succeeded", told: []string{"normal ended with status 3"},
			play: func(s *stage) {
				id := s.run("[ -e once ] && exit 0; touch once; exit 3", retries(3))
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "it fails in the same way each time", then: "resumed twice, failed", told: []string{"normal ended with status 1", "high ended with status 1"}, open: []string{"task_failed"},
			play: func(s *stage) { s.becomes(s.run("exit 1", retries(2)), "failed") },
		},
		{
			room: room, name: "kill -9 of the job", then: "resumed, succeeded", told: []string{"normal KILL"},
			play: func(s *stage) {
				id := s.run("[ -e once ] && exit 0; touch once; exec sleep 100", retries(1))
				s.there("once")
				pid := s.pid(id, 1)
				s.wrong()
				s.signal(pid, syscall.SIGKILL)
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "it crashes (SIGSEGV)", then: "failed", told: []string{"high SEGV"}, open: []string{"task_failed"},
			play: func(s *stage) { s.becomes(s.run("kill -SEGV $$; sleep 100"), "failed") },
		},
		{
			room: room, name: "its program is not there", then: "failed", told: []string{"high no-such-program"}, open: []string{"task_failed"},
			play: func(s *stage) {
				s.becomes(s.run("", func(e *control.Enqueue) { e.Command = []string{"no-such-program"} }), "failed")
			},
		},
		{
			room: room, name: "its folder goes before it starts", then: "failed", told: []string{"high "}, open: []string{"task_failed"},
			play: func(s *stage) {
				dir := s.file("gone")
				if err := os.Mkdir(dir, 0o700); err != nil {
					s.t.Fatal(err)
				}
				id := s.run("true", func(e *control.Enqueue) { e.Cwd, e.Hold = dir, true })
				if err := os.Remove(dir); err != nil {
					s.t.Fatal(err)
				}
				s.wrong()
				s.hold(id, false)
				s.becomes(id, "failed")
			},
		},
		{
			room: room, name: "it runs longer than it may", then: "stopped, failed", told: []string{"high "}, open: []string{"task_failed"},
			play: func(s *stage) {
				id := s.run("while :; do echo on; sleep 0.1; done", func(e *control.Enqueue) { e.TimeoutMS = 1000 })
				s.becomes(id, "failed")
			},
		},
		{
			room: room, name: "it says that it succeeded, and an output is not there", then: "failed", told: []string{"high "}, open: []string{"task_failed"},
			play: func(s *stage) {
				s.touch("in.txt")
				id := s.run("true", func(e *control.Enqueue) { e.Items, e.Outputs = []string{"in.txt"}, []string{"out/{stem}.png"} })
				s.becomes(id, "failed")
			},
		},
		{
			room: room, name: "the disk that it writes to is full", then: "failed", told: []string{"high ended with status"}, open: []string{"task_failed"},
			play: func(s *stage) { s.becomes(s.run("echo all > /dev/full || exit 28"), "failed") },
		},
		{
			room: room, name: "it leaves a child that has fled", then: "the child is ended, succeeded",
			play: func(s *stage) {
				id := s.run("setsid sh -c 'touch child; exec sleep 1000' & until [ -e child ]; do sleep 0.05; done; exit 0")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "a person kills it", then: "killed, all of it",
			play: func(s *stage) {
				id := s.run("sleep 1000 & sleep 1000")
				s.pid(id, 1)
				s.ask(func(ctx context.Context, c *control.Client) error {
					k, err := c.Kill(ctx, control.Kill{Task: id})
					if err == nil && k.Verdict != "verified" {
						s.t.Errorf("%+v", k)
					}
					return err
				})
				s.becomes(id, "killed")
			},
		},
		{
			room: room, name: "nothing: it works and ends", then: "succeeded",
			play: func(s *stage) { s.becomes(s.run("for i in 1 2 3 4 5; do echo $i; sleep 0.2; done"), "succeeded") },
		},
	}
}

func (s *stage) hold(id int64, hold bool) {
	s.t.Helper()
	s.ask(func(ctx context.Context, c *control.Client) error {
		_, err := c.Hold(ctx, control.Hold{Task: id, Hold: hold})
		return err
	})
}

func hanging() []scenario {
	const room = "a job hangs"
	quick := []string{"URATORI_MONITOR_STALL_WARN=1s", "URATORI_MONITOR_STALL_ALERT=2s", "URATORI_MONITOR_STALL_KILL=3s"}
	ladder := []string{"normal no sign of life", "high no sign of life", "critical no sign of life"}
	return []scenario{
		{
			room: room, name: "it falls silent (limits of 1, 2 and 3 s)", then: "stopped, resumed, succeeded", env: quick, told: ladder,
			play: func(s *stage) {
				id := s.run("[ -e once ] && exit 0; touch once; exec sleep 1000", retries(3))
				s.there("once")
				s.wrong()
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "it is silent for ever", then: "stopped, not resumed", env: quick, told: ladder,
			play: func(s *stage) { s.becomes(s.run("exec sleep 1000"), "failed") },
		},
		{
			room: room, name: "it hangs each time that it is resumed", then: "stopped twice, failed", env: quick,
			told: append(slicesClone(ladder), "critical no sign of life"),
			play: func(s *stage) { s.becomes(s.run("exec sleep 1000", retries(1)), "failed") },
		},
		{
			room: room, name: "it is silent, and goes on after the warning", then: "nothing", env: []string{"URATORI_MONITOR_STALL_WARN=1s"}, told: []string{"normal no sign of life"},
			play: func(s *stage) {
				id := s.run("until [ -e go ]; do sleep 0.05; done; echo on; sleep 2; echo done")
				s.pid(id, 1)
				s.wrong()
				s.told(1)
				s.becomes(id, "stalled")
				s.touch("go")
				s.becomes(id, "running")
				s.resolved()
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "somebody stops it (SIGSTOP)", then: "ended, failed", env: quick, told: ladder,
			play: func(s *stage) {
				id := s.run(`exec python3 -u -c '
import time
open("up", "w")
while True:
    print("on")
    time.sleep(0.1)'`)
				pid := s.pid(id, 1)
				s.there("up") // until then it may be a shell that looks for python3
				s.wrong()
				s.signal(pid, syscall.SIGSTOP)
				s.becomes(id, "failed")
			},
		},
		{
			room: room, name: "it hangs and does not listen to SIGTERM", then: "ended by force, with its children", env: quick, told: ladder,
			play: func(s *stage) {
				s.becomes(s.run("trap '' TERM; sleep 1000 & trap '' TERM; while :; do sleep 1; done"), "failed")
			},
		},
		{
			room: room, name: "it takes long, and was given the time", then: "nothing, succeeded", env: quick,
			play: func(s *stage) {
				s.becomes(s.run("sleep 4", func(e *control.Enqueue) { e.StallMS = (60 * time.Second).Milliseconds() }), "succeeded")
			},
		},
		{
			room: room, name: "it writes to one line over and over", then: "nothing, succeeded", env: quick,
			play: func(s *stage) {
				s.becomes(s.run(`i=0; while [ $i -lt 20 ]; do printf "\r%d" $i; i=$((i+1)); sleep 0.2; done`), "succeeded")
			},
		},
		{
			room: room, name: "a person holds it", then: "nothing; it waits", env: quick,
			play: func(s *stage) {
				id := s.run("while ! [ -e go ]; do echo on; sleep 0.1; done")
				s.pid(id, 1)
				s.hold(id, true)
				<-time.After(4 * time.Second) // longer than any limit
				s.hold(id, false)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "it runs for more than an hour (limit of 2 s)", then: "nothing; it goes on", env: []string{"URATORI_MONITOR_TIMEOUT=2s"}, told: []string{"normal running for more than 2s"},
			play: func(s *stage) {
				id := s.run("while ! [ -e go ]; do echo on; sleep 0.1; done")
				s.told(1)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
	}
}

func slicesClone(list []string) []string { return append([]string(nil), list...) }
