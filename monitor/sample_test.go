package monitor

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"uratori/internal/process"
)

// planted is a list of processes: "pid parent group session start".
func planted(t testing.TB, lines ...string) (all []process.Process) {
	t.Helper()
	for _, line := range lines {
		var p process.Process
		if _, err := fmt.Sscan(line, &p.PID, &p.Parent, &p.Group, &p.Session, &p.Start); err != nil {
			t.Fatal(err)
		}
		p.Boot = "boot"
		all = append(all, p)
	}
	return all
}

func id(pid int, start uint64) process.ID { return process.ID{PID: pid, Start: start, Boot: "boot"} }

func pidsOf(list []process.Process) (pids []int) {
	for _, p := range list {
		pids = append(pids, p.PID)
	}
	slices.Sort(pids)
	return pids
}

func TestMembers_AreTheWholeTree_AndNobodyElse(t *testing.T) {
	job := Job{Task: 1, Attempt: 1, Shim: id(10, 100), Main: id(11, 101)}
	other := Job{Task: 2, Attempt: 1, Shim: id(20, 200), Main: id(21, 201)}
	for name, c := range map[string]struct {
		before, now []string
		want        []int
	}{
		"children": {now: []string{"10 1 10 10 100", "11 10 11 11 101", "12 11 11 11 102", "13 12 11 11 103", "99 1 99 99 5"}, want: []int{11, 12, 13}},
		"one that the shim has inherited": {
			now: []string{"10 1 10 10 100", "11 10 11 11 101", "30 10 30 30 130", "31 30 30 30 131"}, want: []int{11, 30, 31},
		},
		"one of its session, whoever its parent": {now: []string{"10 1 10 10 100", "11 10 11 11 101", "14 1 14 11 104"}, want: []int{11, 14}},
		"the shim has died":                      {now: []string{"11 1 11 11 101", "12 11 11 11 102"}, want: []int{11, 12}},
		"seen before, and gone astray": {
			before: []string{"10 1 10 10 100", "11 10 11 11 101", "15 11 15 15 105"}, now: []string{"10 1 10 10 100", "11 10 11 11 101", "15 1 15 15 105"}, want: []int{11, 15},
		},
		"its pid is another's now": {
			before: []string{"10 1 10 10 100", "11 10 11 11 101", "15 11 15 15 105"}, now: []string{"10 1 10 10 100", "11 10 11 11 101", "15 1 15 15 999"}, want: []int{11},
		},
		"the pid of the shim is another's now":  {now: []string{"10 1 10 10 500", "40 10 40 40 501"}},
		"a session of before with the same pid": {now: []string{"10 1 10 10 100", "16 1 11 11 50"}},
		"a daemon that it started, with the shims of others": {
			now: []string{
				"10 1 10 10 100", "11 10 11 11 101", "7 10 7 7 110", "20 7 20 20 200", "21 20 21 21 201", "22 21 21 21 202", "8 7 7 7 120",
			},
			want: []int{11},
		},
		"a circle": {now: []string{"10 11 10 10 100", "11 10 11 11 101"}, want: []int{11}},
		"nobody":   {},
	} {
		t.Run(name, func(t *testing.T) {
			w := who{self: 7}
			if c.before != nil {
				w.members(planted(t, c.before...), []Job{job, other})
			}
			got := w.members(planted(t, c.now...), []Job{job, other})
			if pids := pidsOf(got[attempt{1, 1}]); !slices.Equal(pids, c.want) {
				t.Errorf("%v, want %v", pids, c.want)
			}
		})
	}
}

// tree starts a shell with n processes under it, that wait.
func tree(t testing.TB, n int) (process.ID, *exec.Cmd) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", "for i in $(seq "+strconv.Itoa(n-1)+"); do sleep 1000 & done; echo ready; wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // with all that it started
		_ = cmd.Wait()
	})
	if _, err := io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	self, err := process.Of(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	return self, cmd
}

