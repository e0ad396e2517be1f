package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
)

// sameJSON demands that --json prints each of want as a line.
func (h *house) sameJSON(code int, want []any, args ...string) {
	h.t.Helper()
	var lines strings.Builder
	for _, v := range want {
		if err := json.MarshalWrite(&lines, v); err != nil {
			h.t.Fatal(err)
		}
		lines.WriteString("\n")
	}
	if e := h.run(append(args, "--json")...); e.code != code || e.out != lines.String() || e.err != "" {
		h.t.Errorf("%d %s\nwant %s", e.code, e.all(), lines.String())
	}
}

func TestTicketShow_AllCells(t *testing.T) {
	k := ticketWith("一行目\n  二行目\n")
	k.Pending, k.Workspace, k.Dashboard = 2, "/w/INTG-088", "http://x/tracker/INTG-088"
	h := newHouse(t)
	h.plant(showPath, k)
	e := h.run("ticket", "show", "INTG-088")
	h.must(e, 0, "INTG-088  row 3  as of 2026-11-21", "\n概要: S\n", "\n担当:\n", "詳細:\n  │ 一行目\n  │   二行目\n  │ \n", "? 2 writes wait", "/w/INTG-088", "http://x/tracker/INTG-088\n")
	if q := h.requests()[0].query; q != "reader=cli&ticket=INTG-088" {
		t.Error(q)
	}
	h.sameJSON(0, []any{k}, "ticket", "show", "INTG-088")

	k.Problem = control.Encode(fault.New(fault.Unavailable, "store.closed"))
	h.plant(showPath, k)
	h.must(h.run("ticket", "show", "INTG-088"), 3, "? the sheet could not be looked at now", "the daemon is stopping")
	h.sameJSON(3, []any{k}, "ticket", "show", "INTG-088")

	h.plant(showPath, fault.New(fault.NotFound, "sheets.not_found", "key", "INTG-088"))
	h.must(h.run("ticket", "show", "INTG-088"), 1, "INTG-088")

	h.plant(showPath, control.Ticket{Ticket: "a\nb", Fields: []control.TicketField{{Column: "x\ny", Text: "1\n\x1b[2J│ 2\r"}}})
	h.must(h.run("ticket", "show", "INTG-088"), 0, `a\nb`, `x\ny:`, `  │ \u001b[2J│ 2\u000d`)
}

func pages() (one, two control.TicketPage) {
	one = control.TicketPage{Total: 3, Next: "INTG-10", ReadAt: *at("10:00:00"), Dashboard: "http://x/tracker", Tickets: []control.TicketLine{
		{Ticket: "INTG-9", Row: 2, Status: "起票", Summary: "短い"}, {Ticket: "INTG-10", Row: 3, Status: "Done", Summary: strings.Repeat("長い概要", 30)},
	}}
	two = control.TicketPage{Total: 3, ReadAt: *at("10:00:01"), Dashboard: "http://x/tracker", Tickets: []control.TicketLine{{Ticket: "INTG-100", Row: 4, Summary: "x\ny\x1b"}}}
	return one, two
}

func TestTicketList_IsATable(t *testing.T) {
	one, two := pages()
	h := newHouse(t)
	h.plant(control.TicketsPath, one)
	h.must(h.run("ticket", "list", "--status", "起票", "--text", "a&b", "--limit", "2", "--after", "INTG-8"), 0,
		"INTG-9   起票  短い\nINTG-10  Done  長い概要", "2 of 3 tickets, as of 2026-11-21", "--after INTG-10", "http://x/tracker\n")
	if q := h.requests()[0].query; q != "after=INTG-8&limit=2&reader=cli&sort=&status=%E8%B5%B7%E7%A5%A8&text=a%26b" {
		t.Error(q)
	}
	h.sameJSON(0, []any{one}, "ticket", "list")

	h.plant(control.TicketsPath, one, two)
	e := h.run("ticket", "list", "--all")
	h.must(e, 0, "INTG-9    起票  短い\n", `INTG-100        x\ny\u001b`+"\n", "3 of 3")
	if all := h.requests(); strings.Contains(e.out, "more:") || !strings.Contains(all[len(all)-1].query, "after=INTG-10&") {
		t.Error(e.out, all)
	}
	h.plant(control.TicketsPath, one, two)
	h.sameJSON(0, []any{one, two}, "ticket", "list", "--all")

	h.plant(control.TicketsPath, one) // for ever
	h.must(h.run("ticket", "list", "--all"), 1, "in a circle after INTG-10")

	h.plant(control.TicketsPath, control.TicketPage{Problem: control.Encode(fault.New(fault.Unavailable, "store.closed"))})
	h.must(h.run("ticket", "list"), 3, "0 of 0 tickets", "could not be looked at now")
}

