package scenarios

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"uratori/internal/process"
)

func keepers() []scenario {
	const room = "uratori itself fails"
	quick := []string{"URATORI_MONITOR_STALL_WARN=1s", "URATORI_MONITOR_STALL_ALERT=2s", "URATORI_MONITOR_STALL_KILL=3s"}
	crashed := "high ended without being asked"
	return []scenario{
		{
			room: room, name: "kill -9 of the daemon while a job runs", then: "the job goes on, and is taken up", told: []string{crashed},
			play: func(s *stage) {
				id := s.run(alive)
				pid := s.pid(id, 1)
				s.wrong()
				s.Kill(s.Status())
				s.daemon()
				if again := s.pid(id, 1); again != pid {
					s.t.Errorf("another process: %d, was %d", again, pid)
				}
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "kill -9 of the daemon, and the job fails before the next one", then: "failed", told: []string{crashed, "high ended with status 7"}, open: []string{"task_failed"},
			play: func(s *stage) {
				id := s.run("until [ -e go ]; do sleep 0.05; done; touch over; exit 7")
				s.pid(id, 1)
				s.Kill(s.Status())
				s.touch("go")
				s.there("over")
				s.wrong()
				s.daemon()
				s.becomes(id, "failed")
			},
		},
		{
			room: room, name: "kill -9 of the daemon five times in a row", then: "the job goes on", told: []string{crashed},
			play: func(s *stage) {
				id := s.run(alive)
				s.pid(id, 1)
				s.wrong()
				s.Kill(s.Status())
				s.daemon()
				for range 4 {
					s.accepted(1)
					s.Kill(s.Status())
				}
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "kill -9 of the daemon between a warning and its end", then: "nothing is told again; it resolves", env: []string{"URATORI_MONITOR_STALL_WARN=1s"},
			told: []string{"normal no sign of life", crashed},
			play: func(s *stage) {
				id := s.run("until [ -e go ]; do sleep 0.05; done; echo on; sleep 1")
				s.pid(id, 1)
				s.wrong()
				s.accepted(1)
				s.Kill(s.Status())
				s.daemon()
				s.accepted(2)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "kill -9 of the daemon while it ends a job that hangs", then: "the next daemon ends it", env: append([]string{"URATORI_RUNNER_GRACE=3s"}, quick...),
			told: []string{"normal no sign of life", "high no sign of life", "critical no sign of life", crashed},
			play: func(s *stage) {
				id := s.run("trap '' TERM; while :; do sleep 0.2; done")
				s.pid(id, 1)
				s.wrong()
				s.accepted(3)
				s.Kill(s.Status())
				s.daemon()
				s.becomes(id, "failed")
			},
		},
		{
			room: room, name: "the daemon is ended in good order and started again", then: "the job goes on",
			play: func(s *stage) {
				id := s.run(alive)
				s.pid(id, 1)
				s.Must("down")
				s.daemon()
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "the daemon sleeps for longer than a job may hang (SIGSTOP, 4 s)", then: "nothing", env: quick,
			play: func(s *stage) {
				id := s.run(alive)
				s.pid(id, 1)
				pid := s.Status().Daemon.PID
				s.signal(pid, syscall.SIGSTOP)
				<-time.After(4 * time.Second)
				s.signal(pid, syscall.SIGCONT)
				s.looks(5)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "kill -9 of the shim that keeps a job", then: "it goes on; how it ends is not known, so it is resumed", told: []string{"normal "},
			play: func(s *stage) {
				id := s.run("[ -e go ] && exit 0; "+alive, retries(1))
				s.there("up")
				shim := s.shim(id)
				s.signal(shim, syscall.SIGKILL)
				s.looks(10)
				s.wrong()
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "kill -9 of the shim and the job at once", then: "resumed, succeeded", told: []string{"normal "},
			play: func(s *stage) {
				id := s.run("[ -e once ] && exit 0; touch once; while :; do echo on; sleep 0.1; done", retries(1))
				s.there("once")
				shim, pid := s.shim(id), s.pid(id, 1)
				s.wrong()
				s.signal(shim, syscall.SIGKILL)
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may have been ended already
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "kill -9 of the daemon and of the shim", then: "it goes on; how it ends is not known, so it is resumed", told: []string{crashed, "normal "},
			play: func(s *stage) {
				id := s.run("[ -e go ] && exit 0; "+alive, retries(1))
				s.there("up")
				shim := s.shim(id)
				s.wrong()
				s.Kill(s.Status())
				s.signal(shim, syscall.SIGKILL)
				s.daemon()
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "a panic in each of its fourteen loops, among them those that watch and tell", then: "each is started again; the job goes on",
			planted: true, env: []string{"URATORI_PLANT=every-loop-panics-once"}, told: slices.Repeat([]string{"critical a part of uratori itself failed"}, 14),
			play: func(s *stage) { s.becomes(s.run("echo on"), "succeeded") },
		},
		{
			room: room, name: "kill -9 of the probe of the GPUs", then: "it is started again", cards: true, env: []string{"URATORI_MONITOR_INTERVAL=500ms"},
			play: func(s *stage) {
				s.daemon()
				s.seen()
				for _, child := range s.children(s.Status().Daemon.PID) {
					if child.probe {
						s.signal(child.pid, syscall.SIGKILL)
					}
				}
				s.looks(8)
				s.seen()
			},
		},
	}
}

type child struct {
	pid   int
	probe bool
}

// children are those of a process.
func (s *stage) children(of int) (list []child) {
	s.t.Helper()
	all, err := process.All()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range all {
		if p.Parent != of {
			continue
		}
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.PID))
		if err != nil {
			continue // it has just ended
		}
		list = append(list, child{p.PID, strings.Contains(string(line), "gpu-probe")})
	}
	return list
}
