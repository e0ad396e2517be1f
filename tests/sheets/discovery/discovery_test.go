package discovery

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const book = "/v4/spreadsheets/1aB"

func TestCheckResponse_AnswersAsGoogleGivesThem_Pass(t *testing.T) {
	t.Parallel()
	d := Load(t)
	for _, c := range []struct{ verb, path, body string }{
		{"POST", "/v4/spreadsheets", `{"spreadsheetId":"1aB","properties":{"title":"台帳","autoRecalc":"ON_CHANGE"}}`},
		{"GET", book, `{"sheets":[{"properties":{"sheetId":0,"index":0,"gridProperties":{"rowCount":1000}}}]}`},
		{"GET", book + "/", `{}`},
		{"GET", book + "/values/A1%3AB2", `{"range":"S!A1:B2","majorDimension":"ROWS","values":[["a",1.5,true],[]]}`},
		{"GET", book + "/values/%E9%A1%A7%E5%AE%A2%2F1!A1:B2", `{"range":"'顧客/1'!A1:B2","majorDimension":"COLUMNS"}`},
		{"GET", book + "/values:batchGet", `{"valueRanges":[{"values":[["x"]]}]}`},
		{"GET", book + "/values/S!A1:clear", `{"values":[["x"]]}`}, // not the clear of POST
		{"PUT", book + "/values/A1", `{"updatedRange":"S!A1","updatedRows":1,"updatedData":{"values":[["x"]]}}`},
		{"POST", book + "/values/A1:append", `{"tableRange":"S!A1:B2","updates":{"updatedCells":2}}`},
		{"POST", book + "/values/'S'!A1:C3:append", `{"updates":{}}`},
		{"POST", book + "/values/'S'!A1:C3:clear", `{"clearedRange":"S!A1:C3"}`},
		{"POST", book + "/values:batchGetByDataFilter", `{"valueRanges":[{"valueRange":{},"dataFilters":[{"a1Range":"A1"}]}]}`},
		{"POST", book + ":batchUpdate", `{"replies":[{},{"addSheet":{"properties":{"sheetId":2147483647}}}]}`},
		{"POST", book + "/:batchUpdate", `{"replies":[]}`}, // as clients ask that join the verb to a base
		{"POST", book + "/developerMetadata:search", `{}`},
		{"GET", book + "/developerMetadata/7", `{"metadataId":7,"location":{"locationType":"ROW","dimensionRange":{"dimension":"ROWS"}}}`},
		{"POST", book + "/sheets/0:copyTo", `{"title":"S のコピー"}`},
		{"GET", book + "?fields=sheets(properties.title,data/rowData)", `{"sheets":[{"properties":{"title":"x"},"data":[{"rowData":[{"values":[{"note":"n"}]}]}]}]}`},
		{"GET", book + "?fields=*", `{"spreadsheetId":"x"}`},
		{"GET", book + "?fields=sheets.*.title", `{"sheets":[{"properties":{"title":"x"}}]}`},
	} {
		if err := d.CheckResponse(c.verb, c.path, 200, []byte(c.body)); err != nil {
			t.Errorf("%s %s: %v", c.verb, c.path, err)
		}
	}
}

