//go:build linux && cgo

package gpu

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/fault"
)

func TestHolding_TellsHeldNoneAndUnknownApart(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("count", 2)
	h.gpus.Set("0.processes", "10:100,11:?")
	h.gpus.Set("1.graphics", "10:50,12:7")
	ask := func(pids ...int) Holding {
		t.Helper()
		held, err := h.Holding(h.context(), pids)
		if (err != nil) != (held.Hold == HoldUnknown) || held.At.IsZero() {
			t.Errorf("%+v %v", held, err)
		}
		return held
	}
	held := ask(10, 12, 13)
	want := []Holder{
		{Process{PID: 10, Bytes: new(uint64(100))}, 0, "GPU-stand-in-0"},
		{Process{PID: 10, Bytes: new(uint64(50))}, 1, "GPU-stand-in-1"},
		{Process{PID: 12, Bytes: new(uint64(7))}, 1, "GPU-stand-in-1"},
	}
	if diff := cmp.Diff(want, held.Holds); diff != "" || held.Hold != Held {
		t.Error(held.Hold, diff)
	}
	if sum, ok := held.Bytes(); sum != 157 || !ok {
		t.Error(sum, ok)
	}
	if held := ask(11); held.Hold != Held || held.Holds[0].Bytes != nil {
		t.Errorf("%+v", held)
	} else if _, ok := held.Bytes(); ok {
		t.Error("an unknown amount is told as known")
	}
	held = ask(13, 14)
	if sum, ok := held.Bytes(); held.Hold != HoldNone || held.Holds != nil || sum != 0 || !ok {
		t.Errorf("%+v", held)
	}

	// One GPU does not tell: it might be there.
	for _, code := range []int{3, 4, 999, 15} {
		h.gpus.Set("1.fail.nvmlDeviceGetComputeRunningProcesses_v3", code)
		if held := ask(13); held.Hold != HoldUnknown || !strings.Contains(held.Why.Error(), "GPU 1") {
			t.Errorf("%d: %+v", code, held)
		}
		if held := ask(10); held.Hold != Held {
			t.Errorf("%d: %+v", code, held)
		}
	}
	h.gpus.Unset("1.fail.nvmlDeviceGetComputeRunningProcesses_v3")
	h.gpus.Set("1.fail.nvmlDeviceGetMPSComputeRunningProcesses_v3", 999)
	if held := ask(13); held.Hold != HoldUnknown {
		t.Errorf("%+v", held)
	}
	h.gpus.Set("1.fail.nvmlDeviceGetMPSComputeRunningProcesses_v3", 3) // this card has no MPS
	if held := ask(13); held.Hold != HoldNone {
		t.Errorf("%+v", held)
	}
	h.gpus.Set("count", 1) // the other fell off
	if held := ask(13); held.Hold != HoldUnknown {
		t.Errorf("%+v", held)
	}
	if held := ask(); held.Hold != HoldUnknown || fault.KindOf(held.Why) != fault.Invalid {
		t.Errorf("%+v", held)
	}
}

func TestHolding_WhereNumbersMeanNothing_IsUnknown_EvenForAMatch(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Blind = func() error { return fault.New(fault.Unavailable, "gpu.blind_wsl2") } })
	h.gpus.Set("0.processes", "10:100")
	h.back()
	for _, pid := range []int{10, 11} {
		held, err := h.Holding(h.context(), []int{pid})
		if held.Hold != HoldUnknown || err == nil || !strings.Contains(err.Error(), "WSL2") {
			t.Errorf("%+v %v", held, err)
		}
	}
}

func TestHolding_WithoutAProbe_IsUnknown(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Libraries = []string{"/nonexistent/lib.so"} })
	_ = h.hears(ErrNoLibrary)
	held, err := h.Holding(h.context(), []int{1})
	if held.Hold != HoldUnknown || !errors.Is(err, ErrNoLibrary) || !errors.Is(held.Why, ErrNoLibrary) {
		t.Errorf("%+v %v", held, err)
	}
}

// Blindness is about this machine; it must say something sensible anywhere.
func TestBlindness_NamesWhereItIs(t *testing.T) {
	why := Blindness()
	if f, ok := errors.AsType[*fault.Error](why); why != nil && (!ok || f.Key != "gpu.blind_wsl2" && f.Key != "gpu.blind_container") {
		t.Error(why)
	}
}

func TestHolding_DoesNotTakeEventsAway(t *testing.T) {
	h := newHouse(t, nil)
	h.back()
	h.gpus.Xid(0, 13)
	for len(h.Changed()) == 0 {
		if _, err := h.Holding(h.context(), []int{1}); err != nil {
			t.Fatal(err)
		}
	}
	if all := h.events(1); all[0].Xid != 13 {
		t.Errorf("%+v", all)
	}
}
