package monitor

import (
	"context"
	"runtime"
	"time"

	"uratori/internal/process"
	"uratori/monitor/gpu"
)

// Sample is one look at everything.
type Sample struct {
	At      time.Time
	Tasks   []TaskSample
	Machine MachineSample
	GPUs    []gpu.Reading
	Events  []gpu.Event
	Blind   error // why the GPUs could not be looked at; nil when they could, or there are none
}

// TaskSample is what was seen of one attempt.
type TaskSample struct {
	Job
	PIDs      []int // of living processes
	Processes int
	Threads   int
	Zombies   int
	Stuck     int           // uninterruptible, in state D
	MainGone  bool          // its first process is not there any more, or a zombie
	CPU       float64       // percent of one processor since the look before; below 0 when there was none
	Memory    uint64        // that its processes have for themselves
	Signs     []gpu.Finding // what its logs said of its GPU since the look before
}

// MachineSample is what was seen of the machine.
type MachineSample struct {
	Processors  int
	MemoryTotal uint64
	MemoryFree  uint64
	Disks       map[string]Disk // by folder
	Err         error
}

// Disk is a file system.
type Disk struct{ Total, Free uint64 }

// sampler takes samples. Not for concurrent use.
type sampler struct {
	o     Options
	who   who
	logs  logWatch
	ticks map[process.ID]uint64
	last  time.Time
}

// take looks at everything once.
func (s *sampler) take(ctx context.Context) (Sample, error) {
	jobs, err := s.o.Jobs.Running(ctx)
	if err != nil {
		return Sample{}, err
	}
	sample := Sample{At: s.o.Now(), Machine: MachineSample{Processors: runtime.NumCPU(), Disks: map[string]Disk{}}}
	defer s.logs.forget()
	if len(jobs) > 0 {
		all, err := process.All()
		if err != nil {
			return Sample{}, err
		}
		sample.Tasks = s.tasks(all, jobs)
	}
	s.machine(&sample.Machine, jobs)
	state := s.o.GPUs.State()
	if state.Phase == gpu.NoGPU {
		return sample, nil
	}
	seen, err := s.o.GPUs.Sample(ctx)
	sample.GPUs, sample.Events = seen.Devices, seen.Events
	if err != nil && ctx.Err() == nil && s.o.GPUs.State().Phase == gpu.Lost {
		sample.Blind = err
	}
	return sample, ctx.Err()
}

func (s *sampler) tasks(all []process.Process, jobs []Job) []TaskSample {
	now := time.Now() // a span of it is all that counts
	members := s.who.members(all, jobs)
	ticks := map[process.ID]uint64{}
	var list []TaskSample
	for _, j := range jobs {
		t := TaskSample{Job: j, CPU: -1, MainGone: true}
		var worked uint64
		known := false
		for _, p := range members[attempt{j.Task, j.Attempt}] {
			if p.ID == j.Main {
				t.MainGone = p.Ended
			}
			if p.Ended {
				t.Zombies++
				continue
			}
			t.Processes++
			t.PIDs = append(t.PIDs, p.PID)
			t.Threads += p.Threads
			if p.State == 'D' {
				t.Stuck++
			}
			if own, ok := memory(p.PID); ok {
				t.Memory += own
			}
			ticks[p.ID] = p.Ticks
			if before, ok := s.ticks[p.ID]; ok {
				known = true
				if p.Ticks > before {
					worked += p.Ticks - before
				}
			}
		}
		if span := now.Sub(s.last); known && span > 0 {
			t.CPU = 100 * float64(time.Duration(worked)*clockTick) / float64(span) //nolint:gosec // ticks of a few seconds
		}
		t.Signs = s.logs.look(j)
		list = append(list, t)
	}
	s.ticks, s.last = ticks, now
	return list
}

func (s *sampler) machine(m *MachineSample, jobs []Job) {
	m.MemoryTotal, m.MemoryFree, m.Err = s.o.Machine.Memory()
	for _, j := range jobs {
		if _, looked := m.Disks[j.Cwd]; looked {
			continue
		}
		total, free, err := s.o.Machine.Disk(j.Cwd)
		if err == nil {
			m.Disks[j.Cwd] = Disk{total, free}
		}
	}
}
