package jobs

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/runner/shim"
)

// job works its items off, one after another, and leaves a trace of each
// beginning. The kernel's lock tells when two attempts are alive at a time.
const job = `exec 9>lock
flock -n 9 || echo "attempt $URATORI_ATTEMPT" >> twice
while read -r f; do
	n=${f##*/}
	echo "$URATORI_ATTEMPT $n" >> trace
	sleep 0.0$((RANDOM % 5 + 1))
	cp "$f" "out/$n"
done < "$URATORI_ITEMS"`

// tally is what a run of the chaos came to.
type tally struct {
	kills        map[string]int
	interrupted  int
	redone       int
	unknownCodes int
}

// Everything is killed at random moments over a running set of jobs. An
// independent look at the folders decides what became of them.
func TestChaos_NoJobIsLost_NoneRunsTwiceAtATime_NoExitCodeIsWrong(t *testing.T) {
	t.Parallel()
	kills, seed := setting("CHAOS_KILLS", 60), setting("CHAOS_SEED", int(time.Now().UnixNano()%1_000_000))
	t.Logf("CHAOS_KILLS=%d CHAOS_SEED=%d", kills, seed)
	random := rand.New(rand.NewPCG(uint64(seed), 7)) //nolint:gosec // it chooses moments
	y := newYard(t, "URATORI_RUNNER_SLOTS=4")
	const items = 40
	var ids []int64
	more := func() {
		folder := fmt.Sprintf("job%d", len(ids))
		for i := range items {
			path := y.write(fmt.Sprintf("%s/in/p%04d.png", folder, i), picture(t, i))
			old := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
		retries := 1000
		ids = append(ids, y.enqueue(control.Enqueue{
			Name: folder, Command: []string{"/bin/bash", "-c", job}, Cwd: filepath.Join(y.work, folder),
			Items: []string{"in/*.png"}, Outputs: []string{"out/{name}"}, Retries: &retries,
		}))
	}
	for range 6 {
		more()
	}
	sum := tally{kills: map[string]int{}}
	var coded []int64
	none := 0
	for n := range kills {
		if n%4 == 0 {
			// Jobs that end with a status of their own while all this goes on.
			coded = append(coded, y.enqueue(control.Enqueue{
				Name: "coded", Command: []string{"/bin/sh", "-c", "sleep 0.1; exit " + strconv.Itoa(1+n%200)}, Retries: &none, Priority: 5,
			}))
		}
		sum.kills[y.harm(random)]++
		const few = 3
		if len(y.runs()) < few {
			more() // there is always something to kill
		}
	}
	for n, id := range ids {
		y.examine(n, id, items, &sum)
	}
	for i, id := range coded {
		d := y.ended(id)
		want := 1 + (4*i)%200
		switch {
		case d.ExitCode != nil && *d.ExitCode != want:
			t.Errorf("task %d ended with %d, and is told as %d", id, want, *d.ExitCode)
		case d.State == "succeeded":
			t.Errorf("task %d: %+v", id, d)
		case d.ExitCode == nil:
			sum.unknownCodes++ // it was killed, or its keeper was
		}
	}
	if report := y.Verify(); report.Verdict != ledger.Verified {
		t.Errorf("the ledger: %+v", report)
	}
	t.Logf("%d kills %v: 0 of %d jobs lost, %d attempts interrupted, %d items of %d redone, %d of %d exit codes unknown and none wrong",
		kills, sum.kills, len(ids)+len(coded), sum.interrupted, sum.redone, len(ids)*items, sum.unknownCodes, len(coded))
}

// picture is a small one, of which each cut shows.
func picture(t *testing.T, n int) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range m.Pix {
		m.Pix[i] = byte(i * (n + 1))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func setting(name string, standard int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return standard
}

// harm kills something and says what.
func (y *yard) harm(random *rand.Rand) string {
	y.t.Helper()
	pause := time.NewTimer(time.Duration(random.IntN(120)) * time.Millisecond)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-y.t.Context().Done():
		y.t.Fatal("given up")
	}
	kind := []string{"daemon", "shim", "child", "daemon and shim", "daemon and child"}[random.IntN(5)]
	runs := y.runs()
	if len(runs) == 0 {
		kind = "daemon"
	}
	var pids []int
	if strings.Contains(kind, "daemon") {
		for _, pid := range y.Daemons() {
			n, err := strconv.Atoi(pid)
			if err != nil {
				y.t.Fatal(err)
			}
			pids = append(pids, n)
		}
	}
	if len(runs) > 0 {
		victim := runs[random.IntN(len(runs))]
		if strings.Contains(kind, "shim") {
			pids = append(pids, victim.Shim.PID)
		}
		if strings.Contains(kind, "child") {
			pids = append(pids, victim.Child.PID)
		}
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
	}
	if strings.Contains(kind, "daemon") && random.IntN(2) == 0 {
		y.client().Close() // a new one at once; otherwise with the next request
	}
	return kind
}

// runs are the attempts that are alive, read from the folders without any of
// our daemon's help.
func (y *yard) runs() []shim.Run {
	files, err := filepath.Glob(filepath.Join(string(y.Home), "tasks", "*", "*", "run.json"))
	if err != nil {
		y.t.Fatal(err)
	}
	var list []shim.Run
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		var run shim.Run
		if json.Unmarshal(raw, &run) != nil {
			continue
		}
		if alive, err := run.Child.Alive(); err == nil && alive {
			list = append(list, run)
		}
	}
	return list
}

