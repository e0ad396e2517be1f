package sheets

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestReadValues_WhateverTheTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.SliceOf(rapid.String())).Draw(t, "rows")
		text, err := json.Marshal(map[string]any{"spreadsheetId": "x", "valueRanges": []any{
			map[string]any{"dataFilters": []any{map[string]any{"a1Range": "A1"}}, "valueRange": map[string]any{"range": "T!A1", "majorDimension": "ROWS", "values": rows}},
			map[string]any{"valueRange": map[string]any{"range": "T!B1"}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := readValues(strings.NewReader(string(text)))
		if err != nil || len(got) != 2 || got[0].name != "T!A1" || got[1].values != nil || len(got[0].values) != len(rows) {
			t.Fatalf("%s: %v %v", text, got, err)
		}
		for i, row := range rows {
			if strings.Join(row, "\x00") != strings.Join(got[0].values[i], "\x00") || len(row) != len(got[0].values[i]) {
				t.Fatalf("%q became %q", row, got[0].values[i])
			}
		}
	})
}

func TestReadValues_KindsBecomeTexts(t *testing.T) {
	got, err := readValues(strings.NewReader(`{"valueRanges":[{"valueRange":{"values":[["a",88,0.1,1e21,true,false,null]]}}]}`))
	if diff := cmp.Diff([]string{"a", "88", "0.1", "1000000000000000000000", "TRUE", "FALSE", ""}, got[0].values[0]); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestLook_StrangeAnswers_AreNoTable(t *testing.T) {
	for _, answer := range []string{
		``, `{`, `[]`, `null`, `"x"`, `{"valueRanges":1}`, `{"valueRanges":[1]}`, `{"valueRanges":[{"valueRange":{"values":"x"}}]}`,
		`{"valueRanges":[{"valueRange":{"values":[[["x"]]]}}]}`, `{"valueRanges":[{"valueRange":{"values":[[{}]]}}]}`, `{} {}`,
		`{"valueRanges":[]}`, `{"valueRanges":[{},{}]}`, `{"valueRanges":[{"valueRange":{"values":[["\ud800"]]}}]}`, "{\"a\":\"\xff\"}",
		`{"valueRanges":[{"valueRange":{"values":[["ID","概要","詳細"]]`,
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h, done := newHouse(t, dir, []string{"INTG-001"})
			defer done()
			next := h.way.Next
			h.way.Next = roundTripper(func(r *http.Request) (*http.Response, error) {
				a, err := next.RoundTrip(r)
				if err == nil && strings.HasSuffix(r.URL.Path, "values:batchGetByDataFilter") {
					_ = a.Body.Close()
					a.Body = io.NopCloser(strings.NewReader(answer))
				}
				return a, err
			})
			if v, err := h.Look(t.Context()); !errors.Is(err, ErrUnavailable) {
				t.Errorf("%s: %v %v", answer, v, err)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func FuzzReadValues(f *testing.F) {
	f.Add(`{"valueRanges":[{"valueRange":{"range":"T!A1","values":[["a",1,true,null]]}}]}`)
	f.Fuzz(func(_ *testing.T, answer string) {
		_, _ = readValues(strings.NewReader(answer)) // must end, without a panic
	})
}
