package monitor

import (
	"errors"
	"strings"
	"testing"
	"time"

	"uratori/monitor/gpu"
)

func ptr[T any](v T) *T { return &v }

// well is a GPU that nothing is wrong with, used by nobody.
func well(index int) gpu.Reading {
	return gpu.Reading{
		Device: gpu.Device{Index: index, UUID: "GPU-" + string(rune('a'+index)), Name: "RTX"}, Memory: &gpu.Memory{Total: 1000, Free: 500, Used: 500},
		Temperature: ptr(60), Utilisation: &gpu.Utilisation{GPU: 50}, Throttle: []gpu.Throttle{}, ECC: ptr(uint64(0)), Processes: []gpu.Process{},
	}
}

const lostCode = gpu.Code(15)

func TestMachine_MemoryAndDisk_AreToldOnce_AndEnd(t *testing.T) {
	y := newYard(t)
	y.start()
	s := func(free, disk uint64) func() Sample {
		return func() Sample {
			s := y.sample()
			s.Machine.MemoryFree = free
			// Two folders of one disk are one disk.
			s.Machine.Disks = map[string]Disk{"/work": {Device: "8:1", Total: 1 << 40, Free: disk}, "/work/2": {Device: "8:1", Total: 1 << 40, Free: disk}}
			return s
		}
	}
	y.watch(10*time.Second, s(4, 1<<29)) // a spell
	y.watch(time.Minute, s(50, 1<<40))
	y.wants()
	y.watch(10*time.Minute, s(4, 1<<29))
	y.wants("high", "high")
	y.wantsOpen("machine memory_low", "disk/8:1 disk_low")
	y.watch(10*time.Minute, s(7, 3<<29)) // between the limits
	y.wantsOpen("machine memory_low", "disk/8:1 disk_low")
	y.watch(2*time.Minute, s(50, 1<<40))
	y.wantsOpen()
	y.watch(10*time.Minute, s(4, 1<<29)) // people know it
	y.wants("high", "high")
	y.watch(2*time.Minute, s(50, 1<<40))
	y.pass(25 * time.Hour)
	y.watch(10*time.Minute, s(4, 1<<29)) // it is news on another day
	y.wants("high", "high", "high", "high")
}

func TestMachine_ThatCannotBeLookedAt_IsNeitherIllNorWell(t *testing.T) {
	y := newYard(t)
	y.start()
	low := func() Sample { s := y.sample(); s.Machine.MemoryFree = 1; return s }
	unknown := func() Sample {
		return Sample{Machine: MachineSample{Err: errors.New("no /proc")}}
	}
	y.watch(time.Hour, unknown)
	y.wantsOpen()
	y.watch(time.Minute, low)
	y.watch(time.Hour, unknown)
	y.wantsOpen("machine memory_low")
	y.wants("high")
}

func TestTask_BusyZombiesStuck_HoldBeforeTheyCount(t *testing.T) {
	for kind, c := range map[string]struct {
		ill   func(*TaskSample)
		hold  time.Duration
		level string
	}{
		"cpu_busy": {func(t *TaskSample) { t.CPU = 195 }, 5 * time.Minute, "low"}, // of two processors
		"zombies":  {func(t *TaskSample) { t.Zombies = 2 }, time.Minute, "low"},
		"stuck":    {func(t *TaskSample) { t.Stuck = 1 }, 2 * time.Minute, "high"},
	} {
		t.Run(kind, func(t *testing.T) {
			y := newYard(t)
			y.start()
			job := y.job()
			look := func(ill bool) func() Sample {
				return func() Sample {
					one := job
					one.Life = y.time()
					if ill {
						c.ill(&one)
					}
					return y.sample(one)
				}
			}
			y.watch(c.hold-every, look(true))
			y.watch(every, look(false))
			y.watch(c.hold-every, look(true))
			y.wants()
			y.watch(time.Minute, look(true))
			y.wants(c.level)
			y.wantsOpen("task/1 " + kind)
			y.again()
			y.watch(10*time.Minute, look(true))
			y.wants(c.level)
			y.watch(2*time.Minute, look(false))
			y.wantsOpen()
			y.wants(c.level)
		})
	}
}

