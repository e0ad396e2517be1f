//go:build linux && cgo

package gpu

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// read asks one GPU for everything. A GPU that says that it is sick is asked no
// further: each call may take as long as the driver's patience.
func (l *library) read(h nvml.Device, r *Reading) {
	answered := false
	metrics := []func(nvml.Device, *Reading) bool{
		l.memory, l.temperature, l.thresholds, l.utilisation, l.power, l.fan, l.throttle, l.health, l.processes,
	}
	for _, metric := range metrics {
		if metric(h, r) {
			answered = true
		}
		if r.Code != 0 {
			r.forget()
			return
		}
	}
	if answered {
		return
	}
	// It has a handle, but nothing can be learned: "Unknown Error" in nvidia-smi.
	for _, metric := range slices.Sorted(maps.Keys(r.Unread)) {
		if code := r.Unread[metric]; !code.unavailable() && code != codeNoPermission {
			r.Code = code
			r.forget()
			return
		}
	}
}

// forget drops what was read before the GPU said that it is sick.
func (r *Reading) forget() {
	*r = Reading{Device: r.Device, Code: r.Code, Unread: r.Unread}
}

// got tells whether a call has succeeded, and notes why it has not.
func (r *Reading) got(metric string, code nvml.Return) bool {
	if code == nvml.SUCCESS {
		delete(r.Unread, metric) // of another way to the same
		return true
	}
	c := Code(code)
	r.Unread[metric] = c
	if c.sick() {
		r.Code = c
	}
	return false
}

// lacks notes that the driver has no function for a metric.
func (r *Reading) lacks(metric string) bool {
	r.Unread[metric] = codeNoFunction
	return false
}

// whole is a number of the library as the ones here.
func whole[N int32 | uint32](n N) *int {
	i := int(n)
	return &i
}

func (l *library) memory(h nvml.Device, r *Reading) bool {
	m, code := l.memoryOf(h)
	if r.got("memory", code) {
		r.Memory = m
	}
	return r.Memory != nil
}

func (l *library) memoryOf(h nvml.Device) (*Memory, nvml.Return) {
	if l.has["Memory2"] {
		m, code := h.GetMemoryInfo_v2()
		if code == nvml.SUCCESS {
			return &Memory{Total: m.Total, Used: m.Used, Free: m.Free, Reserved: &m.Reserved}, code
		}
		if Code(code).sick() {
			return nil, code
		}
	}
	if !l.has["Memory"] {
		return nil, nvml.ERROR_FUNCTION_NOT_FOUND
	}
	m, code := h.GetMemoryInfo()
	return &Memory{Total: m.Total, Used: m.Used, Free: m.Free}, code
}

func (l *library) temperature(h nvml.Device, r *Reading) bool {
	if l.has["TemperatureV"] {
		if t, code := h.GetTemperatureV().V1(); r.got("temperature", code) {
			r.Temperature = whole(t.Temperature)
			return true
		}
	}
	if !l.has["Temperature"] {
		return !l.has["TemperatureV"] && r.lacks("temperature")
	}
	t, code := h.GetTemperature(nvml.TEMPERATURE_GPU)
	if r.got("temperature", code) {
		r.Temperature = whole(t)
	}
	return r.Temperature != nil
}

func (l *library) thresholds(h nvml.Device, r *Reading) bool {
	if !l.has["Threshold"] {
		return r.lacks("slowdown") || r.lacks("shutdown")
	}
	if t, code := h.GetTemperatureThreshold(nvml.TEMPERATURE_THRESHOLD_SLOWDOWN); r.got("slowdown", code) {
		r.Slowdown = whole(t)
	}
	if t, code := h.GetTemperatureThreshold(nvml.TEMPERATURE_THRESHOLD_SHUTDOWN); r.got("shutdown", code) {
		r.Shutdown = whole(t)
	}
	return r.Slowdown != nil || r.Shutdown != nil
}

func (l *library) utilisation(h nvml.Device, r *Reading) bool {
	if !l.has["Utilisation"] {
		return r.lacks("utilisation")
	}
	if u, code := h.GetUtilizationRates(); r.got("utilisation", code) {
		r.Utilisation = &Utilisation{GPU: int(u.Gpu), Memory: int(u.Memory)}
	}
	return r.Utilisation != nil
}

func (l *library) power(h nvml.Device, r *Reading) bool {
	if !l.has["Power"] {
		r.lacks("power_mw")
	} else if mw, code := h.GetPowerUsage(); r.got("power_mw", code) {
		r.Power = whole(mw)
	}
	if !l.has["PowerLimit"] {
		r.lacks("power_limit_mw")
	} else if mw, code := h.GetEnforcedPowerLimit(); r.got("power_limit_mw", code) {
		r.PowerLimit = whole(mw)
	}
	return r.Power != nil || r.PowerLimit != nil
}

