package gpu

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"uratori/internal/fault"
)

// Options are what a probe needs to know. Durations that are zero get the
// value named.
type Options struct {
	Libraries []string      // where NVIDIA's library may be, best first; see [Libraries]
	Silence   time.Duration // how long an answer may take before the probe counts as lost; 10 s
	Start     time.Duration // how long loading the library may take, which wakes sleeping GPUs; 1 min
	Grace     time.Duration // how long a probe gets for each step of ending; 2 s
	// FirstRetry is the pause after a first failure, which doubles up to
	// LastRetry; 1 s and 1 min. Rarely is how often a machine without a GPU is
	// looked at again, and a lost GPU through a fresh probe; 5 min.
	FirstRetry, LastRetry, Rarely time.Duration

	Now func() time.Time // stamps samples and events; limits are kept by the monotonic clock
	Log *slog.Logger     // hears of every change once

	// Program and Args start the probe process, which must run [Serve] with the
	// value of its flag --library: this program with gpu-probe unless set. Env is
	// its environment, this process's own when nil.
	Program string
	Args    []string
	Env     []string
	// Blind says why NVML's lists of processes mean nothing here, nil when they
	// do: [Blindness] unless set.
	Blind func() error
}

// Probe watches the GPUs of this machine through a child process that may die at
// any time. Its methods may be called from several goroutines; they are answered
// while Run runs.
type Probe struct {
	o       Options
	asks    chan *ask
	changed chan struct{}
	gone    chan struct{} // closed when Run will not come back

	mu     sync.Mutex
	state  State
	events []Event

	// Run's own.
	seen map[string]Device // every GPU that was ever listed, by UUID
	met  bool              // a library was in use before

	signal func(*os.Process, os.Signal) error // to a probe process; a test has one that cannot be ended
}

// Phase is how a probe is.
type Phase string

// The phases of a probe.
const (
	Starting Phase = "starting"
	Ready    Phase = "ready"
	NoGPU    Phase = "absent" // there is no GPU to watch; see [Absent]
	Lost     Phase = "lost"   // it died, was silent or could not be started, and is tried again
)

// State is how a probe is, for people.
type State struct {
	Phase    Phase
	Since    time.Time
	Info     Info      // of the last library that was in use
	PID      int       // of the probe process, 0 when there is none
	Problem  error     // nil while Ready or Starting
	Restarts int       // how often a probe was lost
	NextTry  time.Time // while NoGPU or Lost
}

// ask is a question on its way.
type ask struct {
	what   string
	answer chan answer // has room for the one answer
}

type answer struct {
	message
	err error
}

// askRenew is for the probe itself.
const askRenew = "renew"

// mostEvents are kept until somebody takes a sample. A sick GPU can report
// thousands; what matters are the first.
const mostEvents = 1000

// New makes a probe, which does nothing before Run.
func New(o Options) *Probe {
	for d, standard := range map[*time.Duration]time.Duration{
		&o.Silence: 10 * time.Second, &o.Start: time.Minute, &o.Grace: 2 * time.Second,
		&o.FirstRetry: time.Second, &o.LastRetry: time.Minute, &o.Rarely: 5 * time.Minute,
	} {
		if *d <= 0 {
			*d = standard
		}
	}
	if o.Program == "" {
		// This very program, even when its file was replaced by an update.
		o.Program, o.Args = "/proc/self/exe", []string{probeWord}
	}
	if o.Blind == nil {
		o.Blind = Blindness
	}
	return &Probe{
		o: o, asks: make(chan *ask), changed: make(chan struct{}, 1), gone: make(chan struct{}),
		state: State{Phase: Starting, Since: o.Now()}, seen: map[string]Device{},
		signal: (*os.Process).Signal,
	}
}

// Run keeps a probe process at work until ctx ends, and has ended it when it
// returns. Only a process that the kernel cannot end is left behind.
func (p *Probe) Run(ctx context.Context) error {
	retry := &backoff.ExponentialBackOff{
		InitialInterval: p.o.FirstRetry, MaxInterval: p.o.LastRetry,
		Multiplier: 2, RandomizationFactor: backoff.DefaultRandomizationFactor,
	}
	retry.Reset()
	for {
		c, err := p.open(ctx)
		if err == nil {
			began := time.Now()
			err = p.serve(ctx, c)
			if time.Since(began) > p.o.LastRetry {
				retry.Reset()
			}
			if ctx.Err() == nil && errors.Is(err, errRenew) {
				p.become(func(s *State) { s.Phase, s.Problem, s.PID = Starting, nil, 0 })
				continue
			}
		}
		if ctx.Err() != nil {
			close(p.gone)
			p.become(func(s *State) { s.Phase, s.Problem, s.PID = Lost, fault.New(fault.Unavailable, "gpu.stopped"), 0 })
			return ctx.Err()
		}
		err = p.judged(err)
		pause := retry.NextBackOff()
		if Absent(err) {
			pause = p.o.Rarely
		}
		p.failed(err, pause)
		p.rest(ctx, pause, err)
	}
}

