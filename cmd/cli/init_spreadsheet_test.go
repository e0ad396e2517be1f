package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/store"
	"uratori/sheets/local"
)

// book is an embedded sheet that a test fills.
type book struct {
	server *local.Server
	way    http.RoundTripper
}

func newBook(t *testing.T, header ...string) *book {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "u.db"), local.Schema())
	if err != nil {
		t.Fatal(err)
	}
	b := &book{}
	if b.server, err = local.New(t.Context(), db, local.Options{Year: func() int { return 2026 }}); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Ensure(t.Context(), "uratori", "チケット", header); err != nil {
		t.Fatal(err)
	}
	way := local.NewTransport(b.server)
	b.way = way
	t.Cleanup(func() {
		way.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// ask makes a call of the Sheets interface.
func (b *book) ask(t *testing.T, method, path string, body, into any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://book/v4/spreadsheets/"+local.Book+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Transport: b.way}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	if raw, err = io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v %s", err, raw)
	}
	if err := json.Unmarshal(raw, into, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
}

type object = map[string]any

func (b *book) put(t *testing.T, at string, rows ...[]any) {
	t.Helper()
	b.ask(t, http.MethodPut, "/values/"+url.PathEscape(at)+"?valueInputOption=RAW", object{"values": rows}, &object{})
}

// widen makes the first tab short and n columns wider.
func (b *book) widen(t *testing.T, n int) {
	t.Helper()
	var is struct {
		Sheets []struct {
			Properties struct {
				SheetID int64
			}
		}
	}
	b.ask(t, http.MethodGet, "", nil, &is)
	id := is.Sheets[0].Properties.SheetID
	b.ask(t, http.MethodPost, ":batchUpdate", object{"requests": []object{
		{"deleteDimension": object{"range": object{"sheetId": id, "dimension": "ROWS", "startIndex": 20, "endIndex": 1000}}},
		{"appendDimension": object{"sheetId": id, "dimension": "COLUMNS", "length": n}},
	}}, &object{})
}

// addTab returns the number of the new tab.
func (b *book) addTab(t *testing.T, title string, hidden bool) int64 {
	t.Helper()
	var is struct {
		Replies []struct {
			AddSheet struct {
				Properties struct {
					SheetID int64
				}
			}
		}
	}
	b.ask(t, http.MethodPost, ":batchUpdate", object{"requests": []object{{"addSheet": object{"properties": object{"title": title, "hidden": hidden}}}}}, &is)
	return is.Replies[0].AddSheet.Properties.SheetID
}

// at makes the desk's tracker another server on this machine: the book.
func (d *desk) at(b *book) {
	server := httptest.NewServer(b.server)
	d.t.Cleanup(server.Close)
	d.settings(ownSettings + "[tracker.columns]\n# detail = \"詳細\"\n")
	d.env["URATORI_TRACKER_ENDPOINT"] = server.URL + "/"
}

func TestInitSpreadsheet_ShowsMapsWritesAndReadsBack(t *testing.T) {
	b := newBook(t)
	b.put(t, "A1", []any{"2026 年度"}, []any{"メモ", " ｉｄ ", "Summary", "内容", "承認"}, []any{"m", "INTG-1", "s"}, []any{"x"}, []any{"", "INTG-2"})
	d := newDesk(t)
	d.at(b)
	e := d.run("init", "--spreadsheet", "local", "--column", "detail=内容", "--yes")
	d.must(e, 0, `tab "チケット": header in row 2, 2 rows with an ID`, `id       B   " ｉｄ "`, `summary  C   "Summary"`, `detail   D   "内容"`,
		"status   -   not in the header", `approval E   "承認"`, `Not used: A "メモ"`, "✔ verified")
	want := strings.Replace(ownSettings, "[tracker]\n", "[tracker]\nspreadsheet = \"local\"\nsheet = \"チケット\"\n", 1) +
		"[tracker.columns]\nid = \"ｉｄ\"\nsummary = \"Summary\"\ndetail = \"内容\"\n"
	if got := d.file(d.home.Config()); got != want {
		t.Errorf("%s", got)
	}
	e = d.run("init", "--spreadsheet", "local", "--yes", "--json")
	var c connected
	if err := json.Unmarshal([]byte(e.out), &c); err != nil || e.code != 0 || e.err != "" {
		t.Fatalf("%v %s", err, e.all())
	}
	if c != (connected{d.home.Config(), "local", "チケット", mapped{"ｉｄ", "Summary", "内容", "", "承認"}, 2, "verified"}) {
		t.Errorf("%+v", c)
	}
	if got := d.file(d.home.Config()); got != want {
		t.Errorf("twice is not as once:\n%s", got)
	}
	// A header that was renamed is found again, and what is set to the
	// default by name is written too.
	b.put(t, "D2", []any{"詳細"})
	d.must(d.run("init", "--spreadsheet", "local", "--yes"), 0, `detail   D   "詳細"`)
	if got := d.tracker().Columns.Detail; got != "詳細" {
		t.Error(got)
	}
}

func TestInitSpreadsheet_TheTabIsTheOneNamedElseTheURLsElseTheSettingsElseTheOnlyOne(t *testing.T) {
	b := newBook(t, "ID", "概要", "詳細")
	second, hidden := b.addTab(t, "二 枚目", false), b.addTab(t, "隠し", true)
	for _, tab := range []string{"'二 枚目'!A1", "'隠し'!A1"} {
		b.put(t, tab, []any{"ID", "概要", "詳細"})
	}
	// The embedded sheet answers for an ID of Google's too.
	const id = "1AbC_-x"
	url := "https://docs.google.com/spreadsheets/d/" + id + "/edit"
	for name, tc := range map[string]struct {
		args     []string
		settings string
		code     int
		want     string
	}{
		"gid":           {[]string{fmt.Sprintf("%s?gid=0#gid=%d", url, second)}, "", 0, "二 枚目"},
		"gid and more":  {[]string{fmt.Sprintf("%s#gid=%d&range=A1", url, second)}, "", 0, "二 枚目"},
		"gid in query":  {[]string{fmt.Sprintf("%s?gid=%d", url, hidden)}, "", 0, "隠し"},
		"flag":          {[]string{url + "#gid=x", "--sheet", "チケット"}, "", 0, "チケット"},
		"settings":      {[]string{id}, "[tracker]\nsheet = \"隠し\"\n", 0, "隠し"},
		"which":         {[]string{id}, "", 2, `"チケット", "二 枚目", "隠し"`},
		"no number":     {[]string{url + "#gid=12x"}, "", 2, "gid=12x"},
		"negative":      {[]string{url + "#gid=-1"}, "", 2, "gid=-1"},
		"empty":         {[]string{url + "#gid="}, "", 2, "gid="},
		"too large":     {[]string{url + "#gid=99999999999999999999"}, "", 2, "gid=99999999999999999999"},
		"not there":     {[]string{url + "#gid=424242"}, "", 1, `gid=424242; it has: "チケット"`},
		"no such flag":  {[]string{id, "--sheet", "三"}, "", 1, `no tab 三; it has: "チケット", "二 枚目", "隠し"`},
		"other case":    {[]string{id, "--sheet", "隠し "}, "", 1, "has no tab"},
		"evil host":     {[]string{"https://docs.google.com.evil/spreadsheets/d/" + id}, "", 2, "tracker.spreadsheet"},
		"evil user":     {[]string{"https://docs.google.com@evil/spreadsheets/d/" + id}, "", 2, "tracker.spreadsheet"},
		"http":          {[]string{"http://docs.google.com/spreadsheets/d/" + id}, "", 2, "tracker.spreadsheet"},
		"path":          {[]string{"../../etc/passwd"}, "", 2, "tracker.spreadsheet"},
		"path in URL":   {[]string{"https://docs.google.com/spreadsheets/d/../" + id}, "", 2, "tracker.spreadsheet"},
		"control":       {[]string{url + "#gid=1\x1b[2J"}, "", 2, `\x1b`},
		"nothing":       {[]string{""}, "", 2, "tracker.spreadsheet"},
		"control tab":   {[]string{id, "--sheet", "a\x1b[2J"}, "", 2, "tracker.sheet"},
		"broken escape": {[]string{url + "?x=%zz#gid=" + fmt.Sprint(second)}, "", 0, "二 枚目"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.URL.Path = strings.Replace(r.URL.Path, id, local.Book, 1)
				r.RequestURI = strings.Replace(r.RequestURI, id, local.Book, 1)
				b.server.ServeHTTP(w, r)
			}))
			d.settings(tc.settings)
			d.env["URATORI_TRACKER_ENDPOINT"] = proxy.URL
			e := d.run(append([]string{"init", "--yes", "--spreadsheet"}, tc.args...)...)
			proxy.Close()
			if tc.code != 0 {
				d.must(e, tc.code, tc.want)
				if got := d.file(d.home.Config()); got != tc.settings {
					t.Errorf("%s", got)
				}
			} else if got := d.tracker(); e.code != 0 || got.Sheet != tc.want || got.Spreadsheet != id {
				t.Errorf("%+v\n%s", got, e.all())
			}
		})
	}
}

