package gpu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"
)

// lastWords is how long a probe that shall end waits for a call into the library
// to come back.
const lastWords = 500 * time.Millisecond

// Serve is the probe process: it loads library and answers the daemon on
// standard input and output until the input ends, ctx ends or it is asked to
// stop. The caller must end the process afterwards: a call that hangs inside the
// library is left behind.
//
// What the library itself writes to the standard output goes to the standard
// error from then on.
func Serve(ctx context.Context, library string) error {
	out, err := unix.FcntlInt(os.Stdout.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return fmt.Errorf("keep the standard output: %w", err)
	}
	if err := unix.Dup3(int(os.Stderr.Fd()), int(os.Stdout.Fd()), 0); err != nil {
		return fmt.Errorf("part with the standard output: %w", err)
	}
	return serve(ctx, os.Stdin, os.NewFile(uintptr(out), "messages"), library, openDriver)
}

// driver is NVML as the probe uses it. Its methods are called one at a time,
// except for events, which runs beside them. They can hang.
type driver interface {
	info() Info
	list() ([]Device, Code)
	sample() ([]Reading, Code)
	// events delivers until quit is closed. It returns at once where there are
	// no events.
	events(quit <-chan struct{}, deliver func(Event))
	close()
}

// opener loads a library, or says why it cannot be used.
type opener func(library string) (driver, *refusal)

// server is one probe process at work.
type server struct {
	asks chan request
	mu   sync.Mutex // of out: events come in between
	out  io.Writer
}

// enough requests wait unanswered; the daemon sends one at a time.
const enough = 16

var errFlood = errors.New("more requests than can be answered")

func serve(ctx context.Context, in io.Reader, out io.Writer, library string, open opener) error {
	s := &server{asks: make(chan request, enough), out: out}
	read, worked := make(chan error, 1), make(chan error, 1)
	go func() { // ends with the input, or with the process
		defer close(s.asks)
		read <- s.listen(in)
	}()
	go func() { worked <- s.work(library, open) }() // likewise
	var err error
	select {
	case err = <-worked:
		return err
	case err = <-read:
	case <-ctx.Done():
	}
	select {
	case late := <-worked:
		return errors.Join(err, late)
	case <-time.After(lastWords):
		return err
	}
}

// listen reads requests until the input ends or one asks to stop.
func (s *server) listen(in io.Reader) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
		if r.Ask == askStop {
			return nil
		}
		select {
		case s.asks <- r:
		default:
			return errFlood
		}
	}
	return lines.Err()
}

// work does all that can hang.
func (s *server) work(library string, open opener) error {
	d, refused := open(library)
	if refused != nil {
		return s.say(message{Refusal: refused})
	}
	defer d.close()
	info := d.info()
	info.Library = library
	if err := s.say(message{Hello: &info}); err != nil {
		return err
	}
	quit := make(chan struct{})
	var events sync.WaitGroup
	events.Go(func() {
		d.events(quit, func(e Event) {
			_ = s.say(message{Event: &e}) // when nobody hears any more, an answer will find out
		})
	})
	defer events.Wait() // before the library is closed
	defer close(quit)
	for r := range s.asks {
		answer := message{ID: r.ID}
		switch r.Ask {
		case askSample:
			answer.Readings, answer.Code = d.sample()
		case askList:
			answer.Devices, answer.Code = d.list()
		default:
			return fmt.Errorf("asked for %q, which is unknown", r.Ask)
		}
		if err := s.say(answer); err != nil {
			return err
		}
	}
	return nil
}

// say writes one line in one piece.
func (s *server) say(m message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("say a message: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("say a message: %w", err)
	}
	return nil
}
