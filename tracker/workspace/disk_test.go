package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const disk = "WORKSPACE_TEST_DISK"

// TestMain makes a workspace and prints what came of it, when [onDisk] started
// this program again on a disk that it mounted.
func TestMain(m *testing.M) {
	base := os.Getenv(disk)
	if base == "" {
		os.Exit(m.Run())
	}
	p, err := Site{Template: base + "/w/{id}", Home: base, UserHome: base}.Place("A-1", "")
	if err != nil {
		panic(err)
	}
	made, err := Make(context.Background(), Request{Place: p, Detail: strings.Repeat("x", 100_000), Now: time.Unix(0, 0)})
	fmt.Println("made:", made.Created, made.Kept)
	if err != nil {
		fmt.Println("en:", fault.Explain(err, phrase.English))
		fmt.Println("ja:", fault.Explain(err, phrase.Japanese))
	}
}

// onDisk runs a shell script with a mount namespace of its own, in which
// $DISK is a folder to mount things on and "make" makes a workspace there.
func onDisk(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "unshare", "-rm", "bash", "-euc", `make() { WORKSPACE_TEST_DISK=$DISK "$SELF"; }; `+script)
	cmd.Env = append(os.Environ(), "DISK="+dir, "SELF="+os.Args[0])
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("this test needs user namespaces (sysctl kernel.unprivileged_userns_clone=1, or root): %v\n%s", err, out)
	}
	return string(out)
}

func TestMake_FullDisk_IsTold_LeavesNoHalf_AndWorksAgain(t *testing.T) {
	t.Parallel()
	out := onDisk(t, `mount -t tmpfs -o size=160k none "$DISK"
		head -c 100000 /dev/zero >"$DISK/ballast"; make; find "$DISK" -type f
		rm "$DISK/ballast"; make; find "$DISK" -type f`)
	for _, want := range []string{"made: [] []", "the disk is full", "ディスクが一杯", "SOW_A-1.md", "made: [SOW_A-1.md IMPLEMENTATION_PLAN_A-1.md] []"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, ".part\n") {
		t.Errorf("something is left over:\n%s", out)
	}
}

func TestMake_ReadOnlyDisk_IsTold_AndWhatIsThereIsSeen(t *testing.T) {
	t.Parallel()
	out := onDisk(t, `mount -t tmpfs none "$DISK"; mount -o remount,ro none "$DISK"; make
		mount -o remount,rw none "$DISK"; make; mount -o remount,ro none "$DISK"; make`)
	for _, want := range []string{"the disk can only be read", "読み取り専用", "made: [SOW_A-1.md IMPLEMENTATION_PLAN_A-1.md] []", "made: [] [SOW_A-1.md IMPLEMENTATION_PLAN_A-1.md]"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestPut_DiskWithoutHardLinks_WritesAllTheSame_AndNeverOverwrites(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{syscall.EPERM, syscall.EOPNOTSUPP, syscall.ENOSYS} {
		dir := t.TempDir()
		folder, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer folder.Close() //nolint:errcheck // only a test
		d := document{name: "a.md", text: "whole"}
		refuse := func(string, string) error { return &os.LinkError{Op: "linkat", Err: refusal} }
		put := func(link func(string, string) error) (bool, error) {
			drafts, err := draw(folder, dir, []document{d}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return drafts[0].put(folder, dir, link)
		}
		created, err := put(refuse)
		if text, _ := folder.ReadFile("a.md"); err != nil || !created || string(text) != "whole" {
			t.Errorf("%v, %v, %q", created, err, text)
		}
		d.name = "b.md"
		created, err = put(func(string, string) error {
			return errors.Join(folder.WriteFile("b.md", []byte("another's"), 0o600), refuse("", ""))
		})
		if text, _ := folder.ReadFile("b.md"); err != nil || created || string(text) != "another's" {
			t.Errorf("%v, %v, %q", created, err, text)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 2 {
			t.Errorf("left over: %v", entries)
		}
	}
}

func TestExplain_EachErrorOfTheDisk_HasItsSentence(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x")
	for errno, key := range map[error]string{
		syscall.ENOSPC: "workspace.full", syscall.EDQUOT: "workspace.full", syscall.EROFS: "workspace.read_only",
		syscall.EACCES: "workspace.no_access", syscall.EPERM: "workspace.no_access", syscall.ENAMETOOLONG: "workspace.too_long",
		syscall.ENOTDIR: "workspace.not_folder", syscall.ELOOP: "workspace.dangling", syscall.EIO: "workspace.failed", syscall.ENOENT: "workspace.failed",
	} {
		err := explain(path, &os.PathError{Op: "mkdirat", Path: "x", Err: errno})
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Key != key || !errors.Is(err, errno) {
			t.Errorf("%v: %v, want %s", errno, err, key)
		}
	}
}