func TestTicketList_IsCutToTheTerminal(t *testing.T) {
	one, _ := pages()
	h := newHouse(t)
	h.plant(control.TicketsPath, one)
	tty := terminal(t, "")
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: 30, Row: 20}); err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	a := &app{in: strings.NewReader(""), out: &output{Writer: tty}, err: &shown, lang: phrase.English}
	if a.screen() != 30 || a.reader() != "terminal" {
		t.Errorf("%d columns, %s", a.screen(), a.reader())
	}
	if got := fit("INTG-10  Done  "+one.Tickets[1].Summary, a.screen()); displayWidth(got) != 30 || !strings.HasSuffix(got, "…") {
		t.Errorf("%q", got)
	}
}

func TestTicketHistory_TellsWhoDidWhat(t *testing.T) {
	events := []control.Event{
		{At: *at("10:00:00"), Seq: 1, Kind: "created", Ticket: "INTG-088", Row: 3},
		{At: *at("10:01:00"), Seq: 2, Kind: "written", Ticket: "INTG-088", Column: "概要", New: text("B"), Row: 3, Verdict: ledger.Verified, Write: 7},
		{At: *at("10:02:00"), Seq: 3, Kind: "refused", Ticket: "INTG-088", Column: "詳細", Old: text("C"), New: text("D"), Verdict: ledger.Refuted},
		{At: *at("10:02:30"), Seq: 3, Kind: "waiting", Ticket: "INTG-088", Column: "詳細", New: text("E"), Verdict: ledger.Unverifiable},
		{At: *at("10:03:00"), Seq: 4, Kind: "edited", Ticket: "INTG-088", Column: "詳細", Old: text(""), New: text("人の\n編集")},
		{At: *at("10:04:00"), Seq: 5, Kind: "of\na newer build", Ticket: "INTG-088", Verdict: "great"},
	}
	h := newHouse(t)
	h.plant(control.TicketsPath+"/history", events)
	h.must(h.run("ticket", "history", "INTG-088"), 0, "INTG-088  added by a person  (row 3)\n", "written from here  概要  (row 3)  ✔ verified\n    written: \"B\"",
		"not written from here  詳細  ✘ refuted\n    in the sheet: \"C\"\n    asked for   : \"D\"", "waiting here  詳細  ? cannot be verified\n    asked for: \"E\"", "edited by a person  詳細\n", "    +編集\n", `of\na newer build  ? cannot be verified`)
	all := make([]any, len(events))
	for i, e := range events {
		all[i] = e
	}
	h.sameJSON(0, all, "ticket", "history", "INTG-088")
	h.plant(control.TicketsPath+"/history", []control.Event{})
	h.must(h.run("ticket", "history", "INTG-088"), 0, "nothing about INTG-088")
	h.sameJSON(0, nil, "ticket", "history", "INTG-088")
}

