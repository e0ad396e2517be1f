package faults

import (
	"strings"
	"testing"
)

// Where nothing can be executed in the home, jobs are kept by the program that
// runs already.
func TestHomeThatExecutesNothing_JobsAreKeptByTheWholeProgram(t *testing.T) {
	t.Parallel()
	r := inside(t, `mount -t tmpfs -o noexec none "$DISK"
		uratori doctor | grep keeper
		uratori run --cwd / --retries 0 -- sh -c 'readlink /proc/$PPID/exe; exit 7' || echo "run $?"
		ls "$DISK/home/run"
		uratori down >/dev/null`)
	if r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{"each job is kept by uratori itself", "permission denied", "/uratori\n", "it ended with status 7"} {
		if !strings.Contains(r.Out+r.Err, want) {
			t.Errorf("no %q in\n%s%s", want, r.Out, r.Err)
		}
	}
	if strings.Contains(r.Out, ".part") {
		t.Errorf("left behind:\n%s", r.Out)
	}
}

// The loop that runs tasks cannot store how one ended, fails and is started
// again: it must still be able to start others then.
func TestFullDisk_WhileATaskEnds_TasksGoOnOnceThereIsRoom(t *testing.T) {
	t.Parallel()
	r := inside(t, `mount -t tmpfs -o size=16m none "$DISK"
		id=$(uratori enqueue --json --cwd / --retries 0 -- sh -c "until test -e $OUT/go; do sleep 0.05; done; exit 5" | grep -o '"task":[0-9]*' | cut -d: -f2)
		until uratori status --json | grep -q '"state":"running"'; do sleep 0.05; done
		dd if=/dev/zero of="$DISK/fill" bs=512 2>/dev/null || true
		touch "$OUT/go"
		for i in $(seq 600); do
			if uratori status --json | grep -q '"name":"runner","state":"waiting"'; then echo "the loop failed"; break; fi
			sleep 0.05
		done
		rm "$DISK/fill"
		uratori wait "$id" || echo "first $?"
		uratori run --cwd / --retries 0 -- sh -c "exit 6" || echo "second $?"
		uratori ledger verify
		uratori down >/dev/null`)
	if r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{"the loop failed", "first ", "it ended with status 6"} {
		if !strings.Contains(r.Out+r.Err, want) {
			t.Errorf("no %q in\n%s%s", want, r.Out, r.Err)
		}
	}
}
