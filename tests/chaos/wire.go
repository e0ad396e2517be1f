package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"uratori/sheets/local"
)

// Fault is what goes wrong with one request on its way to the sheet or back.
type Fault string

// The faults. From Slow on the request is carried out.
const (
	None        Fault = ""
	Refused     Fault = "connection refused"
	ResetBefore Fault = "reset before it was carried out"
	S401        Fault = "401"
	S403        Fault = "403"
	S404        Fault = "404"
	S429        Fault = "429"
	S429Wait    Fault = "429 with Retry-After"
	S500        Fault = "500"
	S503        Fault = "503"
	Redirect    Fault = "302"

	Slow       Fault = "slow answer"
	ResetAfter Fault = "reset after it was carried out"
	TimeOut    Fault = "no answer"
	Truncated  Fault = "answer cut off"
	Garbage    Fault = "answer is no JSON"
	S500After  Fault = "500 after it was carried out"
	S503After  Fault = "503 after it was carried out"
	Late       Fault = "reset at once, carried out later" // writes alone
	Forgotten  Fault = "answered, then undone"            // writes alone
)

// Faults are all of them.
func Faults() []Fault {
	return []Fault{
		Refused, ResetBefore, S401, S403, S404, S429, S429Wait, S500, S503, Redirect,
		Slow, ResetAfter, TimeOut, Truncated, Garbage, S500After, S503After, Late, Forgotten,
	}
}

// away tells whether the sheet turns a request away that meets the fault.
func (f Fault) away() bool {
	return slices.Index(Faults(), f) < slices.Index(Faults(), Slow) && f != None
}

// arrives tells whether the whole answer of the sheet reaches the tracker.
func (f Fault) arrives() bool { return f == None || f == Slow || f == Forgotten }

// How long things take that take their time.
const (
	silence   = 500 * time.Millisecond // before a request without an answer is cut
	slowness  = 150 * time.Millisecond
	outage    = 150 * time.Millisecond // of connections that are refused
	soonest   = 50 * time.Millisecond  // of a write that is carried out late
	latest    = 500 * time.Millisecond
	lastWords = time.Second // for requests that are in work at the end
)

// Wire is a port of this machine with the sheet behind it, and all that can
// happen in between.
type Wire struct {
	Sheet *Sheet
	// Pick says what goes wrong with a request.
	Pick func(read bool) Fault
	// Before and After are called when a write has come, and when it has been
	// carried out but not answered. Cells are those that it writes.
	Before, After func(cells []Place)
	// Trouble is told what must not happen in the test itself.
	Trouble func(error)

	address string
	holder  int // a socket that keeps the port while nobody listens
	mu      sync.Mutex
	server  *http.Server
	work    int        // requests, and what they left to be done later
	idle    *sync.Cond // of mu
	counts  map[Fault]int
	random  *rand.Rand
}

// Place is a cell that a write is about, counted from 0.
type Place struct{ Row, Column int }

// Open listens.
func (w *Wire) Open(t testing.TB, seed uint64) {
	t.Helper()
	w.counts, w.idle = map[Fault]int{}, sync.NewCond(&w.mu)
	w.random = rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // moments, not secrets
	var err error
	if w.holder, w.address, err = holdPort(); err == nil {
		err = w.listen()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), lastWords)
		defer cancel()
		w.Quiet()
		w.mu.Lock()
		server := w.server
		w.mu.Unlock()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // somebody keeps a connection open
		}
		_ = unix.Close(w.holder) // it was never used
	})
}

// URL is the base of the interface, as the settings want it.
func (w *Wire) URL() string { return "http://" + w.address + "/" }

// Quiet waits until no request is in work, and none is carried out later.
func (w *Wire) Quiet() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.work > 0 {
		w.idle.Wait()
	}
}

func (w *Wire) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.work++
}

func (w *Wire) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.work--; w.work == 0 {
		w.idle.Broadcast()
	}
}

// later goes on with something after the request is gone.
func (w *Wire) later(do func()) {
	w.begin()
	go func() {
		defer w.done()
		do()
	}()
}

// Counts is how often each fault happened.
func (w *Wire) Counts() map[Fault]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.counts)
}

// holdPort takes a port that the system will give to nobody else.
func holdPort() (fd int, address string, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, "", fmt.Errorf("make a socket: %w", err)
	}
	name := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	if err := errors.Join(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1), unix.Bind(fd, name)); err != nil {
		return 0, "", errors.Join(fmt.Errorf("take a port: %w", err), unix.Close(fd))
	}
	got, err := unix.Getsockname(fd)
	if err != nil {
		return 0, "", errors.Join(err, unix.Close(fd))
	}
	return fd, net.JoinHostPort("127.0.0.1", strconv.Itoa(got.(*unix.SockaddrInet4).Port)), nil
}

func (w *Wire) listen() error {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) { failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		return errors.Join(err, failed)
	}}
	l, err := config.Listen(context.Background(), "tcp4", w.address)
	if err != nil {
		return fmt.Errorf("listen again: %w", err)
	}
	server := &http.Server{Handler: w, ReadHeaderTimeout: time.Minute}
	w.mu.Lock()
	w.server = server
	w.mu.Unlock()
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			w.Trouble(err)
		}
	}()
	return nil
}