func TestSampler_CountsWhatARealTreeTakes(t *testing.T) {
	y := newYard(t)
	y.start()
	main, _ := tree(t, 5)
	log := t.TempDir() + "/log"
	if err := os.WriteFile(log, []byte("RuntimeError: CUDA error: device-side assert triggered"), 0o600); err != nil {
		t.Fatal(err)
	}
	y.jobs = []Job{{Task: 1, Attempt: 1, Shim: id(1, 1), Main: main, Cwd: y.dir, Logs: []string{log}, Started: y.time()}}
	s := newSampler(y.o, nil)
	first, err := s.take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := first.Tasks[0]
	if got.Processes != 5 || got.Threads < 5 || got.Zombies != 0 || got.Memory == 0 || got.CPU >= 0 {
		t.Errorf("%+v", got)
	}
	files := 0
	for _, pid := range got.PIDs {
		names, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		if err != nil {
			t.Fatal(err)
		}
		files += len(names)
	}
	if got.Files != files || files < 5 {
		t.Errorf("%d open files, and there are %d", got.Files, files)
	}
	if first.Machine.MemoryTotal == 0 || first.Machine.Disks[y.dir].Total == 0 || first.Machine.Disks[y.dir].Device == "" {
		t.Errorf("%+v", first.Machine)
	}
	if len(got.Signs) != 0 {
		t.Error("half a line was taken for a whole one")
	}
	second, err := s.take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(second.Tasks[0].Signs) != 1 || !strings.Contains(second.Tasks[0].Signs[0].Line, "device-side assert") {
		t.Errorf("the last line of a log that rests was not read: %+v", second.Tasks[0].Signs)
	}
}

func TestSampler_LogIsReadInPieces_AndAnew(t *testing.T) {
	log := t.TempDir() + "/log"
	line := "RuntimeError: CUDA error: an illegal memory access was encountered\n"
	write := func(text string) {
		if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var w logWatch
	job := Job{Logs: []string{log, log + ".none"}}
	found := func(looks int) (n int) {
		for range looks {
			n += len(w.look(job))
			w.forget()
		}
		return n
	}
	write(strings.Repeat(strings.Repeat("all is well ", 100)+"\n", 10<<10) + line) // more than one look reads
	if n := found(1); n != 0 {
		t.Errorf("%d signs in the first piece", n)
	}
	if n := found(5); n != 1 {
		t.Errorf("%d signs in all", n)
	}
	write(line) // begun anew
	if n := found(2); n != 1 {
		t.Errorf("%d signs in a log that was begun anew", n)
	}
	w.forget()
	if len(w.files) != 0 {
		t.Error("files of jobs that do not run are kept")
	}
}

// BenchmarkPass_50TreesOf20 is one look at 1000 processes, as it is taken every
// 5 seconds.
func BenchmarkPass_50TreesOf20(b *testing.B) {
	y := newYard(b)
	y.start()
	for n := range 50 {
		main, _ := tree(b, 20)
		y.jobs = append(y.jobs, Job{Task: int64(n + 1), Attempt: 1, Attempts: 4, Shim: id(1, 1), Main: main, Cwd: y.dir, Started: time.Now()})
	}
	s := newSampler(y.o, nil)
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		sample, err := s.take(context.Background())
		if err != nil || len(sample.Tasks) != 50 || sample.Tasks[7].Processes != 20 {
			b.Fatalf("%+v, %v", sample.Tasks[7], err)
		}
		y.judge.look(sample)
	}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	used := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	b.ReportMetric(float64(used)/float64(b.N)/1e6, "cpu-ms/op")
}

// disks is a machine whose folders lie on disks by their first element.
type disks struct{ Host }

func (disks) Disk(folder string) (Disk, error) {
	return Disk{Device: strings.Split(folder, "/")[1], Total: 2, Free: 1}, nil
}

// However many folders were worked in before, the disk of each job is looked
// at, and of those before one folder a disk.
func TestSampler_AfterManyFolders_LooksAtThatOfEachJob(t *testing.T) {
	y := newYard(t)
	y.start()
	y.o.Machine, y.o.Home = disks{}, "/home/u"
	s := newSampler(y.o, []string{"/full/before"})
	look := func(folders ...string) map[string]Disk {
		var jobs []Job
		for _, folder := range folders {
			jobs = append(jobs, Job{Cwd: folder})
		}
		m := MachineSample{Disks: map[string]Disk{}}
		s.machine(&m, jobs)
		return m.Disks
	}
	for n := range 3 * mostFolders {
		look(fmt.Sprintf("/a/%d", n), fmt.Sprintf("/b/%d", n))
	}
	seen := look("/a/last", "/c/last")
	for _, folder := range []string{"/a/last", "/c/last", "/home/u", "/full/before"} {
		if _, ok := seen[folder]; !ok {
			t.Errorf("%s was not looked at: %v", folder, seen)
		}
	}
	devices := map[string]bool{}
	for _, d := range seen {
		devices[d.Device] = true
	}
	if !devices["b"] || len(devices) != 5 || len(seen) > 7 {
		t.Errorf("%v", seen)
	}
}
