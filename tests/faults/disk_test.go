package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"uratori/tests/house"
)

// inside runs a shell script in a mount namespace of its own, where $DISK is
// a folder to mount things on.
func inside(t *testing.T, script string) house.Result {
	t.Helper()
	disk, out := t.TempDir(), t.TempDir()
	cmd := exec.CommandContext(t.Context(), "unshare", "-rm", "bash", "-euc", script)
	cmd.Env = append(os.Environ(), "DISK="+disk, "OUT="+out, "URATORI_HOME="+filepath.Join(disk, "home"), "URATORI_LANG=en",
		"URATORI_SERVER_LISTEN=127.0.0.1:0", "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"))
	r := house.Finish(t, cmd)
	if strings.Contains(r.Err, "unshare:") {
		t.Fatalf("this test needs user namespaces (sysctl kernel.unprivileged_userns_clone=1, or root): %s", r.Err)
	}
	return r
}

func TestReadOnlyFileSystem_IsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	r := inside(t, `mount -t tmpfs -o ro none "$DISK"
		status=0; uratori status || status=$?; echo "en $status"
		status=0; URATORI_LANG=ja uratori status || status=$?; echo "ja $status"
		status=0; uratori init || status=$?; echo "init $status"
		status=0; uratori doctor || status=$?; echo "doctor $status"`)
	for _, want := range []string{"en 1", "ja 1", "init 1", "doctor 1", "read-only file system: set URATORI_HOME", "読み取り専用のファイルシステム"} {
		if !strings.Contains(r.Out+r.Err, want) {
			t.Errorf("no %q in\n%s%s", want, r.Out, r.Err)
		}
	}
}

func TestFullDisk_IsSaid_NothingAcknowledgedIsLost_AndItWorksAgain(t *testing.T) {
	t.Parallel()
	r := inside(t, `mount -t tmpfs -o size=64k none "$DISK"
		status=0; uratori status || status=$?; echo "first $status"
		status=0; URATORI_LANG=ja uratori status || status=$?; echo "ja $status"
		mount -o remount,size=2m "$DISK"
		uratori status >/dev/null
		uratori backup "$OUT/before.db" >/dev/null
		# Fill what is left, to the last byte.
		dd if=/dev/zero of="$DISK/fill" bs=1k 2>/dev/null || true
		for i in $(seq 200); do
			status=0; uratori backup "$OUT/$i.db" >/dev/null 2>"$OUT/err" || status=$?
			if [ $status != 0 ]; then break; fi
		done
		echo "refused $status"; cat "$OUT/err"
		entries=$(uratori ledger export | wc -l)
		good=$(ls "$OUT" | grep -c '^[0-9]*\.db$' || true)
		rm "$DISK/fill"
		uratori backup "$OUT/after.db" >/dev/null
		uratori ledger verify
		echo "entries $entries good $good"
		uratori ledger export | grep -c backed_up
		uratori down >/dev/null
		uratori ledger verify
		uratori down >/dev/null`)
	if r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{"first 1", "ja 1", "refused 1", "is full", "のあるディスクが一杯です", "verified: the chain"} {
		if !strings.Contains(r.Out+r.Err, want) {
			t.Errorf("no %q in\n%s%s", want, r.Out, r.Err)
		}
	}
}
