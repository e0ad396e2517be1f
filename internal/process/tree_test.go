package process

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Each of these leaves a process in a way of its own, which writes its pid to
// $DIR/pid. None must outlive the end of its tree.
var artists = map[string]string{
	"child":          `sleep 1000 & echo $! >$DIR/part; mv $DIR/part $DIR/pid; wait`,
	"grandchild":     `sh -c 'sleep 1000 & echo $! >$DIR/part; mv $DIR/part $DIR/pid; wait'`,
	"main is gone":   `sh -c 'echo $$ >$DIR/part; mv $DIR/part $DIR/pid; exec sleep 1000' &`,
	"ignores TERM":   `trap '' TERM; echo $$ >$DIR/part; mv $DIR/part $DIR/pid; while :; do sleep 1; done`,
	"own group":      `"$HELPER" helper group $DIR/pid & wait`,
	"setsid":         `setsid sh -c 'echo $$ >$DIR/part; mv $DIR/part $DIR/pid; exec sleep 1000' & wait`,
	"double fork":    `(setsid sh -c 'echo $$ >$DIR/part; mv $DIR/part $DIR/pid; exec sleep 1000' &) ; sleep 1000`,
	"nohup":          `nohup sh -c 'trap "" TERM; echo $$ >$DIR/part; mv $DIR/part $DIR/pid; sleep 1000; sleep 1000' >/dev/null 2>&1 & wait`,
	"closed fds":     `(setsid sh -c 'echo $$ >$DIR/part; mv $DIR/part $DIR/pid; exec sleep 1000 <&- >&- 2>&-' &)`,
	"no environment": `(setsid env -i PATH="$PATH" DIR="$DIR" sh -c 'trap "" TERM; echo $$ >$DIR/part; mv $DIR/part $DIR/pid; while :; do sleep 1; done' &) ; sleep 1000`,
	"masked":         `(setsid "$HELPER" helper masked $DIR/pid &) ; sleep 1000`,
	"born on TERM":   `trap 'setsid sh -c "echo \$\$ >$DIR/born; exec sleep 1000" & exit' TERM; echo $$ >$DIR/part; mv $DIR/part $DIR/pid; while :; do sleep 0.01; done`,
	"stopped":        `sh -c 'echo $$ >$DIR/part; mv $DIR/part $DIR/pid; kill -STOP $$; sleep 1000' & wait`,
}

func TestEnd_EscapeArtist_DoesNotOutliveItsTree(t *testing.T) {
	t.Parallel()
	for name, script := range artists {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := start(t, script)
			pid := j.sign("pid")
			stray := got(Of(pid))
			if !j.member(pid) {
				t.Fatalf("%d is not a member", pid)
			}
			j.mustEnd(200 * time.Millisecond)
			j.gone(stray)
		})
	}
}

// The keeper dies, and with it the one who knows all children; whoever was
// seen before is known, the others show the token or the session.
func TestEnd_KeeperWasKilled_EscapeArtistIsStillFound(t *testing.T) {
	t.Parallel()
	for name, script := range artists {
		for _, seen := range []bool{true, false} {
			if !seen && (name == "no environment" || name == "masked") {
				continue // nothing but its parents tells whose it is
			}
			t.Run(fmt.Sprintf("%s, seen %v", name, seen), func(t *testing.T) {
				t.Parallel()
				j := start(t, script)
				pid := j.sign("pid")
				stray := got(Of(pid))
				if seen && !j.member(pid) {
					t.Fatalf("%d is not a member", pid)
				}
				j.killKeeper()
				j.mustEnd(200 * time.Millisecond)
				j.gone(stray)
			})
		}
	}
}

