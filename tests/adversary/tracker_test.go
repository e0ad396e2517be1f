package adversary

import (
	"bufio"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"uratori/internal/control"
)

// sheet serves the embedded sheet to other programs, as anybody may, and
// returns its address.
func (p *play) sheet() string {
	p.t.Helper()
	cmd := p.Command("sheet", "serve", "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it serves until then
		_ = cmd.Wait()
	})
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := address.FindString(lines.Text()); found != "" {
			return found
		}
	}
	p.t.Fatal("it does not serve")
	return ""
}

// edits writes a cell of the ticket past uratori, over the sheet's own interface.
func (p *play) edits(column, text string) {
	p.t.Helper()
	var row control.Ticket
	p.line(&row, "ticket", "show", p.ticket)
	letter := map[string]string{"概要": "B", "詳細": "C", "ステータス": "D", "承認": "E"}[column]
	cell := "Tracker!" + letter + jsonNumber(row.Row)
	body := `{"values":[["` + text + `"]]}`
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPut, p.sheet()+"/v4/spreadsheets/local/values/"+url.PathEscape(cell)+"?valueInputOption=RAW", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only its status is read
	if res.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s", cell, res.Status)
	}
}

// tracker are writes that are no more, or never were.
func tracker() []move {
	return []move{
		{
			name: "a cell changed behind a verified write", does: "writes a result, has it verified, and changes the cell over the sheet's interface",
			ends: detected, by: "the cell is read now; the edit is shown beside the verdict on the write, with both texts. It counts as a person's: nobody can say whose it was", shows: []string{`"edited":true`, "tracker.edited"}, from: "record", aims: "complete", play: func(p *play) {
				done, failed := p.tool("update_ticket", map[string]any{"ticket": p.ticket, "fields": map[string]any{"ステータス": "確認中"}})
				if failed != "" || done["verdict"] != "verified" {
					p.t.Fatal(done, failed)
				}
				p.edits("ステータス", "完了・全30ページ合格")
				p.ends(0, "sync")
				v, failed := p.tool("verify_update", map[string]any{"ticket": p.ticket})
				if failed != "" {
					p.t.Fatal(failed)
				}
				fields, _ := v["fields"].([]any)
				for _, f := range fields {
					if f, _ := f.(map[string]any); f["column"] == "ステータス" && f["verdict"] == "verified" && f["edited"] != true {
						p.t.Errorf("%v", f)
					}
				}
				p.ledger(p.ticket)
			},
		},
		{
			name: "a write that never happened", does: "claims that a cell holds what nobody has written, and that a write was made",
			ends: refused, by: "the cell is read from the sheet now; writes are those that uratori has made", shows: []string{"refuted"}, from: "record", play: func(p *play) {
				if v := p.claim(`{"sheet_cell":{"ステータス":{"equals":"完了"}}}`); v != "refuted" {
					p.t.Error(v)
				}
				if v := p.claim(`{"writes":{"all":{"min":1,"after":"start"}}}`); v != "refuted" {
					p.t.Error(v)
				}
				p.check(1)
			},
		},
		{
			name: "a write past uratori", does: "writes the result over the sheet's interface, and shows that for step 11",
			ends: refused, by: "only what uratori wrote and read back is a write", shows: []string{"local."}, from: "record", play: func(p *play) {
				p.edits("ステータス", "完了")
				p.ends(0, "sync")
				p.check(1)
			},
		},
		{
			name: "a verdict edited in the store", does: "changes the cell, and with sqlite the record of the write, so that both say the same",
			ends: refused, by: "what was written is what the ledger says; a record that says something else is none", shows: []string{"the store says of write"}, from: "record", alone: true, play: func(p *play) {
				p.ends(0, "ticket", "update", p.ticket, "--set", "ステータス=確認中")
				p.edits("ステータス", "別")
				p.stop()
				p.sql(`UPDATE tracker_writes SET cells = replace(cells, '確認中', '別'), result = replace(replace(result, '確認中', '別'), 'refuted', 'verified')`)
				if v, failed := p.tool("verify_update", map[string]any{"ticket": p.ticket}); failed == "" && v["verdict"] == "verified" {
					p.t.Errorf("%v", v)
				}
				p.ends(3, "factcheck", p.ticket)
				p.check(3)
			},
		},
		{
			name: "approval by update_ticket", does: "`update_ticket(fields={承認: 承認})` over MCP, on the command line, by column and by field name",
			ends: refused, by: "uratori never writes that column", shows: []string{"承認"}, from: "plan-approval", play: func(p *play) {
				p.ends(0, "workflow", p.ticket, "request-approval")
				for _, field := range []string{"承認", "approval"} {
					if done, failed := p.tool("update_ticket", map[string]any{"ticket": p.ticket, "fields": map[string]any{field: "承認"}}); failed == "" {
						p.t.Errorf("%s: %v", field, done)
					}
					if code := p.line(nil, "ticket", "update", p.ticket, "--set", field+"=承認"); code == 0 {
						p.t.Errorf("the command line took %s", field)
					}
				}
				p.check(1)
			},
		},
		{
			name: "approval by the sheet's interface", does: "writes 承認 into the approval column over the sheet's interface",
			ends: refused, by: "the embedded sheet is no channel", shows: []string{"workflow.person.waits"}, from: "plan-approval", play: func(p *play) {
				p.ends(0, "workflow", p.ticket, "request-approval")
				p.edits("承認", "承認")
				p.ends(0, "sync")
				p.check(1)
			},
		},
		{
			name: "approval by the sheet, switched on", does: "the same with a new daemon that has `approval.sheet = true`",
			ends: refused, by: "the embedded sheet is no channel, whatever the settings say", shows: []string{"workflow.person.waits"}, from: "plan-approval", alone: true, play: func(p *play) {
				p.ends(0, "workflow", p.ticket, "request-approval")
				p.stop()
				p.Env = append(p.Env, "URATORI_APPROVAL_SHEET=true")
				p.edits("承認", "承認")
				p.line(nil, "sync")
				p.check0()
			},
		},
	}
}
