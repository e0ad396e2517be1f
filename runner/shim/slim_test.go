package shim

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// The memory of this very test is given back while it runs.
func TestSlim_CodeAndConstantsAreStillThere(t *testing.T) {
	t.Parallel()
	clean, err := cleanMappings()
	must(t, err)
	code := reflect.ValueOf(TestSlim_CodeAndConstantsAreStillThere).Pointer()
	variable := new(int)
	found := false
	for _, m := range clean {
		found = found || m.from <= code && code < m.to
		if at := reflect.ValueOf(variable).Pointer(); m.from <= at && at < m.to {
			t.Errorf("the heap is among %+v", m)
		}
	}
	if !found {
		t.Errorf("the code at %x is not among %+v", code, clean)
	}
	for n := range 20 {
		must(t, slim())
		if got := strings.Repeat(strconv.Itoa(n), 3); len(got) < 3 || runtime.FuncForPC(code) == nil {
			t.Fatal(got)
		}
	}
}

func FuzzParseMapping(f *testing.F) {
	f.Add("00400000-012ce000 r-xp 00000000 fe:00 10298585                           /usr/bin/uratori")
	f.Add("7ffdce0cb000-7ffdce0ec000 rw-p 00000000 00:00 0                          [stack]")
	f.Add("7fe72c000000-7fe72c021000 r--p 00000000 00:00 0 ")
	f.Fuzz(func(t *testing.T, line string) {
		m, readOnly, err := parseMapping(line)
		if err == nil && m.from >= m.to || readOnly && !strings.Contains(line, "/") {
			t.Errorf("%+v, %v", m, readOnly)
		}
	})
}

// Programs that are no shims.
func TestPool_ProgramThatIsNoShim_IsAnErrorAndNoLoop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := func(name, text string) string {
		file := filepath.Join(dir, name)
		must(t, os.WriteFile(file, []byte("#!/bin/sh\n"+text), 0o700)) //nolint:gosec // it is to be executed
		return file
	}
	for name, tc := range map[string]struct {
		program string
		code    string // "" for an attempt of which nothing is known
	}{
		"none":           {filepath.Join(dir, "none"), NoShim},
		"dies":           {script("dies", "exit 1\n"), NoShim},
		"dies late":      {script("late", "read line; exit 1\n"), NoShim},
		"talks nonsense": {script("nonsense", "read line; echo nonsense; read line\n"), ""},
		"half a word":    {script("half", "read line; printf '{\"event\":'\n"), NoShim},
		"out of turn":    {script("turn", "read line; echo '{\"event\":\"hello\"}'; read line\n"), ""},
	} {
		o := poolOptions()
		o.Program = tc.program
		p := NewPool(o)
		_, err := p.Start(t.Context(), filepath.Join(t.TempDir(), "1"), sh(t, "exit 0"))
		failed, ok := err.(*StartError) //nolint:errorlint // it is not wrapped
		if err == nil || ok != (tc.code != "") || ok && failed.Code != tc.code {
			t.Errorf("%s: %v", name, err)
		}
		must(t, p.Close(t.Context()))
	}
}