func TestCheckResponse_PlantedFault_IsFoundWithItsPlace(t *testing.T) {
	t.Parallel()
	d := Load(t)
	for name, c := range map[string]struct {
		verb, path, body string
		want             []string // in the message
	}{
		"unknown field":           {"POST", book + ":batchUpdate", `{"replies":[{"addSheet":{"properties":{"sheetID":1}}}]}`, []string{"/replies/0/addSheet/properties/sheetID", "unknown field in SheetProperties"}},
		"unknown field, top":      {"GET", book, `{"rev":1}`, []string{"/rev", "unknown field in Spreadsheet"}},
		"number for string":       {"GET", book, `{"properties":{"title":7}}`, []string{"/properties/title", "want string, have number 7"}},
		"string for int32":        {"GET", book, `{"sheets":[{"properties":{"sheetId":"7"}}]}`, []string{"/sheets/0/properties/sheetId", "want int32, have string"}},
		"fraction for int32":      {"GET", book, `{"sheets":[{"properties":{"sheetId":7.0}}]}`, []string{"/sheets/0/properties/sheetId", "7.0"}},
		"int32 out of range":      {"GET", book, `{"sheets":[{},{"properties":{"sheetId":2147483648}}]}`, []string{"/sheets/1/properties/sheetId", "out of range"}},
		"float out of range":      {"GET", book, `{"sheets":[{"properties":{"tabColor":{"red":1e300}}}]}`, []string{"/sheets/0/properties/tabColor/red", "out of range"}},
		"string for boolean":      {"GET", book, `{"sheets":[{"properties":{"hidden":"true"}}]}`, []string{"/sheets/0/properties/hidden", "want boolean"}},
		"enum not listed":         {"GET", book + "/values/A1", `{"majorDimension":"rows"}`, []string{"/majorDimension", `"rows" is none of`}},
		"no date":                 {"GET", book, `{"dataSourceSchedules":[{"nextRun":{"startTime":"today"}}]}`, []string{"/dataSourceSchedules/0/nextRun/startTime", "google-datetime"}},
		"null":                    {"GET", book, `{"properties":null}`, []string{"/properties", "have null"}},
		"null cell":               {"GET", book + "/values/A1", `{"values":[["a",null]]}`, []string{"/values/0/1", "have null"}},
		"object cell":             {"GET", book + "/values/A1", `{"values":[["a"],[{}]]}`, []string{"/values/1/0", "have object"}},
		"row that is no array":    {"GET", book + "/values/A1", `{"values":["a"]}`, []string{"/values/0", "want array, have string"}},
		"array for object":        {"GET", book, `{"properties":[]}`, []string{"/properties", "want SpreadsheetProperties, have array"}},
		"object for array":        {"GET", book, `{"sheets":{}}`, []string{"/sheets", "want array, have object"}},
		"two of a union":          {"GET", book, `{"sheets":[{"data":[{"rowData":[{"values":[{"effectiveValue":{"stringValue":"1","numberValue":1}}]}]}]}]}`, []string{"/sheets/0/data/0/rowData/0/values/0/effectiveValue", "2 members"}},
		"two faults":              {"GET", book, `{"a":1,"spreadsheetId":2}`, []string{"/a", "/spreadsheetId"}},
		"twice the same name":     {"GET", book, `{"spreadsheetId":"a","spreadsheetId":"b"}`, []string{"duplicate"}},
		"broken JSON":             {"GET", book, `{"spreadsheetId":"a"`, []string{"not JSON"}},
		"nothing":                 {"GET", book, ``, []string{"not JSON"}},
		"more than one value":     {"GET", book, `{}{}`, []string{"more follows"}},
		"not UTF-8":               {"GET", book, "{\"spreadsheetId\":\"\xff\"}", []string{"UTF-8"}},
		"no object":               {"GET", book, `"x"`, []string{"the whole body", "want Spreadsheet"}},
		"unknown method":          {"DELETE", book, `{}`, []string{"no method DELETE"}},
		"unknown verb":            {"POST", book + ":batchUpdat", `{}`, []string{"no method POST"}},
		"id of a sheet":           {"POST", book + "/sheets/first:copyTo", `{}`, []string{"path parameter sheetId", "int32"}},
		"not asked for":           {"GET", book + "?fields=sheets.properties(title,index)", `{"sheets":[{"properties":{"title":"x","sheetId":0}}]}`, []string{"/sheets/0/properties/sheetId", "did not ask"}},
		"not asked for, top":      {"GET", book + "?fields=spreadsheetId", `{"sheets":[]}`, []string{"/sheets", "did not ask"}},
		"mask of nothing there":   {"GET", book + "?fields=sheets.title", `{}`, []string{`Sheet has no field "title"`}},
		"mask with no end":        {"GET", book + "?fields=sheets(properties", `{}`, []string{"field mask: want )"}},
		"mask with another end":   {"GET", book + "?fields=sheets)", `{}`, []string{"unexpected"}},
		"mask of nothing":         {"GET", book + "?fields=sheets,,properties", `{}`, []string{"want a field name"}},
		"mask below a plain text": {"GET", book + "?fields=spreadsheetId.x", `{}`, []string{`string has no field "x"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := d.CheckResponse(c.verb, c.path, 200, []byte(c.body))
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("want %q in: %v", want, err)
				}
			}
		})
	}
}

func TestCheckResponse_SuccessOtherThan200_IsAFault(t *testing.T) {
	t.Parallel()
	d := Load(t)
	for _, status := range []int{0, 201, 204, 302} {
		if d.CheckResponse("GET", book, status, []byte(`{}`)) == nil {
			t.Errorf("status %d passes", status)
		}
	}
}

func TestCheckResponse_Errors_AreGooglesErrorObject(t *testing.T) {
	t.Parallel()
	d := Load(t)
	for _, c := range []struct {
		status int
		body   string
		want   string // "" for a good one
	}{
		{400, `{"error":{"code":400,"message":"Unable to parse range: X!A1","status":"INVALID_ARGUMENT"}}`, ""},
		{400, `{"error":{"code":400,"message":"m","status":"FAILED_PRECONDITION","details":[]}}`, ""},
		{403, `{"error":{"code":403,"message":"m","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R"}]}}`, ""},
		{404, `{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}`, ""},
		{429, `{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}`, ""},
		{400, `{"error":{"code":404,"message":"m","status":"INVALID_ARGUMENT"}}`, "/error/code"},
		{404, `{"error":{"code":404,"message":"m","status":"INVALID_ARGUMENT"}}`, "/error/status"},
		{400, `{"error":{"code":400,"message":"m","status":"BAD_REQUEST"}}`, "/error/status"},
		{400, `{"error":{"code":400,"message":"m"}}`, "/error/status"},
		{400, `{"error":{"code":400,"message":" ","status":"INVALID_ARGUMENT"}}`, "/error/message"},
		{400, `{"error":{"code":"400","message":"m","status":"INVALID_ARGUMENT"}}`, "/error/code"},
		{400, `{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","reason":"r"}}`, "reason"},
		{400, `{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":{}}}`, "/error/details"},
		{400, `{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{"reason":"r"}]}}`, "/error/details/0/@type"},
		{400, `{"error":"m"}`, "/error"},
		{400, `{}`, "/error is missing"},
		{404, `404 page not found`, "not Google's error object"},
		{418, `{"error":{"code":418,"message":"m","status":"UNKNOWN"}}`, "/error/status"},
	} {
		err := d.CheckResponse("GET", "/nowhere", c.status, []byte(c.body))
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d %s: want %q, have %v", c.status, c.body, c.want, err)
		}
	}
}