func TestTask_Gone_EndsWhatWasSeenOfIt(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	job.Zombies = 1
	y.watch(2*time.Minute, func() Sample { job.Life = y.time(); return y.sample(job) })
	y.wantsOpen("task/1 zombies")
	y.watch(time.Minute, func() Sample { return y.sample() })
	y.wantsOpen()
	// Likewise when the daemon was away as it ended.
	job.Task = 2
	y.watch(2*time.Minute, func() Sample { job.Life = y.time(); return y.sample(job) })
	y.wantsOpen("task/2 zombies")
	y.again()
	y.watch(time.Minute, func() Sample { return y.sample() })
	y.wantsOpen()
}

func TestGPU_HotAndFull_WithHysteresis(t *testing.T) {
	y := newYard(t)
	y.start()
	look := func(heat int, free uint64, throttle ...gpu.Throttle) func() Sample {
		return func() Sample {
			s, g := y.sample(), well(0)
			g.Temperature, g.Memory.Free = ptr(heat), free
			g.Throttle = append(g.Throttle, throttle...)
			s.GPUs = []gpu.Reading{g}
			return s
		}
	}
	y.watch(20*time.Second, look(84, 500))
	y.watch(every, look(60, 500))
	y.wants()
	for range 50 { // it trembles
		y.watch(time.Minute, look(81, 500))
		y.watch(10*time.Second, look(78, 500))
	}
	y.wants("high")
	y.watch(every, look(90, 500, gpu.ThrottleThermal)) // worse
	y.wants("high", "critical")
	y.watch(10*time.Minute, look(90, 500, gpu.ThrottleThermal))
	y.watch(10*time.Minute, look(77, 500))
	y.wantsOpen("gpu/GPU-a gpu_hot")
	y.watch(2*time.Minute, look(70, 500))
	y.wantsOpen()
	y.watch(time.Minute, look(60, 50))
	y.wants("high", "critical", "high")
	y.wantsOpen("gpu/GPU-a gpu_memory")
	y.watch(2*time.Minute, look(60, 900))
	y.wantsOpen()
}

func TestGPU_WhatTheDriverDoesNotTell_IsNoAlarm(t *testing.T) {
	y := newYard(t)
	y.start()
	job := y.job()
	job.GPUs = []string{"0"}
	y.watch(40*time.Minute, func() Sample {
		job.Life = y.time()
		s := y.sample(job)
		s.GPUs = []gpu.Reading{{Device: gpu.Device{UUID: "GPU-a"}}}
		return s
	})
	y.wants()
}

func TestGPU_Fails_ItsTasksAreStopped_AndNoOthers(t *testing.T) {
	for name, c := range map[string]func(s *Sample, g *gpu.Reading){
		"lost": func(_ *Sample, g *gpu.Reading) { *g = gpu.Reading{Device: g.Device, Code: lostCode} },
		"ecc":  func(_ *Sample, g *gpu.Reading) { g.ECC = ptr(uint64(3)) },
		"xid":  func(s *Sample, g *gpu.Reading) { s.Events = []gpu.Event{{At: s.At, Xid: 79, UUID: g.UUID}} },
		"xid + lost": func(s *Sample, g *gpu.Reading) {
			s.Events = []gpu.Event{{At: s.At, Xid: 79, UUID: g.UUID}}
			*g = gpu.Reading{Device: g.Device, Code: lostCode}
		},
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			y.start()
			given, seen, other, none := y.job(), y.job(), y.job(), y.job()
			given.GPUs = []string{"0"}
			seen.Task, seen.PIDs = 2, []int{42}
			other.Task, other.GPUs = 3, []string{"GPU-b"}
			none.Task = 4
			look := func(ill bool) {
				y.pass(every)
				for _, one := range []*TaskSample{&given, &seen, &other, &none} {
					one.Life = y.time()
				}
				s := y.sample(given, seen, other, none)
				a, b := well(0), well(1)
				a.Processes = []gpu.Process{{PID: 42}}
				if ill {
					c(&s, &a)
				}
				s.GPUs = []gpu.Reading{a, b}
				y.see(s)
			}
			look(false)
			look(true)
			asked := y.stopsAsked()
			if len(asked) != 2 || !asked[0].GPU || !asked[1].GPU || asked[0].Reason == nil {
				t.Fatalf("%+v", asked)
			}
			y.wants() // the ledger tells of each
			y.wantsOpen("gpu/GPU-a gpu_failed")
			for _, one := range []TaskSample{given, seen} {
				y.record("task.ending", taskSubject(one.Task), ending(one, "gpu_error"))
				y.record("task.ended", taskSubject(one.Task), endedAs(one, "gpu_error", "failed"))
			}
			y.read()
			y.wants("critical", "critical")
			for range 5 {
				look(true)
			}
			if len(y.stopsAsked()) != 2 {
				t.Error("one is stopped twice")
			}
			for range 20 {
				look(false)
			}
			y.wantsOpen()
			y.wants("critical", "critical")
		})
	}
}

