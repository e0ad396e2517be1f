package monitor

import (
	"context"
	"maps"
	"os"
	"runtime"
	"slices"
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

// has tells whether an attempt was at work.
func (s Sample) has(a attempt) bool {
	for _, t := range s.Tasks {
		if t.Task == a.task && t.Attempt == a.number {
			return true
		}
	}
	return false
}

// TaskSample is what was seen of one attempt.
type TaskSample struct {
	Job
	PIDs      []int // of living processes
	Processes int
	Threads   int
	Files     int // that they hold open
	Zombies   int
	Stuck     int           // uninterruptible, in state D
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

// sampler takes samples. Not for concurrent use.
type sampler struct {
	o       Options
	who     who
	logs    logWatch
	folders map[string]bool // of each disk one, which is looked at also when nothing works there any more
	ticks   map[process.ID]uint64
	cpu     map[attempt]float64
	last    time.Time
}

func newSampler(o Options, folders []string) *sampler {
	s := &sampler{o: o, who: who{self: os.Getpid()}, folders: map[string]bool{o.Home: true}, cpu: map[attempt]float64{}}
	for _, folder := range folders {
		s.folders[folder] = true
	}
	return s
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
	s.gpus(ctx, &sample)
	return sample, ctx.Err()
}

// gpus asks the probe. One that is still starting is not waited for.
func (s *sampler) gpus(ctx context.Context, sample *Sample) {
	if phase := s.o.GPUs.State().Phase; phase == gpu.NoGPU || phase == gpu.Starting {
		return
	}
	seen, err := s.o.GPUs.Sample(ctx)
	sample.GPUs, sample.Events = seen.Devices, seen.Events
	if err != nil && ctx.Err() == nil && s.o.GPUs.State().Phase == gpu.Lost {
		sample.Blind = err
	}
}

func (s *sampler) tasks(all []process.Process, jobs []Job) []TaskSample {
	now := time.Now() // a span of it is all that counts
	span := now.Sub(s.last)
	// A look that follows closely upon another tells nothing of the processors.
	fresh := s.last.IsZero() || span >= s.o.Settings.Interval/2
	members := s.who.members(all, jobs)
	ticks, cpu := map[process.ID]uint64{}, map[attempt]float64{}
	var list []TaskSample
	for _, j := range jobs {
		a := attempt{j.Task, j.Attempt}
		t := TaskSample{Job: j, CPU: -1}
		worked, known := s.count(&t, members[a], ticks)
		switch before, had := s.cpu[a]; {
		case !fresh && had:
			t.CPU = before
		case fresh && known:
			t.CPU = 100 * float64(time.Duration(worked)*clockTick) / float64(span) //nolint:gosec // ticks of a few seconds
		}
		cpu[a] = t.CPU
		t.Signs = s.logs.look(j)
		list = append(list, t)
	}
	s.cpu = cpu
	if fresh {
		s.ticks, s.last = ticks, now
	}
	return list
}

// count takes in the processes of a task, and tells for how many clock ticks
// they have worked since the look before, if any of them was there then.
func (s *sampler) count(t *TaskSample, members []process.Process, ticks map[process.ID]uint64) (worked uint64, known bool) {
	buf := make([]byte, longestStatm)
	for _, p := range members {
		if p.Ended {
			t.Zombies++
			continue
		}
		t.Processes++
		t.PIDs = append(t.PIDs, p.PID)
		t.Threads += p.Threads
		t.Files += openFiles(p.PID)
		if p.State == 'D' {
			t.Stuck++
		}
		if own, ok := memory(p.PID, buf); ok {
			t.Memory += own
		}
		ticks[p.ID] = p.Ticks
		if before, ok := s.ticks[p.ID]; ok {
			known = true
			worked += p.Ticks - min(before, p.Ticks)
		}
	}
	return worked, known
}

// mostFolders bounds how many folders are remembered. Disks that come and go
// have a number anew each time.
const mostFolders = 100

func (s *sampler) machine(m *MachineSample, jobs []Job) {
	m.MemoryTotal, m.MemoryFree, m.Err = s.o.Machine.Memory()
	look := maps.Clone(s.folders)
	look[s.o.Home] = true
	for _, j := range jobs {
		look[j.Cwd] = true
	}
	known := map[string]bool{}
	for _, folder := range slices.Sorted(maps.Keys(look)) {
		d, err := s.o.Machine.Disk(folder)
		if err != nil {
			continue
		}
		m.Disks[folder] = d
		switch {
		case known[d.Device]:
			delete(s.folders, folder) // another stands for its disk
		case len(s.folders) < mostFolders:
			s.folders[folder] = true
		}
		known[d.Device] = true
	}
}
