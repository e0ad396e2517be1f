package local

import (
	"fmt"
	"strings"
	"testing"

	"uratori/internal/store"
)

func (h *house) exec(query string) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query); return err }); err != nil {
		h.t.Fatal(err)
	}
}

// writes is one write of each kind.
func writes() map[string][2]string {
	all := map[string][2]string{
		"update":      {"PUT /local/values/A2" + rawInput, `{"values":[["x"]]}`},
		"append":      {"POST /local/values/A1:append" + rawInput, `{"values":[["x"]]}`},
		"clear":       {"POST /local/values/A1:clear", ``},
		"batchUpdate": {"POST /local/values:batchUpdate", `{"valueInputOption":"RAW","data":[{"range":"A2","values":[["x"]]}]}`},
		"batchClear":  {"POST /local/values:batchClear", `{"ranges":["A1"]}`},
		"create":      {"POST ", `{}`},
	}
	for kind, body := range supported {
		all[kind] = [2]string{"POST /local:batchUpdate", `{"requests":[{"` + kind + `":` + body + `}]}`}
	}
	return all
}

func TestStore_ThatFails_LeavesTheOldStateShown(t *testing.T) {
	t.Parallel()
	const fail = `BEGIN SELECT RAISE(%s, 'planted'); END`
	for _, how := range []string{"ABORT", "ROLLBACK", "FAIL"} {
		h := newBusy(t)
		for _, table := range []string{"books", "tabs", "rows", "metadata"} {
			for _, on := range []string{"INSERT", "UPDATE", "DELETE"} {
				h.exec(fmt.Sprintf("CREATE TRIGGER planted_%s_%s BEFORE %s ON sheet_%s "+fail, table, on, on, table, how))
			}
		}
		before := h.state()
		for name, call := range writes() {
			method, path, _ := strings.Cut(call[0], " ")
			h.refuse(method, path, call[1], 503, "UNAVAILABLE", "")
			if got := h.state(); got != before {
				t.Fatalf("%s: %s showed %.300s, want %.300s", how, name, got, before)
			}
			if got := h.reopened().state(); got != before {
				t.Fatalf("%s: %s stored %.300s", how, name, got)
			}
		}
		for _, table := range []string{"books", "tabs", "rows", "metadata"} {
			for _, on := range []string{"INSERT", "UPDATE", "DELETE"} {
				h.exec(fmt.Sprintf("DROP TRIGGER planted_%s_%s", table, on))
			}
		}
		h.fill("A3", `[["mended"]]`)
		if got := h.reopened().read("A3"); got != `[["mended"]]` {
			t.Error(how, got)
		}
	}
}

func TestStore_Full_RefusesTheWriteAlone(t *testing.T) {
	h := newBusy(t)
	before := h.state()
	var pages int
	if err := h.db.Write(t.Context(), func(tx *store.Tx) error { return tx.Get("PRAGMA page_count", nil, &pages) }); err != nil {
		t.Fatal(err)
	}
	if err := h.db.Write(t.Context(), func(tx *store.Tx) error {
		return tx.Get(fmt.Sprintf("PRAGMA max_page_count = %d", pages+2), nil, &pages)
	}); err != nil {
		t.Fatal(err)
	}
	big := `{"values":[["` + strings.Repeat("x", 40_000) + `"]]}`
	h.refuse("PUT", "/local/values/A9"+rawInput, big, 503, "UNAVAILABLE", "disk")
	if got := h.state(); got != before {
		t.Errorf("showed %.300s", got)
	}
	h.fill("A9", `[["small"]]`)
	if got := h.reopened().read("A9"); got != `[["small"]]` {
		t.Error(got)
	}
}

func TestStore_Closed_AnswersThatItIsAway(t *testing.T) {
	h := newBusy(t)
	before := h.state()
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, call := range writes() {
		method, path, _ := strings.Cut(call[0], " ")
		if code, text := h.ask(method, path, call[1]); code != 503 {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
	h.refuse("GET", "/local", "", 503, "UNAVAILABLE", "")
	h.refuse("GET", "/another", "", 503, "UNAVAILABLE", "")
	h.open()
	if got := h.state(); got != before {
		t.Errorf("%.300s", got)
	}
}

func TestStore_WithDamagedRow_IsRefusedNotGuessed(t *testing.T) {
	t.Parallel()
	for _, cells := range []string{``, `[`, `["a"`, `{}`, `[{"v":1`, `nonsense`, `["\ud800"]`} {
		h := newBusy(t)
		h.exec(`UPDATE sheet_rows SET cells = '` + cells + `' WHERE id = (SELECT max(id) FROM sheet_rows)`)
		h.again()
		h.refuse("GET", "/local", "", 503, "UNAVAILABLE", "")
		h.refuse("PUT", "/local/values/A1"+rawInput, `{"values":[["x"]]}`, 503, "UNAVAILABLE", "")
	}
}
