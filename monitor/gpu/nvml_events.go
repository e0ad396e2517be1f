//go:build linux && cgo

package gpu

import (
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

const (
	// eventWait is how long the library waits for an event, and so the longest
	// that a stop waits for it.
	eventWait = 250 // ms
	// eventPause is kept after a wait that failed; a lost GPU makes it fail at
	// once, for ever.
	eventPause = time.Second
)

// subscribe asks for the Xids of every GPU that reports any. Where none does, as
// in WSL2, there are no events, and nothing is wrong.
func (l *library) subscribe() {
	for _, needed := range []string{"EventSetCreate", "EventSetFree", "EventSetWait", "EventTypes", "EventRegistration"} {
		if !l.has[needed] {
			return
		}
	}
	handles, codes, code := l.handles()
	if code != 0 {
		return
	}
	set, ret := l.api.EventSetCreate()
	if ret != nvml.SUCCESS {
		return
	}
	hears := map[nvml.Device]Device{}
	for i, h := range handles {
		if codes[i] != 0 {
			continue
		}
		types, ret := h.GetSupportedEventTypes()
		if ret != nvml.SUCCESS || types&nvml.EventTypeXidCriticalError == 0 {
			continue
		}
		if h.RegisterEvents(nvml.EventTypeXidCriticalError, set) == nvml.SUCCESS {
			hears[h] = l.identify(i, h, codes[i])
		}
	}
	if len(hears) == 0 {
		_ = set.Free() // it would only be in the way
		return
	}
	l.set, l.hears = set, hears
}

// events waits beside all other calls, in what NVML calls thread-safe.
func (l *library) events(quit <-chan struct{}, deliver func(Event)) {
	if l.hears == nil {
		return
	}
	defer func() { _ = l.set.Free() }() // the process ends anyway
	for {
		select {
		case <-quit:
			return
		default:
		}
		data, code := l.set.Wait(eventWait)
		switch {
		case code == nvml.ERROR_TIMEOUT:
		case code != nvml.SUCCESS:
			select {
			case <-quit:
				return
			case <-time.After(eventPause):
			}
		case data.EventType == nvml.EventTypeXidCriticalError:
			deliver(l.event(data))
		}
	}
}

func (l *library) event(data nvml.EventData) Event {
	e := Event{Xid: int(uint32(data.EventData)), Index: -1} //nolint:gosec // Xids are small; 999 is one that the driver does not know
	if d, ok := l.hears[data.Device]; ok {
		e.Index, e.UUID = d.Index, d.UUID
	}
	const none = 0xFFFFFFFF
	if data.GpuInstanceId != none {
		e.GPUInstance = whole(data.GpuInstanceId)
	}
	if data.ComputeInstanceId != none {
		e.ComputeInstance = whole(data.ComputeInstanceId)
	}
	return e
}
