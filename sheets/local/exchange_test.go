package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"uratori/internal/fault"
)

// rowsOf yields rows, then an error in the place of io.EOF if one is given.
func rowsOf(rows [][]string, last error) func() ([]string, error) {
	return func() ([]string, error) {
		if len(rows) == 0 {
			if last == nil {
				last = io.EOF
			}
			return nil, last
		}
		row := rows[0]
		rows = rows[1:]
		return row, nil
	}
}

func (h *house) export(title string) [][]string {
	h.t.Helper()
	var rows [][]string
	if err := h.Export(h.t.Context(), title, func(row []string) error { rows = append(rows, row); return nil }); err != nil {
		h.t.Fatal(err)
	}
	return rows
}

func TestImport_ThenExport_GivesTheTableBack(t *testing.T) {
	h := newHouse(t)
	rows := [][]string{{"ID", "概要"}, {"088", "=1+1", "'x", "a\r\nb\x00c", " "}, {}, {"", "", "TRUE"}, {"2026/1/2", "😀"}}
	size, err := h.Import(t.Context(), "新しい", false, rowsOf(append(rows, []string{"", ""}), nil))
	if err != nil || size != (Size{Rows: 6, Columns: 5}) {
		t.Fatal(size, err)
	}
	h.again()
	if got := h.export("新しい"); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", rows) {
		t.Errorf("%q", got)
	}
	h.want("GET", "/local/values/'新しい'!A2:B2?valueRenderOption=FORMULA&fields=values", "", `{"values":[["088","=1+1"]]}`)
	h.ask("PUT", "/local/values/'新しい'!A1?valueInputOption=USER_ENTERED", `{"values":[["50%",true,"=A1"]]}`)
	if got := h.export("新しい")[0]; fmt.Sprint(got) != "[50% TRUE =A1]" {
		t.Error(got)
	}
}

func TestImport_IsAllOrNothing(t *testing.T) {
	t.Parallel()
	h := newBusy(t)
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		title   string
		replace bool
		next    func() ([]string, error)
		want    error
	}{
		"a tab in use":      {"Tracker", false, rowsOf([][]string{{"x"}}, nil), ErrTabInUse},
		"broken off":        {"Tracker", true, rowsOf([][]string{{"x"}}, broken), broken},
		"nothing":           {"Tracker", true, rowsOf(nil, nil), ErrNoContent},
		"rows without cell": {"Tracker", true, rowsOf([][]string{{}, {}}, nil), ErrNoContent},
		"a long cell":       {"Tracker", true, rowsOf([][]string{{"x"}, {"y", strings.Repeat("x", 50_001)}}, nil), ErrLongCell},
		"too many cells":    {"Tracker", true, rowsOf([][]string{{"x"}, make([]string, 10_000_000)}, nil), ErrTooLarge},
		"too many columns":  {"Tracker", true, rowsOf([][]string{make([]string, 18_279)}, nil), ErrTooLarge},
		"no title":          {"", false, rowsOf([][]string{{"x"}}, nil), ErrBadTitle},
		"a title of lines":  {"a\nb", false, rowsOf([][]string{{"x"}}, nil), ErrBadTitle},
		"a long title":      {strings.Repeat("字", 101), false, rowsOf([][]string{{"x"}}, nil), ErrBadTitle},
		"another encoding":  {"a\xff", false, rowsOf([][]string{{"x"}}, nil), ErrBadTitle},
	} {
		h.unchanged(func() {
			if _, err := h.Import(t.Context(), c.title, c.replace, c.next); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	h.unchanged(func() {
		if _, err := h.Import(t.Context(), "Tracker", true, rowsOf([][]string{{"x", "\xff"}}, nil)); err == nil || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("a text in another encoding: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Import(ctx, "Tracker", true, rowsOf([][]string{{"x"}}, nil)); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestImport_Replace_TakesTheRowsAndLeavesTheTab(t *testing.T) {
	h := newBusy(t)
	before := h.size()
	if _, err := h.Import(t.Context(), "tracker", true, rowsOf([][]string{{"only"}}, nil)); err != nil {
		t.Fatal(err)
	}
	h.again()
	if got := h.read("Tracker"); got != `[["only"]]` || h.size() != before || h.search("") != "{}" {
		t.Error(got, h.size(), h.search(""))
	}
	if _, err := h.Import(t.Context(), "S", false, rowsOf([][]string{make([]string, 30), {29: "x"}}, nil)); err != nil {
		t.Errorf("into a tab that is there and blank: %v", err)
	}
}

func TestImport_ManyRows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const n = manyRows
	i := 0
	size, err := h.Import(t.Context(), "big", false, func() ([]string, error) {
		if i++; i > n {
			return nil, io.EOF
		}
		return []string{fmt.Sprint("INTG-", i), "概要", "", "未着手"}, nil
	})
	if err != nil || size != (Size{Rows: n, Columns: 4}) {
		t.Fatal(size, err)
	}
	h.again()
	h.batch(`{"insertDimension":{"range":{"sheetId":` + h.sheetID("big") + `,"dimension":"ROWS","startIndex":1,"endIndex":2}}}`)
	rows := 0
	if err := h.reopened().Export(t.Context(), "big", func(row []string) error {
		if rows++; rows == n+1 && fmt.Sprint(row) != fmt.Sprintf("[INTG-%d 概要  未着手]", n) || rows == 2 && len(row) > 0 {
			t.Error(row)
		}
		return nil
	}); err != nil || rows != n+1 {
		t.Error(rows, err)
	}
}

func (h *house) sheetID(title string) string {
	h.t.Helper()
	_, text := h.ask("GET", "/local?fields=sheets.properties.sheetId&ranges="+title, "")
	return strings.TrimSuffix(strings.TrimPrefix(text, `{"sheets":[{"properties":{"sheetId":`), "}}]}")
}

func TestExport_RefusesAndStops(t *testing.T) {
	h := newBusy(t)
	if err := h.Export(t.Context(), "none", func([]string) error { return nil }); !errors.Is(err, ErrNoTab) || fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	full := errors.New("full")
	calls := 0
	if err := h.Export(t.Context(), "Tracker", func([]string) error { calls++; return full }); !errors.Is(err, full) || calls != 1 {
		t.Error(calls, err)
	}
}

func TestEnsure_LeavesWhatIsThere(t *testing.T) {
	h := newBusy(t)
	h.unchanged(func() {
		for range 2 {
			if err := h.Ensure(t.Context(), "other", "Other", []string{"x"}); err != nil {
				t.Fatal(err)
			}
			h.again()
		}
	})
}

func TestEnsure_RefusesTitlesThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, title := range []string{"", "a\tb", "a\xff", strings.Repeat("x", 101)} {
		h := &house{t: t, path: t.TempDir() + "/u.db"}
		h.open()
		if err := h.Ensure(t.Context(), "t", title, nil); !errors.Is(err, ErrBadTitle) {
			t.Errorf("%q: %v", title, err)
		}
		h.refuse("GET", "/local", "", 404, "NOT_FOUND", "")
		h.close()
	}
}
