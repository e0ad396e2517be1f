package control

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"uratori/sheets/local/edit"
)

// Where the embedded sheet is read and changed by hand.
const (
	SheetPath     = "/v1/sheet"
	SheetEditPath = "/v1/sheet/edit"
)

// The language of edits, which the daemon and the pages speak alike.
type (
	SheetBatch   = edit.Batch
	SheetPage    = edit.Page
	SheetTab     = edit.Tab
	SheetValue   = edit.Value
	SheetOutcome = edit.Outcome
)

// SheetEdit is a batch, and who makes it: "web".
type SheetEdit struct {
	edit.Batch `json:",inline"`
	By         string `json:"by,omitempty"`
}

// SheetQuery asks for rows of a tab of the embedded sheet.
type SheetQuery struct {
	Tab      string // its number; empty: the tracker's
	From, To int    // one-based; To below From for none
}

// SheetPage reads a part of a tab of the embedded sheet.
func (c *Client) SheetPage(ctx context.Context, q SheetQuery) (SheetPage, error) {
	query := url.Values{"tab": {q.Tab}, "from": {strconv.Itoa(q.From)}, "to": {strconv.Itoa(q.To)}}
	return answer[SheetPage](ctx, c, http.MethodGet, SheetPath+"?"+query.Encode(), nil)
}

// EditSheet makes a batch in the embedded sheet, all of it or nothing.
func (c *Client) EditSheet(ctx context.Context, e SheetEdit) (SheetOutcome, error) {
	return answer[SheetOutcome](ctx, c, http.MethodPost, SheetEditPath, e)
}