func TestCheckRequest_TellsRequestsThatTheDocumentAllowsFromOthers(t *testing.T) {
	t.Parallel()
	d := Load(t)
	for _, c := range []struct{ verb, path, query, body, want string }{
		{"GET", book, "ranges=A1&ranges=B2&includeGridData=true&key=x&alt=json&prettyPrint=false", "", ""},
		{"GET", book + "/values/A1", "valueRenderOption=FORMULA&majorDimension=COLUMNS", "", ""},
		{"GET", book, "fields=spreadsheetId%2Csheets.properties", "", ""},
		{"PUT", book + "/values/A1", "valueInputOption=RAW", `{"values":[["a",null,1,false]]}`, ""},
		{"POST", book + "/values/A1:clear", "", "", ""},
		{"POST", book + ":batchUpdate", "", `{"requests":[{"deleteSheet":{"sheetId":0}}],"responseRanges":null}`, ""},
		{"POST", book + ":batchUpdate", "", `{"requests":[{"updateCells":{"fields":"userEnteredValue,userEnteredFormat(textFormat.bold)"}}]}`, ""},

		{"GET", book, "range=A1", "", `unknown parameter "range"`},
		{"GET", book, "spreadsheetId=1aB", "", `unknown parameter "spreadsheetId"`}, // it is one of the path
		{"GET", book, "includeGridData=1", "", `parameter "includeGridData": want boolean`},
		{"GET", book, "includeGridData=true&includeGridData=true", "", "given 2 times"},
		{"GET", book, "alt=xml", "", `parameter "alt"`},
		{"GET", book, "ranges=%zz", "", "query"},
		{"GET", book, "fields=sheet", "", `Spreadsheet has no field "sheet"`},
		{"GET", book + "/values/A1", "valueRenderOption=RAW", "", `"RAW" is none of`},
		{"GET", book, "", "{}", "takes none"},
		{"GET", book + "/developerMetadata/x", "", "", "path parameter metadataId"},
		{"POST", book + ":batchUpdate", "", `{"requests":[{"addShet":{}}]}`, "/requests/0/addShet: unknown field in Request"},
		{"POST", book + ":batchUpdate", "", `{"requests":[{"addSheet":{},"deleteSheet":{"sheetId":1}}]}`, "/requests/0: 2 members"},
		{"POST", book + ":batchUpdate", "", `{"requests":[{"updateCells":{"fields":""}}]}`, "/requests/0/updateCells/fields"},
		{"PUT", book + "/values/A1", "", `{"values":[[{"a":1}]]}`, "/values/0/0"},
		{"PATCH", book, "", `{}`, "no method PATCH"},
	} {
		err := d.CheckRequest(c.verb, c.path, c.query, []byte(c.body))
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s?%s %s: want %q, have %v", c.verb, c.path, c.query, c.body, c.want, err)
		}
	}
}

