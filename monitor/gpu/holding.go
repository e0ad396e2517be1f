package gpu

import (
	"context"
	"os"
	"slices"
	"time"

	"uratori/internal/fault"
)

// Hold is whether processes hold GPU memory.
type Hold string

// The answers of [Probe.Holding]. The zero value is no answer and says so.
const (
	HoldUnknown Hold = ""
	HoldNone    Hold = "none"
	Held        Hold = "held"
)

// Holding is which of some processes hold GPU memory.
type Holding struct {
	At    time.Time `json:"at"`
	Hold  Hold      `json:"hold"`
	Holds []Holder  `json:"holds,omitzero"` // while Held
	Why   error     `json:"-"`              // while unknown
}

// Holder is one process on one GPU.
type Holder struct {
	Process
	Index int    `json:"index"`
	UUID  string `json:"uuid"`
}

// Bytes is how much is held together; ok is false when any of it is unknown.
func (h Holding) Bytes() (sum uint64, ok bool) {
	for _, held := range h.Holds {
		if held.Bytes == nil {
			return 0, false
		}
		sum += *held.Bytes
	}
	return sum, h.Hold != HoldUnknown
}

// Holding looks which of pids hold memory of any GPU. It says none only when
// every GPU has told all its processes by the numbers that this process knows
// them by; held when one of them was seen; unknown, with the reason, otherwise.
// The error is the same reason: whoever ignores it has an answer that says
// unknown.
func (p *Probe) Holding(ctx context.Context, pids []int) (Holding, error) {
	h := Holding{At: p.o.Now()}
	unknown := func(why error) (Holding, error) {
		h.Why = why
		return h, why
	}
	if len(pids) == 0 {
		// Nobody holds nothing, but whoever asks that has lost his processes.
		return unknown(fault.New(fault.Invalid, "gpu.holding_of_none"))
	}
	if why := p.o.Blind(); why != nil {
		return unknown(why)
	}
	m, err := p.ask(ctx, askSample)
	if err != nil {
		return unknown(err)
	}
	h.At = p.o.Now()
	var silent error
	for _, r := range m.Readings {
		for _, held := range r.Processes {
			if slices.Contains(pids, held.PID) {
				h.Holds = append(h.Holds, Holder{Process: held, Index: r.Index, UUID: r.UUID})
			}
		}
		code, failed := r.Unread["processes"]
		switch {
		case silent != nil:
		case r.Code != 0:
			silent = r.Fault()
		case failed:
			silent = fault.New(fault.Unavailable, "gpu.no_processes", "gpu", r.label(), "code", code)
		case r.Processes == nil:
			silent = fault.New(fault.Unavailable, "gpu.no_processes", "gpu", r.label(), "code", codeNotSupported)
		}
	}
	switch {
	case h.Holds != nil:
		h.Hold = Held
	case silent != nil:
		return unknown(silent)
	default:
		h.Hold = HoldNone
	}
	return h, nil
}

// Blindness says why NVML's process numbers are not ours, nil when they are. It
// lists processes by their numbers in the machine's first pid namespace: from
// inside another one, as in a container, a number means somebody else. In WSL2
// the driver belongs to Windows, and its list lacks processes.
func Blindness() error {
	if _, err := os.Stat("/dev/dxg"); err == nil {
		return fault.New(fault.Unavailable, "gpu.blind_wsl2")
	}
	// The first namespace has this number since Linux 3.8 (PROC_PID_INIT_INO).
	const first = "pid:[4026531836]"
	ours, err := os.Readlink("/proc/self/ns/pid")
	if err != nil || ours != first {
		return fault.New(fault.Unavailable, "gpu.blind_container")
	}
	return nil
}
