package discovery

import "testing"

func FuzzCheckResponse(f *testing.F) {
	d, err := load(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Add("GET", "/v4/spreadsheets/x?fields=sheets(properties.title,data/rowData)", 200, []byte(`{"sheets":[{"properties":{"title":"x"}}]}`))
	f.Add("POST", "/v4/spreadsheets/x/values/A1:append", 200, []byte(`{"updates":{"updatedData":{"values":[[null,1,true,"x"]]}}}`))
	f.Add("PUT", "/v4/spreadsheets/x/values/%ff?a=%zz", 400, []byte(`{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{}]}}`))
	f.Add("POST", "/v4/spreadsheets/x/:batchUpdate?fields=((,", 200, []byte(`{"replies":[{},`))
	f.Fuzz(func(t *testing.T, verb, path string, status int, body []byte) {
		_ = d.CheckRequest(verb, path, path, body)
		if d.CheckResponse(verb, path, status, body) == nil && (status < 200 || len(body) == 0) {
			t.Errorf("%s %s %d %q passes", verb, path, status, body)
		}
	})
}

func FuzzMask(f *testing.F) {
	for _, text := range []string{"a,b.c", "a(b,c/d),*", "a((b", "a,", "", "a.*.b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseMask(text)
		if err == nil && len(m) == 0 {
			t.Errorf("%q selects nothing", text)
		}
	})
}
