// Package sheets is one tab of a Google spreadsheet as a table: a header row,
// rows found by a key, cells found by their column's header.
//
// It is the only door to Google, the real one and the embedded one alike. The
// API has no versions and no compare-and-set, and people edit at any moment,
// so nothing here says that a write succeeded. A write returns what the answer
// itself showed to be in the cells afterwards, and in whose row they stand; an
// independent reading shows what is there later. Judging is up to the caller.
//
// What holds always: a request carries the cells that were asked for and no
// others; texts are stored to the letter or refused before anything is sent;
// a new row is inserted, never written over what stands at its place; and when
// it cannot be known whether a write was applied, the error is [ErrUnknown].
package sheets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/api/option"
	api "google.golang.org/api/sheets/v4"
)

// Options says which tab, and how to get there.
type Options struct {
	Spreadsheet string // ID
	Tab         string // title; once found, the tab is followed through renames
	Columns     []Column
	Transport   http.RoundTripper // signs requests, where they need it
	Endpoint    string            // base URL ending in a slash; "" is Google's
	Share       string            // who the spreadsheet must be shared with: an e-mail address, or ""
	PerMinute   int               // requests of each class (read, write); 0 is no limit
	CallLimit   time.Duration     // of one request; 0 is 60 s
	Now         func() time.Time
}

// Table is the tab. It may be used by several goroutines at once.
type Table struct {
	o             Options
	service       *api.Service
	reads, writes *rate.Limiter

	mu    sync.Mutex
	known *layout // where things stood at the last look
	bytes int     // how much text the last whole look brought
	last  *View   // of a tab that is not looked at whole
	// Of the tab of pictures; none is taken before blind is over.
	picture picture
	blind   time.Time
}

const defaultCallLimit = time.Minute // Google gives up after three

// New prepares a table. Nothing is asked of the network yet.
func New(ctx context.Context, o Options) (*Table, error) {
	if err := checkColumns(o.Columns); err != nil {
		return nil, err
	}
	if o.CallLimit == 0 {
		o.CallLimit = defaultCallLimit
	}
	client := &http.Client{
		Transport: streaming{o.Transport},
		// A signed request must not be carried to wherever an answer points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	options := []option.ClientOption{option.WithHTTPClient(client)}
	if o.Endpoint != "" {
		options = append(options, option.WithEndpoint(o.Endpoint))
	}
	service, err := api.NewService(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare the Sheets client: %w", err)
	}
	service.UserAgent = "uratori (gzip)" // without the word Google does not compress
	return &Table{o: o, service: service, reads: bucket(o.PerMinute), writes: bucket(o.PerMinute)}, nil
}

// bucket lets at most n through in any minute: a quarter of them at once.
func bucket(n int) *rate.Limiter {
	if n <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	burst := max(1, n/4)
	return rate.NewLimiter(rate.Limit(float64(max(1, n-burst))/60), burst)
}

// layout is where the tab and its columns stand.
type layout struct {
	sheetID       int64
	title         string
	rows, columns int // of the grid
	header        header
}

// tab finds the tab: by its title the first time, by its number after that.
func (t *Table) tab(ctx context.Context) (layout, error) {
	t.mu.Lock()
	known := t.known
	t.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	return t.findTab(ctx, nil)
}

// findTab asks which tabs there are. With known, the tab of that number is
// meant, whatever it is called now.
func (t *Table) findTab(ctx context.Context, known *layout) (layout, error) {
	var book *api.Spreadsheet
	err := t.read(ctx, func(ctx context.Context) (err error) {
		book, err = t.service.Spreadsheets.Get(t.o.Spreadsheet).
			Fields("sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))").Context(ctx).Do()
		return err
	})
	if err != nil {
		return layout{}, err
	}
	var titles []string
	var found *layout
	var pictures picture
	for _, s := range book.Sheets {
		p := s.Properties
		if p == nil || p.GridProperties == nil {
			continue // a chart or a data source has no cells
		}
		rows, columns := int(p.GridProperties.RowCount), int(p.GridProperties.ColumnCount)
		switch {
		case known == nil && p.Title == t.o.Tab || known != nil && p.SheetId == known.sheetID:
			found = &layout{sheetID: p.SheetId, title: p.Title, rows: rows, columns: columns}
			if known != nil {
				found.header = known.header
			}
		case isPicture(p):
			pictures = picture{p.SheetId, p.Title, rows, columns}
			continue
		}
		titles = append(titles, p.Title)
	}
	t.mu.Lock()
	t.picture, t.blind = pictures, time.Time{}
	t.mu.Unlock()
	if found != nil {
		return *found, nil
	}
	return layout{}, noTab(t.o.Tab, titles)
}

// remember keeps what a look saw for the next one.
func (t *Table) remember(l layout, bytes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = &l
	if bytes >= 0 {
		t.bytes = bytes
	}
}

// forget makes the next look begin from the start.
func (t *Table) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = nil
}

// settled runs f with the tab as it is known, and once more with the tab as it
// is when the first try failed because that had changed.
func (t *Table) settled(ctx context.Context, f func(layout) error) error {
	l, err := t.tab(ctx)
	if err != nil {
		return err
	}
	err = f(l)
	if !errors.Is(err, errMoved) {
		return err
	}
	if l, err = t.findTab(ctx, &l); err != nil {
		t.forget()
		return err
	}
	return f(l)
}
