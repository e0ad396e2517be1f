package shim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/go-json-experiment/json"
)

func TestStart_WhatCannotBeStarted_IsToldByItsCode_AndTheNextAttemptRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		must(t, os.WriteFile(file, []byte(text), 0o600))
		must(t, os.Chmod(file, mode))
		return file
	}
	deleted := filepath.Join(dir, "deleted")
	must(t, os.Mkdir(deleted, 0o700))
	must(t, os.Remove(deleted))
	path := []string{"PATH=" + os.Getenv("PATH")}
	for name, tc := range map[string]struct {
		spec Spec
		code string
	}{
		"no command":                  {Spec{Cwd: dir, Env: path}, NoCommand},
		"an empty command":            {Spec{Argv: []string{""}, Cwd: dir, Env: path}, NoCommand},
		"not in PATH":                 {Spec{Argv: []string{"no-such-program"}, Cwd: dir, Env: path}, NotFound},
		"not at its path":             {Spec{Argv: []string{"/no/such/program"}, Cwd: dir, Env: path}, NotFound},
		"a file in the way":           {Spec{Argv: []string{write("file", "", 0o600) + "/x"}, Cwd: dir, Env: path}, NotFound},
		"in no PATH at all":           {Spec{Argv: []string{"no-such-program"}, Cwd: dir}, NotFound},
		"no permission":               {Spec{Argv: []string{write("plain", "#!/bin/sh\n", 0o600)}, Cwd: dir}, NotExecutable},
		"no permission, in PATH":      {Spec{Argv: []string{"plain"}, Cwd: dir, Env: []string{"PATH=" + dir}}, NotExecutable},
		"a folder":                    {Spec{Argv: []string{dir}, Cwd: dir}, NotExecutable},
		"no interpreter":              {Spec{Argv: []string{write("lost", "#!/no/such/interpreter\n", 0o700)}, Cwd: dir}, NoInterpreter},
		"no first line":               {Spec{Argv: []string{write("bare", "echo\n", 0o700)}, Cwd: dir}, BadFormat},
		"another machine's program":   {Spec{Argv: []string{write("foreign", "\x7fELF\x02\x01\x01"+strings.Repeat("\x00", 100), 0o700)}, Cwd: dir}, BadFormat},
		"an empty file":               {Spec{Argv: []string{write("empty", "", 0o700)}, Cwd: dir}, BadFormat},
		"a deleted working directory": {Spec{Argv: []string{"true"}, Cwd: deleted, Env: path}, NoCwd},
		"a file as working directory": {Spec{Argv: []string{"true"}, Cwd: write("cwd", "", 0o600), Env: path}, CwdDenied},
		"a relative one":              {Spec{Argv: []string{"true"}, Cwd: "tmp", Env: path}, BadText},
		"none":                        {Spec{Argv: []string{"true"}, Env: path}, BadText},
		"a NUL byte":                  {Spec{Argv: []string{"true", "a\x00b"}, Cwd: dir, Env: path}, BadText},
		"a NUL byte in the env":       {Spec{Argv: []string{"true"}, Cwd: dir, Env: []string{"A=\x00"}}, BadText},
		"too many arguments":          {Spec{Argv: append([]string{"true"}, slices.Repeat([]string{strings.Repeat("x", 100<<10)}, 30)...), Cwd: dir, Env: path}, TooBig},
		"too long an argument":        {Spec{Argv: []string{"true", strings.Repeat("x", 1<<20)}, Cwd: dir, Env: path}, TooBig},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t)
			attempt := filepath.Join(t.TempDir(), "1")
			_, err := p.Start(t.Context(), attempt, tc.spec)
			failed, ok := errors.AsType[*StartError](err)
			if !ok || failed.Code != tc.code || failed.Detail == "" {
				t.Fatalf("%v", err)
			}
			found, err := Inspect(attempt)
			if err != nil || found.State != Finished || found.Exit.StartError() == nil || found.Exit.StartError().Failure != failed.Failure {
				t.Errorf("%+v, %v", found, err)
			}
			if exit := run(t, p, sh(t, "exit 3")); exit.String() != "code 3" {
				t.Errorf("the next: %+v", exit)
			}
		})
	}
}

func TestStart_ProgramIsFoundAsTheJobWould(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"tool", "sub/tool"} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho "+name+"\n"), 0o700)) //nolint:gosec // it is to be executed
	}
	must(t, os.Mkdir(filepath.Join(dir, "shadow"), 0o700))
	must(t, os.Mkdir(filepath.Join(dir, "shadow", "tool"), 0o700))
	p := newPool(t)
	for name, tc := range map[string]struct {
		program, path, want string
	}{
		"absolute":              {filepath.Join(dir, "tool"), "/", "tool"},
		"relative to cwd":       {"./tool", "/", "tool"},
		"below cwd":             {"sub/tool", "/", "sub/tool"},
		"in PATH":               {"tool", "/nowhere:" + dir + "/sub", "sub/tool"},
		"in a relative PATH":    {"tool", "sub", "sub/tool"},
		"in an empty entry":     {"tool", "/nowhere::/bin", "tool"},
		"a folder is passed by": {"tool", dir + "/shadow:" + dir + "/sub", "sub/tool"},
	} {
		a := begin(t, p, Spec{Argv: []string{tc.program}, Cwd: dir, Env: []string{"PATH=" + tc.path}})
		wait(t, a)
		if out := a.output(t); out != tc.want+"\n" {
			t.Errorf("%s: %q", name, out)
		}
		must(t, a.Release(t.Context()))
	}
}

