package approval

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"
)

// inFolder names the variable that makes this test binary a daemon that is
// killed while it writes an answer down.
const inFolder = "URATORI_TEST_APPROVAL_FOLDER"

func TestDecide_AsAProcessThatIsKilled(t *testing.T) {
	dir := os.Getenv(inFolder)
	if dir == "" {
		t.Skip("only as the child of another test")
	}
	o := &office{t: t, dir: dir, params: Params{Passes: 1, Memory: 8 << 10, Threads: 1}, now: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)}
	o.start()
	if _, err := os.Stdout.WriteString("ready\n"); err != nil {
		t.Fatal(err)
	}
	d := answer(1, right)
	d.Token = "t"
	if _, err := o.Decide(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stdout.WriteString("answered\n"); err != nil {
		t.Fatal(err)
	}
	select {} // until it is killed
}

// A daemon is killed at one moment after another between a person's answer and
// the reply. Afterwards the answer is there once, or not at all; whoever has
// the token gives it, and then it is there once.
func TestDecide_KilledBeforeTheReply_TheAnswerStandsOnce(t *testing.T) {
	const moments = 24
	found, missing, took := 0, 0, time.Duration(0)
	for moment := range moments {
		o := newOffice(t)
		o.params = Params{Passes: 1, Memory: 8 << 10, Threads: 1}
		o.again()
		o.set(right)
		o.ask(1)
		o.end()
		cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^TestDecide_AsAProcessThatIsKilled$")
		cmd.Env = append(os.Environ(), inFolder+"="+o.dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "ready" {
		}
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			for lines.Scan() && lines.Text() != "answered" {
			}
		}()
		// The first one is let live, which shows how long it takes.
		began, limit := time.Now(), took*time.Duration(moment)/(moments-4)
		if moment == 0 {
			limit = 30 * time.Second
		}
		told := false
		select {
		case <-answered:
			told = true
		case <-time.After(limit):
		}
		if moment == 0 {
			took = time.Since(began)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-answered
		_ = cmd.Wait() // it was killed

		o.start()
		s, err := o.Standing(context.Background(), subject(1))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case s.State == Approved:
			found++
		case s.State == Requested && !told:
			missing++
		default:
			t.Fatalf("%+v, told %v", s, told)
		}
		d := answer(1, right)
		d.Token = "t"
		if given := o.accepts(d); given.State != Approved || s.State == Approved && given != s {
			t.Errorf("%+v, before %+v", given, s)
		}
		if n := len(o.entries("approval.decided")); n != 1 {
			t.Fatalf("%d answers", n)
		}
		if _, err := o.Decide(context.Background(), answer(1, right)); !errors.Is(err, ErrDecided) {
			t.Error(err)
		}
	}
	t.Logf("killed before it was written %d times, afterwards %d times, in %v", missing, found, took)
	if missing == 0 || found == 0 {
		t.Error("it was not killed at many moments")
	}
}
