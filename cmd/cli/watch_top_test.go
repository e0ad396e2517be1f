package cli

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const samplesPath = control.WatchPath + "/samples"

// aLook is a look at a machine with two GPUs, one of which tells nothing.
func aLook() control.Watch {
	now := time.Now()
	return control.Watch{
		At: &now, Probe: "ready", Machine: control.WatchedMachine{Processors: 8, MemoryTotal: 40 << 30, MemoryFree: 28 << 30},
		GPUs: []control.WatchedGPU{
			{Index: 0, UUID: "GPU-a", Name: "NVIDIA H100", Temperature: new(64), Utilisation: new(0), MemoryUsed: new(uint64(40 << 30)), MemoryTotal: new(uint64(80 << 30)), Power: new(412_400)},
			{Index: 1, UUID: "GPU-b", Name: "NVIDIA T4", Problem: control.Encode(fault.New(fault.Failed, "gpu.vanished"))},
		},
		Tasks: []control.WatchedTask{
			{Task: 42, Ticket: "INTG-088", Name: "extract", Processes: 3, CPU: 187.4, Memory: 3 << 30, QuietS: 65, Zombies: 2, Stuck: 1},
			{Task: 43, Name: "学習", Processes: 1, CPU: -1, Memory: 1 << 20},
		},
	}
}

func TestTop_ShowsWhatWasSeen_AndNAWhereNobodyTells(t *testing.T) {
	h := newHouse(t)
	h.plant(control.WatchPath, aLook())
	h.must(h.run("top"), 0, "  8 processors  memory [███░░░░░░░] 12 GiB / 40 GiB\n",
		"GPU 0  NVIDIA H100  64 °C  memory [█████░░░░░] 40 GiB / 80 GiB  load 0 %  412 W\n",
		"GPU 1  NVIDIA T4    n/a    memory n/a                           load n/a  n/a\n", "GPU 1: the GPUs can no longer be watched",
		"#42  INTG-088  extract  3 processes  CPU 187 %  3.0 GiB  quiet for 1m05s  2 zombies, 1 stuck in the kernel\n",
		"#43            学習     1 process    CPU n/a    1.0 MiB  quiet for 0s\n")
	h.lang = phrase.Japanese
	h.must(h.run("top"), 0, "CPU 8 コア  メモリ [███", "使用率 不明", "最後の動き 1分05秒前", "CPU 不明")
	if e := h.run("top", "--json"); e.code != 0 || !strings.HasPrefix(e.out, `{"at":"`) {
		t.Error(e.all())
	}
}

func TestTop_SaysWhyThereAreNoGPUs_AndNothingThatWasNotSeen(t *testing.T) {
	h := newHouse(t)
	for probe, want := range map[string]string{"starting": "are being looked for", "absent": "no GPU is watched (`uratori doctor`", "lost": "GPU probe lost", "ready": "there are no GPUs"} {
		now := time.Now()
		w := control.Watch{At: &now, Probe: probe}
		if probe == "lost" {
			w.Problem = control.Encode(fault.New(fault.Unavailable, "gpu.probe_lost"))
		}
		h.plant(control.WatchPath, w)
		h.must(h.run("top"), 0, want, "n/a processors  memory n/a", "no task is running")
	}
	old := aLook()
	*old.At = old.At.Add(-time.Hour)
	h.plant(control.WatchPath, old)
	h.must(h.run("top"), 3, "this is not of now: the monitor has not looked for 1h00m")
	h.must(h.run("top", "--json"), 3)
	h.plant(control.WatchPath, control.Watch{}, aLook())
	h.must(h.run("top"), 0, "#42") // a daemon that has just started
	h.plant(control.WatchPath, fault.New(fault.Unavailable, "store.closed"))
	h.must(h.run("top"), 3)
}

func TestTop_Mistakes(t *testing.T) {
	h := newHouse(t)
	for _, args := range [][]string{{"x"}, {"1", "2"}, {"1", "--series", "machine"}, {"--series", ""}, {"1", "--watch"}, {"--series", "machine", "--watch"}, {"--last", "1h"}, {"1", "--last", "0s"}, {"--interval", "1s"}} {
		h.must(h.run(append([]string{"top"}, args...)...), 2)
	}
	if n := len(h.requests()); n != 0 {
		t.Error(n)
	}
}

