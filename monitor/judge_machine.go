package monitor

import (
	"maps"
	"slices"

	"uratori/monitor/notify"
)

const kindDisk = "disk_low"

const (
	// In looks; see judge_task.go.
	lowHold   = 3
	lowRest   = 12
	blindHold = 6

	lowMemory  = 5  // percent of all that may be left
	easyMemory = 10 // percent that must be left again
	lowDisk    = 1 << 30
	easyDisk   = 2 << 30
)

func (j *judge) machine(r *ruling, s Sample) {
	m := s.Machine
	if m.Err == nil && m.MemoryTotal > 0 {
		left := 100 * float64(m.MemoryFree) / float64(m.MemoryTotal)
		f := Finding{Kind: "memory_low", Subject: "machine", Level: notify.High, What: say("monitor.memory_low", "percent", lowMemory), ToDo: say("monitor.memory_low.todo")}
		j.watch(r, s.At, left < lowMemory, left > easyMemory, lowHold, lowRest, f)
	}
	looked := map[string]bool{}
	for _, folder := range slices.Sorted(maps.Keys(m.Disks)) {
		d := m.Disks[folder]
		if looked[d.Device] {
			continue
		}
		looked[d.Device] = true
		f := Finding{Kind: kindDisk, Subject: "disk/" + d.Device, Level: notify.High, What: say("monitor.disk_low", "folder", folder, "bytes", size(lowDisk)), ToDo: say("monitor.disk_low.todo")}
		j.watch(r, s.At, d.Free < lowDisk, d.Free > easyDisk, lowHold, lowRest, f)
	}
	blind := s.Blind != nil
	f := Finding{Kind: "gpu_blind", Subject: "gpus", Level: notify.High, What: say("monitor.gpu_blind"), ToDo: say("monitor.gpu_blind.todo")}
	j.watch(r, s.At, blind, !blind, blindHold, 0, f)
}
