package local

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"
)

func TestServer_ReadersAndWriters_SeeWholeWritesAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask("POST", "/local/values/Tracker:clear", "")
	const writers, rounds, width = 8, 12, 20
	api := func() *sheets.SpreadsheetsValuesService {
		s, err := sheets.NewService(t.Context(), option.WithHTTPClient(&http.Client{Transport: h.transport}))
		if err != nil {
			t.Fatal(err)
		}
		return s.Spreadsheets.Values
	}
	done, stop := context.WithCancel(t.Context())
	var reading, writing sync.WaitGroup
	for range writers {
		values := api()
		reading.Go(func() {
			last := map[int]string{}
			for done.Err() == nil {
				got, err := values.BatchGet(Book).Ranges("A1:T8", "A1:T8").Do()
				if err != nil {
					t.Error(err)
					return
				}
				if a, b := fmt.Sprint(got.ValueRanges[0].Values), fmt.Sprint(got.ValueRanges[1].Values); a != b {
					t.Errorf("one answer shows two moments: %s and %s", a, b)
				}
				for i, row := range got.ValueRanges[0].Values {
					for _, v := range row {
						if len(row) != width || v != row[0] {
							t.Errorf("row %d is torn: %v", i, row)
							return
						}
					}
					if len(row) > 0 {
						if now := fmt.Sprint(row[0]); now < last[i] {
							t.Errorf("row %d went back from %s to %s", i, last[i], now)
						} else {
							last[i] = now
						}
					}
				}
			}
		})
	}
	for w := range writers {
		values := api()
		writing.Go(func() {
			for n := range rounds {
				row := make([]any, width)
				for i := range row {
					row[i] = fmt.Sprintf("%03d", n)
				}
				where := fmt.Sprintf("A%d", w+1)
				if _, err := values.Update(Book, where, &sheets.ValueRange{Values: [][]any{row}}).ValueInputOption("RAW").Do(); err != nil {
					t.Error(err)
				}
				got, err := values.Get(Book, where).Do()
				if err != nil || fmt.Sprint(got.Values) != fmt.Sprintf("[[%03d]]", n) {
					t.Errorf("%s is not there after it was acknowledged: %v %v", where, got, err)
				}
				if _, err := values.Append(Book, "V1", &sheets.ValueRange{Values: [][]any{{fmt.Sprint(w, "/", n)}}}).ValueInputOption("RAW").Do(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	stop()
	reading.Wait()
	h.again()
	got, err := h.api.Spreadsheets.Values.Get(Book, "V:V").Do()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range got.Values {
		seen[fmt.Sprint(row...)] = true
	}
	if len(got.Values) != writers*rounds || len(seen) != writers*rounds {
		t.Errorf("%d rows, %d different, of %d that were acknowledged", len(got.Values), len(seen), writers*rounds)
	}
}

func TestServer_AnotherSpreadsheetIsReadWhileOneIsWritten(t *testing.T) {
	h := newHouse(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			made, err := h.api.Spreadsheets.Create(&sheets.Spreadsheet{}).Do()
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := h.api.Spreadsheets.Values.Append(made.SpreadsheetId, "A1", &sheets.ValueRange{Values: [][]any{{made.SpreadsheetId}}}).ValueInputOption("RAW").Do(); err != nil {
				t.Error(err)
			}
			if got, err := h.api.Spreadsheets.Values.Get(made.SpreadsheetId, "A1").Do(); err != nil || fmt.Sprint(got.Values) != "[["+made.SpreadsheetId+"]]" {
				t.Error(got, err)
			}
		})
	}
	all.Wait()
}
