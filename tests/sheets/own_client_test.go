package sheets_test

import (
	"net/http"
	"testing"
	"time"

	"uratori/internal/config"
	"uratori/sheets"
	"uratori/tests/sheets/discovery"
)

// Our own client asks nothing, and believes nothing, that Google does not document.
func TestOwnClient_EveryRequestAndAnswer_IsAsDocumented(t *testing.T) {
	t.Parallel()
	server := serve(t)
	table, err := sheets.New(t.Context(), sheets.Options{
		Spreadsheet: "local", Tab: "Tracker", Endpoint: server.String(), Now: time.Now,
		Transport: discovery.Load(t).Watch(t, &http.Transport{DisableKeepAlives: true}),
		Columns:   sheets.Columns(config.Columns{ID: "ID", Summary: "概要", Detail: "詳細", Status: "ステータス", Approval: "承認"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := table.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hits, err := table.Write(t.Context(), v, sheets.Batch{Inserts: []sheets.Insert{
		{Key: "INTG-001", Cells: map[string]string{"summary": "一", "detail": "=1+1\r\n┌┐"}},
		{Key: "INTG-002", Cells: map[string]string{"status": "起票"}},
	}})
	if err != nil || len(hits) != 2 || !hits[0].Placed() {
		t.Fatal(hits, err)
	}
	if v, err = table.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	row, err := v.Find("INTG-001")
	if err != nil {
		t.Fatal(err)
	}
	if hits, err = table.Write(t.Context(), v, sheets.Batch{Changes: []sheets.Change{{Row: row, Cells: map[string]string{"summary": "", "approval": "承認"}}}}); err != nil {
		t.Fatal(err)
	}
	again, err := table.Again(t.Context(), v, hits)
	if err != nil || !again.Rows["INTG-001"].Cells["approval"].Holds("承認") || !again.Rows["INTG-001"].Cells["summary"].Holds("") {
		t.Fatal(again, err)
	}
	read, err := table.Read(t.Context(), []string{"detail"}, "INTG-001", "INTG-002")
	if err != nil || !read.Rows["INTG-001"].Cells["detail"].Holds("=1+1\n┌┐") {
		t.Fatal(read, err)
	}
	if v, err = table.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if row, err = v.Find("INTG-001"); err != nil {
		t.Fatal(err)
	}
	if d, err := table.Delete(t.Context(), v, row, ""); err != nil || !d.Hit {
		t.Fatal(d, err)
	}
	if tabs, err := table.Tabs(t.Context()); err != nil || len(tabs) != 2 || tabs[0].Hidden || !tabs[1].Hidden {
		t.Fatal(tabs, err)
	}
}