func TestGPU_FailsWithoutTasks_IsToldOnce(t *testing.T) {
	y := newYard(t)
	y.start()
	ill := false
	look := func() Sample {
		s, g := y.sample(), well(0)
		if ill {
			g = gpu.Reading{Device: g.Device, Code: lostCode}
		}
		s.GPUs = []gpu.Reading{g}
		return s
	}
	y.watch(time.Minute, look)
	s := look()
	s.Events = []gpu.Event{{At: s.At, Xid: 79, UUID: "GPU-a"}}
	y.see(s)
	y.wants("critical")
	ill = true
	y.watch(time.Minute, look)
	y.again()
	y.watch(time.Minute, look)
	y.wants("critical")
	y.wantsOpen("gpu/GPU-a gpu_failed")
	if told := y.told()[0]; !strings.Contains(told, "Xid 79") {
		t.Errorf("%q", told)
	}
	ill = false
	y.watch(2*time.Minute, look)
	y.wantsOpen()
}

func TestGPU_HarmlessXids_AreToldQuietly_AndOnce(t *testing.T) {
	y := newYard(t)
	y.start()
	for range 100 {
		y.pass(every)
		s := y.sample()
		s.GPUs, s.Events = []gpu.Reading{well(0)}, []gpu.Event{{At: s.At, Xid: 63, UUID: "GPU-a"}}
		y.see(s)
	}
	y.wants("low")
	y.wantsOpen()
}

func TestGPU_TaskThatNeverUsesIt_IsTold_AndNotStopped(t *testing.T) {
	for name, c := range map[string]struct {
		job  func(*TaskSample, *gpu.Reading)
		told bool
	}{
		"never":           {func(*TaskSample, *gpu.Reading) {}, true},
		"uses it":         {func(t *TaskSample, g *gpu.Reading) { t.PIDs, g.Processes = []int{7}, []gpu.Process{{PID: 7}} }, false},
		"may go without":  {func(t *TaskSample, _ *gpu.Reading) { t.CPUAllowed = true }, false},
		"nobody can tell": {func(_ *TaskSample, g *gpu.Reading) { g.Processes = nil }, false},
		"was given none":  {func(t *TaskSample, _ *gpu.Reading) { t.GPUs = nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			y.start()
			job := y.job()
			y.watch(40*time.Minute, func() Sample {
				one, g := job, well(0)
				one.GPUs, one.Life = []string{"0"}, y.time()
				c.job(&one, &g)
				s := y.sample(one)
				s.GPUs = []gpu.Reading{g}
				return s
			})
			if c.told {
				y.wants("high")
			} else {
				y.wants()
			}
			if len(y.stopsAsked()) > 0 {
				t.Error("it was stopped")
			}
		})
	}
}

func TestGPU_ThatCannotBeLookedAt_IsTold(t *testing.T) {
	y := newYard(t)
	y.start()
	y.watch(20*time.Second, func() Sample { return Sample{Blind: errors.New("the probe died"), Machine: machine()} })
	y.watch(every, func() Sample { return y.sample() })
	y.wants()
	y.watch(time.Hour, func() Sample { return Sample{Blind: errors.New("the probe died"), Machine: machine()} })
	y.wants("high")
	y.watch(every, func() Sample { return y.sample() })
	y.wantsOpen()
}