func TestInitSpreadsheet_OneVisibleTabIsTheOnlyOne(t *testing.T) {
	b, d := newBook(t, "ID", "概要", "詳細"), newDesk(t)
	b.addTab(t, "隠し", true)
	d.at(b)
	d.must(d.run("init", "--spreadsheet", "local", "--column", "detail=詳細", "--yes"), 0, `tab "チケット"`)
	if got := d.file(d.home.Config()); !strings.Contains(got, "# detail = \"詳細\"\n") {
		t.Errorf("what is as the default is written:\n%s", got)
	}
}

func TestInitSpreadsheet_HeadersThatDoNotFit_AreToldWithWhatToDo(t *testing.T) {
	wide := make([]any, 10_000)
	for i := range wide {
		wide[i] = fmt.Sprintf("列%d", i)
	}
	wide[0], wide[9_998] = "ID", "概要"
	for name, tc := range map[string]struct {
		header []any
		args   []string
		code   int
		words  []string
	}{
		"missing":           {[]any{"ID", "概要", "内容"}, nil, 1, []string{"no column 詳細; it has: ID, 概要, 内容", "--column detail="}},
		"named, not there":  {[]any{"ID", "概要", "詳細"}, []string{"--column", "detail=内容"}, 1, []string{"no column 内容", "ID, 概要, 詳細"}},
		"optional, named":   {[]any{"ID", "概要", "詳細"}, []string{"--column", "status=状況"}, 1, []string{"no column 状況", "--column status="}},
		"no header":         {[]any{"番号", "概要"}, nil, 1, []string{"column ID", "--column id="}},
		"empty":             {[]any{}, nil, 1, []string{"--column id="}},
		"twice":             {[]any{"ID", "概要", "詳細", "概 要", "ＩＤ"}, nil, 1, []string{"columns A and E"}},
		"two for one":       {[]any{"ID", "Summary", "詳細"}, []string{"--column", "detail=Summary"}, 2, []string{"the same column Summary"}},
		"same text":         {[]any{"ID", "概要", "詳細"}, []string{"--column", "detail=概要"}, 2, []string{"the same column 概要"}},
		"control, named":    {[]any{"ID", "概要", "詳\n細"}, []string{"--column", "detail=詳\n細"}, 2, []string{`詳\n細`, "without control characters"}},
		"lines":             {[]any{"ID", "概要", "x\nuratori: \u202e verified"}, nil, 1, []string{`x uratori: \u202e verified`}},
		"wide, missing":     {wide, nil, 1, []string{"no column 詳細", "…"}},
		"wide":              {wide, []string{"--column", "detail=列9999"}, 0, []string{"detail   NTP", "and 9977 more"}},
		"formulas":          {[]any{"ID", "概要", "詳細", "=1+1", "'x", "a\tb", "c\nd"}, nil, 0, []string{`D "=1+1"`, `F "a\tb"`, `G "c\nd"`}},
		"formula, named":    {[]any{"ID", "概要", "=HYPERLINK(\"http://x\")"}, []string{"--column", "detail==HYPERLINK(\"http://x\")"}, 0, []string{`detail   C   "=HYPERLINK(`}},
		"end of line":       {[]any{"ID\n", "概要", "\tDetails\r\n"}, nil, 0, []string{`id       A   "ID\n"`}},
		"a name, not there": {[]any{"ID", "概要", "詳細", "ステータス"}, []string{"--column", "detail=status"}, 1, []string{"no column status"}},
		"a name as header":  {[]any{"ID", "Status", "詳細", "概要"}, []string{"--column", "detail=status"}, 2, []string{"the same column"}},
	} {
		t.Run(name, func(t *testing.T) {
			b, d := newBook(t), newDesk(t)
			if len(tc.header) > 26 {
				b.widen(t, len(tc.header))
			}
			b.put(t, "A1", tc.header)
			d.at(b)
			before := d.file(d.home.Config())
			e := d.run(append([]string{"init", "--spreadsheet", "local", "--yes"}, tc.args...)...)
			d.must(e, tc.code, tc.words...)
			if tc.code != 0 && e.out != "" {
				t.Errorf("it is proposed:\n%s", e.out)
			}
			if changed := d.file(d.home.Config()) != before; changed != (tc.code == 0) || len(e.all()) > 3000 {
				t.Errorf("changed %v, %d bytes\n%.3000s", changed, len(e.all()), e.all())
			}
			if tc.code == 0 {
				d.tracker() // loads
			}
		})
	}
}