// refuse lets nobody in for a while. Who is in stays in.
func (w *Wire) refuse() {
	w.mu.Lock()
	server := w.server
	w.mu.Unlock()
	w.later(func() {
		ctx, cancel := context.WithTimeout(context.Background(), outage)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil { // closes the port at once, then waits for the others
			_ = server.Close() // one request too slow is cut off: that happens, too
		} else {
			<-ctx.Done()
		}
		if err := w.listen(); err != nil {
			w.Trouble(err)
		}
	})
}

// ServeHTTP lets a request through, or not.
func (w *Wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.begin()
	defer w.done()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever asked is gone, and half a request is none
	}
	ask := Ask{r.Method, r.URL.RequestURI(), body}
	read := local.IsRead(r)
	w.mu.Lock()
	fault := w.Pick(read)
	w.counts[fault]++
	w.mu.Unlock()
	if read {
		w.read(rw, r, ask, fault)
		return
	}
	w.write(rw, r, ask, fault)
}

func (w *Wire) read(rw http.ResponseWriter, r *http.Request, ask Ask, fault Fault) {
	if fault.away() {
		w.turnAway(rw, fault)
		return
	}
	answer, arrived := w.Sheet.Read(ask)
	if fault.arrives() {
		arrived() // before it does: the next request may come at once
	}
	w.answer(rw, r, answer, fault)
}

func (w *Wire) write(rw http.ResponseWriter, r *http.Request, ask Ask, fault Fault) {
	entry := w.Sheet.Arrive(ask, fault)
	if fault.away() {
		w.turnAway(rw, fault)
		return
	}
	places := w.placesOf(ask.Body)
	if fault == Late {
		reset(rw)
		w.mu.Lock()
		wait := soonest + time.Duration(w.random.Int64N(int64(latest-soonest)))
		w.mu.Unlock()
		w.later(func() {
			time.Sleep(wait)
			if _, err := w.Sheet.Write(ask, entry); err != nil {
				w.Trouble(err)
			}
		})
		return
	}
	w.Before(places)
	answer, err := w.Sheet.Write(ask, entry)
	if err != nil {
		w.Trouble(err)
	}
	w.After(places)
	w.answer(rw, r, answer, fault)
}

// placesOf are the cells that a write is about.
func (w *Wire) placesOf(body []byte) (places []Place) {
	requests, err := w.Sheet.requestsOf(body)
	if err != nil {
		return nil // the sheet will say so
	}
	for _, q := range requests {
		if q.UpdateCells == nil {
			continue
		}
		row, column := corner(q.UpdateCells)
		for i, data := range q.UpdateCells.Rows {
			for n := range data.Values {
				places = append(places, Place{row + i, column + n})
			}
		}
	}
	return places
}

func (w *Wire) turnAway(rw http.ResponseWriter, fault Fault) {
	switch fault {
	case Refused:
		w.refuse()
		reset(rw)
	case ResetBefore:
		reset(rw)
	default:
		status(rw, fault)
	}
}

func (w *Wire) answer(rw http.ResponseWriter, r *http.Request, answer Answer, fault Fault) {
	send := func(body []byte) {
		maps.Copy(rw.Header(), answer.Header)
		rw.Header().Set("Content-Length", strconv.Itoa(len(answer.Body)))
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(body) // whoever asked may be gone
		_ = http.NewResponseController(rw).Flush()
	}
	switch fault {
	case ResetAfter:
		reset(rw)
	case TimeOut:
		wait(r, silence)
		reset(rw)
	case Truncated:
		send(answer.Body[:len(answer.Body)/2])
		panic(http.ErrAbortHandler) // closes the connection, and says nothing
	case Slow:
		send(answer.Body[:len(answer.Body)/2])
		wait(r, slowness)
		_, _ = rw.Write(answer.Body[len(answer.Body)/2:])
	case Garbage:
		_, _ = io.WriteString(rw, "<html>hello</html>")
	case S500After, S503After:
		status(rw, fault)
	default:
		send(answer.Body)
	}
}

func wait(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}

// reset ends a connection as a machine does that has lost it.
func reset(rw http.ResponseWriter) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // it is gone already
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, not a farewell
	}
	_ = conn.Close()
}

// status answers in place of the sheet.
func status(rw http.ResponseWriter, f Fault) {
	code, err := strconv.Atoi(strings.Fields(string(f))[0])
	if err != nil {
		panic(err) // the fault is none of those that are a status
	}
	name := map[int]string{401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}[code]
	rw.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if f == S429Wait {
		rw.Header().Set("Retry-After", "1")
	}
	if f == Redirect {
		rw.Header().Set("Location", "https://elsewhere.example/")
	}
	rw.WriteHeader(code)
	_, _ = fmt.Fprintf(rw, `{"error":{"code":%d,"message":"planted: %s","status":%q}}`, code, f, name)
}
