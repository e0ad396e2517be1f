package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"

	"uratori/internal/config"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/internal/store"
	"uratori/internal/store/storetest"
	"uratori/monitor/notify/notifytest"
)

// templates are the stores that tests begin with.
var templates storetest.Templates

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// secret makes settings of texts.
func secret(t testing.TB, text string) config.Secret {
	t.Helper()
	c, err := config.Load(config.Home(t.TempDir()), []string{"PUSHOVER_TOKEN=" + text})
	if err != nil {
		t.Fatal(err)
	}
	return c.Notify.Pushover.Token
}

// house is an outbox whose phone is the stand-in, reached without a network,
// and whose store can be taken from under it as a kill would.
type house struct {
	*Outbox
	t       testing.TB
	dir     string
	phone   *notifytest.Server
	token   config.Secret
	user    config.Secret
	secrets []config.Secret // beside them
	quiet   config.Hours
	zone    *time.Location
	ring    bool      // priority 2
	others  []Channel // beside the phone
	nobody  bool      // not even the phone
	way     http.RoundTripper
	clock   func() time.Time
	db      *store.DB
	ledger  *ledger.Ledger
	log     *lines
	stop    func()
	cut     atomic.Bool // the store was closed under the outbox
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// bubble runs f in a bubble of time with a house that is running.
func bubble(t *testing.T, f func(h *house)) {
	t.Helper()
	quietly(t, func(h *house) {
		h.start()
		f(h)
	})
}

// quietly is bubble with a house that is not yet running.
func quietly(t *testing.T, f func(h *house)) {
	t.Helper()
	dir, token, user := t.TempDir(), secret(t, notifytest.Token), secret(t, notifytest.User)
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, dir, token, user)
		defer h.kill()
		f(h)
	})
}

func newHouse(t testing.TB, dir string, token, user config.Secret) *house {
	h := &house{t: t, dir: dir, token: token, user: user, zone: time.UTC, phone: notifytest.New(time.Now), clock: time.Now, log: &lines{}}
	h.way = h.phone
	return h
}

// open opens the store, on what a house before this one has left.
func (h *house) open() {
	h.t.Helper()
	var err error
	if h.db, err = templates.Open(context.Background(), filepath.Join(h.dir, "uratori.db"), ledger.Schema(), Schema()); err != nil {
		h.t.Fatal(err)
	}
	h.ledger = ledger.New(h.db, h.clock)
	channels := slices.Clone(h.others)
	if !h.nobody {
		channels = append(channels, NewPushover(PushoverOptions{
			Token: h.token, User: h.user, Emergency: h.ring, Lang: phrase.English, Transport: h.way, Now: h.clock,
		}))
	}
	h.Outbox, err = New(Options{
		DB: h.db, Ledger: h.ledger, Channels: channels, Quiet: h.quiet, Zone: h.zone, Lang: phrase.English, Secrets: append(h.secrets, h.token, h.user),
		Now: h.clock, Jitter: func(most time.Duration) time.Duration { return most / 2 }, Log: slog.New(slog.NewTextHandler(h.log, nil)),
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// start opens and runs.
func (h *house) start() {
	h.t.Helper()
	if h.Outbox == nil {
		h.open()
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		if err := h.Run(ctx); !errors.Is(err, context.Canceled) && !h.cut.Load() {
			h.t.Errorf("Run ended: %v", err)
		}
	})
	h.stop = func() {
		cancel()
		all.Wait()
	}
}

// pull takes the store from under the outbox: nothing of what is in hand is
// kept, as after kill -9.
func (h *house) pull() {
	h.cut.Store(true)
	if err := h.db.Close(); err != nil {
		h.t.Error(err)
	}
}

// kill ends the house in the middle of what it does.
func (h *house) kill() {
	if h.Outbox != nil {
		h.pull()
		h.end()
	}
}

// end lets the house stop in good order, and closes the store.
func (h *house) end() {
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
	if err := h.db.Close(); err != nil {
		h.t.Error(err)
	}
	h.Outbox = nil
	h.cut.Store(false)
}

// again kills the house and starts another.
func (h *house) again() {
	h.t.Helper()
	h.kill()
	h.start()
}

// tell posts a message that must be stored.
func (h *house) tell(m Message) Posted {
	h.t.Helper()
	if m.Fingerprint == "" {
		m.Fingerprint = m.Title + m.Body
	}
	if m.Priority == 0 {
		m.Priority = Normal
	}
	p, err := h.Send(context.Background(), m)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// after lets time pass until nothing more happens within it.
func after(d time.Duration) {
	time.Sleep(d) // of the bubble
	synctest.Wait()
}

// on is the delivery of a message on a channel.
func (h *house) on(id int64, channel string) Delivery {
	h.t.Helper()
	r, err := h.Get(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, d := range r.Deliveries {
		if d.Channel == channel {
			return d
		}
	}
	h.t.Fatalf("message %d is not on %s: %+v", id, channel, r)
	return Delivery{}
}

// entry is what tests look at of an entry of the ledger.
type entry struct {
	kind, subject string
	data          map[string]any
}

func (h *house) entries() (list []entry) {
	h.t.Helper()
	for e, err := range h.ledger.Entries(context.Background(), 0, "") {
		if err != nil {
			h.t.Fatal(err)
		}
		var data map[string]any
		if err := json.Unmarshal(e.Data, &data); err != nil {
			h.t.Fatal(err)
		}
		list = append(list, entry{e.Kind, e.Subject, data})
	}
	return list
}

// kinds are the entries in short.
func (h *house) kinds() (list []string) {
	for _, e := range h.entries() {
		list = append(list, fmt.Sprintf("%s %s", e.kind, e.subject))
	}
	return list
}

// roundTrip is a way that a test makes up.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answering is a way on which every request gets this answer.
func answering(status int, body string, headers ...string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		a := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
		for i := 0; i+1 < len(headers); i += 2 {
			a.Header.Set(headers[i], headers[i+1])
		}
		return a, nil
	}
}

// raw are the entries of the ledger as they are kept.
func (h *house) raw() (list []string) {
	h.t.Helper()
	for e, err := range h.ledger.Entries(context.Background(), 0, "") {
		if err != nil {
			h.t.Fatal(err)
		}
		list = append(list, string(e.Data))
	}
	return list
}
