package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/tests/house"
)

// grid is a tab with /sheet open.
type grid struct {
	*tab
	site *site
}

func (s *site) grid(path string) *grid {
	s.t.Helper()
	g := &grid{s.tab(), s}
	g.visit(path)
	g.lives()
	g.until("the grid", `document.activeElement.id === "sheet-editor" && document.querySelector("[id^=cell-].at")`)
	return g
}

// at is the script for the element of a cell.
func at(row, column int) string {
	return fmt.Sprintf(`document.getElementById("cell-%d-%d")`, row, column)
}

// goes selects a cell with the mouse.
func (g *grid) goes(row, column int) {
	g.t.Helper()
	g.click(fmt.Sprintf("#cell-%d-%d", row, column))
	g.until("the cell is selected", at(row, column)+`.classList.contains("at")`)
}

// shows waits for a cell to show a text that the daemon has.
func (g *grid) shows(row, column int, text string) {
	g.t.Helper()
	g.until(fmt.Sprintf("%q in row %d, column %d", text, row, column), fmt.Sprintf(`%s.textContent === %q && !%s.classList.contains("waits")`, at(row, column), text, at(row, column)))
}

// enters types a text into a cell, as an input method commits it, and Enter.
func (g *grid) enters(row, column int, text string) {
	g.t.Helper()
	g.goes(row, column)
	g.insert(text)
	g.press(kb.Enter)
}

// control presses a key with Ctrl.
func (g *grid) control(key string, more ...chromedp.Modifier) {
	g.t.Helper()
	g.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(append(more, chromedp.ModifierCtrl)...)))
}

// pastes puts a text on the clipboard of the page and pastes it.
func (g *grid) pastes(text string) {
	g.t.Helper()
	value[bool](g.tab, fmt.Sprintf(`(() => { const d = new DataTransfer(); d.setData("text/plain", %q);
		return document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})) || true })()`, text))
}

// copies is what the page puts on the clipboard.
func (g *grid) copies() string {
	g.t.Helper()
	return value[string](g.tab, `(() => { const d = new DataTransfer();
		document.activeElement.dispatchEvent(new ClipboardEvent("copy", {clipboardData: d, bubbles: true, cancelable: true})); return d.getData("text/plain") })()`)
}

// taps touches a cell as a finger does.
func (g *grid) taps(row, column int) {
	g.t.Helper()
	place := value[[]float64](g.tab, fmt.Sprintf(`(() => { const r = %s.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`, at(row, column)))
	for _, e := range []input.DispatchTouchEventParams{
		{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: place[0], Y: place[1]}}}, {Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}},
	} {
		if _, err := chromedp.Call(g.ctx, input.DispatchTouchEvent, e); err != nil {
			g.t.Fatal(err)
		}
	}
}

// composes has the input method show a text that is not decided yet.
func (g *grid) composes(text string) {
	g.t.Helper()
	n := int64(len([]rune(text)))
	if _, err := chromedp.Call(g.ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: n, SelectionEnd: n}); err != nil {
		g.t.Fatal(err)
	}
}

// holds is what the embedded sheet itself holds.
func (s *site) holds(row, column int) string {
	s.t.Helper()
	text := ""
	s.person(func(ctx context.Context, c *control.Client) error {
		p, err := c.SheetPage(ctx, control.SheetQuery{From: row, To: row})
		if err == nil && len(p.Rows) == 1 && len(p.Rows[0]) >= column {
			text = p.Rows[0][column-1].Text
		}
		return err
	})
	return text
}

// until waits for the sheet itself to hold a text.
func (s *site) until(row, column int, text string) {
	s.t.Helper()
	house.Until(s.t, fmt.Sprintf("%q in the sheet", text), func() bool { return s.holds(row, column) == text })
}

