package monitor

import (
	"slices"
	"strconv"
	"time"

	"uratori/internal/fault"
	"uratori/monitor/gpu"
	"uratori/monitor/notify"
)

const (
	// In looks; see judge_task.go.
	lowHold   = 3
	lowRest   = 12
	hotHold   = 6
	fullHold  = 3
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
	for folder, d := range m.Disks {
		f := Finding{Kind: "disk_low", Subject: "disk" + folder, Level: notify.High, What: say("monitor.disk_low", "folder", folder, "bytes", size(lowDisk)), ToDo: say("monitor.disk_low.todo")}
		j.watch(r, s.At, d.Free < lowDisk, d.Free > easyDisk, lowHold, lowRest, f)
	}
	blind := s.Blind != nil
	f := Finding{Kind: "gpu_blind", Subject: "gpus", Level: notify.High, What: say("monitor.gpu_blind"), ToDo: say("monitor.gpu_blind.todo")}
	j.watch(r, s.At, blind, !blind, blindHold, 0, f)
}

// gpus judges each GPU. What the driver does not tell is neither well nor ill.
func (j *judge) gpus(r *ruling, s Sample) {
	const easier = 5 // percent, or degrees, below the limit it is over
	for _, g := range s.GPUs {
		about := func(kind string, level notify.Priority, what Words) Finding {
			return Finding{Kind: kind, Subject: "gpu/" + g.UUID, Level: level, What: what}
		}
		ill := g.Fault()
		if ill != nil {
			f := about("gpu_lost", notify.Critical, reason(ill))
			f.ToDo = say("monitor.gpu_lost.todo")
			j.gpuFailed(r, s, g, f, ill)
		}
		j.watch(r, s.At, false, ill == nil, 0, 0, about("gpu_lost", notify.Critical, Words{}))
		if ill != nil {
			continue // nothing else of it means anything
		}
		name := g.Name + " " + strconv.Itoa(g.Index)
		if g.Memory != nil {
			taken := g.Memory.Taken()
			j.watch(r, s.At, taken >= float64(j.set.GPUMemory), taken < float64(j.set.GPUMemory-easier), fullHold, lowRest,
				about("gpu_memory", notify.High, say("monitor.gpu_memory", "gpu", name, "percent", j.set.GPUMemory)))
		}
		if g.Temperature != nil {
			heat := *g.Temperature
			throttled := slices.ContainsFunc(g.Throttle, gpu.Throttle.Hot) || g.Slowdown != nil && heat >= *g.Slowdown
			f := about("gpu_hot", notify.High, say("monitor.gpu_hot", "gpu", name, "degrees", j.set.GPUHeat))
			hold := hotHold
			if throttled {
				f.Level, f.What, hold = notify.Critical, say("monitor.gpu_throttled", "gpu", name), 0
			}
			f.ToDo = say("monitor.gpu_hot.todo")
			j.watch(r, s.At, heat >= j.set.GPUHeat || throttled, heat < j.set.GPUHeat-easier && !throttled, hold, lowRest, f)
		}
		if g.ECC != nil {
			before, known := j.ecc[g.UUID]
			j.ecc[g.UUID] = *g.ECC
			if known && *g.ECC > before {
				f := about("gpu_ecc", notify.Critical, say("monitor.gpu_ecc", "gpu", name))
				f.Content, f.ToDo = strconv.FormatUint(*g.ECC, 10), say("monitor.gpu_lost.todo")
				j.gpuFailed(r, s, g, f, fault.New(fault.Failed, "monitor.gpu_ecc", "gpu", name))
			}
		}
	}
	for _, e := range s.Events {
		j.xid(r, s, e)
	}
}

// xid judges what the driver reported.
func (j *judge) xid(r *ruling, s Sample, e gpu.Event) {
	x := gpu.XidOf(e.Xid)
	i := slices.IndexFunc(s.GPUs, func(g gpu.Reading) bool {
		return e.UUID != "" && g.UUID == e.UUID || e.UUID == "" && g.Index == e.Index
	})
	g := gpu.Reading{Device: gpu.Device{UUID: e.UUID, Index: e.Index}}
	if i >= 0 {
		g = s.GPUs[i]
	}
	f := Finding{
		Kind: "gpu_xid", Subject: "gpu/" + g.UUID, Content: strconv.Itoa(e.Xid) + "@" + e.At.UTC().Format(time.RFC3339), Level: notify.Low,
		What: say("monitor.gpu_xid", "gpu", g.Name+" "+strconv.Itoa(g.Index), "xid", e.Xid, "name", x.Name), ToDo: say("gpu.xid." + string(x.Action)), Since: e.At,
	}
	if !x.Fatal {
		r.found = append(r.found, f)
		return
	}
	f.Level = notify.Critical
	j.gpuFailed(r, s, g, f, fault.New(fault.Failed, "monitor.gpu_xid", "gpu", g.Name+" "+strconv.Itoa(g.Index), "xid", e.Xid, "name", x.Name))
}

// gpuFailed stops the tasks of a GPU, and tells each of them; without any, the
// GPU alone is told.
func (j *judge) gpuFailed(r *ruling, s Sample, g gpu.Reading, f Finding, cause error) {
	k := key{f.Subject, f.Kind}
	if gauge := j.gauges[k]; gauge != nil && gauge.open {
		return // told, and nothing new runs on it that was not told
	}
	if f.Kind == "gpu_lost" {
		j.gauges[k] = &gauge{open: true, last: s.At}
	}
	var hit []TaskSample
	for _, t := range s.Tasks {
		if uses(t, g, len(s.GPUs)) {
			hit = append(hit, t)
		}
	}
	if len(hit) == 0 {
		r.found = append(r.found, f)
		return
	}
	for _, t := range hit {
		st := j.tasks[attempt{t.Task, t.Attempt}]
		if st == nil || st.stopped {
			continue
		}
		st.stopped = true
		of := about(t.Job, f.Kind, f.Level, f.What)
		of.Content, of.ToDo, of.Since = f.Content, f.ToDo, f.Since
		r.stop = append(r.stop, stopping{job: t.Job, cause: Cause{GPU: true, Reason: cause}, finding: of})
	}
}

// uses tells whether a task works on a GPU, as far as anybody can tell: it was
// granted to it, or one of its processes holds memory there. Of a task that
// was granted none, on a machine whose driver does not tell who uses its only
// GPU, it is assumed: a job that goes on with a dead GPU wastes days.
func uses(t TaskSample, g gpu.Reading, gpus int) bool {
	if len(t.GPUs) > 0 {
		return slices.Contains(t.GPUs, strconv.Itoa(g.Index)) || slices.Contains(t.GPUs, g.UUID)
	}
	for _, p := range g.Processes {
		if slices.Contains(t.PIDs, p.PID) {
			return true
		}
	}
	_, untold := g.Unread["processes"]
	return gpus == 1 && (untold || g.Fault() != nil)
}
