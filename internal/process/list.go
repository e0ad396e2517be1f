package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Process is what the kernel tells about one process at one moment.
type Process struct {
	ID
	Parent  int    `json:"parent"`  // the pid of who will reap it
	Group   int    `json:"group"`   // process group
	Session int    `json:"session"` // the pid of whoever called setsid last, perhaps long gone
	Name    string `json:"name"`    // chosen by the process itself, 15 bytes
	State   byte   `json:"state"`   // R, S, D, T, t, Z, X; see proc_pid_stat(5)
	Threads int    `json:"threads"`
	Ticks   uint64 `json:"ticks"` // processor time in clock ticks, all threads together
	Ended   bool   `json:"ended"` // nothing of it runs any more; see [ID.Alive]
}

// stopped tells whether a signal or a tracer holds it.
func (p Process) stopped() bool { return p.State == 'T' || p.State == 't' }

// All lists the processes of this machine, as far as this process may see
// them, in no order. The pass is not atomic: who vanishes meanwhile is left
// out, who appears meanwhile may be.
func All() ([]Process, error) {
	boot, err := bootID()
	if err != nil {
		return nil, err
	}
	pids, err := pids()
	if err != nil {
		return nil, err
	}
	all := make([]Process, 0, len(pids))
	for _, pid := range pids {
		p, err := one(pid, boot)
		if unseen(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func pids() ([]int, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	defer proc.Close() //nolint:errcheck // nothing is written
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// unseen tells that a process is gone, or hidden from this user: its folder is
// denied (hidepid=1) where it is not left out of the list (hidepid=2).
func unseen(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
}

func one(pid int, boot string) (Process, error) {
	stat, err := readStat("/proc/" + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, syscall.ESRCH) {
		err = fs.ErrNotExist // it went while the file was open
	}
	if err != nil {
		return Process{}, fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	p, err := parse(stat)
	if err != nil {
		return Process{}, fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	p.Boot = boot
	return p, nil
}

// readStat reads a file that the kernel gives in one piece. It is done for all
// processes of the machine every few seconds, so without what os.ReadFile does
// beside reading, which is twice as much.
func readStat(path string) (string, error) {
	fd, err := retried(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return "", err
	}
	var buf [longestStat]byte
	n, err := retried(func() (int, error) { return unix.Read(fd, buf[:]) })
	if wrong := unix.Close(fd); err == nil {
		err = wrong
	}
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

// longestStat is longer than 50 numbers of 20 digits and a name.
const longestStat = 2048

func retried(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != syscall.EINTR { //nolint:errorlint // it is what the kernel returns
			return n, err
		}
	}
}

func bootID() (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("read the boot id: %w", err)
	}
	return strings.TrimSpace(string(boot)), nil
}

// parse reads the fields that are used here; see proc_pid_stat(5). The name in field 2 is chosen
// by the process and may hold blanks and parentheses, so fields are counted
// after the last ")".
func parse(stat string) (Process, error) {
	begin, end := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')')
	if begin < 0 || end < begin {
		return Process{}, fmt.Errorf("no process name in %q", stat)
	}
	const state, parent, group, session, user, system, threads, began = 0, 1, 2, 3, 11, 12, 17, 19 // counted from field 3
	fields := strings.Fields(stat[end+1:])
	if len(fields) <= began {
		return Process{}, fmt.Errorf("only %d fields after the name", len(fields))
	}
	p := Process{Name: stat[begin+1 : end], State: fields[state][0]}
	for _, number := range []struct {
		text string
		into *int
	}{
		{strings.TrimSpace(stat[:begin]), &p.PID},
		{fields[parent], &p.Parent},
		{fields[group], &p.Group},
		{fields[session], &p.Session},
		{fields[threads], &p.Threads},
	} {
		n, err := strconv.Atoi(number.text)
		if err != nil {
			return Process{}, err
		}
		*number.into = n
	}
	start, err := strconv.ParseUint(fields[began], 10, 64)
	if err != nil {
		return Process{}, err
	}
	p.Start = start
	for _, field := range []int{user, system} {
		ticks, err := strconv.ParseUint(fields[field], 10, 64)
		if err != nil {
			return Process{}, err
		}
		p.Ticks += ticks
	}
	p.Ended = p.State == 'X' || p.State == 'Z' && p.Threads == 1
	return p, nil
}
