package sheets

import (
	"context"

	api "google.golang.org/api/sheets/v4"
)

// Tab is a tab of the spreadsheet that has cells.
type Tab struct {
	ID     int64 // the gid of its URL; it never changes
	Title  string
	Hidden bool
}

// Tabs lists the tabs, in the order in which people see them.
func (t *Table) Tabs(ctx context.Context) ([]Tab, error) {
	var book *api.Spreadsheet
	err := t.read(ctx, func(ctx context.Context) (err error) {
		book, err = t.service.Spreadsheets.Get(t.o.Spreadsheet).
			Fields("sheets.properties(sheetId,title,hidden,gridProperties(rowCount))").Context(ctx).Do()
		return err
	})
	if err != nil {
		return nil, err
	}
	var tabs []Tab
	for _, s := range book.Sheets {
		if p := s.Properties; p != nil && p.GridProperties != nil {
			tabs = append(tabs, Tab{p.SheetId, p.Title, p.Hidden})
		}
	}
	return tabs, nil
}

// Share is whom the spreadsheet must be shared with: the e-mail address of a
// service account, or "" when it is not known or nobody.
func (t *Table) Share() string { return t.o.Share }
