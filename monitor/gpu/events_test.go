//go:build linux && cgo

package gpu

import (
	"errors"
	"testing"
	"time"
)

// events gathers n events, from as many samples as it takes.
func (h *house) events(n int) []Event {
	h.t.Helper()
	var all []Event
	h.until("the events", func(s Sample, _ error) bool {
		all = append(all, s.Events...)
		return len(all) >= n
	})
	return all
}

func TestSample_Xids_ComeOnceEach_WithTheirGPU(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("count", 2)
	h.gpus.Xid(0, 31) // before anybody listened
	h.sample()
	<-h.Changed() // it is ready
	before := time.Now()
	h.gpus.Xid(1, 79)
	select {
	case <-h.Changed():
	case <-time.After(patience):
		t.Error("nobody was told")
	}
	h.gpus.Xid(-1, 43)
	h.gpus.Xid(0, 79)
	h.gpus.Xid(0, 79) // the same again is another one
	all := h.events(4)
	for i, want := range []Event{{Xid: 79, Index: 1, UUID: "GPU-stand-in-1"}, {Xid: 43, Index: -1}, {Xid: 79, UUID: "GPU-stand-in-0"}, {Xid: 79, UUID: "GPU-stand-in-0"}} {
		got := all[i]
		if got.At.Before(before) || got.At.After(time.Now()) {
			t.Error(got.At)
		}
		got.At = time.Time{}
		if got != want {
			t.Errorf("%d: %+v", i, got)
		}
	}
	if s := h.sample(); len(all) != 4 || s.Events != nil {
		t.Errorf("%+v %+v", all, s.Events)
	}
}

// The Xid is why the driver hangs: it must not be lost with the probe.
func TestSample_XidJustBeforeTheProbeIsLost_IsTold(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Silence = 300 * time.Millisecond })
	h.back()
	h.gpus.Xid(0, 119)
	select {
	case <-h.Changed():
	case <-time.After(patience):
		t.Fatal("nobody was told")
	}
	for h.gpus.Set("hang", "nvmlDeviceGetMemoryInfo_v2"); ; {
		s, err := h.Sample(h.context())
		if len(s.Events) == 1 {
			if s.Events[0].Xid != 119 || err == nil && len(s.Devices) == 0 {
				t.Errorf("%+v %v", s, err)
			}
			break
		}
		if err != nil && !errors.Is(err, ErrLost) {
			t.Fatal(err)
		}
	}
}

func TestSample_EventsThatAreNotSupported_AreNoError(t *testing.T) {
	for name, set := range map[string]func(h *house){
		"registering": func(h *house) { h.gpus.Set("fail.nvmlDeviceRegisterEvents", 3) },
		"asking":      func(h *house) { h.gpus.Set("fail.nvmlDeviceGetSupportedEventTypes", 3) },
		"creating":    func(h *house) { h.gpus.Set("fail.nvmlEventSetCreate", 999) },
		"no Xids":     func(h *house) { h.gpus.Set("0.events", 0x10) },
	} {
		h := newHouse(t, nil)
		h.back()
		set(h)
		if err := h.Renew(h.context()); err != nil {
			t.Fatal(err)
		}
		h.gpus.Xid(0, 79)
		for range 3 {
			if s := h.sample(); s.Events != nil {
				t.Errorf("%s: %+v", name, s)
			}
		}
		if s := h.State(); s.Info.Events || s.Phase != Ready || s.Restarts != 0 {
			t.Errorf("%s: %+v", name, s)
		}
		h.stop()
	}
}

func TestSample_EventsThatFail_AreTriedAgain(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("fail.nvmlEventSetWait_v2", 15)
	h.back()
	h.gpus.Xid(0, 79)
	h.sample()
	h.gpus.Unset("fail.nvmlEventSetWait_v2")
	if all := h.events(1); all[0].Xid != 79 {
		t.Errorf("%+v", all)
	}
}

func TestSample_FloodOfEvents_IsBounded(t *testing.T) {
	h := newHouse(t, nil)
	h.stop()
	for i := range mostEvents + 10 {
		h.keep(Event{Xid: i})
	}
	s, err := h.Sample(h.context())
	if !errors.Is(err, ErrStopped) || len(s.Events) != mostEvents || s.Events[0].Xid != 0 {
		t.Errorf("%d %v", len(s.Events), err)
	}
}
