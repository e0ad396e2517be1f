package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets/a1"
)

const (
	// plainRows is how many rows a page without a script has.
	plainRows = 100
	// plainText is how much of a cell it shows, in characters: a page is to be
	// light, and the page of a ticket has its texts whole.
	plainText = 300
	// longestEdit is what the daemon takes.
	longestEdit = 8 << 20
	// webChannel is who the ledger says made an edit.
	webChannel = "web"
)

// Book says where people edit the table of tickets.
type Book struct {
	Local bool   // here: it is the embedded sheet
	URL   string // elsewhere; empty where no page for people is known
}

// sheetScreen is /sheet: a tab of the embedded sheet, to be edited. A script
// makes a grid of it; without one it is a table with pages. What is kept live is
// only the revision of the sheet: the grid asks for rows itself.
type sheetScreen struct {
	Book Book
	feed bool
	ask  control.SheetQuery
	Row  int // that is to be shown, 0 for none
	Page control.SheetPage
	Err  error
}

func newSheetScreen(q url.Values, b Book) *sheetScreen {
	s := &sheetScreen{Book: b, ask: control.SheetQuery{Tab: short(q.Get("tab")), From: 1}}
	if n, err := strconv.Atoi(q.Get("row")); err == nil && n > 0 {
		s.Row = n
		s.ask.From = (n-1)/plainRows*plainRows + 1
	}
	if n, err := strconv.Atoi(q.Get("from")); err == nil && n > 0 {
		s.ask.From = n
	}
	return s
}

// live is the screen of the feed.
func (s *sheetScreen) live() screen { s.feed = true; return s }

func (s *sheetScreen) title(f *face) string { return f.say("page.sheet") }

func (s *sheetScreen) pieces() []string {
	switch {
	case !s.Book.Local:
		return []string{"sheet-elsewhere"}
	case s.feed:
		return []string{"sheet-news"}
	}
	return []string{"sheet-head", "sheet-news", "sheet-grid", "sheet-table"}
}

func (s *sheetScreen) load(ctx context.Context, d Daemon, _ bool) {
	if !s.Book.Local {
		return
	}
	ask := s.ask
	if ask.To = ask.From + plainRows - 1; s.feed {
		ask.To = 0
	}
	s.Page, s.Err = d.SheetPage(ctx, ask)
}

func (s *sheetScreen) concerns(ledger.Entry) bool { return false }

// busy: other programs write to the sheet without an entry of the ledger.
func (s *sheetScreen) busy() bool { return s.feed && s.Book.Local }

func (s *sheetScreen) status() int {
	if s.Err != nil {
		return statusOf(s.Err)
	}
	return http.StatusOK
}

// Tab is the tab that is shown.
func (s *sheetScreen) Tab() control.SheetTab {
	for _, t := range s.Page.Tabs {
		if t.ID == s.Page.Tab {
			return t
		}
	}
	return control.SheetTab{}
}

// Tabs are those that people see: a hidden one is a program's own.
func (s *sheetScreen) Tabs() (list []control.SheetTab) {
	for _, t := range s.Page.Tabs {
		if !t.Hidden || t.ID == s.Page.Tab {
			list = append(list, t)
		}
	}
	return list
}

// TabPath is where a tab is shown.
func (s *sheetScreen) TabPath(id int32) string {
	return "/sheet?" + url.Values{"tab": {strconv.Itoa(int(id))}}.Encode()
}

// Letters name the columns of the plain table.
func (s *sheetScreen) Letters() (list []string) {
	for i := range max(s.Tab().UsedColumns, 1) {
		list = append(list, a1.Column(i))
	}
	return list
}

// Lines are the rows of the plain table, up to the last that holds something.
func (s *sheetScreen) Lines() (list []sheetLine) {
	width := len(s.Letters())
	for i, values := range s.Page.Rows {
		l := sheetLine{Number: s.Page.From + i, Texts: make([]string, width)}
		if l.Number > s.Tab().UsedRows {
			break
		}
		for j, v := range values {
			if j < width {
				l.Texts[j] = beginning(v.Text)
			}
		}
		list = append(list, l)
	}
	return list
}

func beginning(text string) string {
	if list := []rune(text); len(list) > plainText {
		return string(list[:plainText]) + " …"
	}
	return text
}

type sheetLine struct {
	Number int
	Texts  []string
}

// Older and Newer are the pages before and after this one, empty for none.
func (s *sheetScreen) Older() string {
	if s.Page.From <= 1 {
		return ""
	}
	return s.at(max(1, s.Page.From-plainRows))
}

