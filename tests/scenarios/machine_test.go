package scenarios

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/process"
	"uratori/monitor/notify/notifytest"
	"uratori/tests/house"
)

// machines are scenarios of what a job runs on. With a binary of ours whose
// daemon takes the time from a clock that can be set: what it reads jumps, and
// the monotonic clock beside it goes on, as with a real one. Files, the shim and
// the phone keep the real time.
func machines() []scenario {
	const room = "the machine itself"
	quick := []string{"URATORI_MONITOR_STALL_WARN=1s", "URATORI_MONITOR_STALL_ALERT=2s", "URATORI_MONITOR_STALL_KILL=3s"}
	ladder := []string{"normal no sign of life", "high no sign of life", "critical no sign of life"}
	// goesOn plays a job that works while the clock is set.
	goesOn := func(by time.Duration) func(s *stage) {
		return func(s *stage) {
			began := time.Now()
			id := s.run(counting, func(e *control.Enqueue) { e.TimeoutMS = time.Minute.Milliseconds() })
			s.there("up")
			s.looks(3)
			s.clock(by)
			s.wrong()
			<-time.After(4 * time.Second) // longer than any limit
			s.looks(3)
			s.estimates(id)
			s.touch("go")
			s.becomes(id, "succeeded")
			s.dates(id, by, began)
			s.moved(by)
		}
	}
	// hangs plays a job that falls silent after the clock was set.
	hangs := func(by time.Duration) func(s *stage) {
		return func(s *stage) {
			id := s.run("while ! [ -e silent ]; do echo on; sleep 0.1; done; exec sleep 1000")
			s.pid(id, 1)
			s.looks(3)
			s.clock(by)
			s.touch("silent")
			s.wrong()
			s.becomes(id, "failed")
			s.moved(by)
		}
	}
	stuck := func(then func(s *stage, id int64)) func(s *stage) {
		return func(s *stage) {
			s.compile("vfork", vfork)
			id := s.run("exec ./vfork")
			s.there("up")
			s.wrong()
			pid := s.pid(id, 1)
			house.Until(s.t, "it hangs in the kernel", func() bool { return s.state(pid) == "D" })
			s.told(1)
			then(s, id)
		}
	}
	return []scenario{
		{
			room: room, name: "a job fills the disk that it works on, and room is made again", then: "nothing; it goes on", told: []string{"high is left on the disk"},
			play: func(s *stage) {
				disk := s.disk("1040m") // a little more than must be left
				id := s.run("until [ -e fill ]; do echo on; sleep 0.1; done; head -c 64000000 /dev/zero > big; touch full; " + alive)
				s.pid(id, 1)
				s.looks(5)
				s.touch("fill")
				s.there("full")
				s.wrong()
				s.told(1)
				disk.resize("3g")
				s.resolved()
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{room: room, name: "the clock is set forward by three hours while a job works", then: "nothing, succeeded", planted: true, env: quick, play: goesOn(3 * time.Hour)},
		{room: room, name: "the clock is set back by three hours while a job works", then: "nothing, succeeded", planted: true, env: quick, play: goesOn(-3 * time.Hour)},
		{room: room, name: "a job falls silent after the clock was set forward", then: "stopped, not resumed", planted: true, env: quick, told: ladder, play: hangs(3 * time.Hour)},
		{room: room, name: "a job falls silent after the clock was set back", then: "stopped, not resumed", planted: true, env: quick, told: ladder, play: hangs(-3 * time.Hour)},
		{
			room: room, name: "the clock is set back while a message waits for Pushover", then: "sent again after 5 s", planted: true,
			told: []string{"high ended with status 1"}, open: []string{"task_failed"},
			play: func(s *stage) {
				down := true
				s.phone.Meet(func(int, string) notifytest.Fault {
					if down {
						down = false
						return notifytest.S503
					}
					return notifytest.None
				})
				s.wrong()
				s.becomes(s.run("exit 1"), "failed")
				house.Until(s.t, "a try", func() bool { return s.phone.Counts().Requests > 0 })
				s.clock(-3 * time.Hour)
			},
		},
		{
			room: room, name: "the clock is set back while a job waits to be tried again", then: "resumed when its pause is over, succeeded", planted: true,
			env: []string{"URATORI_RUNNER_BACKOFF=3s"}, told: []string{"normal ended with status 3"},
			play: func(s *stage) {
				id := s.run("[ -e once ] && exit 0; touch once; exit 3", retries(3))
				s.wrong()
				s.told(1)
				s.clock(-3 * time.Hour)
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "the machine sleeps for longer than a job may hang (daemon, shim and job stopped together, 4 s)", then: "nothing, succeeded", env: quick,
			play: func(s *stage) {
				id := s.run(alive)
				s.there("up")
				s.looks(3)
				s.sleeps(id, 4*time.Second)
				s.looks(5)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, name: "the machine sleeps, and the job hangs when it is awake again", then: "stopped, not resumed", env: quick, told: ladder,
			play: func(s *stage) {
				id := s.run("touch up; while ! [ -e silent ]; do echo on; sleep 0.1; done; exec sleep 1000")
				s.there("up")
				s.looks(3)
				s.touch("silent")
				s.sleeps(id, 4*time.Second)
				s.wrong()
				s.becomes(id, "failed")
			},
		},
		{
			room: room, name: "a process of a job hangs in the kernel (state D), and comes back", then: "nothing; it goes on", told: []string{"high in the kernel"},
			play: stuck(func(s *stage, id int64) {
				s.touch("go")
				s.becomes(id, "succeeded")
			}),
		},
		{
			room: room, name: "a process hangs in the kernel (state D), and a person kills the task", then: "killed by force, all of it", told: []string{"high in the kernel"},
			play: stuck(func(s *stage, id int64) {
				pid := s.pid(id, 1)
				s.ask(func(ctx context.Context, c *control.Client) error {
					k, err := c.Kill(ctx, control.Kill{Task: id})
					if err != nil || k.Verdict != "verified" || len(k.Survivors) > 0 || len(k.Ended) != 2 {
						s.t.Errorf("%+v", k)
					}
					// The child does not listen to TERM; when it is gone, the TERM that its
					// parent got long ago counts, or else the KILL.
					if !slices.ContainsFunc(k.Ended, func(e control.EndedProcess) bool { return e.Signal == "SIGKILL" }) {
						s.t.Errorf("%+v", k.Ended)
					}
					return err
				})
				if state := s.state(pid); state != "" {
					s.t.Errorf("it was called killed, and is %s", state)
				}
				s.becomes(id, "killed")
			}),
		},
	}
}

// counting is a job of a hundred items that tells how far it is, until
// somebody writes the file "go".
const counting = `touch up; i=0; while ! [ -e go ]; do [ $i -lt 90 ] && i=$((i+1)); echo "$i/100"; sleep 0.1; done`

// vfork waits in the kernel, uninterruptibly but for SIGKILL, until its child is
// gone, which works on.
const vfork = `
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

int main(void) {
	if (vfork() == 0) {
		signal(SIGTERM, SIG_IGN);
		close(open("up", O_CREAT | O_WRONLY, 0600));
		while (access("go", F_OK) != 0) {
			write(1, "on\n", 3);
			usleep(100000);
		}
		_exit(0);
	}
	return 0;
}
`

// compile makes a program in the folder of the job.
func (s *stage) compile(name, source string) {
	s.t.Helper()
	file := s.file(name + ".c")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if out, err := exec.CommandContext(s.t.Context(), "gcc", "-w", "-o", s.file(name), file).CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
}

// state is the letter of a process, empty for none.
func (s *stage) state(pid int) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	return strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))[0]
}

// clock sets the clock of the daemon.
func (s *stage) clock(by time.Duration) {
	s.t.Helper()
	part := s.time + ".part"
	if err := os.WriteFile(part, []byte(by.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(part, s.time); err != nil {
		s.t.Fatal(err)
	}
}

// moved looks that the clock was really set: the ledger is dated by it.
func (s *stage) moved(by time.Duration) {
	s.t.Helper()
	ended := s.Entries("task.ended")
	if len(ended) == 0 {
		s.t.Fatal("no task has ended")
	}
	at, err := time.Parse(time.RFC3339Nano, ended[len(ended)-1].At)
	if off := time.Since(at) + by; err != nil || off.Abs() > time.Minute {
		s.t.Errorf("the ledger says %s, %v from what the clock was set to (%v)", ended[len(ended)-1].At, off, err)
	}
}

// estimates looks that how long a task will take makes sense.
func (s *stage) estimates(id int64) {
	s.t.Helper()
	d := s.task(id)
	if d.Progress == nil || d.Progress.Total != 100 {
		s.t.Fatalf("no progress: %+v", d.Progress)
	}
	if eta := d.Progress.EtaS; eta != nil && (*eta < 0 || *eta > 600) {
		s.t.Errorf("%d of 100 are done after some seconds, and it will take %d s", d.Progress.Done, *eta)
	}
	if d.LastActivity == nil {
		s.t.Error("it was never active")
	}
}

// below is a length of time below zero.
var below = regexp.MustCompile(`(^|\s)[-−]\d+(\.\d+)?(ms|[hms])`)

// dates looks that the times of a task are those of the clock of their moment,
// and that what is said of it holds no length of time below zero.
func (s *stage) dates(id int64, by time.Duration, began time.Time) {
	s.t.Helper()
	d := s.task(id)
	raw, err := json.Marshal(d)
	if err != nil {
		s.t.Fatal(err)
	}
	if d.StartedAt == nil || d.EndedAt == nil || d.StartedAt.Sub(began).Abs() > time.Minute {
		s.t.Errorf("it was started %v: %s", began, raw)
		return
	}
	// Either clock may have told the end: the shim's goes on as it was.
	if off := time.Since(*d.EndedAt); off.Abs() > time.Minute && (off+by).Abs() > time.Minute {
		s.t.Errorf("it ended %v ago: %s", off, raw)
	}
	for _, command := range [][]string{{"status", strconv.FormatInt(id, 10)}, {"stats"}, {"incidents"}} {
		if out := s.Must(command...); below.MatchString(out) {
			s.t.Errorf("a length of time below zero:\n%s", out)
		}
	}
}

// sleeps stops the daemon and all of a task as a machine that is suspended
// does, and has them go on at once.
func (s *stage) sleeps(id int64, d time.Duration) {
	s.t.Helper()
	daemon := s.Status().Daemon.PID
	all := append([]int{daemon}, s.family(s.shim(id))...)
	for _, pid := range all {
		s.signal(pid, syscall.SIGSTOP)
	}
	<-time.After(d)
	for _, pid := range all {
		s.signal(pid, syscall.SIGCONT)
	}
}

// family are a process and all of its children. A shell's `sleep` may end
// meanwhile: those that last are enough.
func (s *stage) family(root int) []int {
	s.t.Helper()
	s.signal(root, syscall.SIGSTOP) // nothing is born while it is looked
	list := []int{root}
	for n := 0; n < len(list); n++ {
		all, err := process.All()
		if err != nil {
			s.t.Fatal(err)
		}
		for _, p := range all {
			if p.Parent != list[n] || p.Ended || slices.Contains(list, p.PID) {
				continue
			}
			if err := syscall.Kill(p.PID, syscall.SIGSTOP); err == nil {
				list = append(list, p.PID)
			}
		}
	}
	return list
}

// ownDisk is a small disk under the folder of the job, in a mount namespace of
// its own in which the daemon runs, and with it the job.
type ownDisk struct {
	s      *stage
	holder int
}

func (s *stage) disk(size string) ownDisk {
	s.t.Helper()
	out, err := os.CreateTemp(s.t.TempDir(), "")
	if err != nil {
		s.t.Fatal(err)
	}
	defer out.Close() //nolint:errcheck // the process has its own
	cmd := exec.CommandContext(s.t.Context(), "unshare", "-rm", "bash", "-euc", `mount -t tmpfs -o size="$SIZE" none "$DISK"; echo mounted; exec sleep 1000`)
	cmd.Env = append(os.Environ(), "SIZE="+size, "DISK="+s.work)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	house.Until(s.t, "a disk", func() bool {
		text, err := os.ReadFile(out.Name())
		if strings.Contains(string(text), "unshare:") {
			s.t.Fatalf("this test needs user namespaces (sysctl kernel.unprivileged_userns_clone=1, or root): %s", text)
		}
		return err == nil && strings.HasSuffix(string(text), "mounted\n")
	})
	d := ownDisk{s, cmd.Process.Pid}
	s.view = fmt.Sprintf("/proc/%d/root%s", d.holder, s.work)
	inside := filepath.Join(s.t.TempDir(), "uratori")
	if err := os.WriteFile(inside, []byte(fmt.Sprintf("#!/bin/sh\nexec nsenter -t %d -U -m --preserve-credentials '%s' \"$@\"\n", d.holder, s.Program)), 0o700); err != nil { //nolint:gosec // a program
		s.t.Fatal(err)
	}
	s.Program = inside
	s.after = append(s.after, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	return d
}

// resize makes the disk larger.
func (d ownDisk) resize(size string) {
	d.s.t.Helper()
	cmd := exec.CommandContext(d.s.t.Context(), "nsenter", "-t", strconv.Itoa(d.holder), "-U", "-m", "--preserve-credentials", "mount", "-o", "remount,size="+size, d.s.work)
	if out, err := cmd.CombinedOutput(); err != nil {
		d.s.t.Fatalf("%v: %s", err, out)
	}
}
