package shim

import (
	"os"
	"path/filepath"
	"testing"
)

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
