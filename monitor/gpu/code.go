package gpu

import (
	"fmt"

	"uratori/internal/fault"
)

// Code is what an NVML call returned; nvmlReturn_t in nvml.h.
type Code int

// The codes that mean something to this package.
const (
	codeNotSupported   Code = 3
	codeNoPermission   Code = 4
	codeNotFound       Code = 6
	codeNoPower        Code = 8
	codeDriverNotThere Code = 9
	codeNoFunction     Code = 13
	codeIRQ            Code = 11
	codeLost           Code = 15
	codeReset          Code = 16
	codeBlocked        Code = 17
	codeMismatch       Code = 18
	codeDeprecated     Code = 26
	codeNoGPU          Code = 28
)

// names are those of nvml.h without NVML_ERROR_. The library's own words are not
// asked for: a driver that lacks nvmlErrorString would end the process.
func (c Code) String() string {
	names := [...]string{
		"SUCCESS", "UNINITIALIZED", "INVALID_ARGUMENT", "NOT_SUPPORTED", "NO_PERMISSION", "ALREADY_INITIALIZED", "NOT_FOUND",
		"INSUFFICIENT_SIZE", "INSUFFICIENT_POWER", "DRIVER_NOT_LOADED", "TIMEOUT", "IRQ_ISSUE", "LIBRARY_NOT_FOUND",
		"FUNCTION_NOT_FOUND", "CORRUPTED_INFOROM", "GPU_IS_LOST", "RESET_REQUIRED", "OPERATING_SYSTEM", "LIB_RM_VERSION_MISMATCH",
		"IN_USE", "MEMORY", "NO_DATA", "VGPU_ECC_NOT_SUPPORTED", "INSUFFICIENT_RESOURCES", "FREQ_NOT_SUPPORTED",
		"ARGUMENT_VERSION_MISMATCH", "DEPRECATED", "NOT_READY", "GPU_NOT_FOUND", "INVALID_STATE", "RESET_TYPE_NOT_SUPPORTED",
	}
	switch {
	case c >= 0 && int(c) < len(names):
		return names[c]
	case c == 999:
		return "UNKNOWN"
	}
	return fmt.Sprintf("ERROR_%d", int(c))
}

// sick tells codes that say of whatever was asked that the GPU as a whole cannot
// be used. All others concern one metric only.
func (c Code) sick() bool {
	switch c {
	case codeNoPower, codeIRQ, codeLost, codeReset, codeBlocked, codeMismatch, codeNoGPU:
		return true
	}
	return false
}

// unavailable tells codes that say that a driver or a GPU does not have what was
// asked for, which is never an error.
func (c Code) unavailable() bool {
	return c == codeNotSupported || c == codeNoFunction || c == codeDeprecated
}

// Fault says to people what is wrong with the GPU; nil when it answers.
func (r Reading) Fault() error {
	of := []any{"gpu", r.label()}
	switch r.Code {
	case 0:
		return nil
	case codeLost:
		return fault.New(fault.Failed, "gpu.lost", of...)
	case codeReset:
		return fault.New(fault.Failed, "gpu.reset_required", of...)
	case codeBlocked:
		return fault.New(fault.Failed, "gpu.blocked", of...)
	case codeMismatch:
		return fault.New(fault.Failed, "gpu.mismatch", of...)
	case codeNoGPU:
		return fault.New(fault.Failed, "gpu.not_listed", of...)
	case codeNoPower:
		return fault.New(fault.Failed, "gpu.no_power", of...)
	default:
		return fault.New(fault.Failed, "gpu.sick", append(of, "code", r.Code)...)
	}
}

// label is how people know a GPU.
func (d Device) label() string {
	if d.Name == "" {
		return fmt.Sprintf("GPU %d", d.Index)
	}
	return fmt.Sprintf("GPU %d (%s)", d.Index, d.Name)
}

// Throttle is something that keeps a GPU's clocks down.
type Throttle string

// What keeps clocks down; nvmlClocksEventReasons in nvml.h.
const (
	ThrottleIdle            Throttle = "idle"
	ThrottleClocksSetting   Throttle = "clocks_setting"
	ThrottlePowerCap        Throttle = "power_cap"
	ThrottleHardware        Throttle = "hw_slowdown"
	ThrottleSyncBoost       Throttle = "sync_boost"
	ThrottleThermal         Throttle = "thermal"
	ThrottleHardwareThermal Throttle = "hw_thermal"
	ThrottlePowerBrake      Throttle = "power_brake"
	ThrottleDisplay         Throttle = "display_clocks"
)

// Hot tells reasons that mean that the GPU is too hot.
func (t Throttle) Hot() bool { return t == ThrottleThermal || t == ThrottleHardwareThermal }

// throttles decodes the bits. Those of a newer driver are told as numbers.
func throttles(bits uint64) []Throttle {
	known := [...]Throttle{
		ThrottleIdle, ThrottleClocksSetting, ThrottlePowerCap, ThrottleHardware, ThrottleSyncBoost,
		ThrottleThermal, ThrottleHardwareThermal, ThrottlePowerBrake, ThrottleDisplay,
	}
	list := []Throttle{}
	for bit := range 64 {
		switch {
		case bits&(1<<bit) == 0:
		case bit < len(known):
			list = append(list, known[bit])
		default:
			list = append(list, Throttle(fmt.Sprintf("bit_%d", bit)))
		}
	}
	return list
}
