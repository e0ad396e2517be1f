//go:build linux && cgo

package gpu

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

func decimal(n int) string { return strconv.Itoa(n) }

func TestSample_LostGPU_IsAReadingAndNoError(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("count", 2)
	h.gpus.Set("0.temperature", 40)
	h.gpus.Set("1.temperature", 41)
	h.sample()
	for code, key := range map[Code]string{15: "gpu.lost", 16: "gpu.reset_required", 17: "gpu.blocked", 18: "gpu.mismatch", 999: "gpu.sick"} {
		h.gpus.Set("1.lost", int(code))
		s := h.sample()
		if len(s.Devices) != 2 || s.Devices[0].Code != 0 || s.Devices[0].Temperature == nil {
			t.Fatalf("%+v", s.Devices)
		}
		r := s.Devices[1]
		f, _ := errors.AsType[*fault.Error](r.Fault())
		if r.Code != code || f == nil || f.Key != key || r.Temperature != nil || r.Memory != nil || r.UUID != "GPU-stand-in-1" || r.Name != "Stand-in GPU" {
			t.Errorf("%d: %+v %v", code, r, r.Fault())
		}
		for _, lang := range []phrase.Lang{phrase.English, phrase.Japanese} {
			if text := fault.Explain(f, lang); !strings.Contains(text, "GPU 1 (Stand-in GPU)") || strings.ContainsAny(text, "{}!") {
				t.Error(text)
			}
		}
	}
	h.gpus.Unset("1.lost")
	if s := h.sample(); s.Devices[1].Code != 0 {
		t.Errorf("%+v", s.Devices[1])
	}
	if h.State().Restarts != 0 {
		t.Errorf("%+v", h.State())
	}
}

// The driver gives a handle, and every call after it fails.
func TestSample_GPUThatAnswersNothing_IsLost(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("0.fail.nvmlDeviceGetUtilizationRates", 15)
	if r := h.one(); r.Code != 15 || r.Memory != nil {
		t.Errorf("lost in the middle: %+v", r)
	}
	h.gpus.Unset("0.fail.nvmlDeviceGetUtilizationRates")
	for _, f := range []string{"nvmlDeviceGetMemoryInfo_v2", "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetTemperature", "nvmlDeviceGetComputeRunningProcesses_v3"} {
		h.gpus.Set("0.fail."+f, 999)
	}
	if r := h.one(); r.Code != 999 || r.Fault() == nil {
		t.Errorf("unknown errors: %+v", r)
	}
}

func TestSample_GPUThatIsListedNoMore_IsLost(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("count", 2)
	h.sample()
	h.gpus.Set("count", 1)
	for range 2 { // also by a probe that has never seen it
		s := h.sample()
		if len(s.Devices) != 2 || s.Devices[0].Code != 0 || s.Devices[1].Code != codeNoGPU || s.Devices[1].UUID != "GPU-stand-in-1" {
			t.Fatalf("%+v", s.Devices)
		}
		if err := h.Renew(h.context()); err != nil {
			t.Fatal(err)
		}
	}
	h.gpus.Set("count", 2)
	if s := h.sample(); len(s.Devices) != 2 || s.Devices[1].Code != 0 {
		t.Errorf("%+v", s.Devices)
	}
}

func TestSample_GPULostWhileTheProbeWasAway_IsKnownByItsNumber(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("0.name", "A")
	h.sample()
	h.gpus.Set("0.lost", 15)
	if err := h.Renew(h.context()); err != nil {
		t.Fatal(err)
	}
	if r := h.one(); r.Code != 15 || r.UUID != "GPU-stand-in-0" || r.Name != "A" {
		t.Errorf("%+v", r)
	}
}

func TestProbe_LostGPU_IsLookedAtThroughAFreshProbe(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Rarely = 20 * time.Millisecond })
	h.sample()
	first := h.State().PID
	h.gpus.Set("0.lost", 15)
	h.until("another probe process", func(_ Sample, _ error) bool {
		pid := h.State().PID
		return pid != 0 && pid != first
	})
	if h.State().Restarts != 0 {
		t.Errorf("%+v", h.State())
	}
	gone(t, first)
}

// lostBy takes samples until the probe is lost, and returns why.
func (h *house) lostBy() error {
	h.t.Helper()
	var why error
	h.until("the probe is lost", func(s Sample, err error) bool {
		if err == nil {
			return false
		}
		if len(s.Devices) != 0 {
			h.t.Errorf("an error, and still devices: %+v", s)
		}
		why = err
		return true
	})
	if !errors.Is(why, ErrLost) || Absent(why) || fault.KindOf(why) != fault.Unavailable {
		h.t.Errorf("%v", why)
	}
	return why
}