// errRenew ends a probe that nothing is wrong with.
var errRenew = errors.New("a fresh probe is wanted")

// judged tells a machine without a GPU from one that had one a moment ago.
func (p *Probe) judged(err error) error {
	if p.met && Absent(err) {
		return fault.New(fault.Unavailable, "gpu.vanished").Wrap(err)
	}
	return err
}

// become changes the state, and says so in the log when people should know.
func (p *Probe) become(change func(*State)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.state.Phase
	change(&p.state)
	if p.state.Phase != was {
		p.state.Since = p.o.Now()
	}
}

// failed notes why there is no probe. The same reason again is not said again.
func (p *Probe) failed(err error, pause time.Duration) {
	p.mu.Lock()
	last := p.state.Problem
	p.mu.Unlock()
	p.become(func(s *State) {
		s.Phase, s.Problem, s.PID, s.NextTry = Lost, err, 0, p.o.Now().Add(pause)
		if Absent(err) {
			s.Phase = NoGPU
		} else {
			s.Restarts++
		}
	})
	switch {
	case last != nil && last.Error() == err.Error():
	case Absent(err):
		p.o.Log.Info("no GPU is watched", "reason", err)
	default:
		p.o.Log.Warn("the GPU probe is lost", "error", err, "retry_in", pause.String())
	}
	p.wake()
}

// rest waits before the next try. Whoever asks meanwhile hears why there is no
// answer; who wants a fresh probe ends the wait.
func (p *Probe) rest(ctx context.Context, pause time.Duration, why error) {
	over := time.NewTimer(pause)
	defer over.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-over.C:
			return
		case a := <-p.asks:
			if a.what == askRenew {
				a.answer <- answer{}
				return
			}
			a.answer <- answer{err: why}
		}
	}
}

// wake tells whoever waits on Changed.
func (p *Probe) wake() {
	select {
	case p.changed <- struct{}{}:
	default: // they have not looked since the last time
	}
}

// Changed has a value when something has happened that is worth a sample at
// once: an event came, or the probe was lost or came back.
func (p *Probe) Changed() <-chan struct{} { return p.changed }

// State tells how the probe is, without asking it.
func (p *Probe) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Sample asks all GPUs how they are. It waits for a probe that is starting, and
// not for one that is lost. The error says why there is nothing to tell: it is
// [ErrLost], [ErrUnusable], [ErrVanished] or [Absent], or ctx has ended while the
// probe was asked. A lost GPU is no error but a reading with a Code.
//
// Events come in one sample each, so one loop should take all samples. They come
// with an error too: an Xid just before the driver hangs is the reason of it.
func (p *Probe) Sample(ctx context.Context) (Sample, error) {
	m, err := p.ask(ctx, askSample)
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Sample{At: p.o.Now(), Devices: m.Readings, Events: p.events}
	p.events = nil
	return s, err
}

// Devices lists the GPUs.
func (p *Probe) Devices(ctx context.Context) ([]Device, error) {
	m, err := p.ask(ctx, askList)
	return m.Devices, err
}

// Renew ends the probe process in order and starts a fresh one, without a pause
// if there was to be one. A driver that was reset or updated may answer a fresh
// process only.
func (p *Probe) Renew(ctx context.Context) error {
	_, err := p.ask(ctx, askRenew)
	return err
}

func (p *Probe) ask(ctx context.Context, what string) (message, error) {
	a := &ask{what: what, answer: make(chan answer, 1)}
	select {
	case p.asks <- a:
	case <-p.gone:
		return message{}, fault.New(fault.Unavailable, "gpu.stopped")
	case <-ctx.Done():
		return message{}, fault.New(fault.Unavailable, "gpu.no_answer").Wrap(context.Cause(ctx))
	}
	select {
	case r := <-a.answer:
		return r.message, r.err
	case <-ctx.Done():
		return message{}, fault.New(fault.Unavailable, "gpu.no_answer").Wrap(context.Cause(ctx))
	}
}