// The job gets its arguments and its environment to the byte, whatever is in
// them, and nothing else.
func TestStart_AnyBytes_ArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	bytes := rapid.Custom(func(t *rapid.T) string {
		raw := rapid.SliceOf(rapid.ByteRange(1, 255)).Draw(t, "bytes")
		return string(raw)
	})
	any := rapid.OneOf(bytes, rapid.String().Filter(func(s string) bool { return !strings.Contains(s, "\x00") }))
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		args := rapid.SliceOfN(any, 0, 10).Draw(r, "args")
		// Entries without "=" are as good as others to the kernel.
		env := rapid.SliceOfN(any, 0, 10).Draw(r, "env")
		s := Spec{Argv: append([]string{"/bin/sh", "-c", `/bin/cat /proc/$$/cmdline; /bin/echo; /bin/cat /proc/$$/environ`}, args...), Cwd: "/", Env: env}
		a, err := p.Start(t.Context(), filepath.Join(t.TempDir(), strconv.Itoa(n)), s)
		if err != nil {
			r.Fatal(err)
		}
		wait(t, a)
		want := strings.Join(s.Argv, "\x00") + "\x00\n"
		for _, entry := range env {
			want += entry + "\x00"
		}
		if out := a.output(t); out != want {
			r.Fatalf("%q, want %q", out, want)
		}
		must(t, a.Release(t.Context()))
	})
}

func TestSpec_AnyBytes_SurviveJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
		s := Spec{
			Argv: rapid.SliceOfN(text, 1, 5).Draw(t, "argv"), Cwd: text.Draw(t, "cwd"), Env: rapid.SliceOfN(text, 1, 5).Draw(t, "env"),
			Token: text.Draw(t, "token"), Umask: rapid.IntRange(0, 0o777).Draw(t, "umask"), LogCap: rapid.Int64Range(0, 1<<50).Draw(t, "cap"),
		}
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Spec
		if err := json.Unmarshal(raw, &back); err != nil || fmt.Sprintf("%+v", back) != fmt.Sprintf("%+v", s) {
			t.Fatalf("%+v, %v", back, err)
		}
	})
}

func FuzzSpec(f *testing.F) {
	f.Add([]byte(`{"argv":["true"],"cwd":"/","env":[]}`))
	f.Add([]byte(`{"argv":[{"base64":"/w=="}],"cwd":"/"}`))
	f.Add([]byte(`{"argv":[{"base64":7}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var s Spec
		if json.Unmarshal(raw, &s) != nil {
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Spec
		if err := json.Unmarshal(again, &back); err != nil || fmt.Sprintf("%+v", back) != fmt.Sprintf("%+v", s) {
			t.Fatalf("%+v, %v", back, err)
		}
	})
}

// What a job finds itself in, however many ran before it under the same shim.
func TestStart_NothingOfTheShimLeaksIntoTheJob(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, `
		(exec ls -m /proc/self/fd) # a folder that ls has open itself is the fourth
		readlink /proc/$$/fd/0 /proc/$$/cwd
		umask
		grep -E '^(SigBlk|SigIgn)' /proc/$$/status | tr -d '\t'
		cut -d' ' -f5,6 /proc/$$/stat
		cat /proc/$$/oom_score_adj
		tr '\0' '\n' </proc/$$/environ`)
	var fds []string
	ignored := ignoredByUs(t)
	for range 30 {
		a := begin(t, p, s)
		if exit := wait(t, a); exit.String() != "code 0" {
			t.Fatalf("%+v", exit)
		}
		adjust, err := os.ReadFile(fmt.Sprintf("/proc/%d/oom_score_adj", a.run.Shim.PID))
		must(t, err)
		n, err := strconv.Atoi(strings.TrimSpace(string(adjust)))
		must(t, err)
		want := []string{
			"0, 1, 2, 3", os.DevNull, s.Cwd, "0022", "SigBlk:0000000000000000", ignored,
			fmt.Sprintf("%[1]d %[1]d", a.run.Child.PID), strconv.Itoa(min(n+100, 1000)),
		}
		if got := strings.Split(strings.TrimSpace(a.output(t)), "\n"); !slices.Equal(got, append(want, s.Env...)) {
			t.Errorf("%q, want %q", got, append(want, s.Env...))
		}
		must(t, a.Release(t.Context()))
		shim := fmt.Sprintf("/proc/%d/", a.run.Shim.PID)
		if cwd, err := os.Readlink(shim + "cwd"); err != nil || cwd != "/" {
			t.Errorf("the shim stands in %s, %v", cwd, err)
		}
		environ, err := os.ReadFile(shim + "environ")
		if want := strings.Join(p.o.Env, "\x00") + "\x00"; err != nil || string(environ) != want {
			t.Errorf("the shim's environment: %q, %v", environ, err)
		}
		open, err := os.ReadDir(shim + "fd")
		must(t, err)
		fds = append(fds, strconv.Itoa(len(open)))
	}
	if fds[0] != fds[len(fds)-1] {
		t.Errorf("open descriptors of the shim: %v", fds)
	}
}

func TestStart_Umask_IsTheJobsOwn(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	s := sh(t, "umask; echo x >made")
	s.Umask = 0o027
	a := begin(t, p, s)
	wait(t, a)
	info, err := os.Stat(filepath.Join(s.Cwd, "made"))
	if err != nil || info.Mode().Perm() != 0o640 || a.output(t) != "0027\n" {
		t.Errorf("%v, %v, %q", info.Mode(), err, a.output(t))
	}
	for _, name := range []string{specFile, runFile, exitFile, stdoutFile, stderrFile} {
		info, err := os.Stat(filepath.Join(a.dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// ignoredByUs is the line of /proc that says which signals this process
// ignores: what whoever started it had ignored, which every child inherits.
func ignoredByUs(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	must(t, err)
	_, line, _ := strings.Cut(string(status), "SigIgn:\t")
	line, _, _ = strings.Cut(line, "\n")
	return "SigIgn:" + line
}
