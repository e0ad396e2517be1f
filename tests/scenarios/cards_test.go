package scenarios

import "uratori/internal/control"

// alive is a job that shows signs of life until somebody writes the file "go".
const alive = "touch up; while ! [ -e go ]; do echo on; sleep 0.1; done"

func cards() []scenario {
	const room = "a GPU fails"
	// fails plays a GPU that fails under a task which was given it.
	fails := func(how func(s *stage)) func(s *stage) {
		return func(s *stage) {
			id := s.run(alive, onGPU, retries(3))
			s.there("up")
			s.pid(id, 1)
			s.seen()
			s.wrong()
			how(s)
			s.becomes(id, "failed")
		}
	}
	// says plays a job that prints a line and goes on.
	says := func(line, state string, change ...func(*control.Enqueue)) func(s *stage) {
		return func(s *stage) {
			id := s.run("echo '"+line+"' >&2; "+alive, append(change, onGPU, retries(3))...)
			s.there("up")
			s.wrong()
			if state == "succeeded" {
				if len(change) == 0 {
					s.told(1)
				}
				s.touch("go")
			}
			s.becomes(id, state)
		}
	}
	onCPU := func(e *control.Enqueue) { e.OnGPUError = "cpu" }
	return []scenario{
		{
			room: room, cards: true, name: "it is lost (falls off the bus)", then: "its task is ended, not resumed", told: []string{"critical is lost"},
			play: fails(func(s *stage) { s.cards.Set("0.lost", 15) }), open: []string{"gpu_failed"},
		},
		{
			room: room, cards: true, name: "it reports Xid 79", then: "its task is ended, not resumed", told: []string{"critical Xid 79"},
			play: fails(func(s *stage) { s.cards.Set("0.events", 8); s.cards.Xid(0, 79) }),
		},
		{
			room: room, cards: true, name: "its memory has an error that it could not correct", then: "its task is ended, not resumed", told: []string{"critical could not correct"},
			play: fails(func(s *stage) { s.cards.Set("0.ecc", 1) }),
		},
		{
			room: room, cards: true, name: "it is lost while nothing runs on it", then: "told", told: []string{"critical is lost"}, open: []string{"gpu_failed"},
			play: func(s *stage) { s.daemon(); s.seen(); s.wrong(); s.cards.Set("0.lost", 15) },
		},
		{
			room: room, cards: true, name: "it reports Xid 63, a repair that worked", then: "nothing", told: []string{"low Xid 63"},
			play: func(s *stage) { s.daemon(); s.seen(); s.wrong(); s.cards.Xid(0, 63) },
		},
		{
			room: room, cards: true, name: "it has 84 °C, and cools down", then: "nothing; the task goes on", told: []string{"high 80 °C or more"},
			play: func(s *stage) {
				id := s.run(alive, onGPU)
				s.there("up")
				s.seen()
				s.wrong()
				s.cards.Set("0.temperature", 84)
				s.told(1)
				s.cards.Set("0.temperature", 60)
				s.resolved()
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, cards: true, name: "it has 84 °C, and then slows itself down", then: "nothing", told: []string{"high 80 °C or more", "critical too hot"}, open: []string{"gpu_hot"},
			play: func(s *stage) {
				s.daemon()
				s.seen()
				s.wrong()
				s.cards.Set("0.temperature", 84)
				s.told(1)
				s.cards.Set("0.throttle", 0x40)
			},
		},
		{
			room: room, cards: true, name: "its memory is 95 % full", then: "nothing", told: []string{"high 90 % full"}, open: []string{"gpu_memory"},
			play: func(s *stage) {
				s.daemon()
				s.seen()
				s.wrong()
				s.cards.Set("0.memory.total", 24<<30)
				s.cards.Set("0.memory.used", int64(24<<30)*95/100)
			},
		},
		{
			room: room, cards: true, name: "its temperature trembles round the limit", then: "nothing",
			play: func(s *stage) {
				s.daemon()
				s.seen()
				for range 8 {
					s.cards.Set("0.temperature", 81)
					s.looks(3)
					s.cards.Set("0.temperature", 78)
					s.looks(3)
				}
			},
		},
		{
			room: room, cards: true, name: "a library goes on without it, and says so", then: "ended, not resumed",
			told: []string{"critical without the GPU"}, play: says("Could not find cuda drivers on your machine, GPU will not be used.", "failed"),
		},
		{
			room: room, cards: true, name: "a library goes on without it, as was allowed", then: "nothing",
			play: says("Could not find cuda drivers on your machine, GPU will not be used.", "succeeded", onCPU),
		},
		{
			room: room, cards: true, name: "the log tells of an error on it, and the job goes on", then: "ended, not resumed", told: []string{"critical illegal memory access"},
			play: says("RuntimeError: CUDA error: an illegal memory access was encountered", "failed"),
		},
		{
			room: room, cards: true, name: "its memory was not enough once, and the job goes on", then: "nothing; it goes on", told: []string{"normal CUDA out of memory"},
			play: says("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", "succeeded"),
		},
		{
			room: room, cards: true, name: "the job dies of an error on it", then: "failed, not resumed", told: []string{"critical device-side assert"},
			play: func(s *stage) {
				s.becomes(s.run("echo 'RuntimeError: CUDA error: device-side assert triggered' >&2; exit 1", onGPU, retries(3)), "failed")
			},
		},
		{
			room: room, cards: true, name: "NVIDIA's library crashes again and again", then: "tasks go on", told: []string{"high cannot be looked at"}, open: []string{"gpu_blind"},
			play: func(s *stage) {
				id := s.run(alive, onGPU)
				s.there("up")
				s.seen()
				s.wrong()
				s.cards.Set("crash", "*")
				s.told(1)
				s.touch("go")
				s.becomes(id, "succeeded")
			},
		},
		{
			room: room, cards: true, name: "NVIDIA's library does not answer any more", then: "tasks go on", told: []string{"high cannot be looked at"}, open: []string{"gpu_blind"},
			play: func(s *stage) {
				s.daemon()
				s.seen()
				s.wrong()
				s.cards.Set("hang", "*")
			},
		},
	}
}
