package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/sheets"
	"uratori/sheets/a1"
)

// mapped are header texts by the name of their column, "" for one that the
// header lacks.
type mapped struct {
	ID       string `json:"id"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Status   string `json:"status,omitzero"`
	Approval string `json:"approval,omitzero"`
}

// connected is the answer of `uratori init --spreadsheet`.
type connected struct {
	Config      string         `json:"config"`
	Spreadsheet string         `json:"spreadsheet"`
	Sheet       string         `json:"sheet"`
	Columns     mapped         `json:"columns"`
	Rows        int            `json:"rows"` // that have an ID
	Verdict     ledger.Verdict `json:"verdict"`
}

// proposal is what would be written, and what was seen that speaks for it.
type proposal struct {
	connected
	values  map[string]string // settings by key
	columns []proposed
	unused  []string // columns
	header  int      // row
	share   string   // e-mail address, or ""
}

type proposed struct {
	name, letter, text string // letter is "" for a column that the header lacks
}

// lookLimit is how long the spreadsheet may take to be looked at.
const lookLimit = time.Minute

func (a *app) initSpreadsheet(ctx context.Context, w wishes) error {
	switch {
	case w.yes:
	case a.json:
		return fault.New(fault.Invalid, "cli.init.json_wants_yes")
	case !a.canAsk():
		return fault.New(fault.Invalid, "cli.init.no_terminal")
	}
	c, err := a.openHome()
	if err != nil {
		return err
	}
	p, err := a.propose(ctx, c, w)
	if err != nil {
		return err
	}
	if !a.json {
		a.tellProposal(p)
	}
	if !w.yes && !a.agrees(ctx, a.lang.Say("cli.init.ask", "file", p.Config)) {
		return fault.New(fault.Failed, "cli.init.declined")
	}
	if c, p.Verdict, err = a.settle(ctx, c.Home, p.values); err != nil {
		return err
	}
	switch {
	case a.json:
		a.print(p.connected)
		return judged(p.Verdict)
	case p.Verdict == ledger.Verified:
		a.line("cli.init.good", a.mark(p.Verdict), "file", p.Config, "tab", strconv.Quote(p.Sheet), "spreadsheet", p.Spreadsheet)
	default:
		a.line("cli.init.bad", a.mark(p.Verdict), "file", p.Config)
	}
	a.tellStale(ctx, c)
	return judged(p.Verdict)
}

// propose looks at the spreadsheet with the settings as they would be.
func (a *app) propose(ctx context.Context, c *config.Config, w wishes) (p proposal, err error) {
	if p.values, err = w.values(); err != nil {
		return p, err
	}
	p.values["tracker.spreadsheet"] = w.spreadsheet
	if w.tab != "" {
		p.values["tracker.sheet"] = w.tab
	}
	with, err := c.With(given, a.environ, p.values)
	if err != nil {
		return p, err
	}
	p.Config, p.Spreadsheet = c.Home.Config(), with.Tracker.SpreadsheetID()
	p.values["tracker.spreadsheet"] = p.Spreadsheet // a URL names a tab too, which may not be the one

	var embedded http.RoundTripper
	if with.Tracker.Local() {
		daemon, err := a.connect(ctx)
		if err != nil {
			return p, err
		}
		defer daemon.Close()
		embedded = daemon.Sheet()
	}
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	connect := func() (*sheets.Table, error) {
		return sheets.Connect(ctx, with, embedded, a.getenv, time.Now)
	}
	table, err := connect()
	if err != nil {
		return p, err
	}
	tabs, err := table.Tabs(ctx)
	if err != nil {
		return p, err
	}
	if p.Sheet, err = chooseTab(tabs, w, c.Tracker.Sheet); err != nil {
		return p, err
	}
	p.values["tracker.sheet"] = p.Sheet
	if with, err = c.With(given, a.environ, p.values); err != nil {
		return p, err
	}
	if table, err = connect(); err != nil { // the tab is another one now
		return p, err
	}
	view, err := table.Look(ctx)
	if err != nil {
		return p, hinted(err, with)
	}
	for range view.Rows() {
		p.Rows++
	}
	p.header, p.share = view.HeaderRow(), table.Share()
	if err := p.mapColumns(view, c, with); err != nil {
		return p, err
	}
	_, err = c.With(given, a.environ, p.values) // no text twice
	return p, err
}

// mapColumns tells which column means what. Those that the settings do not
// name as the header does are noted to be written.
func (p *proposal) mapColumns(view *sheets.View, c, with *config.Config) error {
	header := view.Columns()
	used := map[int]bool{}
	fields := map[string]*string{
		sheets.Key: &p.Columns.ID, "summary": &p.Columns.Summary, "detail": &p.Columns.Detail,
		"status": &p.Columns.Status, "approval": &p.Columns.Approval,
	}
	now := sheets.Columns(c.Tracker.Columns)
	for i, column := range sheets.Columns(with.Tracker.Columns) {
		key := "tracker.columns." + column.Name
		text, err := view.Column(column.Name)
		if wanted, ok := p.values[key]; ok {
			// A person who named a header means that one and no other.
			named, missing := view.Column(wanted)
			if missing != nil || err != nil || named != text {
				return hinted(fault.New(fault.Failed, "sheets.no_column", "column", wanted, "have", strings.Join(header, ", ")), with)
			}
		}
		if err != nil {
			p.columns = append(p.columns, proposed{name: column.Name})
			continue
		}
		at := slices.Index(header, text)
		used[at] = true
		p.columns = append(p.columns, proposed{column.Name, a1.Column(at), text})
		text = strings.TrimSpace(text) // what is round a header's text is passed over
		*fields[column.Name] = text
		if delete(p.values, key); text != now[i].Texts[0] {
			p.values[key] = text
		}
	}
	for i, text := range header {
		if !used[i] && strings.TrimSpace(text) != "" {
			p.unused = append(p.unused, a1.Column(i)+" "+short(strconv.Quote(text)))
		}
	}
	return nil
}

// hinted adds to an error of the header what can be done about it.
func hinted(err error, c *config.Config) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || !errors.Is(err, sheets.ErrNoColumn) && !errors.Is(err, sheets.ErrNoHeader) {
		return err
	}
	const longest = 600 // characters; a tab can have 18,278 columns
	clear := *f
	clear.Values = map[string]string{}
	for name, value := range f.Values {
		clear.Values[name] = cut(strings.Join(strings.Fields(value), " "), longest) // a header with lines looks like more than one sentence
	}
	name := sheets.Key
	for _, column := range sheets.Columns(c.Tracker.Columns) {
		if column.Texts[0] == f.Values["column"] {
			name = column.Name
		}
	}
	examples := map[string]string{sheets.Key: "番号", "summary": "件名", "detail": "内容", "status": "状況", "approval": "確認"}
	return fault.New(f.Kind, "cli.init.columns", "name", name, "example", examples[name]).Wrap(&clear)
}

// gidOf is the number of the tab that a URL of a browser names.
var gidOf = regexp.MustCompile(`[?#&]gid=([^?#&]*)`)

// chooseTab is the title of the tab that is meant.
func chooseTab(tabs []sheets.Tab, w wishes, configured string) (string, error) {
	var titles, quoted, visibleOnes []string
	for _, t := range tabs {
		titles, quoted = append(titles, t.Title), append(quoted, strconv.Quote(t.Title))
		if !t.Hidden {
			visibleOnes = append(visibleOnes, t.Title)
		}
	}
	const most = 30
	have := strings.Join(quoted[:min(most, len(quoted))], ", ")
	if len(quoted) > most {
		have += ", …"
	}
	named := gidOf.FindAllStringSubmatch(w.spreadsheet, -1)
	switch {
	case w.tab != "" && !slices.Contains(titles, w.tab):
		return "", fault.New(fault.NotFound, "sheets.no_tab", "tab", w.tab, "have", have)
	case w.tab != "":
		return w.tab, nil
	case named != nil:
		gid := named[len(named)-1][1] // the part after # comes last, and is what the browser shows
		id, err := strconv.ParseUint(gid, 10, 31)
		if err != nil {
			return "", fault.New(fault.Invalid, "cli.init.bad_gid", "gid", short(gid))
		}
		for _, t := range tabs {
			if t.ID == int64(id) {
				return t.Title, nil
			}
		}
		return "", fault.New(fault.NotFound, "cli.init.no_gid", "gid", id, "have", have)
	case slices.Contains(titles, configured):
		return configured, nil
	case len(visibleOnes) == 1:
		return visibleOnes[0], nil
	}
	return "", fault.New(fault.Invalid, "cli.init.which_tab", "have", have)
}

// tellProposal shows what would be written.
func (a *app) tellProposal(p proposal) {
	a.say("cli.init.found", "spreadsheet", p.Spreadsheet, "tab", strconv.Quote(p.Sheet), "header", p.header, "rows", p.Rows)
	for _, c := range p.columns {
		name := fmt.Sprintf("%-8s", c.name)
		if c.letter == "" {
			a.say("cli.init.missing", "name", name)
		} else {
			a.say("cli.init.mapped", "name", name, "column", fmt.Sprintf("%-3s", c.letter), "text", short(strconv.Quote(c.text)))
		}
	}
	const most = 20
	if unused := p.unused; len(unused) > 0 {
		if len(unused) > most {
			unused = append(unused[:most:most], a.lang.Say("cli.init.more", "count", len(unused)-most))
		}
		a.say("cli.init.unused", "columns", strings.Join(unused, ", "))
	}
	if p.share != "" {
		a.say("cli.init.share", "address", p.share)
	}
}
