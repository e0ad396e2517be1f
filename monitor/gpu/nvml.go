//go:build linux && cgo

package gpu

import (
	"slices"
	"strconv"
	"strings"

	"github.com/NVIDIA/go-nvml/pkg/dl"
	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// library is NVML, loaded into this process. There can be one per process only:
// go-nvml's functions are bound to the first that was loaded.
//
// go-nvml calls a function of the library by its name in the program, which the
// dynamic linker looks up at the first call: a program that is linked with -z now
// would not even start. A name that this driver lacks ends the process there. So
// nothing is called that has not been looked for before.
type library struct {
	api   nvml.Interface
	has   map[string]bool // functions of any version
	known map[int]Device  // who is who, for a GPU that can no longer say
	set   nvml.EventSet
	hears map[nvml.Device]Device // of whom the set tells; nil without events
}

// functions that are called, and which of their versions will do: the library
// calls the newest that is there. Without those marked nothing works.
func functions() map[string][]string {
	return map[string][]string{
		"*Init":             {"nvmlInit_v2", "nvmlInit"},
		"*Shutdown":         {"nvmlShutdown"},
		"*Count":            {"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"},
		"*Handle":           {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"},
		"*UUID":             {"nvmlDeviceGetUUID"},
		"Name":              {"nvmlDeviceGetName"},
		"Driver":            {"nvmlSystemGetDriverVersion"},
		"NVML":              {"nvmlSystemGetNVMLVersion"},
		"CUDA":              {"nvmlSystemGetCudaDriverVersion"},
		"Pci":               {"nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetPciInfo"},
		"Memory":            {"nvmlDeviceGetMemoryInfo"},
		"Memory2":           {"nvmlDeviceGetMemoryInfo_v2"},
		"Temperature":       {"nvmlDeviceGetTemperature"},
		"TemperatureV":      {"nvmlDeviceGetTemperatureV"},
		"Threshold":         {"nvmlDeviceGetTemperatureThreshold"},
		"Utilisation":       {"nvmlDeviceGetUtilizationRates"},
		"Power":             {"nvmlDeviceGetPowerUsage"},
		"PowerLimit":        {"nvmlDeviceGetEnforcedPowerLimit"},
		"Fan":               {"nvmlDeviceGetFanSpeed"},
		"EventReasons":      {"nvmlDeviceGetCurrentClocksEventReasons"},
		"ThrottleReasons":   {"nvmlDeviceGetCurrentClocksThrottleReasons"},
		"ECC":               {"nvmlDeviceGetTotalEccErrors"},
		"Rows":              {"nvmlDeviceGetRemappedRows"},
		"Compute":           {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2", "nvmlDeviceGetComputeRunningProcesses"},
		"Graphics":          {"nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v2", "nvmlDeviceGetGraphicsRunningProcesses"},
		"MPS":               {"nvmlDeviceGetMPSComputeRunningProcesses_v3", "nvmlDeviceGetMPSComputeRunningProcesses_v2", "nvmlDeviceGetMPSComputeRunningProcesses"},
		"MigMode":           {"nvmlDeviceGetMigMode"},
		"MigCount":          {"nvmlDeviceGetMaxMigDeviceCount"},
		"MigHandle":         {"nvmlDeviceGetMigDeviceHandleByIndex"},
		"GpuInstance":       {"nvmlDeviceGetGpuInstanceId"},
		"ComputeInstance":   {"nvmlDeviceGetComputeInstanceId"},
		"EventSetCreate":    {"nvmlEventSetCreate"},
		"EventSetFree":      {"nvmlEventSetFree"},
		"EventSetWait":      {"nvmlEventSetWait_v2", "nvmlEventSetWait"},
		"EventTypes":        {"nvmlDeviceGetSupportedEventTypes"},
		"EventRegistration": {"nvmlDeviceRegisterEvents"},
	}
}

func openDriver(path string) (driver, *refusal) {
	// go-nvml keeps the reason of a failure to itself, so the library is opened
	// here first. It stays open: what go-nvml opens then is the same.
	file := dl.New(path, dl.RTLD_LAZY|dl.RTLD_GLOBAL)
	if err := file.Open(); err != nil {
		return nil, &refusal{Kind: notLoaded, Detail: err.Error()}
	}
	has := map[string]bool{}
	var missing []string
	for name, versions := range functions() {
		name, needed := strings.CutPrefix(name, "*")
		has[name] = slices.ContainsFunc(versions, func(symbol string) bool { return file.Lookup(symbol) == nil })
		if needed && !has[name] {
			missing = append(missing, versions[0])
		}
	}
	if missing != nil {
		slices.Sort(missing)
		return nil, &refusal{Kind: notWhole, Detail: strings.Join(missing, ", ")}
	}
	l := &library{api: nvml.New(nvml.WithLibraryPath(path)), has: has, known: map[int]Device{}}
	if code := Code(l.api.Init()); code != 0 {
		return nil, &refusal{Kind: notReady, Code: code}
	}
	l.subscribe()
	return l, nil
}

// close is the last call: after a second one go-nvml would call a library that
// is no longer there.
func (l *library) close() { _ = l.api.Shutdown() } // the process ends anyway

func (l *library) info() Info {
	i := Info{Events: l.hears != nil}
	if l.has["Driver"] {
		i.Driver, _ = l.api.SystemGetDriverVersion() // empty when it is not told
	}
	if l.has["NVML"] {
		i.NVML, _ = l.api.SystemGetNVMLVersion()
	}
	if l.has["CUDA"] {
		if n, code := l.api.SystemGetCudaDriverVersion(); code == nvml.SUCCESS {
			i.CUDA = strconv.Itoa(n/1000) + "." + strconv.Itoa(n%1000/10)
		}
	}
	return i
}

// handles are all GPUs that the library counts; a GPU that has none has a code
// instead.
func (l *library) handles() ([]nvml.Device, []Code, Code) {
	n, code := l.api.DeviceGetCount()
	if code != nvml.SUCCESS {
		return nil, nil, Code(code)
	}
	devices, codes := make([]nvml.Device, n), make([]Code, n)
	for i := range n {
		d, code := l.api.DeviceGetHandleByIndex(i)
		devices[i], codes[i] = d, Code(code)
	}
	return devices, codes, 0
}

func (l *library) list() ([]Device, Code) {
	handles, codes, code := l.handles()
	if code != 0 {
		return nil, code
	}
	devices := make([]Device, len(handles))
	for i, h := range handles {
		devices[i] = l.identify(i, h, codes[i])
		if codes[i] == 0 {
			parts, _ := l.parts(h, func(nvml.Return) {}) // a sample tells what could not be listed
			devices[i].Parts = plain(parts)
		}
	}
	return devices, 0
}

// identify says which GPU it is, from memory when it cannot be asked.
func (l *library) identify(i int, h nvml.Device, code Code) Device {
	d := l.known[i]
	d.Index = i
	if code != 0 {
		return d
	}
	if uuid, ret := h.GetUUID(); ret == nvml.SUCCESS {
		d = Device{Index: i, UUID: uuid, Name: l.name(h), Bus: l.bus(h)}
		l.known[i] = d
	}
	return d
}

func (l *library) name(h nvml.Device) string {
	if !l.has["Name"] {
		return ""
	}
	name, code := h.GetName()
	if code != nvml.SUCCESS {
		return ""
	}
	return name
}

func (l *library) bus(h nvml.Device) string {
	if !l.has["Pci"] {
		return ""
	}
	pci, code := h.GetPciInfo()
	if code != nvml.SUCCESS {
		return ""
	}
	var b strings.Builder
	for _, c := range pci.BusId {
		if c == 0 {
			break
		}
		b.WriteByte(c)
	}
	return b.String()
}

func (l *library) sample() ([]Reading, Code) {
	handles, codes, code := l.handles()
	if code != 0 {
		return nil, code
	}
	readings := make([]Reading, len(handles))
	for i, h := range handles {
		readings[i] = Reading{Device: l.identify(i, h, codes[i]), Code: codes[i], Unread: map[string]Code{}}
		if codes[i] == 0 {
			l.read(h, &readings[i])
		}
	}
	return readings, 0
}

// part is a MIG device that answers.
type part struct {
	Part
	handle nvml.Device
}

// parts are the MIG devices of a GPU, when it is cut up. failed hears why one
// could not be found.
func (l *library) parts(h nvml.Device, failed func(nvml.Return)) (parts []part, cut bool) {
	if !l.has["MigMode"] || !l.has["MigCount"] || !l.has["MigHandle"] {
		return nil, false
	}
	if mode, _, code := h.GetMigMode(); code != nvml.SUCCESS || mode != nvml.DEVICE_MIG_ENABLE {
		return nil, false
	}
	most, code := h.GetMaxMigDeviceCount()
	if code != nvml.SUCCESS {
		failed(code)
		return nil, true
	}
	for i := range most {
		m, code := h.GetMigDeviceHandleByIndex(i)
		if code == nvml.ERROR_NOT_FOUND {
			continue // the places need not be taken in order
		}
		if code != nvml.SUCCESS {
			failed(code)
			continue
		}
		p := part{Part: Part{Index: i, Name: l.name(m)}, handle: m}
		if uuid, code := m.GetUUID(); code == nvml.SUCCESS {
			p.UUID = uuid
		}
		if l.has["GpuInstance"] {
			p.GPUInstance = told(m.GetGpuInstanceId())
		}
		if l.has["ComputeInstance"] {
			p.ComputeInstance = told(m.GetComputeInstanceId())
		}
		parts = append(parts, p)
	}
	return parts, true
}

func plain(parts []part) []Part {
	var list []Part
	for _, p := range parts {
		list = append(list, p.Part)
	}
	return list
}

// told is the value of a call that succeeded.
func told[T any](value T, code nvml.Return) *T {
	if code != nvml.SUCCESS {
		return nil
	}
	return &value
}
