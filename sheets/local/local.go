// Package local is the embedded sheet: a server that speaks Google's Sheets v4
// REST interface over the store, so that a fresh machine has a tracker and the
// real client has one way to work, not two.
//
// What it does, it does as Google documents it, down to the names of errors.
// What it cannot do it refuses by name (501, UNIMPLEMENTED): a request is never
// half understood. Formulas are kept and given back as text, never computed.
// A batch is applied whole or not at all, an answer shows one moment, and
// nothing is answered before it is on the disk.
package local

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"uratori/internal/store"
	"uratori/sheets/local/entry"
)

// Book is the spreadsheet that is always there.
const Book = "local"

// Server answers the Sheets interface under /v4/. Its store holds [Schema].
type Server struct {
	shelf  shelf
	newID  func() string
	year   func() int
	link   func(book string) string
	fault  func(error)
	number atomic.Int64
	stores atomic.Int64

	masks   maskShelf
	writing sync.Mutex // held by the one write in work
	mu      sync.RWMutex
	books   map[string]*book // those that were asked for
}

// Options is what a server needs from outside. The functions are called by
// several requests at once.
type Options struct {
	NewID func() string            // of a created spreadsheet; nil: they cannot be created
	Year  func() int               // of a date that is entered without one
	Link  func(book string) string // where people see a spreadsheet; nil: nowhere
	Fault func(error)              // told what an answer of 5xx does not say; nil: nobody
}

// New opens the embedded sheet.
func New(ctx context.Context, db *store.DB, o Options) (*Server, error) {
	s := &Server{shelf: shelf{db}, newID: o.NewID, year: o.Year, link: o.Link, fault: o.Fault, books: map[string]*book{}}
	n, err := s.shelf.lastNumber(ctx)
	if err != nil {
		return nil, err
	}
	s.number.Store(n)
	return s, nil
}

// Ensure makes the spreadsheet [Book] with a tab of the given header, unless
// it is there. What is there is left as it is.
func (s *Server) Ensure(ctx context.Context, title, tabTitle string, header []string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	b, err := s.book(ctx, Book)
	if err != nil || b != nil {
		return err
	}
	d := (&book{id: Book}).draft(s.nextNumber)
	if tabTitle == "" || d.checkTitle(tabTitle, nil) != nil {
		return badTitle(tabTitle)
	}
	d.title, d.locale, d.timeZone = title, japanese, "Asia/Tokyo"
	t := d.addTab(0, tabTitle, defaultRows, max(defaultColumns, len(header)))
	for i, text := range header {
		d.set(t, 0, i, cell{Value: entry.Value{Kind: entry.Text, Text: text}})
	}
	t.frozenRows = 1
	return s.publish(ctx, d)
}

// The grid of a new tab, as Google's.
const defaultRows, defaultColumns = 1000, 26

func (s *Server) nextNumber() int64 { return s.number.Add(1) }

// book is a spreadsheet as it is now, nil where there is none.
func (s *Server) book(ctx context.Context, id string) (*book, error) {
	s.mu.RLock()
	b := s.books[id]
	s.mu.RUnlock()
	if b != nil {
		return b, nil
	}
	s.mu.Lock() // so that a large book is read once, and never over a newer one
	defer s.mu.Unlock()
	if b := s.books[id]; b != nil {
		return b, nil
	}
	b, err := s.shelf.load(ctx, id)
	if err == nil && b != nil {
		s.books[id] = b
	}
	return b, err
}

// write changes a spreadsheet and returns it as it is after that.
func (s *Server) write(ctx context.Context, id string, change func(*draft) error) (*book, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	b, err := s.book(ctx, id)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, notFound()
	}
	d := b.draft(s.nextNumber)
	if err := change(d); err != nil {
		return nil, err
	}
	if err := s.publish(ctx, d); err != nil {
		return nil, err
	}
	return s.book(ctx, id)
}

// publish stores a draft and shows it. The caller holds s.writing.
func (s *Server) publish(ctx context.Context, d *draft) error {
	b := d.finish()
	if d.cellCount() > mostCells {
		return tooManyCells()
	}
	err := s.shelf.save(ctx, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		delete(s.books, d.id) // the disk knows what became of it
		s.stores.Add(1)
		return fmt.Errorf("store spreadsheet %s: %w", d.id, err)
	}
	s.books[d.id] = b
	s.stores.Add(1) // after it can be seen: whoever saw the old number looks again
	return nil
}

// Changes counts the changes that were stored since the start. What was read
// after a number was taken is still so while the number is the same.
func (s *Server) Changes() int64 { return s.stores.Load() }

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{w: w, r: r, masks: &s.masks}
	reply, err := s.route(&c)
	if err != nil && s.fault != nil && asProblem(err).code >= 500 && !isProblem(err) {
		s.fault(fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err))
	}
	c.answer(reply, err)
}
