package monitor

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/process"
)

// who finds the processes of jobs in one pass over all processes of the
// machine. It does not read environments, which would cost a hundred times as
// much: a process that has left its tree, its session and the group of those
// that were seen in it before is missed until the task is ended, where the
// search is thorough.
type who struct {
	self  int                             // the daemon, which a job may have started
	known map[attempt]map[process.ID]bool // members at the look before
}

// attempt names one run of a task.
type attempt struct {
	task   int64
	number int
}

func (w *who) members(all []process.Process, jobs []Job) map[attempt][]process.Process {
	byPID := make(map[int]process.Process, len(all))
	children, sessions, groups := make(map[int][]int, len(all)), make(map[int][]int, len(all)), make(map[int][]int, len(all))
	for _, p := range all {
		byPID[p.PID] = p
		children[p.Parent] = append(children[p.Parent], p.PID)
		sessions[p.Session] = append(sessions[p.Session], p.PID)
		groups[p.Group] = append(groups[p.Group], p.PID)
	}
	found := make(map[attempt][]process.Process, len(jobs))
	known := make(map[attempt]map[process.ID]bool, len(jobs))
	shims := map[int]bool{}
	for _, j := range jobs {
		shims[j.Shim.PID] = true
	}
	for _, j := range jobs {
		a := attempt{j.Task, j.Attempt}
		in := map[int]bool{}
		var take func(pid int)
		take = func(pid int) {
			for _, child := range children[pid] {
				// A daemon that a job has started belongs to nobody, nor do the
				// shims of other jobs, whose parent it is.
				if !in[child] && !shims[child] && child != w.self {
					in[child] = true
					take(child)
				}
			}
		}
		if p, ok := byPID[j.Shim.PID]; ok && p.ID == j.Shim {
			take(p.PID)
		}
		if p, ok := byPID[j.Main.PID]; ok && p.ID == j.Main && !in[p.PID] {
			in[p.PID] = true // its shim has died
			take(p.PID)
		}
		join := func(pid int) {
			if !in[pid] && pid != w.self {
				in[pid] = true
				take(pid)
			}
		}
		if j.Main.PID != 0 {
			for _, pid := range slices.Concat(sessions[j.Main.PID], groups[j.Main.PID]) {
				// A number that was another's before says nothing.
				if p := byPID[pid]; p.Start >= j.Main.Start && p.Boot == j.Main.Boot {
					join(pid)
				}
			}
		}
		for id := range w.known[a] {
			if byPID[id.PID].ID == id {
				join(id.PID)
			}
		}
		known[a] = make(map[process.ID]bool, len(in))
		for pid := range in {
			p := byPID[pid]
			found[a] = append(found[a], p)
			known[a][p.ID] = true
		}
	}
	w.known = known
	return found
}

// memory is what a process has for itself: resident pages that are neither of
// a file nor shared. It cannot be read of a process that has just ended.
//
// It is read for a thousand processes at each look, so without what os.ReadFile
// does beside reading.
func memory(pid int, buf []byte) (own uint64, ok bool) {
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/statm", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, false
	}
	n, err := unix.Read(fd, buf)
	if wrong := unix.Close(fd); err != nil || wrong != nil || n <= 0 {
		return 0, false
	}
	fields := bytes.Fields(buf[:n]) // size, resident, shared, …: proc_pid_statm(5)
	if len(fields) < 3 {
		return 0, false
	}
	resident, err1 := strconv.ParseUint(string(fields[1]), 10, 64)
	shared, err2 := strconv.ParseUint(string(fields[2]), 10, 64)
	if err1 != nil || err2 != nil || shared > resident {
		return 0, false
	}
	return (resident - shared) * uint64(os.Getpagesize()), true //nolint:gosec // a page has a size
}

// longestStatm is longer than seven numbers of 20 digits.
const longestStatm = 256

// clockTick is the unit of processor time in /proc: 1/100 s on every Linux
// that Go runs on (proc_pid_stat(5), sysconf(3)).
const clockTick = 10 * time.Millisecond

// openFiles counts the descriptors of a process; 0 where nobody may know.
func openFiles(pid int) int {
	folder := "/proc/" + strconv.Itoa(pid) + "/fd"
	var st unix.Stat_t
	if err := unix.Stat(folder, &st); err != nil || st.Size > 0 {
		return int(st.Size) // since Linux 6.2
	}
	names, err := os.ReadDir(folder)
	if err != nil {
		return 0
	}
	return len(names)
}
