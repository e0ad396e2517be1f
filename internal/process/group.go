package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Ground is the control group (cgroups(7), version 2) of this process, when it
// may be divided: then a job can be started in a group of its own, which nobody
// leaves by forking, by another session or by another environment.
type Ground struct {
	path   string // of the group, as /proc/PID/cgroup tells it
	folder string // of it in the file system
}

// Path is as /proc/PID/cgroup tells it.
func (g Ground) Path() string { return g.path }

// ErrNoGround is the answer where nothing may be divided.
var ErrNoGround = errors.New("there is no control group that may be divided")

// FindGround looks for it. Where systemd manages the groups, one that it has
// not delegated (Delegate=yes) is systemd's own affair.
func FindGround() (Ground, error) {
	g, err := ownGroup("/proc/self")
	if err != nil {
		return Ground{}, err
	}
	g = g.outOfJobs()
	if _, err := os.Stat("/run/systemd/system"); err == nil && !delegated(g.folder) {
		return Ground{}, fmt.Errorf("%w: systemd has not delegated %s", ErrNoGround, g.path)
	}
	return g, nil
}

// outOfJobs is the ground of whoever has started us by a job: a job that we start
// is none of that one's.
func (g Ground) outOfJobs() Ground {
	parts := strings.Split(g.path, "/")
	for i, part := range parts {
		if isGroup(part) {
			below := path.Join(parts[i:]...)
			return Ground{path.Join("/", path.Join(parts[:i]...)), filepath.Clean(strings.TrimSuffix(g.folder, below))}
		}
	}
	return g
}

// GroupName is the name of the n-th group that a process makes. No other of this
// boot has had it.
func GroupName(of ID, n int) string {
	return fmt.Sprintf("%s%d-%d-%d", groupPrefix, of.PID, of.Start, n)
}

const groupPrefix = "uratori-"

func isGroup(name string) bool {
	rest, ok := strings.CutPrefix(name, groupPrefix)
	return ok && strings.Trim(rest, "0123456789-") == "" && strings.Count(rest, "-") == 2
}

// ownGroup reads where the process of a folder below /proc is.
func ownGroup(proc string) (Ground, error) {
	own, err := groupOf(proc)
	if err != nil {
		return Ground{}, err
	}
	mounts, err := os.Open(filepath.Join(proc, "mountinfo"))
	if err != nil {
		return Ground{}, err
	}
	defer mounts.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(mounts)
	for lines.Scan() {
		// 36 35 0:31 ROOT POINT options [optional fields] - TYPE source options
		front, back, _ := strings.Cut(lines.Text(), " - ")
		fields, kind := strings.Fields(front), strings.Fields(back)
		const root, point = 3, 4
		if len(kind) == 0 || kind[0] != "cgroup2" || len(fields) <= point {
			continue
		}
		if below, ok := beneath(own, unescaped(fields[root])); ok {
			return Ground{own, filepath.Join(unescaped(fields[point]), below)}, nil
		}
	}
	return Ground{}, errors.Join(fmt.Errorf("%w: none is mounted", ErrNoGround), lines.Err())
}

// groupOf is the group of a process in the hierarchy of version 2, whose line
// has no number and no controllers.
func groupOf(proc string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(proc, "cgroup"))
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(raw) {
		if group, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte{'\n'}), []byte("0::")); ok {
			return string(group), nil
		}
	}
	return "", ErrNoGround
}

func beneath(group, root string) (string, bool) {
	if root == "/" || group == root {
		return strings.TrimPrefix(group, root), true
	}
	return strings.CutPrefix(group, root+"/")
}

// unescaped reads a path of mountinfo, in which blanks are octal numbers.
func unescaped(s string) string {
	var b strings.Builder
	const digits = 3
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+digits < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+1+digits], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += digits
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// delegated tells whether systemd has marked the group as another's to divide.
func delegated(folder string) bool {
	for _, name := range []string{"user.delegate", "trusted.delegate"} {
		value := make([]byte, 1)
		if n, err := unix.Getxattr(folder, name, value); err == nil && n == 1 && string(value) == "1" {
			return true
		}
	}
	return false
}

// Group is a control group for one job.
type Group struct {
	Path   string // as /proc/PID/cgroup tells it
	folder string
	file   *os.File
}

// Make makes a group of that name, which no other may have.
func (g Ground) Make(name string) (*Group, error) {
	group := &Group{Path: path.Join(g.path, name), folder: filepath.Join(g.folder, name)}
	if err := os.Mkdir(group.folder, 0o700); err != nil {
		return nil, err
	}
	file, err := os.Open(group.folder)
	if err != nil {
		return nil, errors.Join(err, os.Remove(group.folder))
	}
	group.file = file
	return group, nil
}

// Tidy removes groups that processes which are gone have made, and in which nobody
// is. self tells the boot.
func (g Ground) Tidy(self ID) {
	entries, err := os.ReadDir(g.folder)
	if err != nil {
		return // it may not be listed
	}
	for _, e := range entries {
		var maker ID
		var n int
		if !isGroup(e.Name()) {
			continue
		}
		if _, err := fmt.Sscanf(e.Name(), groupPrefix+"%d-%d-%d", &maker.PID, &maker.Start, &n); err != nil {
			continue
		}
		maker.Boot = self.Boot
		if alive, err := maker.Alive(); err == nil && !alive {
			_ = os.Remove(filepath.Join(g.folder, e.Name())) // unless somebody is there
		}
	}
}

// FD is for [syscall.SysProcAttr]: a process is started in the group.
func (g *Group) FD() int { return int(g.file.Fd()) }

// Close ends the use of [Group.FD].
func (g *Group) Close() error { return g.file.Close() }

// Remove removes the group. Nobody may be in it.
func (g *Group) Remove() error {
	if err := os.Remove(g.folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// RemoveGroup removes the group of a job, by its path, if it is empty.
func RemoveGroup(group string) error {
	if !isGroup(path.Base(group)) {
		return fmt.Errorf("%q is no group of a job", group)
	}
	own, err := ownGroup("/proc/self")
	if err != nil {
		return err
	}
	// The same mount leads there from its root.
	return (&Group{folder: filepath.Join(strings.TrimSuffix(own.folder, own.path), group)}).Remove()
}

// inGroup tells whether p is in the group of the tree, or in one that the job
// has made below it. It is asked of a process and not of the group, whose pids
// may be another's by the time they are read.
func (c *census) inGroup(p Process) bool {
	if c.tree.Group == "" || c.tree.Root.Boot != c.boot || p.Start < c.tree.Root.Start || p.Ended {
		return false
	}
	group, err := groupOf("/proc/" + strconv.Itoa(p.PID))
	if err != nil {
		return false
	}
	return group == c.tree.Group || strings.HasPrefix(group, c.tree.Group+"/")
}
