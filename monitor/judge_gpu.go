package monitor

import (
	"slices"
	"strconv"

	"uratori/internal/fault"
	"uratori/monitor/gpu"
	"uratori/monitor/notify"
)

const (
	hotHold    = 6 // in looks; see judge_task.go
	fullHold   = 3
	unusedHold = 12
)

// card is what the judge remembers of a GPU.
type card struct {
	ecc    *uint64 // uncorrected errors at the look before
	listed bool    // at the last look at which it was well its driver told who uses it
}

// gpus judges each GPU. What the driver does not tell is neither well nor ill.
func (j *judge) gpus(r *ruling, s Sample) {
	events := map[string][]gpu.Event{}
	for _, e := range s.Events {
		g, ok := cardOf(s, e)
		if !ok {
			g = gpu.Reading{Device: gpu.Device{UUID: e.UUID, Index: e.Index}}
			j.failing(r, s, g, []gpu.Event{e}) // it is listed no more
			continue
		}
		events[g.UUID] = append(events[g.UUID], e)
	}
	for _, g := range s.GPUs {
		j.failing(r, s, g, events[g.UUID])
		if g.Fault() == nil {
			j.load(r, s, g)
		}
	}
	j.unused(r, s)
}

// cardOf is the GPU that reported something.
func cardOf(s Sample, e gpu.Event) (gpu.Reading, bool) {
	i := slices.IndexFunc(s.GPUs, func(g gpu.Reading) bool {
		return e.UUID != "" && g.UUID == e.UUID || e.UUID == "" && g.Index == e.Index
	})
	if i < 0 {
		return gpu.Reading{}, false
	}
	return s.GPUs[i], true
}

func cardName(g gpu.Reading) string {
	if g.Name == "" {
		return "GPU " + strconv.Itoa(g.Index)
	}
	return g.Name + " " + strconv.Itoa(g.Index)
}

// failing judges whether a GPU still does what it should. One that fails does
// so in several ways at once: it is one incident, and its first symptom says
// what it is. Its tasks are stopped, and each of them is told of; without any,
// the GPU is.
func (j *judge) failing(r *ruling, s Sample, g gpu.Reading, events []gpu.Event) {
	c := j.cards[g.UUID]
	if c == nil {
		c = &card{}
		j.cards[g.UUID] = c
	}
	f := Finding{Kind: "gpu_failed", Subject: "gpu/" + g.UUID, Level: notify.Critical, ToDo: say("monitor.gpu_failed.todo")}
	var cause error
	ill := g.Fault()
	if ill != nil {
		cause, f.Content = ill, "lost"
	} else {
		c.listed = g.Processes != nil
	}
	if g.ECC != nil {
		if c.ecc != nil && *g.ECC > *c.ecc && cause == nil {
			cause, f.Content = fault.New(fault.Failed, "monitor.gpu_ecc", "gpu", cardName(g)), "ecc"
		}
		c.ecc = g.ECC
	}
	for _, e := range events {
		x := gpu.XidOf(e.Xid)
		if !x.Fatal {
			r.found = append(r.found, Finding{
				Kind: "gpu_xid", Subject: "gpu/" + g.UUID, Content: strconv.Itoa(e.Xid), Level: notify.Low, Moment: true, Since: e.At,
				What: say("monitor.gpu_xid", "gpu", cardName(g), "xid", e.Xid, "name", x.Name), ToDo: say("gpu.xid." + string(x.Action)),
			})
			continue
		}
		if cause == nil || f.Content == "lost" { // the Xid says why it is lost
			cause = fault.New(fault.Failed, "monitor.gpu_xid", "gpu", cardName(g), "xid", e.Xid, "name", x.Name)
			f.Content, f.ToDo, f.Since = "xid "+strconv.Itoa(e.Xid), say("gpu.xid."+string(x.Action)), e.At
		}
	}
	if cause != nil {
		f.What = reason(cause)
		f.Quiet = j.stopAll(r, s, g, cause)
	}
	j.watch(r, s.At, cause != nil, cause == nil, 0, lowRest, f)
}