// Newer is the page after this one.
func (s *sheetScreen) Newer() string {
	next := s.Page.From + max(len(s.Page.Rows), 1)
	if next > s.Tab().UsedRows {
		return ""
	}
	return s.at(next)
}

func (s *sheetScreen) at(row int) string {
	return "/sheet?" + url.Values{"tab": {strconv.Itoa(int(s.Page.Tab))}, "from": {strconv.Itoa(row)}}.Encode()
}

// sheetAnswer is what the grid is told.
type sheetAnswer struct {
	Error   string                `json:"error,omitempty"` // in the reader's language
	Page    *control.SheetPage    `json:"page,omitempty"`
	Outcome *control.SheetOutcome `json:"outcome,omitempty"`
	Message string                `json:"message,omitempty"` // why it was not applied
}

func (d *Dashboard) reply(w http.ResponseWriter, r *http.Request, a sheetAnswer, err error) {
	status := http.StatusOK
	if err != nil {
		status = statusOf(err)
		a = sheetAnswer{Error: fault.Explain(err, d.faces.of(r).lang)}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, a) // the browser has gone otherwise
}

// here refuses to read or change the embedded sheet while the tickets are
// elsewhere: whoever edits it then edits what nobody looks at.
func (d *Dashboard) here() error {
	if !d.o.Book.Local {
		return fault.New(fault.NotFound, "page.sheet.not_here")
	}
	return nil
}

// sheetRows gives the grid rows.
func (d *Dashboard) sheetRows(w http.ResponseWriter, r *http.Request) {
	p, err := func() (p control.SheetPage, err error) {
		q := r.URL.Query()
		from, err1 := strconv.Atoi(q.Get("from"))
		to, err2 := strconv.Atoi(q.Get("to"))
		if err := errors.Join(err1, err2); err != nil {
			return p, fault.New(fault.Invalid, "page.bad_form")
		}
		if err := d.here(); err != nil {
			return p, err
		}
		ctx, cancel := context.WithTimeout(r.Context(), pageLimit)
		defer cancel()
		conn, err := d.o.Connect(ctx)
		if err != nil {
			return p, err
		}
		defer conn.Close()
		return conn.SheetPage(ctx, control.SheetQuery{Tab: q.Get("tab"), From: from, To: to})
	}()
	d.reply(w, r, sheetAnswer{Page: &p}, err)
}

// sheetEdit makes what somebody did in the grid. Who may see these pages may
// edit: on this machine everybody, as an agent with a shell can edit the embedded
// sheet through its interface anyway; from elsewhere who has signed in. It asks
// for JSON, which no form of another site can send.
func (d *Dashboard) sheetEdit(w http.ResponseWriter, r *http.Request) {
	f := d.faces.of(r)
	a, err := func() (a sheetAnswer, err error) {
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		if !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
			return a, fault.New(fault.Invalid, "page.bad_form")
		}
		var b control.SheetBatch
		if err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, longestEdit), &b, json.RejectUnknownMembers(true)); err != nil {
			return a, unread(err)
		}
		if err := d.here(); err != nil {
			return a, err
		}
		// What was wished is wished, whether the browser waits or not.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), pageLimit)
		defer cancel()
		conn, err := d.o.Connect(ctx)
		if err != nil {
			return a, err
		}
		defer conn.Close()
		o, err := conn.EditSheet(ctx, control.SheetEdit{Batch: b, By: webChannel})
		if err != nil {
			return a, err
		}
		return sheetAnswer{Outcome: &o, Message: f.differs(o)}, nil
	}()
	d.reply(w, r, a, err)
}

// unread says what is wrong with an edit that is none.
func unread(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.Invalid, "page.sheet.too_much", "bytes", longestEdit)
	}
	where := ""
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		where = string(semantic.JSONPointer)
	}
	return fault.New(fault.Invalid, "page.sheet.bad_member", "where", fmt.Sprintf("%.100q", where))
}

// differs says why an edit was not made.
func (f *face) differs(o control.SheetOutcome) string {
	if o.Applied || len(o.Differs) == 0 {
		return ""
	}
	const longest = 200
	one := o.Differs[0]
	now := []rune(one.Now)
	if len(now) > longest {
		now = append(now[:longest:longest], '…')
	}
	cell := a1.Column(max(one.Column-1, 0)) + strconv.Itoa(one.Row)
	if len(now) == 0 {
		return f.say("page.sheet.emptied", "cell", cell)
	}
	return f.say("page.sheet.differs", "cell", cell, "now", string(now))
}

// guesses tells whether a request may be somebody's try at the passphrase, which
// an edit is not: people type faster than they may guess.
func guesses(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path != "/sheet/edit"
}
