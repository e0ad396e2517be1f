package gpu

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// desk is a probe's side of the talk, with a library that does what the test
// wants.
type desk struct {
	t      *testing.T
	in     io.WriteCloser
	out    *bufio.Scanner
	result chan error
	ask    chan struct{} // a call into the library waits for it
	news   chan Event
	closed chan struct{}
}

func (d *desk) info() Info                     { return Info{Driver: "1"} }
func (d *desk) list() ([]Device, Code)         { <-d.ask; return []Device{{UUID: "GPU-1"}}, 0 }
func (d *desk) sample() ([]Reading, Code)      { <-d.ask; return nil, codeLost }
func (d *desk) close()                         { close(d.closed) }
func (d *desk) open(string) (driver, *refusal) { return d, nil }
func (d *desk) events(quit <-chan struct{}, deliver func(Event)) {
	for {
		select {
		case <-quit:
			return
		case e := <-d.news:
			deliver(e)
		}
	}
}

func newDesk(ctx context.Context, t *testing.T) *desk {
	t.Helper()
	theirs, in := io.Pipe()
	out, ours := io.Pipe()
	d := &desk{
		t: t, in: in, out: bufio.NewScanner(out), result: make(chan error, 1),
		ask: make(chan struct{}), news: make(chan Event), closed: make(chan struct{}),
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		d.result <- serve(ctx, theirs, ours, "lib", d.open)
		_ = ours.Close()
	})
	t.Cleanup(func() {
		_ = in.Close()
		close(d.ask)
		go func() { _, _ = io.Copy(io.Discard, out) }() // ends with serve
		serving.Wait()
		<-d.closed
	})
	if m := d.hear(); m.Hello == nil || m.Hello.Library != "lib" || m.Hello.Driver != "1" {
		t.Fatalf("%+v", m)
	}
	return d
}

func (d *desk) hear() (m message) {
	d.t.Helper()
	if !d.out.Scan() {
		d.t.Fatal(d.out.Err())
	}
	if err := json.Unmarshal(d.out.Bytes(), &m); err != nil {
		d.t.Fatal(err)
	}
	return m
}

func (d *desk) say(line string) {
	d.t.Helper()
	if _, err := io.WriteString(d.in, line+"\n"); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) ended() error {
	d.t.Helper()
	select {
	case err := <-d.result:
		return err
	case <-time.After(30 * time.Second):
		d.t.Fatal("it goes on")
		return nil
	}
}

func TestServe_AnswersInOrder_WithEventsBetween(t *testing.T) {
	d := newDesk(t.Context(), t)
	d.say(`{"id":5,"ask":"list"}`)
	d.news <- Event{Xid: 79}
	if m := d.hear(); m.Event == nil || m.Event.Xid != 79 {
		t.Errorf("%+v", m)
	}
	d.ask <- struct{}{}
	if m := d.hear(); m.ID != 5 || m.Devices[0].UUID != "GPU-1" || m.Code != 0 {
		t.Errorf("%+v", m)
	}
	d.say(`{"id":6,"ask":"sample"}`)
	d.ask <- struct{}{}
	if m := d.hear(); m.ID != 6 || m.Code != codeLost {
		t.Errorf("%+v", m)
	}
	d.say(`{"ask":"stop"}`)
	if err := d.ended(); err != nil {
		t.Error(err)
	}
	<-d.closed
}

func TestServe_Nonsense_EndsItWithAnError(t *testing.T) {
	for _, line := range []string{`{"id":1,"ask":"reset"}`, `hello`, `{"id":"x"}`, `[]`, strings.Repeat("x", 1<<17)} {
		d := newDesk(t.Context(), t)
		var said sync.WaitGroup
		said.Go(func() { _, _ = io.WriteString(d.in, line+"\n") }) // it may be cut off
		if err := d.ended(); err == nil {
			t.Errorf("%.20q is taken", line)
		}
		_ = d.in.Close()
		said.Wait()
	}
}

func TestServe_HangingCall_DoesNotKeepItFromEnding(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, end := range map[string]func(*desk){
		"end of input": func(d *desk) { _ = d.in.Close() },
		"stop":         func(d *desk) { d.say(`{"id":2,"ask":"stop"}`) },
		"signal":       func(*desk) { cancel() },
	} {
		d := newDesk(ctx, t)
		d.say(`{"id":1,"ask":"sample"}`)
		end(d)
		if err := d.ended(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "signal" {
			ctx, cancel = context.WithCancel(t.Context())
		}
	}
	cancel()
}

func TestServe_Flood_EndsIt(t *testing.T) {
	d := newDesk(t.Context(), t)
	var said sync.WaitGroup
	said.Go(func() {
		for range 2 * enough {
			if _, err := io.WriteString(d.in, "{\"id\":1,\"ask\":\"sample\"}\n"); err != nil {
				return
			}
		}
	})
	if err := d.ended(); !errors.Is(err, errFlood) {
		t.Error(err)
	}
	_ = d.in.Close()
	said.Wait()
}

func TestServe_Refusal_IsSaidAndEndsIt(t *testing.T) {
	in, theirs := io.Pipe()
	defer theirs.Close() //nolint:errcheck // nothing was written
	var out strings.Builder
	err := serve(t.Context(), in, &out, "lib", func(string) (driver, *refusal) {
		return nil, &refusal{Kind: notReady, Code: codeDriverNotThere}
	})
	if err != nil || out.String() != `{"refusal":{"kind":"not_ready","code":9}}`+"\n" {
		t.Errorf("%v %q", err, out.String())
	}
}
