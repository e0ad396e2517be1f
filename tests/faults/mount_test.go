package faults

import (
	"strings"
	"testing"
)

// The disk fills up, is read-only, and recovers under one running daemon. The
// copies lie on another file system, so only the ledger's entry needs room.
func TestFullDisk_WhatWasAcknowledgedStays_WhatWasRefusedIsNot(t *testing.T) {
	t.Parallel()
	r := inside(t, `mount -t tmpfs -o size=1m none "$DISK"
		pid() { grep -o '"pid":[0-9]*' "$DISK/home/run/daemon.json" | head -n 1; }
		uratori status >/dev/null
		before=$(pid)
		good=0; bad=0
		for round in 1 2 3; do
			dd if=/dev/zero of="$DISK/fill" bs=512 2>/dev/null || true
			for i in $(seq 60); do
				status=0; uratori backup "$OUT/$round-$i.db" >/dev/null 2>"$OUT/err" || status=$?
				if [ $status = 0 ]; then good=$((good+1)); else bad=$((bad+1)); fi
				if [ $status != 0 ] && ! grep -q 'is full' "$OUT/err"; then echo "another error:"; cat "$OUT/err"; fi
				if [ $bad -gt $((round*3)) ]; then break; fi
			done
			uratori status >/dev/null
			uratori ledger verify >/dev/null
			rm "$DISK/fill"
			uratori backup "$OUT/$round-free.db" >/dev/null
			good=$((good+1))
		done
		[ "$(pid)" = "$before" ] || echo "another daemon"
		recorded=$(uratori ledger export | grep -c backed_up)
		echo "acknowledged $good recorded $recorded refused $bad"
		[ $good = $recorded ] || echo "a difference"
		[ $bad -gt 0 ] || echo "nothing was refused"
		kill -9 $(pid | cut -d: -f2)
		[ "$(uratori ledger export | grep -c backed_up)" = $recorded ] || echo "lost after kill -9"
		uratori ledger verify
		uratori down >/dev/null`)
	if r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, bad := range []string{"another", "a difference", "nothing was refused", "lost"} {
		if strings.Contains(r.Out, bad) {
			t.Errorf("%q in\n%s%s", bad, r.Out, r.Err)
		}
	}
}

func TestReadOnlyRemount_UnderTheDaemon_IsSaid_AndItWorksAgain(t *testing.T) {
	t.Parallel()
	r := inside(t, `mount -t tmpfs -o size=8m none "$DISK"
		uratori status >/dev/null
		uratori backup "$DISK/on.db" >/dev/null
		mkdir "$OUT/ro"; mount -t tmpfs -o ro none "$OUT/ro"
		status=0; uratori backup "$OUT/ro/x.db" 2>"$OUT/err" || status=$?; echo "copy onto ro: $status"; cat "$OUT/err"
		status=0; URATORI_LANG=ja uratori backup "$OUT/ro/x.db" || status=$?; echo "copy onto ro: $status"
		mkdir "$OUT/small"; mount -t tmpfs -o size=8k none "$OUT/small"
		status=0; uratori backup "$OUT/small/x.db" 2>"$OUT/err" || status=$?; echo "copy onto small: $status"; cat "$OUT/err"
		[ -z "$(ls -A "$OUT/small")" ] || echo "left behind: $(ls -A "$OUT/small")"
		uratori status --json | grep -q '"problems":\[\]' || echo "a problem"
		uratori ledger verify
		uratori down >/dev/null
		mount -o remount,ro "$DISK"
		status=0; uratori status || status=$?; echo "stopped, ro: $status"
		mount -o remount,rw "$DISK"
		uratori ledger verify
		uratori down >/dev/null`)
	if r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{"copy onto ro: 1", "copy onto small: 1", "stopped, ro: 1", "ro/x.db can only be read", "読み取り専用", "small/x.db is full", "read-only file system: set URATORI_HOME"} {
		if !strings.Contains(r.Out+r.Err, want) {
			t.Errorf("no %q in\n%s%s", want, r.Out, r.Err)
		}
	}
	if strings.Contains(r.Out, "left behind") || strings.Contains(r.Out, "a problem") {
		t.Error(r.Out)
	}
}