// inJapanese tells whether a fault is told in Japanese, with a span and without a
// word that is of another language.
func inJapanese(why error, span string) bool {
	text := fault.Explain(why, phrase.Japanese)
	rest := strings.NewReplacer(span, "", "GPU", "").Replace(text)
	return rest != text && !strings.ContainsFunc(rest, func(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) })
}

func TestProbe_CallThatHangs_IsLostWithinTheLimit_AndTheNextSampleWorks(t *testing.T) {
	const limit = 300 * time.Millisecond
	h := newHouse(t, func(o *Options) { o.Silence = limit })
	h.gpus.Set("0.temperature", 60)
	h.back()
	h.gpus.Set("hang", "nvmlDeviceGetTemperatureV")
	began := time.Now()
	h.until("the probe is lost", func(_ Sample, err error) bool { return err != nil })
	if took := time.Since(began); took < limit || took > limit+10*time.Second {
		t.Errorf("it took %v", took)
	}
	why := h.lostBy()
	if !strings.Contains(why.Error(), "300ms") || !inJapanese(why, "300ms") {
		t.Error(why)
	}
	h.gpus.Unset("hang")
	h.until("the temperature", func(s Sample, err error) bool { return err == nil && *s.Devices[0].Temperature == 60 })
	if s := h.State(); s.Phase != Ready || s.Problem != nil || s.Restarts == 0 {
		t.Errorf("%+v", s)
	}
}

func TestProbe_LibraryThatHangsWhileItIsLoaded_IsLost_AndWhoeverAsksHearsSoAtOnce(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Start = 200 * time.Millisecond })
	h.back()
	h.gpus.Set("hang", "nvmlInit_v2")
	if err := h.Renew(h.context()); err != nil {
		t.Fatal(err)
	}
	if why := h.lostBy(); !strings.Contains(why.Error(), "after its start") || !inJapanese(why, "200ms") {
		t.Error(why)
	}
	h.gpus.Unset("hang")
	h.back()
}

func TestProbe_Crash_IsLostWithItsReason_AndTheNextSampleWorks(t *testing.T) {
	h := newHouse(t, nil)
	for behaviour, words := range map[string]string{
		"crash":     "SIGSEGV: segmentation violation",
		"undefined": "undefined symbol: nvmlOfAnotherDriver",
	} {
		h.back()
		h.gpus.Set(behaviour, "nvmlDeviceGetTemperatureV")
		if why := h.lostBy(); !strings.Contains(why.Error(), words) || !strings.Contains(why.Error(), "exit status") {
			t.Errorf("%s: %v", behaviour, why)
		}
		h.gpus.Unset(behaviour)
	}
	h.back()
}

func TestProbe_CrashWhileItIsLoaded_IsLost(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("crash", "nvmlInit_v2")
	h.until("the crash", func(_ Sample, err error) bool {
		return errors.Is(err, ErrLost) && strings.Contains(err.Error(), "SIGSEGV")
	})
	h.gpus.Unset("crash")
	h.back()
}

func TestProbe_KilledByAnybody_IsLostAndComesBack(t *testing.T) {
	h := newHouse(t, nil)
	h.back()
	pid := h.State().PID
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	h.until("another process", func(_ Sample, err error) bool { return err == nil && h.State().PID != pid })
	if s := h.State(); s.Restarts != 1 {
		t.Errorf("%+v", s)
	}
	if log := h.log.String(); !strings.Contains(log, "signal: killed") {
		t.Error(log)
	}
}

// It hears nobody, and nothing reaches it: SIGSTOP stands for a process that the
// machine does not let run.
func TestProbe_Stopped_IsLostAndEnded(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Silence, o.Grace = 200*time.Millisecond, 50*time.Millisecond })
	h.back()
	pid := h.State().PID
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	_ = h.lostBy()
	gone(t, pid)
	h.back()
}

