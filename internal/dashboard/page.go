package dashboard

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"uratori/internal/fault"
	"uratori/internal/ledger"
)

// screen is what one page shows. It is loaded for a request, or again and again
// for the feed of a page; it keeps what costs much to look up until it has
// become old.
type screen interface {
	title(f *face) string
	// pieces are the templates of the page in their order, which are also the ids
	// of its sections.
	pieces() []string
	// load looks everything up. fresh: also what costs much.
	load(ctx context.Context, d Daemon, fresh bool)
	// concerns tells whether an entry of the ledger makes what costs much old.
	concerns(e ledger.Entry) bool
	// busy tells whether something changes without an entry of the ledger.
	busy() bool
	// status is the HTTP status of the page.
	status() int
}

// patient is a screen with something that no page waits for.
type patient interface {
	// due is how long to wait before that is looked at again.
	due(opened bool) time.Duration
	// look looks at it. It may run beside load.
	look(ctx context.Context, d Daemon)
	// insist has load wait for it, for somebody who will be sent nothing later.
	insist()
}

// screenOf is the screen of an address, nil where there is none.
func (d *Dashboard) screenOf(u *url.URL, signedIn bool) screen {
	door := door{SignedIn: signedIn, CanSignIn: d.o.Login != nil}
	if ticket, ok := ticketOf(u.Path); ok {
		return newTicketScreen(ticket, door, d.facts)
	}
	if s := taskScreenOf(u, door, d.o.Now); s != nil {
		return s
	}
	switch u.Path {
	case "/":
		return newFrontScreen(u.Query(), door)
	case "/sheet":
		return newSheetScreen(u.Query(), d.o.Book)
	case "/incidents":
		return newIncidentScreen(u.Query())
	case "/ledger":
		return newLedgerScreen(u.Query(), d.walks)
	case "/settings":
		return settingScreen{d.o.Settings}
	}
	return nil
}

// feedOf is the screen of an address for its feed, which may show less than the
// page: what a script asks for itself is not sent again and again.
func (d *Dashboard) feedOf(u *url.URL, signedIn bool) screen {
	s := d.screenOf(u, signedIn)
	if less, ok := s.(interface{ live() screen }); ok {
		return less.live()
	}
	return s
}

// door is what a page must know of whoever looks at it.
type door struct{ SignedIn, CanSignIn bool }

// piece is a part of a page.
type piece struct {
	ID   string
	HTML template.HTML
}

func draw(f *face, s screen) ([]piece, error) {
	var list []piece
	for _, name := range s.pieces() {
		html, err := f.draw(name, s)
		if err != nil {
			return nil, err
		}
		list = append(list, piece{name, html})
	}
	return list, nil
}

// frame is what the layout of a page shows.
type frame struct {
	Title  string
	Lang   string
	Pieces []piece
	Feed   string // address of the feed, empty for a page that does not change
	Path   string
	door
	Now time.Time
}

// pageLimit is how long a page waits for the daemon.
const pageLimit = 20 * time.Second

func (d *Dashboard) page(w http.ResponseWriter, r *http.Request) {
	f := d.faces.of(r)
	s := d.screenOf(r.URL, d.sessions.has(r))
	if s == nil {
		d.nowhere(w, r)
		return
	}
	limit := pageLimit
	if p, ok := s.(patient); ok && r.URL.Query().Get("look") == "now" {
		p.insist()
		limit = lookLimit
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	conn, err := d.o.Connect(ctx)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	defer conn.Close()
	s.load(ctx, conn, true)
	pieces, err := draw(f, s)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.write(w, r, s.status(), frame{Title: s.title(f), Pieces: pieces, Feed: "/events?" + url.Values{"page": {r.URL.RequestURI()}}.Encode()})
}

// write sends a page.
func (d *Dashboard) write(w http.ResponseWriter, r *http.Request, status int, p frame) {
	f := d.faces.of(r)
	p.Lang, p.Path, p.Now, p.door = string(f.lang), r.URL.Path, d.o.Now(), door{d.sessions.has(r), d.o.Login != nil}
	var b bytes.Buffer
	if err := f.pages.ExecuteTemplate(&b, "layout", p); err != nil {
		d.o.Log.Error("a page could not be made", "path", r.URL.Path, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser has gone otherwise
}

// notice is a page that says one thing.
type notice struct {
	Title string
	Lines []string
	Bad   bool
	Back  string
}

func (d *Dashboard) tell(w http.ResponseWriter, r *http.Request, status int, n notice) {
	html, err := d.faces.of(r).draw("notice", n)
	if err != nil {
		d.o.Log.Error("a page could not be made", "path", r.URL.Path, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	d.write(w, r, status, frame{Title: n.Title, Pieces: []piece{{"notice", html}}})
}

// fail tells an error.
func (d *Dashboard) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := d.faces.of(r)
	d.tell(w, r, statusOf(err), notice{Title: f.say("page.failed"), Lines: []string{fault.Explain(err, f.lang)}, Bad: true, Back: back(r)})
}

func (d *Dashboard) nowhere(w http.ResponseWriter, r *http.Request) {
	f := d.faces.of(r)
	d.tell(w, r, http.StatusNotFound, notice{Title: f.say("page.nowhere"), Lines: []string{f.say("page.nowhere.text")}, Bad: true, Back: "/"})
}

func statusOf(err error) int {
	status, ok := map[fault.Kind]int{
		fault.Invalid: http.StatusBadRequest, fault.Conflict: http.StatusConflict,
		fault.NotFound: http.StatusNotFound, fault.Unavailable: http.StatusServiceUnavailable,
	}[fault.KindOf(err)]
	if !ok {
		return http.StatusInternalServerError
	}
	return status
}

// back is where somebody goes on after an answer.
func back(r *http.Request) string {
	if r.URL.Path == "/login" {
		return r.URL.Path // the passphrase was wrong
	}
	if ticket := r.PathValue("ticket"); ticket != "" {
		return ticketPath(ticket)
	}
	if ticket := r.PostFormValue("ticket"); ticket != "" {
		return ticketPath(ticket)
	}
	if task, err := taskOf(r); err == nil {
		return taskPath(task)
	}
	return "/"
}

func ticketPath(ticket string) string { return "/tracker/" + url.PathEscape(ticket) }
