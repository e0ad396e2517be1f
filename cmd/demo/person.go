package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
)

// row is a ticket as the sheet itself gives it out, by the header of each
// column.
type row struct {
	number int // from 1
	cells  map[string]any
	column map[string]string // A, B, … by header
}

// text is a cell that holds a text, "" when it holds something else.
func (r row) text(header string) string {
	text, ok := r.cells[header].(string)
	if !ok {
		return ""
	}
	return text
}

const tab = "Tracker"

// row reads the sheet through the Sheets API, without the tracker.
func (d *demo) row(ctx context.Context, id string) (row, error) {
	var answer struct {
		Values [][]any `json:"values"`
	}
	err := d.sheets(ctx, http.MethodGet, tab+"!A1:Z1000", url.Values{"valueRenderOption": {"UNFORMATTED_VALUE"}}, nil, &answer)
	if err != nil {
		return row{}, err
	}
	if len(answer.Values) == 0 {
		return row{}, fmt.Errorf("the sheet is empty")
	}
	found := row{cells: map[string]any{}, column: map[string]string{}}
	for i, header := range answer.Values[0] {
		found.column[fmt.Sprint(header)] = string(rune('A' + i))
	}
	for n, cells := range answer.Values[1:] {
		if len(cells) == 0 || cells[0] != any(id) {
			continue
		}
		if found.number != 0 {
			return row{}, fmt.Errorf("%s stands in the rows %d and %d", id, found.number, n+2)
		}
		found.number = n + 2
		for i, cell := range cells {
			found.cells[fmt.Sprint(answer.Values[0][i])] = cell
		}
	}
	if found.number == 0 {
		return row{}, fmt.Errorf("%s is not in the sheet", id)
	}
	return found, nil
}

// overwrite puts a text into a cell as a person does in their browser: uratori
// is not asked.
func (d *demo) overwrite(ctx context.Context, r row, header, text string) error {
	cell := fmt.Sprintf("%s!%s%d", tab, r.column[header], r.number)
	return d.sheets(ctx, http.MethodPut, cell, url.Values{"valueInputOption": {"RAW"}}, map[string]any{"values": [][]string{{text}}}, &struct{}{})
}

// sheets asks the embedded sheet, in Google's own words.
func (d *demo) sheets(ctx context.Context, method, cells string, query url.Values, in, out any) error {
	return d.ask(ctx, func(ctx context.Context, c *control.Client) error {
		var body io.Reader = http.NoBody
		if in != nil {
			raw, err := json.Marshal(in)
			if err != nil {
				return err
			}
			body = bytes.NewReader(raw)
		}
		r, err := http.NewRequestWithContext(ctx, method, "http://sheet/v4/spreadsheets/local/values/"+url.PathEscape(cells)+"?"+query.Encode(), body)
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := c.Sheet().RoundTrip(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close() //nolint:errcheck // only read
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s %s: %s", method, cells, answer.Status)
		}
		return json.UnmarshalRead(answer.Body, out)
	})
}
