package monitor

import (
	"math"

	"uratori/monitor/notify"
)

// Rule is a rule of the user's own, tried on each task that runs.
type Rule struct {
	Name  string
	Level notify.Priority
	Looks int // for so many looks it must hold
	When  func(Facts) (bool, error)
}

// Facts are what a rule can ask of a task. A number that nobody knows is none:
// whatever it is compared with, the answer is no.
type Facts struct {
	Task        int64   `expr:"task"`
	Ticket      string  `expr:"ticket"`
	Name        string  `expr:"name"`
	Attempt     int     `expr:"attempt"`
	Done        int     `expr:"done"`
	Total       int     `expr:"total"`
	Processes   int     `expr:"processes"`
	Threads     int     `expr:"threads"`
	Files       int     `expr:"files"`       // that it holds open
	CPU         float64 `expr:"cpu"`         // percent of one processor
	Memory      float64 `expr:"memory"`      // bytes
	Minutes     float64 `expr:"minutes"`     // since its start
	Quiet       float64 `expr:"quiet"`       // minutes without a sign of life
	FreeMemory  float64 `expr:"free_memory"` // bytes, of the machine
	FreeDisk    float64 `expr:"free_disk"`   // bytes, where it works
	GPUMemory   float64 `expr:"gpu_memory"`  // percent, of the fullest GPU
	GPUHeat     float64 `expr:"gpu_heat"`    // °C, of the hottest GPU
	Utilisation float64 `expr:"utilisation"` // percent, of the busiest GPU
}

func (j *judge) own(r *ruling, s Sample) {
	for _, rule := range j.set.Rules {
		for _, t := range s.Tasks {
			if t.Held {
				continue
			}
			yes, err := rule.When(j.facts(s, t))
			if err != nil {
				continue // it was tried when it was read; this task lacks what it asks for
			}
			f := about(t.Job, "rule/"+rule.Name, rule.Level, say("monitor.rule", "name", rule.Name))
			j.watch(r, s.At, yes, !yes, rule.Looks, quietRest, f)
		}
	}
}

func (j *judge) facts(s Sample, t TaskSample) Facts {
	none := math.NaN()
	f := Facts{
		Task: t.Task, Ticket: t.Ticket, Name: t.Name, Attempt: t.Attempt, Done: t.Done, Total: t.Total, Processes: t.Processes, Threads: t.Threads, Files: t.Files,
		CPU: t.CPU, Memory: float64(t.Memory), FreeMemory: float64(s.Machine.MemoryFree), FreeDisk: none, GPUMemory: none, GPUHeat: none, Utilisation: none,
	}
	if t.CPU < 0 {
		f.CPU = none
	}
	if s.Machine.Err != nil {
		f.FreeMemory = none
	}
	if d, ok := s.Machine.Disks[t.Cwd]; ok {
		f.FreeDisk = float64(d.Free)
	}
	if st := j.tasks[attempt{t.Task, t.Attempt}]; st != nil {
		f.Quiet, f.Minutes = st.quiet.Minutes(), st.age.Minutes()
	}
	for _, g := range s.GPUs {
		if g.Memory != nil {
			f.GPUMemory = highest(f.GPUMemory, g.Memory.Taken())
		}
		if g.Temperature != nil {
			f.GPUHeat = highest(f.GPUHeat, float64(*g.Temperature))
		}
		if g.Utilisation != nil {
			f.Utilisation = highest(f.Utilisation, float64(g.Utilisation.GPU))
		}
	}
	return f
}

// highest is the higher of two numbers, of which the first may be none.
func highest(a, b float64) float64 {
	if math.IsNaN(a) {
		return b
	}
	return max(a, b)
}
