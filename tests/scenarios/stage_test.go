// Package scenarios does to running tasks what happens to tasks, with the built
// binary, real processes, a server that speaks Pushover's protocol and a library
// that answers as NVIDIA's would; and looks whether people are told, once, and
// whether the right thing was done about it.
package scenarios

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"uratori/internal/control"
	"uratori/monitor/gpu/gputest"
	"uratori/monitor/notify/notifytest"
	"uratori/tests/house"
)

var (
	program string // set once, by TestMain
	planted string // the same with faults of ours
	write   = flag.Bool("write", false, "write the table into docs/reliability.md")
)

// atOnce is how many scenarios run at once: they mostly wait.
const atOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "uratori-planted-")
	if err == nil {
		planted = filepath.Join(dir, "uratori")
		err = house.Build(planted, "1.0.0-test", "planted") // with faults that can be chosen
	}
	status := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		status = house.Main(m, &program)
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

// stage is where one scenario is played.
type stage struct {
	*house.House
	t     *testing.T
	phone *notifytest.Server
	cards *gputest.GPUs
	work  string
	view  string // the same folder, as it is seen from here
	time  string // a file that says by how much the clock of a planted daemon is off
	after []func()

	mu    sync.Mutex
	began time.Time // when it went wrong
}

// Intervals and limits are those of the settings, made short: a look each
// 100 ms, so that what holds for a minute holds for 1.2 s.
func newStage(t *testing.T, c scenario) *stage {
	t.Helper()
	binary := program
	if c.planted {
		binary = planted
	}
	s := &stage{House: house.New(t, binary), t: t, phone: notifytest.New(time.Now), work: t.TempDir()}
	s.view, s.time = s.work, filepath.Join(t.TempDir(), "clock")
	base, stop, err := s.phone.Listen(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s.Env = []string{
		"URATORI_RUNNER_BACKOFF=100ms", "URATORI_RUNNER_GRACE=1s", "URATORI_RUNNER_RETRIES=0", "URATORI_MONITOR_INTERVAL=100ms",
		"URATORI_MONITOR_STALL_WARN=30s", "URATORI_MONITOR_STALL_ALERT=40s", "URATORI_MONITOR_STALL_KILL=50s",
		"PUSHOVER_TOKEN=" + notifytest.Token, "PUSHOVER_USER=" + notifytest.User, "URATORI_NOTIFY_PUSHOVER_ENDPOINT=" + base,
	}
	if c.cards {
		s.cards = gputest.New(t)
		s.cards.Set("0.temperature", 60)
		s.cards.Set("0.processes", "")
		s.cards.Set("0.ecc", 0)
		s.Env = append(s.Env, "URATORI_MONITOR_NVML="+s.cards.Library)
	} else {
		s.Env = append(s.Env, "URATORI_MONITOR_NVML="+filepath.Join(s.work, "libnvidia-ml.so.1"))
	}
	s.Env = append(s.Env, "URATORI_PLANT_CLOCK="+s.time) // which means something to the planted binary only
	s.Env = append(s.Env, c.env...)
	t.Cleanup(func() {
		s.end()
		for _, f := range s.after {
			f()
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	s.began = time.Now()
	return s
}

// end ends what may still run: the daemon leaves its jobs alone.
func (s *stage) end() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := control.Dial(ctx, s.Home, control.Build{})
	if err != nil {
		s.Run("up", "--background")
		if c, err = control.Dial(ctx, s.Home, control.Build{}); err != nil {
			return
		}
	}
	defer c.Close()
	page, err := c.Tasks(ctx, control.TaskQuery{})
	if err != nil {
		return
	}
	none := int64(0)
	for _, task := range page.Tasks {
		_, _ = c.Kill(ctx, control.Kill{Task: task.Task, GraceMS: &none}) // what has ended is no matter
	}
}

// ask has f answered by the daemon, and starts one if there is none.
func (s *stage) ask(f func(context.Context, *control.Client) error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	c, err := control.Dial(ctx, s.Home, control.Build{})
	if err != nil {
		s.Must("up", "--background")
		c, err = control.Dial(ctx, s.Home, control.Build{})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := f(ctx, c); err != nil {
		s.t.Fatal(err)
	}
}

// wrong is the moment in which it goes wrong.
func (s *stage) wrong() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began = time.Now()
}

// run queues a script; change what else is wanted of it.
func (s *stage) run(script string, change ...func(*control.Enqueue)) int64 {
	s.t.Helper()
	e := control.Enqueue{Name: "job", Command: []string{"/bin/sh", "-c", script}, Cwd: s.work, Environ: os.Environ()}
	for _, f := range change {
		f(&e)
	}
	var a control.Enqueued
	s.ask(func(ctx context.Context, c *control.Client) (err error) { a, err = c.Enqueue(ctx, e); return err })
	return a.Task
}

func retries(n int) func(*control.Enqueue) {
	return func(e *control.Enqueue) { e.Retries = &n }
}

func onGPU(e *control.Enqueue) { e.GPU = 1 }

func (s *stage) task(id int64) (d control.TaskDetail) {
	s.t.Helper()
	s.ask(func(ctx context.Context, c *control.Client) (err error) { d, err = c.Task(ctx, id); return err })
	return d
}

// pid waits until the job of a task runs, in its attempt-th attempt or a later
// one.
func (s *stage) pid(id int64, attempt int) int {
	s.t.Helper()
	pid := 0
	house.Until(s.t, "the task runs", func() bool {
		d := s.task(id)
		if d.Attempt >= attempt {
			pid = d.PID
		}
		return pid > 0
	})
	return pid
}

// becomes waits for a state of a task.
func (s *stage) becomes(id int64, state string) {
	s.t.Helper()
	last := ""
	for deadline := time.Now().Add(40 * time.Second); last != state; {
		if time.Now().After(deadline) {
			s.t.Fatalf("task %d is %s, want %s", id, last, state)
		}
		<-time.After(10 * time.Millisecond)
		last = s.task(id).State
	}
}

// shim is the parent of a task's job.
func (s *stage) shim(id int64) int {
	s.t.Helper()
	pid := s.pid(id, 1)
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		s.t.Fatal(err)
	}
	var parent int
	var state string
	rest := string(raw)[strings.LastIndex(string(raw), ")")+2:]
	if _, err := fmt.Sscan(rest, &state, &parent); err != nil {
		s.t.Fatal(err)
	}
	return parent
}

func (s *stage) signal(pid int, sig syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		s.t.Fatal(err)
	}
}

// daemon is the pid of the daemon that runs.
func (s *stage) daemon() control.Status { s.t.Helper(); return s.Status() }

// told waits until the phone has n messages.
func (s *stage) told(n int) []notifytest.Message {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 45*time.Second)
	defer cancel()
	list, err := s.phone.Wait(ctx, n)
	if err != nil {
		var got []string
		for _, m := range list {
			got = append(got, m.Title+" / "+m.Text)
		}
		s.t.Fatalf("%v; got %q", err, got)
	}
	return list
}

