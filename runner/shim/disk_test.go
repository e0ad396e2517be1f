package shim

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

// inside runs a shell script in a mount namespace of its own, where $DISK is a
// folder to mount things on, $SHIM is a shim and $OUT another folder.
func inside(t *testing.T, s Spec, script string) string {
	t.Helper()
	disk, out := t.TempDir(), t.TempDir()
	s.Env = append(s.Env, "DISK="+disk, "OUT="+out)
	raw, err := json.Marshal(s)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(out, specFile), raw, 0o600))
	cmd := exec.CommandContext(t.Context(), "unshare", "-rm", "bash", "-euc", script)
	cmd.Env = append(os.Environ(), "DISK="+disk, "OUT="+out, "SHIM="+os.Args[0])
	text, err := cmd.CombinedOutput()
	if err != nil && strings.Contains(string(text), "unshare:") {
		t.Fatalf("this test needs user namespaces (sysctl kernel.unprivileged_userns_clone=1, or root): %s", text)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return string(text)
}

func TestFullDisk_FilledByTheJob_TheExitIsStillWritten(t *testing.T) {
	t.Parallel()
	s := sh(t, `dd if=/dev/zero of=$DISK/fill bs=1k 2>/dev/null
		until grep -q child $DISK/1/run.json; do sleep 0.01; done
		echo more; exit 5`)
	out := inside(t, s, `mount -t tmpfs -o size=1m none "$DISK"
		mkdir "$DISK/1"; cp "$OUT/spec.json" "$DISK/1"
		"$SHIM" shim "$DISK/1"
		df --output=avail "$DISK"
		cat "$DISK/1/exit.json" "$DISK/1/run.json"`)
	if !strings.Contains(out, "Avail\n    0\n"+`{"code":5,`) || !strings.Contains(out, `"child":`) {
		t.Error(out)
	}
}

func TestFullDisk_FullBefore_NothingIsStarted(t *testing.T) {
	t.Parallel()
	s := sh(t, `touch $OUT/it_ran`)
	out := inside(t, s, `mount -t tmpfs -o size=1m none "$DISK"
		mkdir "$DISK/1"; cp "$OUT/spec.json" "$DISK/1"
		dd if=/dev/zero of="$DISK/fill" bs=1k 2>/dev/null || true
		"$SHIM" shim "$DISK/1"
		mkdir "$OUT/ro"; mount --bind "$DISK/1" "$OUT/ro"; mount -o remount,bind,ro "$OUT/ro"
		"$SHIM" shim "$OUT/ro"
		ls "$OUT"`)
	if strings.Count(out, `"code":"no_folder"`) != 2 || !strings.Contains(out, "no space left") || !strings.Contains(out, "read-only") || strings.Contains(out, "it_ran") {
		t.Error(out)
	}
}

// ramfs can neither reserve space nor give it back.
func TestPoorFileSystem_LogGrows_AndThatIsSaid(t *testing.T) {
	t.Parallel()
	s := sh(t, `yes | head -c 3000000; exit 5`)
	s.LogCap = 1 << 20
	out := inside(t, s, `mount -t ramfs none "$DISK"
		mkdir "$DISK/1"; cp "$OUT/spec.json" "$DISK/1"
		"$SHIM" shim "$DISK/1" >/dev/null
		cat "$DISK/1/exit.json"; ls -s "$DISK/1"`)
	if !strings.Contains(out, `"stdout":{"bytes":3000000,"uncapped":"operation not supported"}`) || !strings.Contains(out, `{"code":5,`) {
		t.Error(out)
	}
}

// A job that takes its own folder away: nothing can be written any more, but
// who waits is told.
func TestFolderGone_TheExitIsTold(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `rm -r $ATTEMPT; exit 5`)
	dir := filepath.Join(t.TempDir(), "1")
	s.Env = append(s.Env, "ATTEMPT="+dir)
	a, err := p.Start(t.Context(), dir, s)
	must(t, err)
	exit := wait(t, a)
	if exit.String() != "code 5" || exit.Unsaved == "" {
		t.Errorf("%+v", exit)
	}
	must(t, a.Release(t.Context()))
	if exit := run(t, p, sh(t, "exit 3")); exit.String() != "code 3" {
		t.Errorf("the next: %+v", exit)
	}
}

func TestExitCannotBeWritten_ItIsTold_AndTriedUntilItCan(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `mkdir -p $ATTEMPT/exit.json/x; exit 5`)
	dir := filepath.Join(t.TempDir(), "1")
	s.Env = append(s.Env, "ATTEMPT="+dir)
	a, err := p.Start(t.Context(), dir, s)
	must(t, err)
	exit := wait(t, a)
	if exit.String() != "code 5" || exit.Unsaved == "" {
		t.Errorf("%+v", exit)
	}
	must(t, os.RemoveAll(filepath.Join(dir, exitFile)))
	eventually(t, "it is never written", func() bool {
		found, err := Inspect(dir)
		return err == nil && found.State == Finished && found.Exit.String() == "code 5" && found.Exit.Unsaved == ""
	})
	must(t, a.Release(t.Context()))
}

func TestFolderMoved_TheExitIsWrittenWhereItIs(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `mv $ATTEMPT $ATTEMPT.moved; exit 5`)
	dir := filepath.Join(t.TempDir(), "1")
	s.Env = append(s.Env, "ATTEMPT="+dir)
	a, err := p.Start(t.Context(), dir, s)
	must(t, err)
	if exit := wait(t, a); exit.String() != "code 5" || exit.Unsaved != "" {
		t.Errorf("%+v", exit)
	}
	if found := got(Inspect(dir + ".moved")); found.State != Finished {
		t.Errorf("%+v", found)
	}
	must(t, a.Release(t.Context()))
}
