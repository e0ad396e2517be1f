//go:build linux && cgo

package gpu

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSample_TellsEveryMetric(t *testing.T) {
	h := newHouse(t, nil)
	for key, value := range map[string]any{
		"0.name": "NVIDIA GeForce RTX 4090", "0.uuid": "GPU-aaaa", "0.bus": "00000000:65:00.0",
		"0.memory.total": 24 << 30, "0.memory.used": 8 << 30, "0.memory.reserved": 1 << 29,
		"0.temperature": 84, "0.slowdown": 83, "0.shutdown": 90, "0.utilisation": 97, "0.utilisation.memory": 41,
		"0.power": 348_500, "0.power.limit": 450_000, "0.fan": 104, "0.throttle": 0x20 | 0x4 | 1<<40,
		"0.ecc": 3, "0.rows": "1,2,1,0", "0.processes": "4242:1073741824,77:?", "0.graphics": "4242:5", "0.mps": "99:7",
	} {
		h.gpus.Set(key, value)
	}
	before := time.Now()
	s := h.sample()
	if s.At.Before(before) || s.At.After(time.Now()) {
		t.Error(s.At)
	}
	want := []Reading{{
		Device:      Device{Index: 0, UUID: "GPU-aaaa", Name: "NVIDIA GeForce RTX 4090", Bus: "00000000:65:00.0"},
		Memory:      &Memory{Total: 24 << 30, Used: 8 << 30, Free: 24<<30 - 8<<30 - 1<<29, Reserved: new(uint64(1 << 29))},
		Temperature: new(84), Slowdown: new(83), Shutdown: new(90), Utilisation: &Utilisation{GPU: 97, Memory: 41},
		Power: new(348_500), PowerLimit: new(450_000), Fan: new(104),
		Throttle: []Throttle{ThrottlePowerCap, ThrottleThermal, "bit_40"}, ECC: new(uint64(3)),
		Rows:      &Rows{Correctable: 1, Uncorrectable: 2, Pending: true},
		Processes: []Process{{PID: 77}, {PID: 99, Bytes: new(uint64(7))}, {PID: 4242, Bytes: new(uint64(1 << 30))}},
		Unread:    map[string]Code{},
	}}
	if diff := cmp.Diff(want, s.Devices); diff != "" {
		t.Error(diff)
	}
	if percent := want[0].Memory.Taken(); percent < 35.4 || percent > 35.5 {
		t.Error(percent)
	}
}

func TestSample_WhatTheDriverDoesNotSupport_IsNil_AndNoError(t *testing.T) {
	h := newHouse(t, nil)
	r := h.one()
	if r.Code != 0 || r.Fault() != nil || r.Memory == nil || r.Processes == nil {
		t.Errorf("%+v", r)
	}
	if r.Temperature != nil || r.Slowdown != nil || r.Shutdown != nil || r.Utilisation != nil || r.Power != nil || r.PowerLimit != nil ||
		r.Fan != nil || r.Throttle != nil || r.ECC != nil || r.Rows != nil || r.Parts != nil {
		t.Errorf("%+v", r)
	}
	for _, metric := range []string{"temperature", "slowdown", "shutdown", "utilisation", "power_mw", "power_limit_mw", "fan", "throttle", "ecc_uncorrected", "rows"} {
		if r.Unread[metric] != codeNotSupported {
			t.Errorf("%s: %v", metric, r.Unread[metric])
		}
	}
}

func TestSample_NothingThrottles_IsEmptyAndNotUnknown(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("0.throttle", 0)
	if r := h.one(); r.Throttle == nil || len(r.Throttle) != 0 {
		t.Errorf("%#v", r.Throttle)
	}
}