func TestProbe_ProcessThatCannotBeEnded_IsTold_AndNoOtherIsStarted(t *testing.T) {
	h := build(t, func(o *Options) { o.Silence, o.Grace = 200*time.Millisecond, 10*time.Millisecond })
	var mortal atomic.Bool
	h.signal = func(p *os.Process, s os.Signal) error {
		if !mortal.Load() {
			return nil
		}
		return p.Signal(s)
	}
	h.run()
	h.back()
	pid := h.State().PID
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	h.until("it is stuck", func(_ Sample, err error) bool {
		return err != nil && strings.Contains(err.Error(), "process "+decimal(pid)+" hangs inside the driver")
	})
	for range 20 {
		if _, err := h.Sample(h.context()); !errors.Is(err, ErrLost) {
			t.Fatal(err)
		}
	}
	if s := h.State(); s.Phase != Lost || s.PID != pid {
		t.Errorf("%+v", s)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	mortal.Store(true)
	h.back()
}

// Whoever asked last must not wait until somebody reboots.
func TestProbe_ProcessThatTalksNonsenseAndCannotBeEnded_LeavesNoQuestionOpen(t *testing.T) {
	h := build(t, func(o *Options) {
		o.Grace = 10 * time.Millisecond
		o.Program, o.Args = "/bin/sh", []string{"-c", `echo '{"hello":{"library":"a"}}'; read question; echo nonsense; exec sleep 60`}
	})
	var mortal atomic.Bool
	h.signal = func(p *os.Process, s os.Signal) error {
		if !mortal.Load() {
			return nil
		}
		return p.Signal(s)
	}
	h.run()
	ctx, cancel := context.WithTimeout(t.Context(), patience/3)
	defer cancel()
	_, err := h.Sample(ctx)
	if !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	mortal.Store(true)
	if err := syscall.Kill(h.State().PID, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
}

func TestProbe_LibraryThatWritesToTheOutput_DoesNoHarm(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("noise", "*")
	h.gpus.Set("complaint", "*")
	for range 3 {
		h.one()
	}
	if s := h.State(); s.Restarts != 0 {
		t.Errorf("%+v", s)
	}
}

func TestProbe_DriverThatCannotCount_IsLostAndComesBack(t *testing.T) {
	h := newHouse(t, nil)
	h.back()
	h.gpus.Set("fail.nvmlDeviceGetCount_v2", 999)
	if why := h.lostBy(); !strings.Contains(why.Error(), "NVML UNKNOWN") {
		t.Error(why)
	}
	h.gpus.Unset("fail.nvmlDeviceGetCount_v2")
	h.back()
}

func TestProbe_Ends_WithRun_AndWithTheDaemon(t *testing.T) {
	h := newHouse(t, nil)
	h.back()
	pid := h.State().PID
	h.stop()
	if syscall.Kill(pid, 0) == nil {
		t.Errorf("process %d outlives Run", pid)
	}
	if _, err := h.Sample(h.context()); !errors.Is(err, ErrStopped) {
		t.Error(err)
	}
	if s := h.State(); s.Phase != Lost || s.PID != 0 {
		t.Errorf("%+v", s)
	}

	// A daemon that is killed closes the pipe and does nothing else.
	for _, hangs := range []bool{false, true} {
		gpus := newHouse(t, nil).gpus
		c, err := spawn("/proc/self/exe", []string{probeWord}, nil, gpus.Library)
		if err != nil {
			t.Fatal(err)
		}
		if m := <-c.heard; m.Hello == nil {
			t.Fatalf("%+v", m)
		}
		if hangs {
			gpus.Set("hang", "nvmlDeviceGetCount_v2")
			if err := c.ask(request{ID: 1, Ask: askSample}); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.in.Close(); err != nil {
			t.Fatal(err)
		}
		if !c.gone(patience) || c.status != "exit status 0" {
			t.Errorf("hangs %v: %s", hangs, c.status)
		}
	}
}

func TestProbe_IsNotEndedByCtrlC(t *testing.T) {
	h := newHouse(t, nil)
	h.back()
	group, err := syscall.Getpgid(h.State().PID)
	if err != nil || group == syscall.Getpgrp() {
		t.Errorf("group %d of ours %d: %v", group, syscall.Getpgrp(), err)
	}
}

func TestSample_WhoLeavesEarly_DisturbsNobody(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("0.temperature", 33)
	h.back()
	h.gpus.Set("hang", "nvmlDeviceGetTemperatureV")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := h.Sample(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrLost) {
		t.Error(err)
	}
	h.gpus.Unset("hang")
	if r := h.one(); *r.Temperature != 33 {
		t.Errorf("%+v", r)
	}
	if s := h.State(); s.Restarts != 0 {
		t.Errorf("%+v", s)
	}
}

func TestProbe_ProgramThatIsNoProbe_IsLost(t *testing.T) {
	for name, program := range map[string][]string{
		"missing":    {"/nonexistent/uratori"},
		"silent":     {"/bin/true"},
		"other talk": {"/bin/echo", "こんにちは"},
		"other JSON": {"/bin/echo", "{}"},
		"huge":       {"/bin/sh", "-c", "head -c 20000000 /dev/zero | tr '\\0' x"},
		"unknown":    {"/bin/sh", "-c", `echo '{"id":77,"readings":[]}'; sleep 100`},
	} {
		h := newHouse(t, func(o *Options) {
			o.Program, o.Args, o.Grace = program[0], program[1:], time.Second
		})
		h.until(name, func(_ Sample, err error) bool { return errors.Is(err, ErrLost) })
		h.stop()
	}
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Error(err)
	}
}