func TestEnd_SeveralAtOnce_ReturnsWhenTheLastIsGone_NotWhenGraceIsOver(t *testing.T) {
	t.Parallel()
	j := start(t, `for i in 1 2 3 4 5; do sleep 1000 & done; echo $$ >$DIR/pid; wait`)
	j.sign("pid")
	eventually(t, "not all there", func() bool { return len(got(j.Members())) == 6 })
	const grace = time.Minute
	end := j.mustEnd(grace)
	if end.Took > grace/4 {
		t.Errorf("took %v", end.Took)
	}
	if len(end.Ended) != 6 {
		t.Errorf("ended: %+v", end.Ended)
	}
	for _, e := range end.Ended {
		if e.Signal != "SIGTERM" || e.Name != "sleep" && e.Name != "sh" {
			t.Errorf("%+v", e)
		}
	}
}

func TestEnd_NobodyIsThere_IsDoneAtOnce(t *testing.T) {
	t.Parallel()
	j := start(t, `exit 3`)
	eventually(t, "still there", func() bool { return len(got(j.Members())) == 0 })
	if end := j.mustEnd(time.Minute); len(end.Ended) != 0 || end.Took > 10*time.Second {
		t.Errorf("%+v", end)
	}
}

func TestEnd_StoppedProcess_CanStillActOnTERM(t *testing.T) {
	t.Parallel()
	j := start(t, `trap 'echo 1 >$DIR/saved; exit' TERM; echo $$ >$DIR/pid; kill -STOP $$; while :; do sleep 0.01; done`)
	pid := j.sign("pid")
	eventually(t, "it does not stop", func() bool { return got(look(pid)).State == 'T' })
	j.mustEnd(time.Minute)
	j.sign("saved")
}

func TestEnd_FrozenTree_CanStillActOnTERM(t *testing.T) {
	t.Parallel()
	j := start(t, `trap 'echo 1 >$DIR/saved; exit' TERM; echo $$ >$DIR/pid; while :; do sleep 0.01; done`)
	j.sign("pid")
	must(t, j.Freeze(t.Context()))
	j.mustEnd(time.Minute)
	j.sign("saved")
}

func TestEnd_IgnoredTERM_IsKilledWhenGraceIsOver(t *testing.T) {
	t.Parallel()
	j := start(t, `trap '' TERM; echo $$ >$DIR/pid; while :; do sleep 1; done`)
	j.sign("pid")
	const grace = 300 * time.Millisecond
	end := j.mustEnd(grace)
	if end.Took < grace {
		t.Errorf("killed after %v", end.Took)
	}
	last := ""
	for _, e := range end.Ended {
		if e.ID == j.Main {
			last = e.Signal
		}
	}
	if last != "SIGKILL" {
		t.Errorf("%+v", end.Ended)
	}
}

func TestEnd_CallerLeaves_TellsHowFarItCame_AndAnotherCallGoesOn(t *testing.T) {
	t.Parallel()
	j := start(t, `trap '' TERM; echo $$ >$DIR/pid; while :; do sleep 1; done`)
	j.sign("pid")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	end, err := j.End(ctx, time.Minute)
	if err == nil || len(end.Survivors) == 0 || end.Took > 30*time.Second {
		t.Errorf("%+v, %v", end, err)
	}
	j.mustEnd(0)
}

// About 250 processes, each of which goes on forking and ignores SIGTERM.
func TestEnd_ForkBomb_NobodyIsLeft(t *testing.T) {
	t.Parallel()
	j := start(t, `trap '' TERM
		bomb() {
			if [ $1 -gt 0 ]; then bomb $(($1 - 1)) & bomb $(($1 - 1)) & fi
			while :; do sleep 0.1 & sleep 0.1; done
		}
		echo $$ >$DIR/pid
		bomb 6`)
	j.sign("pid")
	eventually(t, "no bomb", func() bool { return len(got(j.Members())) > 200 })
	if end := j.mustEnd(100 * time.Millisecond); len(end.Ended) < 200 {
		t.Errorf("only %d ended", len(end.Ended))
	}
}