func TestLog_SignsOfTheGPU_StopOrTell(t *testing.T) {
	for _, c := range []struct {
		kind    gpu.Kind
		allowed bool
		stops   int
		told    []string
	}{
		{gpu.Application, false, 1, nil},
		{gpu.Hardware, true, 1, nil},
		{gpu.Fallback, false, 1, nil},
		{gpu.Fallback, true, 0, nil},
		{gpu.OutOfMemory, false, 0, []string{"normal"}},
		{gpu.Setup, false, 0, []string{"normal"}},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			y := newYard(t)
			y.start()
			job := y.job()
			job.CPUAllowed = c.allowed
			for n := range 20 {
				y.pass(every)
				one := job
				one.Life = y.time()
				one.Signs = []gpu.Finding{{Kind: c.kind, Line: "CUDA: tried " + strings.Repeat("x", n)}}
				y.see(y.sample(one))
			}
			if n := len(y.stopsAsked()); n != c.stops {
				t.Errorf("%d stops", n)
			}
			y.wants(c.told...)
		})
	}
}

func TestTrouble_OfOtherParts_HoldsAMinute(t *testing.T) {
	y := newYard(t)
	y.start()
	trouble := []Trouble{{Subject: "tracker", Level: 2, Words: say("monitor.astray")}}
	look := func() Sample { return y.sample() }
	y.troubles = trouble
	y.watch(30*time.Second, look)
	y.troubles = nil
	y.watch(time.Minute, look)
	y.troubles = trouble
	y.watch(50*time.Second, look)
	y.wants()
	y.watch(10*time.Minute, look)
	y.wants("normal")
	y.again()
	y.watch(10*time.Minute, look)
	y.wants("normal")
	y.wantsOpen("tracker trouble")
	y.troubles = nil
	y.watch(every, look)
	y.wantsOpen()
}

// A healthy job is loud, greedy and uneven for two days, and nobody hears of
// it.
func TestSoak_HealthyJob_NotOneMessageInTwoDays(t *testing.T) {
	y := newYard(t)
	y.settings.Timeout = 0
	y.start()
	job := y.job()
	job.GPUs, job.PIDs = []string{"0"}, []int{42}
	r := rng()
	begin, nextSign := y.time(), time.Duration(0)
	for at := time.Duration(0); at < 48*time.Hour; at += every {
		y.pass(every)
		if at >= nextSign { // a sign each few minutes at most
			job.Life = y.time()
			nextSign = at + time.Duration(r.IntN(290))*time.Second
		}
		one := job
		one.Done = int(at / time.Hour)
		one.CPU = float64(r.IntN(200))
		if at%(10*time.Minute) < 4*time.Minute {
			one.CPU = 200 // all processors, for a while
		}
		one.Memory = uint64((2 + 6*min(at.Minutes()/9, 1) + 3*r.Float64()) * gib)
		one.Zombies, one.Stuck = max(r.IntN(6)-4, 0), max(r.IntN(6)-4, 0)
		one.Processes = 1 + r.IntN(20)
		s := y.sample(one)
		s.Machine.MemoryFree = 6 + r.Uint64N(60)
		s.Machine.Disks["/work"] = Disk{Device: "8:1", Total: 1 << 40, Free: 3<<30 + r.Uint64N(1<<30)}
		g := well(0)
		g.Processes = []gpu.Process{{PID: 42}}
		g.Temperature, g.Memory.Free = ptr(60+r.IntN(19)), 110+r.Uint64N(800)
		if at%(40*time.Second) < 20*time.Second {
			g.Temperature = ptr(84) // for some looks
		}
		if r.IntN(20) == 0 {
			g.Temperature, g.Memory, g.Processes = nil, nil, nil // the driver did not answer
		}
		s.GPUs = []gpu.Reading{g}
		ruling := y.judge.look(s)
		if len(ruling.found)+len(ruling.stop)+len(ruling.stall) > 0 {
			t.Fatalf("after %v: %+v", y.time().Sub(begin), ruling)
		}
	}
}
