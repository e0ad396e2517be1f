//go:build linux && cgo

package gpu

import (
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// hears waits for an error of one kind.
func (h *house) hears(what error) error {
	h.t.Helper()
	var heard error
	h.until(what.Error(), func(_ Sample, err error) bool {
		heard = err
		return errors.Is(err, what)
	})
	return heard
}

func TestProbe_NoLibrary_IsAStateThatIsToldOnce(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "libnvidia-ml.so.1")
	h := newHouse(t, func(o *Options) {
		o.Libraries = []string{"libno-such-library-of-nvidia.so.1", missing}
		o.Rarely = time.Millisecond
	})
	for range 5 {
		err := h.hears(ErrNoLibrary)
		if !Absent(err) || errors.Is(err, ErrLost) || fault.KindOf(err) != fault.Unavailable {
			t.Error(err)
		}
		for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
			text := fault.Explain(err, lang)
			if !strings.Contains(text, missing) || !strings.Contains(text, "libno-such-library-of-nvidia.so.1") || strings.Contains(text, "!") {
				t.Error(text)
			}
		}
	}
	if s := h.State(); s.Phase != NoGPU || s.Restarts != 0 || s.PID != 0 || s.NextTry.IsZero() {
		t.Errorf("%+v", s)
	}
	h.stop()
	if n := strings.Count(h.log.String(), "level="); n != 1 {
		t.Errorf("told %d times:\n%s", n, h.log)
	}
}

func TestProbe_LibraryThatAppears_IsUsed(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Rarely = 5 * time.Millisecond })
	aside := h.gpus.Library + ".aside"
	h.back()
	if err := os.Rename(h.gpus.Library, aside); err != nil {
		t.Fatal(err)
	}
	if err := h.Renew(h.context()); err != nil {
		t.Fatal(err)
	}
	// It was there a moment ago, so this is no machine without a GPU.
	if err := h.hears(ErrVanished); Absent(err) || !errors.Is(err, ErrNoLibrary) {
		t.Error(err)
	}
	if err := os.Rename(aside, h.gpus.Library); err != nil {
		t.Fatal(err)
	}
	h.back()
}

func TestProbe_RenewEndsTheWait(t *testing.T) {
	h := newHouse(t, nil) // which looks again in an hour
	aside := h.gpus.Library + ".aside"
	h.back()
	if err := os.Rename(h.gpus.Library, aside); err != nil {
		t.Fatal(err)
	}
	if err := h.Renew(h.context()); err != nil {
		t.Fatal(err)
	}
	_ = h.hears(ErrVanished)
	if err := os.Rename(aside, h.gpus.Library); err != nil {
		t.Fatal(err)
	}
	if err := h.Renew(h.context()); err != nil {
		t.Fatal(err)
	}
	h.back()
}

func TestProbe_DriverThatIsNotLoaded_IsAStateAndNoFailure(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Rarely = time.Millisecond })
	h.gpus.Set("fail.nvmlInit_v2", int(codeDriverNotThere))
	h.until("it is absent", func(_ Sample, err error) bool { return errors.Is(err, ErrNoDriver) || errors.Is(err, ErrVanished) })
	h.gpus.Unset("fail.nvmlInit_v2")
	h.back()
}