func TestTopWatch_WhereThereIsNoTerminal_EachLookOnce(t *testing.T) {
	h := newHouse(t)
	one, two := aLook(), aLook()
	*two.At = two.At.Add(time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	h.plant(control.WatchPath, does(func(w http.ResponseWriter, _ *http.Request) {
		looks++
		var answer any = one
		switch {
		case looks == 3:
			w.WriteHeader(http.StatusTeapot)
			answer = control.ErrorBody{Error: control.Encode(fault.New(fault.Unavailable, "store.closed"))}
		case looks > 3:
			answer = two
		}
		if looks == 6 {
			cancel()
		}
		if err := json.MarshalWrite(w, answer); err != nil {
			t.Error(err)
		}
	}))
	e := h.runIn(ctx, "top", "--watch", "--interval", "5ms")
	h.must(e, 0, "nothing can be seen: the daemon is stopping")
	if n := strings.Count(e.out, "#42"); n != 2 {
		t.Errorf("%d looks:\n%s", n, e.all())
	}
	h.plant(control.WatchPath, fault.New(fault.Unavailable, "store.closed"))
	h.must(h.run("top", "--watch"), 3)
}

func TestTopWatch_OnATerminal_IsDrawnOverItself(t *testing.T) {
	h := newHouse(t)
	person, out := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(out.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 20, Col: 60}); err != nil {
		t.Fatal(err)
	}
	a, errs := newApp(out, phrase.English)
	a.getenv = func(name string) string { return h.env[name] }
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	h.plant(control.WatchPath, does(func(w http.ResponseWriter, _ *http.Request) {
		if looks++; looks == 3 {
			cancel()
		}
		if err := json.MarshalWrite(w, aLook()); err != nil {
			t.Error(err)
		}
	}))
	if code := a.run(ctx, []string{"top", "--watch", "--interval", "10ms"}); code != 0 || errs.Len() != 0 {
		t.Errorf("%d %s", code, errs)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	shown, err := io.ReadAll(person) // and then an error: nobody is there
	if len(shown) == 0 {
		t.Fatal(err)
	}
	for _, want := range []string{"\x1b[?25l", "GPU 0  NVIDIA H100", "\x1b[7A", "q ends this", "\x1b[?25h"} {
		if !strings.Contains(string(shown), want) {
			t.Errorf("no %q in %q", want, shown)
		}
	}
}

// climb is a series that rises, with a hole in the middle.
func climb(n int) []control.SamplePoint {
	var list []control.SamplePoint
	for i := range n {
		if i > n/2 && i < n/2+n/4 {
			continue
		}
		list = append(list, control.SamplePoint{
			At: at("10:00:00").Add(time.Duration(i) * 5 * time.Second), CPU: float64(i), Memory: uint64(i) << 20, Total: uint64(n) << 20, Processes: 3, Temperature: 50, //nolint:gosec // small
		})
	}
	return list
}

func TestTop_ThePastOfATask_IsThatOfItsLastAttempt(t *testing.T) {
	h := newHouse(t)
	h.plant(showTask, control.TaskDetail{Task: control.Task{Task: 42, Attempt: 2}})
	h.plant(samplesPath, climb(80))
	h.must(h.run("top", "42", "--last", "2h"), 0, "task/42/2  2026-11-21 ", "(61 samples)\n", "CPU        ▁▁▁▂▂", "last 79 %", "highest 79 %", "memory ", "processes  ███", "done       ", "█         █")
	if q := queries(h, samplesPath)[0]; q.Get("series") != "task/42/2" || q.Get("last_ms") != strconv.Itoa(2*3600*1000) {
		t.Error(q)
	}
	e := h.run("top", "42", "--json")
	if e.code != 0 || !strings.HasPrefix(e.out, `{"series":"task/42/2","points":[{"at":`) {
		t.Error(e.all())
	}
	h.lang = phrase.Japanese
	h.must(h.run("top", "42"), 0, "処理済み ", "不明", "最大 79 %")
	h.lang = phrase.English
	h.plant(samplesPath, []control.SamplePoint{})
	h.must(h.run("top", "42"), 3, "nothing is known of task/42/2 in the last 1h00m")
	h.must(h.run("top", "42", "--json"), 3)
	h.plant(showTask, control.TaskDetail{Task: control.Task{Task: 42}})
	h.must(h.run("top", "42"), 1, "#42 has not run yet")
}

func TestTop_ThePastOfAGPU_ByItsNumber(t *testing.T) {
	h := newHouse(t)
	h.plant(control.WatchPath, aLook())
	h.plant(samplesPath, climb(3))
	h.must(h.run("top", "--series", "gpu/0"), 0, "gpu/GPU-a ", "temperature  ▅▅", "load         ", "0 % or n/a", "memory")
	h.plant(samplesPath, []control.SamplePoint{{At: *at("10:00:00"), Utilisation: 7}})
	h.must(h.run("top", "--series", "gpu/GPU-b"), 0, "temperature     n/a", "load         ▁  last 7 %", "memory          n/a")
	h.must(h.run("top", "--series", "gpu/7"), 1, "no GPU 7 is watched")
	h.plant(samplesPath, []control.SamplePoint{{At: *at("10:00:00"), Memory: 1 << 30, Total: 4 << 30}})
	h.must(h.run("top", "--series", "machine"), 0, "memory  ▃  last 1.0 GiB  highest 1.0 GiB")
}

// Whatever the times, nothing is lost and nothing made up.
func TestSpread_KeepsTheHighest_AndLeavesGapsEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []control.SamplePoint
		when, highest := time.Unix(0, 0), 0.0
		for range rapid.IntRange(1, 200).Draw(t, "points") {
			when = when.Add(time.Duration(rapid.Int64Range(0, int64(40*24*time.Hour)).Draw(t, "step")))
			v := rapid.Float64Range(0, 1e12).Draw(t, "value")
			highest = max(highest, v)
			points = append(points, control.SamplePoint{At: when, CPU: v})
		}
		cells := spread(points, func(p control.SamplePoint) float64 { return p.CPU })
		most, known := -1.0, 0
		for _, c := range cells {
			most = max(most, c)
			if c >= 0 {
				known++
			}
		}
		if most != highest || known > len(points) || len(cells) > sparkCells || cells[0] < 0 || cells[len(cells)-1] < 0 {
			t.Fatalf("%v of %v", cells, points)
		}
		if s := sparks(cells, highest); displayWidth(s) != len(cells) || strings.Count(s, " ") != len(cells)-known {
			t.Fatalf("%q of %v", s, cells)
		}
	})
}