func TestInitSpreadsheet_ManyAtTheSameTime_LeaveOneWholeFile(t *testing.T) {
	b, d := newBook(t, "ID", "概要", "詳細"), newDesk(t)
	for i := range 4 {
		tab := fmt.Sprintf("Tab%d", i)
		b.addTab(t, tab, false)
		b.put(t, tab+"!A1", []any{"ID", "概要", fmt.Sprintf("詳細%d", i)})
	}
	d.at(b)
	before := d.file(d.home.Config())
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			e := d.run("init", "--spreadsheet", "local", "--sheet", fmt.Sprintf("Tab%d", i), "--column", fmt.Sprintf("detail=詳細%d", i), "--yes")
			// Another may have written before it was read back.
			if e.code != 0 && !strings.Contains(e.out, "refuted") {
				t.Errorf("%d %s", e.code, e.all())
			}
		})
	}
	all.Wait()
	got := d.tracker()
	if strings.TrimPrefix(got.Sheet, "Tab") != strings.TrimPrefix(got.Columns.Detail, "詳細") || got.Prefix != "T" {
		t.Errorf("a mixture: %+v", got)
	}
	for line := range strings.Lines(before) {
		if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# detail") && !strings.Contains(d.file(d.home.Config()), line) {
			t.Errorf("lost: %s", line)
		}
	}
}
