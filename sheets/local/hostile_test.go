package local

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestBody_Hostile_IsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	h := newBusy(t)
	wide := string(utf16Bytes(`{"values":[["x"]]}`))
	deep := strings.Repeat("[", 20_000)
	for name, body := range map[string]string{
		"no JSON":               `values`,
		"cut off":               `{"values":[["x"]`,
		"more behind it":        `{"values":[["x"]]}{}`,
		"a comma too many":      `{"values":[["x"],]}`,
		"single quotes":         `{'values':[['x']]}`,
		"a comment":             `{"values":[["x"]]/**/}`,
		"NaN":                   `{"values":[[NaN]]}`,
		"an endless number":     `{"values":[[1e999]]}`,
		"HTML":                  `<html></html>`,
		"a form":                `values=x`,
		"an array":              `[]`,
		"a string":              `"x"`,
		"a number":              `5`,
		"UTF-16":                wide,
		"UTF-16 with a mark":    "\xff\xfe" + wide,
		"UTF-8 with a mark":     "\ufeff" + `{"values":[["x"]]}`,
		"Shift_JIS":             "{\"values\":[[\"\x8a\x54\x97\x76\"]]}",
		"no UTF-8":              "{\"values\":[[\"\xff\"]]}",
		"an overlong slash":     "{\"values\":[[\"\xc0\xaf\"]]}",
		"a lone surrogate":      `{"values":[["\ud800"]]}`,
		"a lone low surrogate":  `{"values":[["\udc00\ud800"]]}`,
		"a surrogate in UTF-8":  "{\"values\":[[\"\xed\xa0\x80\"]]}",
		"duplicate members":     `{"values":[["x"]],"values":[["y"]]}`,
		"duplicate in disguise": `{"values":[["x"]],"\u0076alues":[["y"]]}`,
		"a control character":   "{\"values\":[[\"a\x01\"]]}",
		"a NUL":                 "{\"values\":[[\"a\x00\"]]}",
		"deep":                  `{"values":` + deep,
		"deep and closed":       `{"values":` + deep + strings.Repeat("]", 20_000) + `}`,
		"deep in a cell":        `{"values":[[` + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + `]]}`,
		"11 MB":                 `{"values":[["x"]]` + strings.Repeat(" ", 11<<20) + `}`,
		"spaces alone":          strings.Repeat(" ", 100),
	} {
		h.unchanged(func() {
			for call, ok := range map[string]bool{"PUT /local/values/A1": true, "POST /local/values/A1:append": true} {
				method, path, _ := strings.Cut(call, " ")
				if code, text := h.ask(method, path+rawInput, body); code != 400 || !strings.Contains(text, `"status":"INVALID_ARGUMENT"`) || len(text) > 1000 || !ok {
					t.Errorf("%s: %s: %d %.300s", name, call, code, text)
				}
			}
			if code, text := h.ask("POST", "/local:batchUpdate", strings.ReplaceAll(body, "values", "requests")); code != 400 {
				t.Errorf("%s: batchUpdate: %d %.300s", name, code, text)
			}
		})
	}
}