// stopAll stops the tasks of a GPU that failed, and tells whether there are any.
func (j *judge) stopAll(r *ruling, s Sample, g gpu.Reading, cause error) bool {
	any := false
	for _, t := range s.Tasks {
		st := j.tasks[attempt{t.Task, t.Attempt}]
		if st == nil || !j.uses(t, st, g, len(s.GPUs)) {
			continue
		}
		any = true
		if st.stopped {
			continue
		}
		st.stopped = true
		r.stop = append(r.stop, stopping{t.Job, Cause{GPU: true, Reason: cause}})
	}
	return any
}

// uses tells whether a task works on a GPU, as far as anybody can tell: it was
// granted to it, or one of its processes was seen to hold memory there. Of a
// task that was granted none, on a machine whose driver does not tell who uses
// its only GPU, it is assumed: a job that goes on with a dead GPU wastes days.
func (j *judge) uses(t TaskSample, st *taskState, g gpu.Reading, gpus int) bool {
	if len(t.GPUs) > 0 {
		return granted(t, g)
	}
	if st.on[g.UUID] || holds(t, g) {
		return true
	}
	return gpus == 1 && !j.cards[g.UUID].listed
}

func granted(t TaskSample, g gpu.Reading) bool {
	if slices.Contains(t.GPUs, strconv.Itoa(g.Index)) || slices.Contains(t.GPUs, g.UUID) {
		return true
	}
	return slices.ContainsFunc(g.Parts, func(p gpu.Part) bool { return slices.Contains(t.GPUs, p.UUID) })
}

func holds(t TaskSample, g gpu.Reading) bool {
	return slices.ContainsFunc(g.Processes, func(p gpu.Process) bool { return slices.Contains(t.PIDs, p.PID) })
}

// load judges how full and how hot a GPU is.
func (j *judge) load(r *ruling, s Sample, g gpu.Reading) {
	const easier = 5 // percent, or degrees, below the limit it is over
	name := cardName(g)
	about := func(kind string, level notify.Priority, what Words) Finding {
		return Finding{Kind: kind, Subject: "gpu/" + g.UUID, Level: level, What: what}
	}
	if g.Memory != nil {
		taken := g.Memory.Taken()
		f := about("gpu_memory", notify.High, say("monitor.gpu_memory", "gpu", name, "percent", j.set.GPUMemory))
		f.ToDo = say("monitor.gpu_memory.todo")
		j.watch(r, s.At, taken >= float64(j.set.GPUMemory), taken < float64(j.set.GPUMemory-easier), fullHold, lowRest, f)
	}
	if g.Temperature == nil {
		return
	}
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

// unused judges whether tasks that were granted a GPU use it: a library that
// finds none goes on without, and some say nothing. Loading may take long, so
// it is told and nothing is stopped.
func (j *judge) unused(r *ruling, s Sample) {
	for _, t := range s.Tasks {
		st := j.tasks[attempt{t.Task, t.Attempt}]
		if st == nil {
			continue
		}
		read, untold := 0, 0 // of the GPUs that it was granted
		for _, g := range s.GPUs {
			if holds(t, g) {
				st.on[g.UUID] = true
			}
			if !granted(t, g) {
				continue
			}
			if read++; g.Processes == nil {
				untold++
			}
		}
		if t.CPUAllowed || t.Held {
			continue
		}
		f := about(t.Job, "gpu_unused", notify.High, say("monitor.gpu_unused", "span", span(j.looks(warmUp))))
		f.ToDo = say("monitor.gpu_unused.todo", "task", t.Task)
		used := len(st.on) > 0
		j.watch(r, s.At, read > 0 && untold == 0 && !used && st.age >= j.looks(warmUp), used, unusedHold, 0, f)
	}
}
