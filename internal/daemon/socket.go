package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// How often the daemon looks whether its socket file and its home are still
// its own. Somebody may clean run/ up; without the file nobody reaches the
// daemon, and because of its lock no other can start.
const (
	seldomCheck = time.Minute     // the kernel tells of removals from run/
	oftenCheck  = 5 * time.Second // it cannot
)

var errSocketGone = errors.New("the socket file was removed or replaced; it is made anew")

// socket serves the control API.
type socket struct {
	d      *daemon
	path   string
	mux    *http.ServeMux
	opened *net.UnixListener // by openSocket, until the loop takes it over
}

// openSocket listens before the loops start, so that a daemon that cannot be
// reached never says that it is ready.
func (d *daemon) openSocket() (*socket, error) {
	s := &socket{d: d, path: d.Config.Home.Socket(), mux: http.NewServeMux()}
	for _, r := range d.routes() {
		s.route(r)
	}
	s.mux.HandleFunc("GET /v1/ledger", d.streamLedger)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeFault(w, fault.New(fault.NotFound, "daemon.no_such_request", "request", fmt.Sprintf("%s %.100q", r.Method, r.URL.Path)))
	})
	l, err := control.Listen(s.path)
	if err != nil {
		return nil, fault.New(fault.Failed, "daemon.no_socket", "path", s.path).Wrap(err)
	}
	s.opened = l
	return s, nil
}

func (s *socket) close() error {
	return errors.Join(s.opened.Close(), os.Remove(s.path))
}

func (s *socket) route(r Route) {
	switch {
	case r.Serve != nil:
		s.mux.Handle(r.Pattern, r.Serve)
		return
	case r.Stream != nil:
		s.mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) {
			if r.Live {
				ctx, cancel := s.d.untilLeaving(req.Context())
				defer cancel()
				live := r
				live.Stream = broken(req.Context(), r.Stream)
				stream(w, req.WithContext(ctx), live)
				return
			}
			stream(w, req, r)
		})
		return
	}
	s.mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) {
		answer, err := r.Handle(req)
		if err != nil {
			writeFault(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.MarshalWrite(w, answer); err != nil {
			// The status line is gone; a cut answer is no JSON, which the
			// client reports.
			s.d.Log.Warn("an answer was not written", "request", r.Pattern, "error", err)
		}
	})
}

// untilLeaving is ctx, ended also by the beginning of a stop.
func (d *daemon) untilLeaving(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-d.leaving:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { cancel(); watching.Wait() }
}

// broken is a stream that is told as broken off when the daemon leaves while its
// client, whose context is given, still listens: the next daemon goes on with it.
func broken(client context.Context, of func(*http.Request, func(any) error) error) func(*http.Request, func(any) error) error {
	return func(r *http.Request, yield func(any) error) error {
		err := of(r, yield)
		if err != nil && r.Context().Err() != nil && client.Err() == nil {
			return fault.New(fault.Unavailable, "store.closed").Wrap(err)
		}
		return err
	}
}

func stream(w http.ResponseWriter, r *http.Request, route Route) {
	out, begun := jsontext.NewEncoder(w), false
	flusher := http.NewResponseController(w)
	err := route.Stream(r, func(v any) error {
		if !begun {
			w.Header().Set("Content-Type", "application/jsonl")
			begun = true
		}
		if err := json.MarshalEncode(out, v); err != nil || !route.Live {
			return err
		}
		return flusher.Flush()
	})
	switch {
	case err == nil:
	case !begun:
		writeFault(w, err)
	default:
		// Nobody is left to be told when the client has gone.
		_ = json.MarshalEncode(out, control.ErrorBody{Error: control.Encode(err)})
	}
}

// run serves until ctx ends, then finishes the requests in hand.
func (s *socket) run(ctx context.Context) error {
	l := s.opened
	s.opened = nil
	if l == nil {
		var err error
		if l, err = s.again(); err != nil {
			return err
		}
	}
	mine, err := os.Stat(s.path)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{
		Handler:           s.checked(s.mux),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	var open conns
	open.watch(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	every, removed := seldomCheck, make(<-chan struct{})
	if w, err := watchFolders(string(s.d.Config.Home), s.d.Config.Home.Run()); err == nil {
		removed = w.news
		defer w.close() //nolint:errcheck // only read from
	} else {
		every = oftenCheck
		s.d.Log.Warn("run/ is looked at now and then instead of being watched", "error", err)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case err := <-served:
			return err
		case <-ctx.Done():
			var err error
			if s.is(mine) {
				err = os.Remove(s.path)
			}
			open.closeSilent()
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestGrace)
			defer cancel()
			err = errors.Join(err, server.Shutdown(grace), server.Close())
			<-served
			return err
		case <-tick.C:
		case <-removed:
		}
		if !s.d.lock.holds(s.d.Config.Home) {
			s.homeLost()
		} else if !s.is(mine) {
			err := server.Close()
			<-served
			return errors.Join(errSocketGone, err)
		}
	}
}