// accepted waits until n messages have reached the phone, and the daemon knows
// it. One that is killed in between sends again, marked as a repeat.
func (s *stage) accepted(n int) {
	s.t.Helper()
	s.told(n)
	house.Until(s.t, "the daemon knows what was accepted", func() bool {
		known := 0
		for _, m := range s.messages() {
			for _, d := range m.Deliveries {
				if d.State == "accepted" {
					known++
				}
			}
		}
		return known >= n
	})
}

// messages are those that the daemon knows of, oldest first.
func (s *stage) messages() (list []control.Message) {
	s.t.Helper()
	s.ask(func(ctx context.Context, c *control.Client) error {
		page, err := c.Messages(ctx, "", 0, 50)
		for i := len(page.Messages) - 1; i >= 0; i-- {
			list = append(list, page.Messages[i])
		}
		return err
	})
	return list
}

// open are the incidents that are open.
func (s *stage) open() (kinds []string) {
	s.t.Helper()
	s.ask(func(ctx context.Context, c *control.Client) error {
		page, err := c.Incidents(ctx, control.IncidentQuery{Open: true})
		for _, i := range page.Incidents {
			kinds = append(kinds, i.Kind)
		}
		return err
	})
	return kinds
}

// resolved waits until nothing is open but what is named.
func (s *stage) resolved(but ...string) {
	s.t.Helper()
	want := strings.Join(but, " ")
	var last string
	for deadline := time.Now().Add(40 * time.Second); ; {
		if last = strings.Join(s.open(), " "); last == want {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("open are %q, want %q", last, want)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (s *stage) file(name string) string { return filepath.Join(s.view, name) }

// there waits for a file.
func (s *stage) there(name string) {
	s.t.Helper()
	house.Until(s.t, name, func() bool { _, err := os.Stat(s.file(name)); return err == nil })
}

func (s *stage) touch(name string) {
	s.t.Helper()
	if err := os.WriteFile(s.file(name), []byte("x"), 0o600); err != nil {
		s.t.Fatal(err)
	}
}
