package shim

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"uratori/internal/process"
)

// job is an attempt in the hands of its shim.
type job struct {
	folder *folder
	spec   Spec
	run    Run
	exits  *reserved // exit.json
	stdout logCap
	stderr logCap
	// peak is the size of the shim when it started the job, in bytes. Between
	// fork and exec the job is as large, and the kernel counts that.
	peak int64

	groups *groups
	group  *process.Group // nil for none
}

// prepare locks the attempt and makes everything ready that the start, and
// the end, will need. Nothing of a failure is written.
func prepare(dir string) (*job, *Failure) {
	f, err := openFolder(dir)
	if err != nil {
		return nil, &Failure{NoFolder, err.Error()}
	}
	j := &job{folder: f}
	if failure := j.prepare(); failure != nil {
		j.close()
		return nil, failure
	}
	return j, nil
}

func (j *job) prepare() *Failure {
	f := j.folder
	if err := f.acquire(); errors.Is(err, errBusy) {
		return &Failure{Refused, err.Error()}
	} else if err != nil {
		return &Failure{NoFolder, err.Error()}
	}
	if sign, err := f.touched(); err != nil {
		return &Failure{NoFolder, err.Error()}
	} else if sign != "" {
		return &Failure{Refused, sign + " is there"}
	}
	if err := f.read(specFile, &j.spec); err != nil {
		return &Failure{BadSpec, err.Error()}
	}
	var err error
	if j.exits, err = f.reserve(exitFile); err == nil {
		err = j.openLogs()
	}
	if err != nil {
		return &Failure{NoFolder, err.Error()}
	}
	return nil
}

// openLogs opens the files that the job will append to.
func (j *job) openLogs() error {
	for name, log := range map[string]*logCap{stdoutFile: &j.stdout, stderrFile: &j.stderr} {
		file, err := j.folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		log.file, log.cap = file, j.spec.LogCap
	}
	return nil
}

func (j *job) close() {
	if j.exits != nil {
		j.exits.close()
	}
	for _, l := range []logCap{j.stdout, j.stderr} {
		if l.file != nil {
			_ = l.file.Close()
		}
	}
	j.ungroup()
	_ = j.folder.Close()
}

// start starts the job. That it is about to is written first, so that whoever
// finds the folder after the shim was killed in between knows that the job may be there.
func (j *job) start(me process.ID) *Failure {
	j.run = Run{Shim: me, Token: j.spec.Token, StartedAt: time.Now()}
	if failure := j.spec.check(); failure != nil {
		return failure
	}
	if failure := j.spec.enterable(); failure != nil {
		return failure
	}
	program, failure := j.spec.lookup()
	if failure != nil {
		return failure
	}
	if j.group = j.groups.next(); j.group != nil {
		j.run.Group = j.group.Path
	}
	if err := j.folder.begin(j.run); err != nil {
		return &Failure{NoFolder, err.Error()}
	}
	forgetPeak()
	pid, err := j.fork(program)
	if err != nil && j.group != nil {
		// It may be the group: kernels before 5.7 and some sandboxes start nobody in one.
		j.ungroup()
		pid, err = j.fork(program)
	}
	if err != nil {
		return refused(program, err)
	}
	j.peak = ownPeak()
	j.run.StartedAt = time.Now()
	// Nobody reaps yet, so it is there, be it as a zombie.
	if j.run.Child, err = me.Beside(pid); err != nil {
		complain("identify the job", err)
		j.run.Child = process.ID{PID: pid}
	}
	if err := j.folder.tell(j.run); err != nil {
		complain("write "+runFile, err) // it has its space; the job is not to suffer
	}
	return nil
}

// ungroup lets the group of the job go.
func (j *job) ungroup() {
	if j.group == nil {
		return
	}
	j.groups.drop(j.group)
	j.group, j.run.Group = nil, ""
}

// fork starts the program in a session of its own, and in the group.
func (j *job) fork(program string) (pid int, err error) {
	null, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(null) //nolint:errcheck // nothing is written
	// What it starts with it has from this process.
	defer unix.Umask(unix.Umask(j.spec.umask()))
	defer moreKillable()()
	how := &syscall.SysProcAttr{Setsid: true}
	if j.group != nil {
		how.UseCgroupFD, how.CgroupFD = true, j.group.FD()
	}
	return syscall.ForkExec(program, j.spec.Argv, &syscall.ProcAttr{
		Dir: j.spec.Cwd, Env: j.spec.Env, Sys: how,
		Files: []uintptr{uintptr(null), j.stdout.file.Fd(), j.stderr.file.Fd()},
	})
}

// moreKillable makes the job a better victim than the shim and the daemon when
// memory runs out. Whoever may not raise it above what it was may still go
// back.
func moreKillable() (restore func()) {
	const more, most = 100, 1000
	file, err := unix.Open("/proc/self/oom_score_adj", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return func() {}
	}
	var text [len("-1000\n")]byte
	n, err := unix.Pread(file, text[:], 0)
	now, wrong := strconv.Atoi(strings.TrimSpace(string(text[:max(n, 0)])))
	if err != nil || wrong != nil {
		return func() { _ = unix.Close(file) }
	}
	set := func(n int) { _, _ = unix.Pwrite(file, []byte(strconv.Itoa(n)), 0) } // as well as it goes
	set(min(now+more, most))
	return func() {
		set(now)
		_ = unix.Close(file)
	}
}

// over writes that the job was not started.
func (j *job) over(failure *Failure) Exit {
	now := time.Now()
	exit := Exit{Failure: failure, StartedAt: now, EndedAt: now}
	j.save(&exit)
	return exit
}

// save writes exit.json. Where that fails, the exit says so; it may be tried
// again.
func (j *job) save(e *Exit) {
	e.Unsaved = ""
	if err := j.exits.fill(e); err != nil {
		e.Unsaved = err.Error()
		complain("write "+exitFile, err)
	}
}

// homeless tells whether err of save can never go away: the folder was
// removed.
func homeless(f *folder) bool {
	_, err := f.Lstat(exitFile + part)
	return errors.Is(err, fs.ErrNotExist)
}