// within answers requests that come from this process. The connection of a
// request on whose behalf one is made is not theirs: see [Decode].
func (s *socket) within() http.Handler {
	next := s.checked(s.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), connKey{}, nil)))
	})
}

func (s *socket) homeLost() {
	s.d.Log.Error("the home folder was deleted or moved away: this daemon ends", "home", string(s.d.Config.Home))
	s.d.stop("home lost")
}

// is tells whether the socket's path still leads to that file.
func (s *socket) is(mine os.FileInfo) bool {
	now, err := os.Stat(s.path)
	return err == nil && os.SameFile(mine, now)
}

// again opens the socket after somebody has tidied it away, perhaps with its
// whole folder.
func (s *socket) again() (*net.UnixListener, error) {
	home := s.d.Config.Home
	if !s.d.lock.holds(home) {
		s.homeLost()
		return nil, errors.New("the home folder was deleted or moved away")
	}
	if err := home.Create(); err != nil {
		return nil, err
	}
	if err := writeHolder(home, s.d.holder); err != nil {
		return nil, home.Explain(err)
	}
	return control.Listen(s.path)
}

// checked refuses clients that speak another protocol and turns a panic of a
// request into a fault.
func (s *socket) checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v) // a handler's way to break an answer off; the server knows it
			}
			f := failure{Loop: "socket", Error: s.d.clean(fmt.Sprint(v)), Panic: true, Stack: s.d.clean(string(debug.Stack()))}
			s.d.Log.Error("a request panicked", "request", r.Method+" "+r.URL.Path, "panic", f.Error, "stack", f.Stack)
			s.d.loopFailed(context.WithoutCancel(r.Context()), f)
			writeFault(w, fault.New(fault.Failed, "daemon.panicked"))
		}()
		// A client without the header is a person with curl.
		if theirs := r.Header.Get(control.APIHeader); theirs != "" && theirs != strconv.Itoa(control.API) && r.URL.Path != control.StopPath && r.URL.Path != control.HelloPath {
			writeFault(w, fault.New(fault.Conflict, "control.other_version", "daemon", s.d.Version, "have", control.API,
				"command", printable(r.Header.Get(control.VersionHeader)), "want", printable(theirs)))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func printable(s string) string {
	const longest = 40
	return strings.Trim(strconv.Quote(s[:min(len(s), longest)]), `"`)
}

const (
	// longestBody is far more than any request has.
	longestBody = 8 << 20
	// bodyLimit is how long a body may take; it comes from this machine.
	bodyLimit = 2 * time.Second
	// requestGrace is how long a stop waits for the requests in hand. It is
	// shorter than the wait for all loops, so that this loop ends in time.
	requestGrace = stopGrace - 2*time.Second
)

// Decode reads the JSON body of a request into v. Unknown members are
// refused: a misspelt wish must not be ignored.
func Decode(r *http.Request, v any) error {
	if conn, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		if err := conn.SetReadDeadline(time.Now().Add(bodyLimit)); err != nil {
			return fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
		}
	}
	body := http.MaxBytesReader(nil, r.Body, longestBody)
	if err := json.UnmarshalRead(body, v, json.RejectUnknownMembers(true)); err != nil {
		return fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
	}
	return nil
}

func writeFault(w http.ResponseWriter, err error) {
	if _, known := errors.AsType[*fault.Error](err); !known {
		err = fault.New(fault.Failed, "daemon.failed").Wrap(err)
	}
	status := map[fault.Kind]int{
		fault.Invalid: http.StatusBadRequest, fault.Conflict: http.StatusConflict, fault.NotFound: http.StatusNotFound,
		fault.Unavailable: http.StatusServiceUnavailable, fault.Failed: http.StatusInternalServerError,
	}[fault.KindOf(err)]
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Nobody is left to be told when the client has gone.
	_ = json.MarshalWrite(w, control.ErrorBody{Error: control.Encode(err)})
}