func utf16Bytes(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func (h *house) send(method, path, body string, header ...string) (int, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, "http://sheet/v4/spreadsheets"+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := h.transport.RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // a pipe
	text, err := io.ReadAll(a.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return a.StatusCode, string(text)
}

func TestHeaders_SayWhatTheBodyIs(t *testing.T) {
	h := newHouse(t)
	for header, code := range map[string]int{
		"Content-Type: application/json":                    200,
		"Content-Type: application/json; charset=UTF-8":     200,
		"Content-Type: Application/JSON;charset=\"utf-8\"":  200,
		"Content-Type: application/json; charset=shift_jis": 400,
		"Content-Type: application/jsonp":                   400,
		"Content-Type: text/plain":                          400,
		"Content-Type: application/x-www-form-urlencoded":   400,
		"Content-Type: ;":                                   400,
		"Content-Encoding: identity":                        200,
		"Content-Encoding: gzip":                            501,
		"X-Goog-FieldMask: updatedCells":                    200,
		"X-Goog-FieldMask: nope":                            400,
		"X-HTTP-Method-Override: PUT":                       200,
		"X-HTTP-Method-Override: GET":                       501,
	} {
		name, value, _ := strings.Cut(header, ": ")
		if got, text := h.send("PUT", "/local/values/A1"+rawInput, `{"values":[["x"]]}`, name, value); got != code || name == "X-Goog-FieldMask" && code == 200 && strings.TrimSpace(text) != `{"updatedCells":1}` {
			t.Errorf("%s: %d %s", header, got, text)
		}
	}
}

func TestQuery_Hostile_IsRefused(t *testing.T) {
	h := newHouse(t)
	for query, want := range map[string]int{
		"alt=json": 200,
		"key=x&access_token=y&quotaUser=z&prettyPrint=false&$.xgafv=2&upload_protocol=raw": 200,
		"alt=media":                              501,
		"callback=f":                             501,
		"unknown=1":                              400,
		"%ff=1":                                  400,
		"a%00b=1":                                400,
		"majorDimension=%ff":                     400,
		"majorDimension=ROWS;x":                  400,
		"%zz":                                    400,
		"a;b":                                    400,
		"fields=" + strings.Repeat("a", 100_000): 400,
		strings.Repeat("majorDimension=ROWS&", 5_000): 200,
	} {
		if code, text := h.ask("GET", "/local/values/A1?"+query, ""); code != want || len(text) > 2000 {
			t.Errorf("%.100s: %d %.300s", query, code, text)
		}
	}
}

func TestPath_Hostile_IsNotFound(t *testing.T) {
	h := newHouse(t)
	for _, call := range []string{
		"GET ", "GET /", "PUT ", "DELETE /local", "PATCH /local", "POST /local", "HEAD /local", "OPTIONS /local", "TRACE /local", "NONSENSE /local", "get /local", "PUT /local:batchUpdate", "GET /local:batchUpdate",
		"POST /local:nothing", "POST /local:", "GET /local:batchUpdate/values/A1", "GET x", "GET x/local",
		"GET /..", "GET /../local", "GET /..%2Flocal", "GET /%2e%2e%2flocal", "GET /../../etc/passwd", "GET /%00", "GET /local%00", "GET //local", "GET //values/A1", "GET /LOCAL",
		"GET /local/values", "GET /local/values/", "POST /local/values/A1", "DELETE /local/values/A1", "POST /local/values/A1:sort", "GET /local/values/A1/B1", "POST /local/values:batchGet", "GET /local/values:batchClear",
		"GET /local/values:nothing", "PUT /local/values:batchUpdate", "GET /local/sheets/0", "GET /local/developerMetadata", "POST /local/developerMetadata/5", "GET /local/developerMetadata:search", "GET /local/other",
		"GET /'%20OR%201=1--", "GET /" + strings.Repeat("a", 100_000), "GET /日本",
	} {
		method, path, _ := strings.Cut(call, " ")
		if code, text := h.ask(method, path, "{}"); code != 404 || !strings.Contains(text, `"status":"NOT_FOUND"`) {
			t.Errorf("%.100s: %d %.200s", call, code, text)
		}
	}
	h.refuse("POST", "/local/sheets/0:copyTo", "{}", 501, "UNIMPLEMENTED", "spreadsheets.sheets.copyTo")
	h.refuse("GET", "/local/values/%ff", "", 400, "INVALID_ARGUMENT", "Unable to parse range: \ufffd")
	h.refuse("GET", "/local/values/"+url.PathEscape("\x00\n\u2028"), "", 400, "INVALID_ARGUMENT", "Unable to parse range: ")
}

func TestCell_HoldsFiftyThousandUnitsOfUTF16(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct {
		text string
		fits bool
	}{
		{strings.Repeat("x", 50_000), true},
		{strings.Repeat("x", 50_001), false},
		{strings.Repeat("字", 50_000), true},
		{strings.Repeat("字", 50_001), false},
		{strings.Repeat("😀", 25_000), true},
		{strings.Repeat("😀", 25_000) + "x", false},
		{"=" + strings.Repeat("x", 50_000), false},
		{"'" + strings.Repeat("x", 49_999), true},
	} {
		cell := `{"values":[["` + c.text + `"]]}`
		for _, call := range []struct{ method, path, body string }{
			{"PUT", "/local/values/A1" + rawInput, cell},
			{"PUT", "/local/values/A1?valueInputOption=USER_ENTERED", cell},
			{"POST", "/local/values/A1:append" + rawInput, cell},
			{"POST", "/local:batchUpdate", `{"requests":[{"updateCells":{"start":{},"fields":"userEnteredValue","rows":[{"values":[{"userEnteredValue":{"stringValue":"` + c.text + `"}}]}]}}]}`},
			{"POST", "/local:batchUpdate", `{"requests":[{"updateCells":{"start":{},"fields":"note","rows":[{"values":[{"note":"` + c.text + `"}]}]}}]}`},
		} {
			code, text := h.ask(call.method, call.path, call.body)
			if c.fits && code != 200 || !c.fits && (code != 400 || !strings.Contains(text, "Your input contains more than the maximum of 50000 characters in a single cell.")) {
				t.Errorf("%s of %.10s…: %d %.200s", call.path, c.text, code, text)
			}
		}
	}
}

func TestTitles_AreChecked(t *testing.T) {
	h := newHouse(t)
	for title, words := range map[string]string{
		`tracker`:                "already exists",
		`a\nb`:                   "Invalid sheet name",
		`a\u0000b`:               "Invalid sheet name",
		`a\u007fb`:               "Invalid sheet name",
		`a\u0085b`:               "Invalid sheet name",
		strings.Repeat("字", 101): "Invalid sheet name",
	} {
		for _, request := range []string{`{"addSheet":{"properties":{"title":"` + title + `"}}}`, `{"addSheet":{}},{"updateSheetProperties":{"properties":{"sheetId":0,"title":"` + title + `"},"fields":"title"}}`} {
			if title == "tracker" && strings.Contains(request, "update") {
				continue // its own name in small letters
			}
			h.unchanged(func() {
				h.refuse("POST", "/local:batchUpdate", `{"requests":[`+request+`]}`, 400, "INVALID_ARGUMENT", words)
			})
		}
	}
	h.unchanged(func() {
		h.refuse("POST", "/local:batchUpdate", `{"requests":[{"updateSheetProperties":{"properties":{},"fields":"title"}}]}`, 400, "INVALID_ARGUMENT", "Sheet name cannot be empty.")
	})
	for _, title := range []string{"../../etc", "a/b", "=1+1", "'", "\"", "%00", "<b>", strings.Repeat("字", 100), " ", "x!y"} {
		id := h.batch(`{"addSheet":{"properties":{"title":` + encoded(title) + `}}}`)
		if !strings.Contains(id, encoded(title)) {
			t.Error(id)
		}
		h.fill("'"+strings.ReplaceAll(title, "'", "''")+"'!A1", `[["x"]]`)
	}
	h.batch(`{"updateSpreadsheetProperties":{"properties":{"title":"a\u0000b\n"},"fields":"title"}}`)
	before := h.state()
	h.again()
	if h.state() != before {
		t.Error("another state after a restart")
	}
}