// Each process forks one more and ends, so that a pid that a scan has found is
// gone when the signal comes.
func TestEnd_ProcessThatIsAlwaysAnother_IsCaught(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"in one session":          `trap '' TERM; comet() { comet & }; echo $$ >$DIR/pid; comet`,
		"in a session of its own": `trap '' TERM; echo $$ >$DIR/pid; export COMET='setsid sh -c "$COMET" &'; eval "$COMET"`,
	} {
		for _, orphaned := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, orphaned %v", name, orphaned), func(t *testing.T) {
				t.Parallel()
				j := start(t, script)
				j.sign("pid")
				eventually(t, "main stays", func() bool { return !got(j.Main.Alive()) })
				if orphaned {
					j.killKeeper()
				}
				j.mustEnd(50 * time.Millisecond)
				for range 20 {
					if left := got(j.Members()); len(left) > 0 {
						t.Fatalf("%+v", left)
					}
				}
			})
		}
	}
}

func TestFreeze_NobodyMoves_UntilThaw(t *testing.T) {
	t.Parallel()
	j := start(t, `(setsid sh -c 'while :; do sleep 0.01; done' &); i=0; echo $$ >$DIR/pid; while :; do i=$((i + 1)); echo $i >$DIR/part; mv $DIR/part $DIR/count; done`)
	j.sign("pid")
	j.sign("count")
	must(t, j.Freeze(t.Context()))
	members := got(j.Members())
	if len(members) < 2 {
		t.Fatalf("%+v", members)
	}
	before, err := os.ReadFile(filepath.Join(j.dir, "count"))
	must(t, err)
	for range 50 {
		for _, p := range got(j.Members()) {
			// D is a shell that waits for its stopped child to exec (vfork).
			if p.State != 'T' && p.State != 'D' {
				t.Fatalf("%+v", p)
			}
		}
	}
	after, err := os.ReadFile(filepath.Join(j.dir, "count"))
	if err != nil || string(after) != string(before) {
		t.Errorf("it counted from %s to %s, %v", before, after, err)
	}
	must(t, j.Thaw(t.Context()))
	eventually(t, "it does not go on", func() bool {
		now, err := os.ReadFile(filepath.Join(j.dir, "count"))
		return err == nil && string(now) != string(before) && len(now) > 0
	})
}

func (j *job) mustEnd(grace time.Duration) Ending {
	j.t.Helper()
	end, err := j.End(j.t.Context(), grace)
	if err != nil || len(end.Survivors) > 0 {
		j.t.Fatalf("survivors %+v, %v", end.Survivors, err)
	}
	if left := got(j.Members()); len(left) > 0 {
		j.t.Fatalf("left: %+v", left)
	}
	return end
}

func (j *job) gone(id ID) {
	j.t.Helper()
	if got(id.Alive()) {
		j.t.Errorf("%+v lives", id)
	}
}

// A process reads as one without an environment while it is between two
// programs, and these are that most of their lives.
func TestEnd_ProcessesBetweenTwoPrograms_AreNotOverlooked(t *testing.T) {
	t.Parallel()
	for range 8 {
		j := start(t, `export AGAIN='test $1 -gt 0 && exec sh -c "$AGAIN" sh $(($1 - 1)); exec sleep 1000'
			for i in 1 2 3 4 5; do (setsid sh -c "$AGAIN" sh 300 &); done; echo $$ >$DIR/pid`)
		j.sign("pid")
		j.killKeeper()
		j.mustEnd(0)
		for range 10 {
			time.Sleep(time.Millisecond) // whoever hid comes out
			if left := got(j.Members()); len(left) > 0 {
				t.Fatalf("%+v", left)
			}
		}
	}
}

// A job that runs a program of its own to save its work when it gets SIGTERM.
func TestEnd_WhatSavesTheWork_IsLeftInPeace(t *testing.T) {
	t.Parallel()
	j := start(t, `trap 'sh -c "sleep 0.3; echo 1 >$DIR/saved"; exit' TERM; echo $$ >$DIR/pid; while :; do sleep 0.01; done`)
	j.sign("pid")
	j.mustEnd(20 * time.Second)
	if _, err := os.Stat(filepath.Join(j.dir, "saved")); err != nil {
		t.Error(err)
	}
}