// Sheets has no 64-bit field today; a document that has one must not pass numbers for it, for JavaScript rounds them.
func TestCheckResponse_Int64_IsAStringInJSON(t *testing.T) {
	t.Parallel()
	d, err := parse([]byte(`{"resources":{"r":{"methods":{"get":{"id":"r.get","httpMethod":"GET","path":"v1/{+name}","response":{"$ref":"M"},
		"parameters":{"name":{"type":"string","location":"path"}}}}}},
		"schemas":{"M":{"id":"M","type":"object","properties":{"i":{"type":"string","format":"int64"},"u":{"type":"string","format":"uint64"},"s":{"type":"integer","format":"uint32"}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for body, good := range map[string]bool{
		`{"i":"-9223372036854775808","u":"18446744073709551615","s":4294967295}`: true,
		`{"i":7}`: false, `{"i":"9223372036854775808"}`: false, `{"i":"7.0"}`: false, `{"i":""}`: false, `{"u":"-1"}`: false, `{"s":-1}`: false,
	} {
		if err := d.CheckResponse("GET", "/v1/a/b", 200, []byte(body)); (err == nil) != good {
			t.Errorf("%s: good is %v, have %v", body, good, err)
		}
	}
}

func TestParse_DocumentThatIsNotUnderstood_IsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `[]`, `{}`, `{"schemas":{}}`,
		`{"schemas":{"M":{"id":"M","type":"object","properties":{"p":{"type":"string","format":"byte"}}}}}`,
		`{"schemas":{"M":{"id":"M","type":"array","items":{"$ref":"N"}}}}`,
		`{"resources":{"r":{"methods":{"m":{"httpMethod":"GET","path":"a","response":{"$ref":"N"}}}}}}`,
		`{"resources":{"r":{"methods":{"m":{"httpMethod":"GET","path":"a/{b}"}}}}}`,
	} {
		if _, err := parse([]byte(text)); err == nil {
			t.Errorf("%s is taken for a document", text)
		}
	}
}

type witness struct {
	testing.TB
	said []string
}

func (w *witness) Helper() {}

func (w *witness) Errorf(format string, args ...any) {
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWatch_ReportsWhatGoogleCouldNotHaveAnswered_AndLetsEverythingThrough(t *testing.T) {
	t.Parallel()
	d := Load(t)
	const refusal = `{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}`
	for _, c := range []struct {
		name, kind string
		status     int
		sent, body string
		want       string
	}{
		{"good", "application/json; charset=UTF-8", 200, `{"requests":[]}`, `{"spreadsheetId":"1aB"}`, ""},
		{"bad answer", "application/json", 200, `{}`, `{"spreadsheetID":"1aB"}`, "/spreadsheetID"},
		{"bad request taken", "application/json", 200, `{"request":[]}`, `{}`, "answered 200, though"},
		{"bad request refused", "application/json", 400, `{"request":[]}`, refusal, ""},
		{"good request refused", "application/json", 400, `{"requests":[]}`, refusal, ""},
		{"bad refusal", "application/json", 500, `{"requests":[]}`, refusal, "/error/code"},
		{"text for JSON", "text/plain", 200, `{}`, `{}`, "Content-Type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var arrived string
			w := &witness{TB: t}
			client := http.Client{Transport: d.Watch(w, transport(func(r *http.Request) (*http.Response, error) {
				b, err := io.ReadAll(r.Body)
				arrived = string(b)
				rec := httptest.NewRecorder()
				rec.Header().Set("Content-Type", c.kind)
				rec.WriteHeader(c.status)
				_, _ = rec.WriteString(c.body) // into memory
				return rec.Result(), err
			}))}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x"+book+":batchUpdate", strings.NewReader(c.sent))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close() // memory again
			if err != nil || string(got) != c.body || arrived != c.sent || resp.StatusCode != c.status {
				t.Errorf("changed on the way: sent %q, answered %d %q, %v", arrived, resp.StatusCode, got, err)
			}
			if said := strings.Join(w.said, "\n"); (c.want == "") != (said == "") || !strings.Contains(said, c.want) {
				t.Errorf("want %q reported, have %q", c.want, said)
			}
		})
	}
}

func TestWatch_BrokenConnection_IsTheClientsToSee(t *testing.T) {
	t.Parallel()
	d, w := Load(t), &witness{TB: t}
	for _, c := range []transport{
		func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"spr`), broken{}))}, nil
		},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+book, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := d.Watch(w, c).RoundTrip(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(w.said) > 0 {
			t.Errorf("want the connection's error and no report: %v, %q", err, w.said)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