func (l *library) fan(h nvml.Device, r *Reading) bool {
	if !l.has["Fan"] {
		return r.lacks("fan")
	}
	if percent, code := h.GetFanSpeed(); r.got("fan", code) {
		r.Fan = whole(percent)
	}
	return r.Fan != nil
}

func (l *library) throttle(h nvml.Device, r *Reading) bool {
	var bits uint64
	var code nvml.Return
	switch {
	case l.has["EventReasons"]:
		bits, code = h.GetCurrentClocksEventReasons()
	case l.has["ThrottleReasons"]: // their name before CUDA 12.2
		bits, code = h.GetCurrentClocksThrottleReasons()
	default:
		return r.lacks("throttle")
	}
	if r.got("throttle", code) {
		r.Throttle = throttles(bits)
	}
	return r.Throttle != nil
}

// health is what the memory says of itself; consumer cards do not.
func (l *library) health(h nvml.Device, r *Reading) bool {
	if !l.has["ECC"] {
		r.lacks("ecc_uncorrected")
	} else if n, code := h.GetTotalEccErrors(nvml.MEMORY_ERROR_TYPE_UNCORRECTED, nvml.VOLATILE_ECC); r.got("ecc_uncorrected", code) {
		r.ECC = &n
	}
	if !l.has["Rows"] {
		r.lacks("rows")
	} else if correctable, uncorrectable, pending, failed, code := h.GetRemappedRows(); r.got("rows", code) {
		r.Rows = &Rows{Correctable: correctable, Uncorrectable: uncorrectable, Pending: pending, Failed: failed}
	}
	return r.ECC != nil || r.Rows != nil
}

// processes lists who holds memory, of a GPU that is cut up part by part: the
// whole tells only the privileged. Unread has "processes" when the list may lack
// somebody.
func (l *library) processes(h nvml.Device, r *Reading) bool {
	incomplete := func(code nvml.Return) { r.got("processes", code) }
	parts, cut := l.parts(h, incomplete)
	if !cut {
		r.Processes = l.processesOf(h, incomplete)
		return r.Processes != nil
	}
	r.Parts = plain(parts)
	var all []Process
	for _, p := range parts {
		reading := PartReading{Part: p.Part}
		if m, code := l.memoryOf(p.handle); code == nvml.SUCCESS {
			reading.Memory = m
		}
		reading.Processes = l.processesOf(p.handle, incomplete)
		all = append(all, reading.Processes...)
		r.PartReadings = append(r.PartReadings, reading)
	}
	if _, failed := r.Unread["processes"]; !failed || all != nil {
		r.Processes = merged(all)
	}
	return r.Processes != nil
}

// processesOf joins the three lists of a GPU or a part. A GPU that does no
// graphics, or a driver without MPS, has no such list; nobody is missed then.
func (l *library) processesOf(h nvml.Device, incomplete func(nvml.Return)) []Process {
	if !l.has["Compute"] {
		incomplete(nvml.ERROR_FUNCTION_NOT_FOUND)
		return nil
	}
	infos, code := h.GetComputeRunningProcesses()
	if code != nvml.SUCCESS {
		incomplete(code)
		return nil
	}
	for name, more := range map[string]func() ([]nvml.ProcessInfo, nvml.Return){
		"Graphics": h.GetGraphicsRunningProcesses, "MPS": h.GetMPSComputeRunningProcesses,
	} {
		if !l.has[name] {
			continue
		}
		list, code := more()
		if code != nvml.SUCCESS && !Code(code).unavailable() {
			incomplete(code)
		}
		infos = append(infos, list...)
	}
	list := make([]Process, 0, len(infos))
	for _, info := range infos {
		p := Process{PID: int(info.Pid)}
		if info.UsedGpuMemory != math.MaxUint64 { // NVML_VALUE_NOT_AVAILABLE
			p.Bytes = &info.UsedGpuMemory
		}
		list = append(list, p)
	}
	return merged(list)
}

// merged has each process once: one that computes and draws is on two lists with
// the same memory.
func merged(list []Process) []Process {
	slices.SortFunc(list, func(a, b Process) int { return cmp.Compare(a.PID, b.PID) })
	out := make([]Process, 0, len(list))
	for _, p := range list {
		n := len(out) - 1
		if n < 0 || out[n].PID != p.PID {
			out = append(out, p)
			continue
		}
		if have := out[n].Bytes; have == nil || p.Bytes != nil && *p.Bytes > *have {
			out[n].Bytes = p.Bytes
		}
	}
	return out
}