func TestTicketDiff_IsAboutWhatIsThereNow(t *testing.T) {
	cell := func(v ledger.Verdict, expected, actual *string, edits ...control.FactEdit) control.FactCheck {
		return control.FactCheck{Claim: sheetCell, Subject: "詳細", Verdict: v, Expected: expected, Actual: actual, ReadAt: at("10:00:00"), Edits: edits}
	}
	unsent := cell(ledger.Refuted, text("a"), text("b"))
	unsent.ReadAt = nil
	edit := control.FactEdit{SeenAt: *at("10:00:00"), Old: "ours", New: "theirs"}
	for name, tc := range map[string]struct {
		checks []control.FactCheck
		code   int
		words  []string
	}{
		"same":                    {[]control.FactCheck{cell(ledger.Verified, nil, nil), cell(ledger.Verified, text("a"), text("a"))}, 0, []string{"✔ INTG-088: no difference in 2 cells"}},
		"different":               {[]control.FactCheck{cell(ledger.Refuted, text("a"), text("b"))}, 1, []string{"✘ 詳細", `written     : "a"`, `in the sheet: "b"`}},
		"never sent":              {[]control.FactCheck{unsent}, 1, []string{"✘ 詳細", `asked for   : "a"`, `in the sheet: "b"`}},
		"edited since":            {[]control.FactCheck{cell(ledger.Verified, nil, nil, edit)}, 1, []string{`"ours"`, `"theirs"`}},
		"edited back":             {[]control.FactCheck{cell(ledger.Verified, text("ours"), nil, edit, control.FactEdit{Old: "theirs", New: "ours"})}, 0, []string{"no difference"}},
		"a number that looks so":  {[]control.FactCheck{cell(ledger.Refuted, text("1"), text("1"))}, 1, []string{`written = in the sheet: "1"`}},
		"could not be looked at":  {[]control.FactCheck{cell(ledger.Verified, nil, nil), cell(ledger.Unverifiable, text("a"), nil)}, 3, []string{"? 詳細", "not everything could be looked at"}},
		"nothing was written":     {nil, 3, []string{"nothing was written from here"}},
		"other claims do not say": {[]control.FactCheck{{Claim: "file", Verdict: ledger.Refuted}, cell(ledger.Verified, nil, nil)}, 0, []string{"no difference in 1 cell"}},
	} {
		r := control.FactReport{Ticket: "INTG-088", Verdict: ledger.Verified, Checks: tc.checks}
		h := newHouse(t)
		h.plant(control.FactCheckPath, []control.FactReport{r})
		e := h.run("ticket", "diff", "INTG-088")
		h.must(e, tc.code, tc.words...)
		if strings.Contains(e.out, "✔") != (tc.code == 0) {
			t.Errorf("%s: %s", name, e.out)
		}
		h.sameJSON(tc.code, []any{r}, "ticket", "diff", "INTG-088")
	}
	h := newHouse(t)
	h.plant(control.FactCheckPath, fault.New(fault.NotFound, "sheets.not_found", "key", "INTG-088"))
	h.must(h.run("ticket", "diff", "INTG-088"), 1)
}

func TestSync_TellsWhatPeopleDid(t *testing.T) {
	s := control.Synced{ReadAt: *at("10:00:00"), Tickets: 134, More: 5, Dashboard: "http://x/tracker", Changes: []control.Event{
		{At: *at("09:59:00"), Kind: "edited", Ticket: "INTG-088", Column: "概要", Old: text("A"), New: text("B")},
		{At: *at("09:59:00"), Kind: "deleted", Ticket: "INTG-087"},
		{At: *at("09:59:00"), Kind: "moved", Ticket: "INTG-086", Row: 9},
	}}
	h := newHouse(t)
	h.plant(control.SyncPath, s)
	h.must(h.run("sync"), 0, "INTG-088  edited by a person  概要\n", `after : "B"`, "INTG-087  deleted by a person\n", "moved by a person  (row 9)", "and 5 more changes", "134 tickets looked at", "changes by people: 8", "http://x/tracker\n")
	h.sameJSON(0, []any{s}, "sync")
	h.plant(control.SyncPath, control.Synced{ReadAt: *at("10:00:00"), Tickets: 1})
	h.must(h.run("sync"), 0, "people changed nothing")
	h.plant(control.SyncPath, fault.New(fault.Unavailable, "store.closed"))
	h.must(h.run("sync"), 3, "the daemon is stopping")
}

func TestReader_APersonAndAnAgentAreTwo(t *testing.T) {
	tty := terminal(t, "")
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() //nolint:errcheck // of the test
	for i, a := range []*app{
		{in: tty, out: &output{Writer: null}, err: null},
		{in: null, out: &output{Writer: tty}, err: null},
		{in: null, out: &output{Writer: null}, err: tty},
		{in: null, out: &output{Writer: null}, err: null},
		{in: strings.NewReader(""), out: &output{Writer: &strings.Builder{}}, err: &strings.Builder{}},
	} {
		if got := a.reader(); (got == "terminal") != (i < 3) {
			t.Error(fmt.Sprint(i), got)
		}
	}
}