func TestSheet_JapaneseIsTyped_AndEnterWithinACompositionCommitsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ticket("概要", "詳細")
	g := s.grid("/sheet?row=2")
	g.goes(2, 2)
	g.composes("ちゅうしゅつ")
	g.until("the editor is seen", `document.querySelector("#sheet-editor.on").value === "ちゅうしゅつ"`)
	// What the keyboard sends while the method is at work has the code 229.
	value[bool](g.tab, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true}))`)
	g.composes("抽出")
	if now := s.holds(2, 2); now != "概要" {
		t.Errorf("the sheet holds %q before anything was decided", now)
	}
	g.insert("抽出")
	if text := value[string](g.tab, `document.querySelector("#sheet-editor.on").value`); text != "抽出" {
		t.Errorf("%q is being typed", text)
	}
	g.press(kb.Enter)
	g.shows(2, 2, "抽出")
	s.until(2, 2, "抽出")
	// Two lines, and what is not wanted after all.
	g.goes(2, 3)
	g.press(kb.F2)
	g.insert("、続き")
	g.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	g.insert("二行目")
	g.press(kb.Enter)
	s.until(2, 3, "詳細、続き\n二行目")
	g.goes(2, 3)
	g.insert("違う")
	g.press(kb.Escape)
	g.shows(2, 3, "詳細、続き\n二行目")
	g.enters(2, 5, "=1+1")
	s.until(2, 5, "=1+1")
	if got := s.Entries("sheet.edited"); len(got) != 3 || !strings.Contains(string(got[0].Data), `"new":"抽出","old":"概要"`) {
		t.Errorf("%d entries: %+v", len(got), got)
	}
}

func TestSheet_PasteInsertDeleteSort_AreUndoneAndDoneAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, summary := range []string{"う", "あ", "い"} {
		s.ticket(summary, "d")
	}
	g := s.grid("/sheet")
	order := func(texts ...string) {
		t.Helper()
		for i, text := range texts {
			g.shows(2+i, 2, text)
		}
	}
	order("う", "あ", "い", "")

	g.goes(5, 1)
	g.pastes("X-1\t\"二行の\nセル\"\t\"引用\"\"符\"\"\"\r\nX-2\t末尾\r\n")
	g.shows(6, 2, "末尾")
	s.until(5, 2, "二行の\nセル")
	s.until(5, 3, `引用"符"`)
	g.control("z")
	g.shows(5, 1, "")
	g.shows(6, 2, "")
	g.control("y")
	s.until(6, 1, "X-2")
	g.shows(6, 1, "X-2")

	g.goes(3, 2)
	g.click(`[data-do="above"]`)
	order("う", "", "あ", "い")
	g.control("z")
	order("う", "あ", "い", "二行の\nセル")

	g.goes(3, 1)
	g.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierShift)))
	g.sees("#sheet-where", "A3:A4")
	g.click(`[data-do="delete"]`)
	order("う", "二行の\nセル", "末尾", "")
	g.control("z")
	order("う", "あ", "い", "二行の\nセル", "末尾")

	g.goes(2, 2)
	g.click(`[data-do="up"]`)
	order("あ", "い", "う")
	g.click(`[data-do="down"]`)
	order("末尾", "二行の\nセル", "う", "い", "あ")
	g.control("z")
	order("あ", "い", "う")
	g.control("z")
	order("う", "あ", "い", "二行の\nセル", "末尾")

	g.goes(2, 2)
	g.press(kb.Delete)
	g.shows(2, 2, "")
	g.control("z")
	g.shows(2, 2, "う")
	if copied := g.copies(); copied != "う" {
		t.Errorf("%q was copied", copied)
	}
	if report := s.Verify(); report.Verdict != ledger.Verified {
		t.Errorf("%+v", report)
	}
}

// What a person types in the grid is an edit to the tracker: an agent that has not
// seen it does not write over it.
func TestSheet_AnEditIsMetByTheAgentsNextUpdate_AsAConflict(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ticket := s.ticket("エージェントの概要", "詳細")
	g := s.grid("/sheet?row=2")
	g.shows(2, 2, "エージェントの概要")
	g.enters(2, 2, "人が直した概要")
	s.until(2, 2, "人が直した概要")
	r := s.Run("--json", "ticket", "update", ticket, "--set", "概要=エージェントの上書き", "--expect", "概要=エージェントの概要")
	if r.Code != 4 || !strings.Contains(r.Out, "人が直した概要") || !strings.Contains(r.Out, `"conflict":true`) {
		t.Errorf("%d %s %s", r.Code, r.Out, r.Err)
	}
	s.until(2, 2, "人が直した概要")
	var history []control.Event
	s.person(func(ctx context.Context, c *control.Client) (err error) {
		history, err = c.TicketHistory(ctx, ticket)
		return err
	})
	told := false
	for _, e := range history {
		told = told || e.Kind == "edited" && e.New != nil && *e.New == "人が直した概要" && *e.Old == "エージェントの概要"
	}
	if !told {
		t.Errorf("the tracker has not told of the edit: %+v", history)
	}
	// The link leads to the page of the ticket, and that one back to the row.
	g.goes(2, 1)
	g.click("#sheet-ticket")
	g.sees("#ticket-texts", "人が直した概要")
	value[bool](g.tab, `document.querySelector('a[href="/sheet?row=2"]').click() === undefined`) // the page may be made anew under a finger
	g.until("the row is marked", at(2, 1)+`.parentElement.classList.contains("marked")`)
}

// Somebody else changes the very cell, and the rows, while a person types.
func TestSheet_AForeignEditWhileSomebodyTypes_LosesNeitherText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ticket := s.ticket("前の概要", "詳細")
	other := s.ticket("別の", "詳細")
	g := s.grid("/sheet?row=2")
	g.goes(2, 2)
	g.insert("わたしの概要")
	s.Must("ticket", "update", ticket, "--set", "概要=エージェントの概要")
	g.sees("#sheet-clash", "エージェントの概要")
	if text := value[string](g.tab, `document.querySelector("#sheet-editor.on").value`); text != "わたしの概要" {
		t.Errorf("what was typed became %q", text)
	}
	g.press(kb.Enter) // without a decision nothing is covered
	g.sees("#sheet-clash blockquote", "わたしの概要")
	s.until(2, 2, "エージェントの概要")
	g.click(`[data-do="mine"]`)
	g.shows(2, 2, "わたしの概要")
	s.until(2, 2, "わたしの概要")

	// A row comes in above: what is typed goes on with its ticket.
	g.goes(3, 5)
	g.insert("済")
	s.person(func(ctx context.Context, c *control.Client) error {
		return edit(ctx, c, `{"insert":{"row":2,"count":2}}`)
	})
	g.shows(5, 1, other)
	g.press(kb.Enter)
	s.until(5, 5, "済")
	if now := s.holds(3, 5); now != "" {
		t.Errorf("another row got %q", now)
	}
	// An undo of what somebody has changed since is refused, and says so.
	s.person(func(ctx context.Context, c *control.Client) error {
		return edit(ctx, c, `{"put":{"row":5,"column":5,"old":[["済"]],"new":[["否"]]}}`)
	})
	g.shows(5, 5, "否")
	g.control("z")
	g.sees("#sheet-said", "否")
	s.until(5, 5, "否")
}

// Ten thousand rows, of which a few are drawn, to the last.
func TestSheet_TenThousandRows_AreSmooth(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var csv strings.Builder
	csv.WriteString("ID,概要,詳細,ステータス,承認\n")
	const many = 10_000
	for i := 1; i <= many; i++ {
		fmt.Fprintf(&csv, "INTG-%05d,概要 %d,\"一行目\n%s\",起票,\n", i, i, strings.Repeat("詳細", 20))
	}
	file := filepath.Join(s.work, "many.csv")
	if err := os.WriteFile(file, []byte(csv.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Must("sheet", "import", file, "--replace")
	g := s.grid("/sheet")
	g.control(kb.End)
	g.shows(many+1, 1, fmt.Sprintf("INTG-%05d", many))
	if drawn := g.count(".sheet-row"); drawn > 60 {
		t.Errorf("%d rows are drawn", drawn)
	}
	// The frame in the middle: the slowest tells how busy the machine is.
	usual := value[float64](g.tab, `new Promise((done) => { const s = document.getElementById("sheet-scroll"), took = []; let last = performance.now();
		const step = (now) => { took.push(now - last); last = now; s.scrollTop -= 3000; if (took.length < 61) requestAnimationFrame(step); else done(took.sort((x, y) => x - y)[30]); }; requestAnimationFrame(step); })`)
	t.Logf("a frame takes %.0f ms while rows fly by", usual)
	if usual > 200 {
		t.Errorf("a frame takes %.0f ms", usual)
	}
	g.control(kb.Home)
	g.shows(2, 1, "INTG-00001")
	// All of it is copied, once it is known here.
	g.control("a")
	g.sees("#sheet-where", fmt.Sprintf("A1:E%d", many+1))
	g.copies()
	g.sees("#sheet-said", "once more")
	if copied := g.copies(); strings.Count(copied, "起票") != many || !strings.HasSuffix(copied, "起票\t") {
		t.Errorf("%d bytes were copied, %d tickets", len(copied), strings.Count(copied, "起票"))
	}
	// A block of hundreds of rows is emptied, and comes back.
	g.goes(2, 4)
	g.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierCtrl, chromedp.ModifierShift)))
	g.sees("#sheet-where", fmt.Sprintf("D2:D%d", many+1))
	g.press(kb.Delete)
	s.until(9000, 4, "")
	g.control("z")
	s.until(9000, 4, "起票")
}

func TestSheet_Reader_FindsAGrid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ticket("概要", "詳細")
	g := s.grid("/sheet?row=2")
	for script, want := range map[string]string{
		`document.querySelector("[role=grid]").getAttribute("aria-label")`:                                      "Table Tracker",
		`document.querySelector("[role=grid]").getAttribute("aria-rowcount")`:                                   "53",
		`document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).textContent`:     "INTG-001",
		`document.getElementById("cell-2-2").parentElement.getAttribute("aria-rowindex")`:                       "3",
		`document.getElementById("cell-2-2").getAttribute("aria-colindex")`:                                     "3",
		`document.getElementById("cell-2-1").getAttribute("aria-selected")`:                                     "true",
		`document.activeElement.getAttribute("aria-label")`:                                                     "A2 ID",
		`[...document.querySelectorAll("[role=grid] > *")].every((e) => e.getAttribute("role") === "row") + ""`: "true",
	} {
		if got := value[string](g.tab, script); got != want {
			t.Errorf("%s is %q, want %q", script, got, want)
		}
	}
	// Esc, then Tab, leaves the grid.
	g.press(kb.Tab)
	g.until("the next cell", at(2, 2)+`.classList.contains("at")`)
	g.press(kb.Escape + kb.Tab)
	g.until("out of the grid", `document.activeElement.id !== "sheet-editor"`)
}

// edit is what another window does.
func edit(ctx context.Context, c *control.Client, step string) error {
	var e control.SheetEdit
	if err := json.Unmarshal([]byte(`{"steps":[`+step+`],"by":"test"}`), &e); err != nil {
		return err
	}
	o, err := c.EditSheet(ctx, e)
	if err == nil && !o.Applied {
		err = fmt.Errorf("not applied: %+v", o)
	}
	return err
}

// What is copied is read back as it was, whatever the cells hold; and what other
// programs put on the clipboard is read as people mean it.
func TestSheet_Blocks_AreCopiedAndPastedToTheLetter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	g := s.grid("/sheet")
	if got := value[string](g.tab, `import("/assets/sheet-block.js").then(({parse, format, letters}) => {
		const bits = ["", "a", "\"", "\t", "\n", "\"\"", "=1", "字", "\n\"", " "];
		let seed = 1;
		const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
		for (let i = 0; i < 3000; i++) {
			const wide = 1 + next(4);
			const rows = Array.from({length: 1 + next(4)}, () => Array.from({length: wide}, () => Array.from({length: next(4)}, () => bits[next(bits.length)]).join("")));
			const back = parse(format(rows));
			// One empty row at the end is the end of the row before.
			if (wide === 1 && rows.length > 1 && rows.at(-1)[0] === "") rows.pop();
			if (JSON.stringify(back) !== JSON.stringify(rows)) return JSON.stringify([rows, back]);
		}
		for (const [text, want] of [["a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]], ["\"x", [["\"x"]]], ["\"x\" y\tz", [["\"x\" y", "z"]]], ["", [[""]]], ["\n", [[""]]], ["\"a\nb\"\t\"\"", [["a\nb", ""]]]])
			if (JSON.stringify(parse(text)) !== JSON.stringify(want)) return JSON.stringify([text, parse(text)]);
		const long = "\"" + "x\"\"".repeat(1000000) + "\"";
		if (parse(long)[0][0].length !== 2000000) return "a long one";
		return [1, 26, 27, 702, 703].map(letters).join();
	})`); got != "A,Z,AA,ZZ,AAA" {
		t.Error(got)
	}
}

func TestSheet_FitsAndKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 30 {
		s.ticket(fmt.Sprintf("概要 %d", i), "とても長い"+strings.Repeat("詳細", 300))
	}
	g := s.grid("/sheet?row=4")
	g.expects("status of 404")
	for _, width := range []int64{desk, phone} {
		for _, dark := range []bool{false, true} {
			g.width(width)
			g.dark(dark)
			what := fmt.Sprintf("/sheet %d dark %v", width, dark)
			g.fits(what)
			g.keepsNobodyOut(what)
			g.insert("入力中")
			g.until("the editor", `document.querySelector("#sheet-editor.on")`)
			g.keepsNobodyOut(what + ", typing")
			g.press(kb.Escape)
		}
	}
	g.visit("/sheet?tab=99")
	g.keepsNobodyOut("a tab that is none")
	if g.count("#sheet") != 0 {
		t.Error("there is a grid of nothing")
	}
}

// On a telephone a first tap selects and a second one types, with the keys that
// only then come up.
func TestSheet_IsEditedOnATelephone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ticket("概要", "詳細")
	g := s.grid("/sheet?row=2")
	g.width(phone)
	if _, err := chromedp.Call(g.ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	g.taps(2, 2)
	g.until("the cell is selected", at(2, 2)+`.classList.contains("at")`)
	if mode := value[string](g.tab, `document.querySelector("#sheet-editor").inputMode`); mode != "none" {
		t.Errorf("the keys come up at the first tap: %q", mode)
	}
	g.sees("#sheet-full", "概要")
	g.taps(2, 2)
	g.until("the editor", `document.querySelector("#sheet-editor.on").inputMode === "text" && document.activeElement.id === "sheet-editor"`)
	g.insert("、指で")
	g.click(`[data-do="done"]`)
	s.until(2, 2, "概要、指で")
	g.click(`[data-do="edit"]`)
	g.insert("違う")
	g.click(`[data-do="cancel"]`)
	g.shows(2, 2, "概要、指で")
}