func TestSample_ValuesThatChange_AreSeen(t *testing.T) {
	h := newHouse(t, nil)
	for _, celsius := range []int{40, 81, -5} {
		h.gpus.Set("0.temperature", celsius)
		if r := h.one(); r.Temperature == nil || *r.Temperature != celsius {
			t.Errorf("%d: %+v", celsius, r.Temperature)
		}
	}
	if pid := h.State().PID; pid == 0 || h.State().Restarts != 0 {
		t.Errorf("%+v", h.State())
	}
}

func TestSample_OneMetricThatFails_LeavesTheOthers(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("0.temperature", 50)
	h.gpus.Set("0.fan", 30)
	h.gpus.Set("0.fail.nvmlDeviceGetFanSpeed", 4)
	h.gpus.Set("0.fail.nvmlDeviceGetUtilizationRates", 999) // as in WSL2
	r := h.one()
	if r.Code != 0 || r.Temperature == nil || r.Fan != nil || r.Unread["fan"] != codeNoPermission || r.Unread["utilisation"] != 999 {
		t.Errorf("%+v", r)
	}
}

func TestSample_NewCallThatFails_FallsBackToTheOld(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("0.temperature", 50)
	h.gpus.Set("0.memory.used", 1<<30)
	h.gpus.Set("0.memory.reserved", 1<<20)
	h.gpus.Set("fail.nvmlDeviceGetTemperatureV", 25)
	h.gpus.Set("fail.nvmlDeviceGetMemoryInfo_v2", 3)
	r := h.one()
	if r.Temperature == nil || *r.Temperature != 50 || r.Memory == nil || r.Memory.Reserved != nil || r.Memory.Used != 1<<30+1<<20 || len(r.Unread) == 0 {
		t.Errorf("%+v", r)
	}
	if _, failed := r.Unread["temperature"]; failed {
		t.Errorf("%v", r.Unread)
	}
}

func TestSample_DriverThatLacksFunctions_IsAskedForTheRest(t *testing.T) {
	optional := []string{
		"nvmlDeviceGetTemperatureV", "nvmlDeviceGetTemperature", "nvmlDeviceGetMemoryInfo_v2", "nvmlDeviceGetTemperatureThreshold",
		"nvmlDeviceGetUtilizationRates", "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetCurrentClocksEventReasons",
		"nvmlDeviceGetTotalEccErrors", "nvmlDeviceGetRemappedRows", "nvmlDeviceGetMPSComputeRunningProcesses_v3",
		"nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetMigMode", "nvmlDeviceRegisterEvents", "nvmlSystemGetCudaDriverVersion",
		"nvmlErrorString", "nvmlDeviceGetName", "nvmlDeviceGetPciInfo_v3",
	}
	h := newHouse(t, nil, optional...)
	h.gpus.Set("0.temperature", 50)
	h.gpus.Set("0.power", 1000)
	h.gpus.Set("0.throttle", 0x40)
	h.gpus.Set("0.processes", "5:6")
	h.gpus.Xid(0, 79)
	r := h.one()
	if r.Code != 0 || r.Memory == nil || r.Temperature != nil || r.Power == nil || len(r.Throttle) != 1 || !r.Throttle[0].Hot() || len(r.Processes) != 1 {
		t.Errorf("%+v", r)
	}
	if r.Unread["temperature"] != codeNoFunction || r.Unread["utilisation"] != codeNoFunction {
		t.Errorf("%v", r.Unread)
	}
	if i := h.State().Info; i.Events || i.CUDA != "" || i.Driver == "" {
		t.Errorf("%+v", i)
	}
	if h.State().Restarts != 0 {
		t.Errorf("%+v", h.State())
	}
}

func TestSample_ProcessesThatAreNotTold_AreUnknownAndNotNone(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("0.fail.nvmlDeviceGetComputeRunningProcesses_v3", 3)
	if r := h.one(); r.Code != 0 || r.Processes != nil || r.Unread["processes"] != codeNotSupported {
		t.Errorf("%+v", r)
	}
}

