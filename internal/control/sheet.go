package control

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/fault"
)

// Where tables enter and leave the embedded sheet.
const (
	SheetImportPath = "/v1/sheet/import"
	SheetExportPath = "/v1/sheet/export"
)

// SheetRow is a line of an import: a row, or the end after the last one.
type SheetRow struct {
	Row []string `json:"row,omitempty"`
	End bool     `json:"end,omitzero"`
}

// SheetSize is the extent of a table that was moved.
type SheetSize struct {
	Rows    int `json:"rows"`
	Columns int `json:"columns"`
}

// ImportSheet sends rows, until next gives io.EOF, to a tab of the embedded
// sheet. All of them arrive or none.
func (c *Client) ImportSheet(ctx context.Context, tab string, replace bool, next func() ([]string, error)) (size SheetSize, err error) {
	reader, writer := io.Pipe()
	var sending error
	done := make(chan struct{})
	go func() {
		defer close(done)
		sending = sendRows(writer, next)
		_ = writer.CloseWithError(sending) // always nil, says its doc
	}()
	query := url.Values{"tab": {tab}, "replace": {strconv.FormatBool(replace)}}
	res, err := c.sendBody(ctx, http.MethodPost, SheetImportPath+"?"+query.Encode(), reader)
	_ = reader.Close() // so that a refused import stops sending
	<-done
	if sending != nil && !errors.Is(sending, io.ErrClosedPipe) {
		err = errors.Join(sending, discard(res))
		return size, err
	}
	if err != nil {
		return size, err
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	if err := json.UnmarshalRead(res.Body, &size); err != nil {
		return size, fault.New(fault.Unavailable, "control.broken_answer").Wrap(err)
	}
	return size, nil
}

func discard(res *http.Response) error {
	if res == nil {
		return nil
	}
	return res.Body.Close()
}

func sendRows(w io.Writer, next func() ([]string, error)) error {
	out := jsontext.NewEncoder(w)
	for {
		row, err := next()
		if errors.Is(err, io.EOF) {
			return json.MarshalEncode(out, SheetRow{End: true})
		}
		if err != nil {
			return err
		}
		if err := json.MarshalEncode(out, SheetRow{Row: row}); err != nil {
			return err
		}
	}
}

// ExportSheet yields the rows of a tab of the embedded sheet.
func (c *Client) ExportSheet(ctx context.Context, tab string, yield func([]string) error) error {
	res, err := c.send(ctx, http.MethodGet, SheetExportPath+"?"+url.Values{"tab": {tab}}.Encode(), nil)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	lines := jsontext.NewDecoder(res.Body)
	for {
		if lines.PeekKind() == '{' {
			var last ErrorBody
			if err := json.UnmarshalDecode(lines, &last); err != nil || last.Error == nil {
				return fault.New(fault.Unavailable, "control.broken_answer").Wrap(err)
			}
			return last.Error.Decode()
		}
		var row []string
		if err := json.UnmarshalDecode(lines, &row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fault.New(fault.Unavailable, "control.broken_answer").Wrap(err)
		}
		if err := yield(row); err != nil {
			return err
		}
	}
}

// Sheet carries requests to the embedded sheet of the daemon.
func (c *Client) Sheet() http.RoundTripper { return sheetWay{c} }

type sheetWay struct{ c *Client }

func (w sheetWay) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", "uratori"
	w.c.sign(r)
	return w.c.http.Transport.RoundTrip(r)
}