func TestProbe_LibraryThatCannotBeUsed_SaysWhy(t *testing.T) {
	text := filepath.Join(t.TempDir(), "libnvidia-ml.so.1")
	if err := os.WriteFile(text, []byte("no library\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		without []string
		change  func(*house, *Options)
		want    string
	}{
		"no library at all": {change: func(_ *house, o *Options) { o.Libraries = []string{text} }, want: "file too short"},
		"another library":   {change: func(_ *house, o *Options) { o.Libraries = []string{"libm.so.6"} }, want: "nvmlInit_v2"},
		"an old library":    {without: []string{"nvmlInit_v2", "nvmlDeviceGetUUID"}, want: "lacks nvmlDeviceGetUUID, nvmlInit_v2"},
		"no access":         {change: func(_ *house, o *Options) { o.Libraries = []string{t.TempDir()} }, want: "Is a directory"},
	} {
		h := newHouse(t, func(o *Options) {
			if tc.change != nil {
				tc.change(nil, o)
			}
		}, tc.without...)
		if tc.change == nil {
			h.gpus.Set("count", 1)
		}
		err := h.hears(ErrUnusable)
		if Absent(err) || !strings.Contains(err.Error(), tc.want) && !strings.Contains(err.Error(), "cannot read file data") && !strings.Contains(err.Error(), "invalid ELF") {
			t.Errorf("%s: %v", name, err)
		}
		h.stop()
	}
	for code, words := range map[int]string{18: "reboot", 4: "NO_PERMISSION", 4321: "ERROR_4321"} {
		h := newHouse(t, nil)
		h.gpus.Set("fail.nvmlInit_v2", code)
		_ = h.hears(ErrUnusable)
		if err := h.hears(ErrUnusable); !strings.Contains(err.Error(), words) {
			t.Errorf("%d: %v", code, err)
		}
		h.stop()
	}
}

func TestProbe_TheFirstLibraryThatWorksIsTaken_EachInItsOwnProcess(t *testing.T) {
	other := newHouse(t, nil, "nvmlInit_v2").gpus
	dead := newHouse(t, nil).gpus
	dead.Set("crash", "nvmlInit_v2")
	h := newHouse(t, func(o *Options) {
		o.Libraries = append([]string{"/nonexistent/lib.so", other.Library, dead.Library}, o.Libraries...)
	})
	h.back()
	if i := h.State().Info; i.Library != h.gpus.Library {
		t.Errorf("%+v", i)
	}
}

func TestProbe_OfSeveralFailures_TheWorstIsTold(t *testing.T) {
	dead := newHouse(t, nil).gpus
	dead.Set("crash", "nvmlInit_v2")
	h := newHouse(t, func(o *Options) { o.Libraries = []string{"libm.so.6", dead.Library, "/nonexistent/lib.so"} })
	_ = h.hears(ErrLost)
}

func TestLibraries_WhatAPersonNamedIsTheOnlyPlace(t *testing.T) {
	env := func(value string) func(string) string {
		return func(name string) string {
			if name != "NVML_LIBRARY" {
				t.Error(name)
			}
			return value
		}
	}
	if got := Libraries("/a", env("/b")); len(got) != 1 || got[0] != "/a" {
		t.Error(got)
	}
	if got := Libraries("", env("/b")); len(got) != 1 || got[0] != "/b" {
		t.Error(got)
	}
	got := Libraries("", env(""))
	if got[0] != "libnvidia-ml.so.1" || got[1] != "/usr/lib/wsl/lib/libnvidia-ml.so.1" || got[2] != "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1" {
		t.Error(got)
	}
}

// go-nvml's functions are bound at the first call. A binary that binds all at its
// start does not start where there is no driver, which is everywhere else.
func TestBinary_BindsLazily(t *testing.T) {
	file, err := elf.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was read only
	for tag, bad := range map[elf.DynTag]uint64{elf.DT_FLAGS: uint64(elf.DF_BIND_NOW), elf.DT_FLAGS_1: uint64(elf.DF_1_NOW), elf.DT_BIND_NOW: 0} {
		values, err := file.DynValue(tag)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			if v&bad != 0 || tag == elf.DT_BIND_NOW {
				t.Errorf("%v %#x: build with -ldflags=-extldflags=-Wl,-z,lazy", tag, v)
			}
		}
	}
}

// The same package without cgo, as a static build has it: nothing but the test of
// that build's own is in it.
func TestBuildWithoutCgo_IsToldSo(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the package anew")
	}
	binary := filepath.Join(t.TempDir(), "gpu.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), binary, "-test.run", "WithoutCgo").CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}
