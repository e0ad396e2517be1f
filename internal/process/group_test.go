package process

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folderOf is a folder that reads like that of a process.
func folderOf(t *testing.T, cgroup, mountinfo string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "cgroup"), []byte(cgroup), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "mountinfo"), []byte(mountinfo), 0o600))
	return dir
}

func TestGround_IsFound_WhereverTheHierarchyIsMounted(t *testing.T) {
	t.Parallel()
	const unit = "/user.slice/user-1000.slice/user@1000.service/app.slice/uratori.service"
	for name, tc := range map[string]struct{ cgroup, mounts, path, folder string }{
		"a usual desktop": {"0::" + unit + "\n", "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n", unit, "/sys/fs/cgroup" + unit},
		"beside version 1": {
			"9:memory:/x\n1:name=systemd:/\n0::/\n",
			"30 24 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n35 24 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", "/", "/sys/fs/cgroup/unified",
		},
		"a container without a namespace": {
			"0::/docker/abc\n", "35 24 0:30 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "/docker/abc", "/sys/fs/cgroup",
		},
		"a mount that shows another part": {
			"0::/a/b\n", "34 24 0:30 /c /mnt/c rw - cgroup2 cgroup2 rw\n35 24 0:30 /a /mnt/with\\040blank rw - cgroup2 cgroup2 rw\n", "/a/b", "/mnt/with blank/b",
		},
		"none of version 2":        {"4:memory:/x\n", "30 24 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", "", ""},
		"none that is mounted":     {"0::/\n", "30 24 0:28 / /proc rw - proc proc rw\n", "", ""},
		"a name that begins alike": {"0::/docker/abcd\n", "35 24 0:30 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "", ""},
		"nonsense":                 {"\xff\x00:::\n0:\n", "- cgroup2\n1 2 - cgroup2 x\n\n", "", ""},
	} {
		g, err := ownGroup(folderOf(t, tc.cgroup, tc.mounts))
		if g.path != tc.path || g.folder != tc.folder || (err == nil) != (tc.path != "") || err != nil && !errors.Is(err, ErrNoGround) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
}

// A daemon that a job has started is in the group of that job. What it starts
// itself belongs to it as little as the daemon does.
func TestGround_OfADaemonThatAJobHasStarted_IsNotWithinTheJob(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/a/uratori-12-345-6":          "/a",
		"/uratori-12-345-6":            "/",
		"/a/uratori-12-345-6/podman/x": "/a",
		"/a/uratori-mine-1-2":          "/a/uratori-mine-1-2",
		"/a/uratori-1-2":               "/a/uratori-1-2",
		"/a/uratori.service":           "/a/uratori.service",
		"/":                            "/",
	} {
		const mount = "/sys/fs/cgroup"
		if g := (Ground{path, filepath.Join(mount, path)}).outOfJobs(); g.path != want || g.folder != filepath.Join(mount, want) {
			t.Errorf("%s: %+v", path, g)
		}
	}
}

func TestRemoveGroup_RemovesNothingThatIsNoJobs(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/", "/a", "/uratori-1-2-3/..", "../../tmp", "/uratori-x-2-3"} {
		if err := RemoveGroup(path); err == nil || !strings.Contains(err.Error(), "no group of a job") {
			t.Errorf("%q: %v", path, err)
		}
	}
}