// examine holds what a job left against what it had to do.
func (y *yard) examine(n int, id int64, items int, sum *tally) {
	y.t.Helper()
	d := y.ended(id)
	if d.State != "succeeded" || d.ExitCode == nil || *d.ExitCode != 0 {
		y.t.Errorf("task %d is lost: %+v", id, d.Task)
		return
	}
	folder := filepath.Join(y.work, fmt.Sprintf("job%d", n))
	for i := range items {
		name := fmt.Sprintf("p%04d.png", i)
		in, err1 := os.ReadFile(filepath.Join(folder, "in", name))
		out, err2 := os.ReadFile(filepath.Join(folder, "out", name))
		if err1 != nil || err2 != nil || !bytes.Equal(in, out) {
			y.t.Errorf("job %d: the output of %s is %q, %v %v", n, name, out, err1, err2)
		}
	}
	if twice, err := os.ReadFile(filepath.Join(folder, "twice")); err == nil {
		y.t.Errorf("job %d: two attempts were alive at a time: %s", n, twice)
	}
	trace, err := os.ReadFile(filepath.Join(folder, "trace"))
	if err != nil {
		y.t.Fatal(err)
	}
	begun := bytes.Count(trace, []byte("\n"))
	interrupted := 0
	for _, run := range d.Runs {
		if run.State != "succeeded" {
			interrupted++
		}
	}
	if redone := begun - items; redone > interrupted {
		y.t.Errorf("job %d: %d items were done again in %d interruptions", n, redone, interrupted)
	} else {
		sum.redone += redone
	}
	sum.interrupted += interrupted
}

// A daemon that is told to stop leaves jobs alone as well.
func TestDown_LeavesJobsRunning_AndTheNextDaemonTakesThemUp(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	id := y.enqueue(control.Enqueue{Command: []string{"/bin/sh", "-c", `until test -e go; do sleep 0.05; done; exit 3`}, Retries: new(int)})
	y.until(id, "running")
	before := y.task(id).PID
	y.Must("down")
	if alive := syscall.Kill(before, 0); alive != nil {
		t.Fatalf("the job died with its daemon: %v", alive)
	}
	y.write("go", "")
	d := y.ended(id)
	if d.State != "failed" || d.ExitCode == nil || *d.ExitCode != 3 || d.Attempt != 1 {
		t.Errorf("%+v", d.Task)
	}
}

func (y *yard) until(id int64, state string) {
	y.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if y.task(id).State == state {
			return
		}
		select {
		case <-y.t.Context().Done():
			y.t.Fatal("given up")
		case <-time.After(5 * time.Millisecond):
		}
	}
	y.t.Fatalf("task %d is not %s: %+v", id, state, y.task(id))
}
