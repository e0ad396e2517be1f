package dashboard

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// How live a page is.
const (
	// quick is how often a page with something at work is made anew; an entry of
	// the ledger has it made at once.
	quick = 500 * time.Millisecond
	idle  = 5 * time.Second
	// freshEvery keeps many entries in a row from being as many looks at the
	// sheet, of which Google lets few through.
	freshEvery = 2 * time.Second
	// freshLocally is the same for the embedded sheet, which costs next to nothing.
	freshLocally = 250 * time.Millisecond
	// again is when a ledger that broke off is followed anew.
	again = time.Second
	// mostBehind is how many pieces a client may be behind before it is told to
	// load the page again.
	mostBehind = 32
	// mostClients is a bound, not an aim.
	mostClients = 1000
)

var (
	errResting = errors.New("pages are not kept live")
	errCrowded = errors.New("too many pages are open")
)

// hub keeps one topic for each page that somebody looks at.
type hub struct {
	d *Dashboard

	mu      sync.Mutex
	ctx     context.Context // while run runs; of all topics
	topics  map[string]*topic
	clients int
	work    sync.WaitGroup
}

func newHub(d *Dashboard) *hub { return &hub{d: d, topics: map[string]*topic{}} }

// run follows the ledger for all topics, until ctx ends and the last topic has.
func (h *hub) run(ctx context.Context) {
	h.mu.Lock()
	h.ctx = ctx
	h.mu.Unlock()
	for ctx.Err() == nil {
		h.follow(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
	h.mu.Lock()
	h.ctx = nil
	h.mu.Unlock()
	h.work.Wait()
}

// follow tells all topics of entries, until the daemon hangs up.
func (h *hub) follow(ctx context.Context) {
	conn, err := h.d.o.Connect(ctx)
	if err != nil {
		return // tried again in a moment; pages are made anew without it too
	}
	defer conn.Close()
	h.d.facts.follow(true)
	h.d.walks.follow(true)
	defer h.d.facts.follow(false)
	defer h.d.walks.follow(false)
	for e, err := range conn.Entries(ctx, control.Slice{Last: 1, Follow: true}) {
		if err != nil {
			return
		}
		switch ticket, all, ok := ticketOfEntry(e); {
		case all:
			h.d.facts.follow(true) // it may be any
		case ok:
			h.d.facts.forget(ticket)
		}
		h.mu.Lock()
		for _, t := range h.topics {
			t.hear(e)
		}
		h.mu.Unlock()
	}
}

// join gives a client of the topic with that key; build makes its screen when
// nobody looks at it yet.
func (h *hub) join(key string, f *face, build func() screen) (*client, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ctx == nil:
		return nil, errResting
	case h.clients >= mostClients:
		return nil, errCrowded
	}
	t := h.topics[key]
	if t == nil {
		ctx, end := context.WithCancel(h.ctx)
		t = &topic{hub: h, key: key, face: f, screen: build(), end: end, clients: map[*client]bool{}, news: newSignal(), old: newSignal()}
		h.topics[key] = t
		h.work.Go(func() { t.run(ctx) })
	}
	h.clients++
	return t.add(), nil
}

func (h *hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clients--
	if t := c.topic; t.remove(c) && h.topics[t.key] == t {
		t.end()
		delete(h.topics, t.key)
	}
}

// signal is a wish that is not counted.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) give() {
	select {
	case s <- struct{}{}:
	default: // it stands already
	}
}

// topic is one page in one language, made anew for all who look at it.
type topic struct {
	hub    *hub
	key    string
	face   *face
	screen screen
	end    context.CancelFunc
	news   signal // something happened
	old    signal // to what costs much

	mu      sync.Mutex
	clients map[*client]bool
	pieces  []piece
	seq     int64
}

// client is one browser.
type client struct {
	topic *topic
	out   chan event
}

// event is what a client is sent. One without pieces has it load the page again.
type event struct {
	id     string
	pieces []piece
	raw    func() ([]byte, error) // as it is sent; made once for all clients
}

func newEvent(id string, pieces []piece) event {
	return event{id, pieces, sync.OnceValues(func() ([]byte, error) { return encode(id, pieces) })}
}

func (t *topic) hear(e ledger.Entry) {
	if t.screen.concerns(e) {
		t.old.give()
	}
	t.news.give()
}

func (t *topic) add() *client {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := &client{topic: t, out: make(chan event, mostBehind)}
	t.clients[c] = true
	if t.pieces != nil {
		c.out <- newEvent(t.id(), t.pieces)
	}
	return c
}

// remove tells whether nobody looks any more.
func (t *topic) remove(c *client) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.clients, c)
	return len(t.clients) == 0
}

func (t *topic) id() string { return strconv.FormatInt(t.seq, 10) }

// run makes the page anew until ctx ends.
func (t *topic) run(ctx context.Context) {
	var looked time.Time // the last look at what costs much
	want := true
	slow, _ := t.screen.(patient)
	every := freshEvery
	if t.hub.d.o.Book.Local {
		every = freshLocally
	}
	back, away, opened := newSignal(), false, true
	for {
		now := time.Now()
		fresh := want && now.Sub(looked) >= every
		if fresh {
			looked, want = now, false
		}
		t.make(ctx, fresh)
		wait := idle
		if t.screen.busy() {
			wait = quick
		}
		if want {
			wait = min(wait, every-now.Sub(looked))
		}
		if slow != nil && !away {
			pause := slow.due(opened)
			if pause == 0 {
				away, opened = true, false
				t.hub.work.Go(func() { t.look(ctx, slow); back.give() })
			} else {
				wait = min(wait, pause)
			}
		}
		timer := time.NewTimer(max(wait, 0))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-t.news:
		case <-back:
			away = false
		case <-timer.C:
		}
		timer.Stop()
		select {
		case <-t.old:
			want = true
		default:
		}
	}
}

// look has that looked at which nobody waits for.
func (t *topic) look(ctx context.Context, slow patient) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	conn, err := t.hub.d.o.Connect(ctx)
	if err != nil {
		return // the daemon ends, and the feed with it
	}
	defer conn.Close()
	slow.look(ctx, conn)
}

// make looks everything up and sends the pieces that differ.
func (t *topic) make(ctx context.Context, fresh bool) {
	ctx, cancel := context.WithTimeout(ctx, pageLimit)
	defer cancel()
	conn, err := t.hub.d.o.Connect(ctx)
	if err != nil {
		return // the daemon ends, and the feed with it
	}
	defer conn.Close()
	t.screen.load(ctx, conn, fresh)
	if ctx.Err() != nil {
		return // what was cut short tells nothing
	}
	pieces, err := draw(t.face, t.screen)
	if err != nil {
		t.hub.d.o.Log.Error("a page could not be made", "page", t.key, "error", err)
		return
	}
	t.send(pieces)
}

func (t *topic) send(pieces []piece) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var changed []piece
	for i, p := range pieces {
		if i >= len(t.pieces) || t.pieces[i] != p {
			changed = append(changed, p)
		}
	}
	t.pieces = pieces
	if len(changed) == 0 {
		return
	}
	t.seq++
	e := newEvent(t.id(), changed)
	for c := range t.clients {
		select {
		case c.out <- e:
		default: // it does not keep up
			delete(t.clients, c)
			for range mostBehind { // nobody else reads or writes but its own handler
				select {
				case <-c.out:
				default:
				}
			}
			c.out <- newEvent(t.id(), nil)
			close(c.out)
		}
	}
}
