package local

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestQuota_CountsReadsAndWritesApart(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	passed := 0
	q := Quota(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed++ }), 60, func() time.Time { return now })
	ask := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		q.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		return w
	}
	until := func(method, path string) int {
		for n := range 1000 {
			if w := ask(method, path); w.Code == http.StatusTooManyRequests {
				class := map[bool]string{true: "Read", false: "Write"}[method == "GET"]
				want := `{"error":{"code":429,"message":"Quota exceeded for quota metric '` + class + ` requests' and limit '` + class +
					` requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:0'.","status":"RESOURCE_EXHAUSTED"}}`
				if strings.TrimSpace(w.Body.String()) != want || w.Header().Get("Retry-After") != "" {
					t.Errorf("%v %s", w.Header(), w.Body)
				}
				return n
			}
		}
		return -1
	}
	const book = "/v4/spreadsheets/local"
	if n := until("GET", book); n != 60 {
		t.Errorf("%d reads passed", n)
	}
	if n := until("PUT", book+"/values/A1"); n != 60 {
		t.Errorf("%d writes passed", n)
	}
	now = now.Add(time.Second)
	if r, w := until("GET", book), until("POST", book+":batchUpdate"); r != 1 || w != 1 {
		t.Errorf("a second later %d reads and %d writes passed", r, w)
	}
	now = now.Add(time.Hour)
	if n := until("GET", book); n != 60 {
		t.Errorf("an hour later %d reads passed", n)
	}
	if passed != 60+60+1+1+60 {
		t.Error(passed)
	}
}

func TestIsRead_KnowsEachMethodOfTheInterface(t *testing.T) {
	const book = "/v4/spreadsheets/local"
	for call, want := range map[string]bool{
		"GET " + book:                                      true,
		"GET " + book + "/values/A1":                       true,
		"GET " + book + "/values:batchGet":                 true,
		"GET " + book + "/developerMetadata/5":             true,
		"POST " + book + "/values:batchGetByDataFilter":    true,
		"POST " + book + ":getByDataFilter":                true,
		"POST " + book + "/developerMetadata:search":       true,
		"POST /v4/spreadsheets":                            false,
		"POST " + book + ":batchUpdate":                    false,
		"PUT " + book + "/values/A1":                       false,
		"PUT " + book + "/values/x:getByDataFilter":        false,
		"POST " + book + "/values/A1:append":               false,
		"POST " + book + "/values/A1:clear":                false,
		"POST " + book + "/values:batchUpdate":             false,
		"POST " + book + "/values:batchUpdateByDataFilter": false,
		"POST " + book + "/values:batchClear":              false,
		"POST " + book + "/values:batchClearByDataFilter":  false,
		"DELETE " + book + "/values:batchGetByDataFilter":  false,
	} {
		method, path, _ := strings.Cut(call, " ")
		if got := IsRead(httptest.NewRequestWithContext(t.Context(), method, path, nil)); got != want {
			t.Errorf("%s: %v", call, got)
		}
	}
}
