// Package gpu looks at NVIDIA GPUs without ever being hurt by them.
//
// NVIDIA's library (NVML) ends the process that calls a function which the
// driver lacks, takes a SIGSEGV on some drivers, and blocks for 45 seconds or
// for ever when a GPU is sick. So it is loaded by no daemon: a [Probe] keeps a
// child, the same binary under the hidden command gpu-probe ([Serve]), asks it a
// line of JSON at a time, and tells that the probe is lost when the child dies
// or falls silent. What the daemon supervises goes on meanwhile.
//
// Nothing here is a guess. A metric that the driver does not tell is nil and
// never zero; that a driver does not support it is no error. Which processes
// hold memory is told as held, none or unknown ([Probe.Holding]): in WSL2 and in
// containers NVML cannot tell. A GPU that was there and is listed no more is a
// lost GPU, and no empty list.
//
// Beside NVML the package knows what Xid numbers mean ([XidOf]) and how a job's
// log looks when the GPU failed, or was silently not used ([Matcher]).
package gpu

import "time"

// Device is one GPU of this machine.
type Device struct {
	Index int    `json:"index"` // NVML's; it may change with a reboot, the UUID does not
	UUID  string `json:"uuid"`
	Name  string `json:"name"`
	Bus   string `json:"bus,omitzero"` // PCI address
	Parts []Part `json:"mig,omitzero"` // its MIG devices; nil when it is not cut up
}

// Part is a MIG device: a share of a GPU with memory of its own.
type Part struct {
	Index           int    `json:"index"`
	UUID            string `json:"uuid"`
	Name            string `json:"name"`
	GPUInstance     *int   `json:"gpu_instance,omitzero"`
	ComputeInstance *int   `json:"compute_instance,omitzero"`
}

// Sample is what all GPUs said at one moment.
type Sample struct {
	At      time.Time `json:"at"`
	Devices []Reading `json:"devices"`
	Events  []Event   `json:"events,omitzero"` // that came since the sample before
}

// Reading is what one GPU said. A nil metric is not available: Unread tells why.
type Reading struct {
	Device
	// Code is zero while the GPU answers. Otherwise it is lost or cannot be
	// used, and the metrics are nil; Fault says it to people.
	Code        Code         `json:"code,omitzero"`
	Memory      *Memory      `json:"memory,omitzero"`
	Temperature *int         `json:"temperature,omitzero"` // °C
	Slowdown    *int         `json:"slowdown,omitzero"`    // °C at which the GPU slows itself down
	Shutdown    *int         `json:"shutdown,omitzero"`    // °C at which it switches itself off
	Utilisation *Utilisation `json:"utilisation,omitzero"`
	Power       *int         `json:"power_mw,omitzero"`
	PowerLimit  *int         `json:"power_limit_mw,omitzero"`
	Fan         *int         `json:"fan,omitzero"` // % of its rated speed, over 100 at times
	// Throttle says what keeps the clocks down; empty is nothing, nil unknown.
	Throttle []Throttle `json:"throttle,omitzero"`
	// ECC counts uncorrected memory errors since the driver was loaded.
	ECC  *uint64 `json:"ecc_uncorrected,omitzero"`
	Rows *Rows   `json:"rows,omitzero"`
	// Processes hold memory of this GPU, those of its parts included; empty is
	// none, nil unknown.
	Processes    []Process       `json:"processes,omitzero"`
	PartReadings []PartReading   `json:"mig_readings,omitzero"`
	Unread       map[string]Code `json:"unread,omitzero"` // by the metric's name in JSON
}

// PartReading is what one MIG device said. Its temperature is the GPU's.
type PartReading struct {
	Part
	Memory    *Memory   `json:"memory,omitzero"`
	Processes []Process `json:"processes,omitzero"`
}

// Memory is that of a GPU or of a part of one, in bytes.
type Memory struct {
	Total    uint64  `json:"total"`
	Used     uint64  `json:"used"` // with or without what is reserved, as the driver likes
	Free     uint64  `json:"free"`
	Reserved *uint64 `json:"reserved,omitzero"` // by the driver and firmware
}

// Taken is the share of the memory that nobody can get any more, what is
// reserved included, in percent; 0 of no memory, and of figures that cannot be.
func (m Memory) Taken() float64 {
	if m.Total == 0 || m.Free > m.Total {
		return 0
	}
	return float64(m.Total-m.Free) / float64(m.Total) * 100
}

// Utilisation is how much of the last moments something ran, in percent.
type Utilisation struct {
	GPU    int `json:"gpu"`
	Memory int `json:"memory"` // its controller
}

// Rows are memory rows that were replaced by spare ones.
type Rows struct {
	Correctable   int  `json:"correctable"`
	Uncorrectable int  `json:"uncorrectable"`
	Pending       bool `json:"pending"` // a replacement waits for a reset of the GPU
	Failed        bool `json:"failed"`  // no spare row was left: the card is worn out
}

// Process holds GPU memory.
type Process struct {
	PID   int     `json:"pid"`
	Bytes *uint64 `json:"bytes,omitzero"` // nil is unknown
}

// Event is an Xid: an error that the driver reported. See [XidOf].
type Event struct {
	At              time.Time `json:"at"`
	Xid             int       `json:"xid"`
	Index           int       `json:"index"` // -1 when the driver does not say which GPU
	UUID            string    `json:"uuid,omitzero"`
	GPUInstance     *int      `json:"gpu_instance,omitzero"` // on a GPU that is cut up
	ComputeInstance *int      `json:"compute_instance,omitzero"`
}

// Info is what the library says of itself.
type Info struct {
	Library string `json:"library"`
	Driver  string `json:"driver,omitzero"`
	NVML    string `json:"nvml,omitzero"`
	CUDA    string `json:"cuda,omitzero"`
	// Events tells whether any GPU reports Xids; WSL2 keeps them to Windows.
	Events bool `json:"events"`
}