func TestSample_ManyProcesses_AreAllTold(t *testing.T) {
	h := newHouse(t, nil)
	list := ""
	for pid := 1; pid <= 400; pid++ {
		list += "," + decimal(pid) + ":1"
	}
	h.gpus.Set("0.processes", list[1:])
	if r := h.one(); len(r.Processes) != 400 {
		t.Errorf("%d", len(r.Processes))
	}
}

func TestSample_TwoGPUs_AreToldApart(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("count", 2)
	h.gpus.Set("0.temperature", 40)
	h.gpus.Set("1.temperature", 90)
	h.gpus.Set("1.processes", "5:6")
	s := h.sample()
	if len(s.Devices) != 2 || *s.Devices[0].Temperature != 40 || *s.Devices[1].Temperature != 90 ||
		s.Devices[0].UUID == s.Devices[1].UUID || len(s.Devices[0].Processes) != 0 || len(s.Devices[1].Processes) != 1 {
		t.Errorf("%+v", s.Devices)
	}
}

func TestSample_NoGPU_IsAnEmptyList(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("count", 0)
	if s := h.sample(); len(s.Devices) != 0 {
		t.Errorf("%+v", s)
	}
}

func TestSample_GPUThatIsCutUp_TellsMemoryAndProcessesOfItsParts(t *testing.T) {
	h := newHouse(t, nil)
	for key, value := range map[string]any{
		"0.mig": 2, "0.mig.0.memory.total": 10 << 30, "0.mig.0.memory.used": 1 << 30, "0.mig.1.memory.total": 5 << 30,
		"0.mig.1.processes": "8:80", "0.mig.0.processes": "9:?", "0.temperature": 60,
		"0.fail.nvmlDeviceGetMemoryInfo_v2": 4, "0.fail.nvmlDeviceGetMemoryInfo": 4, // the whole is not for everybody
		"0.fail.nvmlDeviceGetComputeRunningProcesses_v3": 4,
	} {
		h.gpus.Set(key, value)
	}
	r := h.one()
	if r.Memory != nil || r.Temperature == nil || len(r.PartReadings) != 2 || len(r.Parts) != 2 || r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	first, second := r.PartReadings[0], r.PartReadings[1]
	if first.Memory.Total != 10<<30 || second.Memory.Total != 5<<30 || first.UUID != "MIG-stand-in-0-0" || *second.GPUInstance != 2 || *second.ComputeInstance != 0 {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff([]Process{{PID: 8, Bytes: new(uint64(80))}, {PID: 9}}, r.Processes); diff != "" {
		t.Error(diff)
	}
	devices, err := h.Devices(h.context())
	if err != nil || len(devices) != 1 || len(devices[0].Parts) != 2 {
		t.Errorf("%+v %v", devices, err)
	}

	h.gpus.Set("0.mig.1.fail.nvmlDeviceGetComputeRunningProcesses_v3", 999)
	if r := h.one(); len(r.Processes) != 1 || r.Unread["processes"] != 999 {
		t.Errorf("%+v", r)
	}
}

func TestDevices_TellsWhoIsThere(t *testing.T) {
	h := newHouse(t, nil)
	h.gpus.Set("count", 2)
	h.gpus.Set("1.name", "名前 \"\\")
	devices, err := h.Devices(h.context())
	want := []Device{
		{Index: 0, UUID: "GPU-stand-in-0", Name: "Stand-in GPU", Bus: "00000000:00:00.0"},
		{Index: 1, UUID: "GPU-stand-in-1", Name: "名前 \"\\", Bus: "00000000:01:00.0"},
	}
	if diff := cmp.Diff(want, devices); diff != "" || err != nil {
		t.Error(diff, err)
	}
	i := h.State().Info
	if i.Library != h.gpus.Library || i.Driver != "580.82.09" || i.NVML != "13.580.82.09" || i.CUDA != "13.0" || !i.Events {
		t.Errorf("%+v", i)
	}
}
