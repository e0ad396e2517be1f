package embedded

import (
	"net/http"
	"strconv"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/sheets"
	"uratori/sheets/a1"
	"uratori/sheets/local/edit"
)

// desk lets people read and change the embedded sheet by hand. What they change
// is a person's edit to the tracker, which looks at the table as it looks at
// Google's; beside that the ledger tells that it was made here.
type desk struct {
	house daemon.House
	sheet *Sheet
	epoch string // of this daemon's revisions: counting begins anew with each
}

func (d *desk) revision(changes int64) string { return d.epoch + "." + strconv.FormatInt(changes, 10) }

func (d *desk) page(r *http.Request) (any, error) {
	query := r.URL.Query()
	ask := edit.Query{From: 1}
	if d.house.Config.Tracker.Local() {
		ask.Title = d.house.Config.Tracker.Sheet
	}
	for name, into := range map[string]*int{"from": &ask.From, "to": &ask.To} {
		if text := query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return nil, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
			}
			*into = n
		}
	}
	if text := query.Get("tab"); text != "" {
		id, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, fault.New(fault.NotFound, "sheet.no_tab", "title", "#"+strconv.Quote(text[:min(len(text), 50)]))
		}
		number := int32(id)
		ask.Tab = &number
	}
	p, changes, err := d.sheet.server.Page(r.Context(), ask)
	p.Revision = d.revision(changes)
	return p, err
}

func (d *desk) edit(r *http.Request) (any, error) {
	var ask control.SheetEdit
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	if err := clean(&ask.Batch); err != nil {
		return nil, err
	}
	o, err := d.sheet.server.Edit(r.Context(), ask.Batch, func(tx *store.Tx) error {
		_, err := d.house.Ledger.Append(tx, "sheet.edited", "sheet", told(ask))
		return err
	})
	if err != nil {
		return nil, err
	}
	o.Revision = d.revision(d.sheet.Changes())
	return o, nil
}

// clean brings every text into the form in which cells hold texts, or refuses it
// with the name of its cell.
func clean(b *edit.Batch) error {
	for _, s := range b.Steps {
		if s.Put != nil {
			if err := cleanCells(s.Put.New, s.Put.Row, s.Put.Column); err != nil {
				return err
			}
		}
		if s.Insert != nil {
			if err := cleanCells(s.Insert.Cells, s.Insert.Row, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func cleanCells(rows [][]edit.Value, row, column int) error {
	for i, cells := range rows {
		for j := range cells {
			for _, text := range []*string{&cells[j].Text, &cells[j].Note} {
				clean, _, err := sheets.Clean(*text)
				if err != nil {
					where := a1.Cell(max(row-1, 0)+i, max(column-1, 0)+j)
					return fault.New(fault.Invalid, "sheet.bad_text", "cell", where.String()).Wrap(err)
				}
				*text = clean
			}
		}
	}
	return nil
}

// account is an edit as the ledger tells it. The texts of tickets are told
// again, whole, by the tracker when it sees them.
type account struct {
	Tab   int32  `json:"tab"`
	By    string `json:"by"`
	Steps []deed `json:"steps"`
	More  int    `json:"more,omitzero"` // cells that are not listed
}

type deed struct {
	What  string   `json:"what"`
	Row   int      `json:"row"`
	Count int      `json:"count,omitzero"` // rows
	Cells []change `json:"cells,omitempty"`
}

type change struct {
	Cell string `json:"cell"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// mostTold bounds the texts of an entry, in bytes.
const mostTold = 64 << 10

func told(ask control.SheetEdit) account {
	a := account{Tab: ask.Tab, By: ask.By}
	room := mostTold
	tell := func(d *deed, row, column int, old, now string) {
		if old == now {
			return
		}
		if room -= len(old) + len(now) + 32; room < 0 {
			a.More++
			return
		}
		d.Cells = append(d.Cells, change{a1.Cell(row-1, column-1).String(), old, now})
	}
	for _, s := range ask.Steps {
		var d deed
		switch {
		case s.Put != nil:
			d = deed{What: "put", Row: s.Put.Row, Count: len(s.Put.New)}
			for i, cells := range s.Put.New {
				for j, v := range cells {
					tell(&d, s.Put.Row+i, s.Put.Column+j, s.Put.Old[i][j], v.Text)
				}
			}
		case s.Insert != nil:
			d = deed{What: "insert", Row: s.Insert.Row, Count: s.Insert.Count}
			for i, cells := range s.Insert.Cells {
				for j, v := range cells {
					tell(&d, s.Insert.Row+i, 1+j, "", v.Text)
				}
			}
		case s.Delete != nil:
			d = deed{What: "delete", Row: s.Delete.Row, Count: len(s.Delete.Seen)}
			for i, cells := range s.Delete.Seen {
				for j, text := range cells {
					tell(&d, s.Delete.Row+i, 1+j, text, "")
				}
			}
		case s.Sort != nil:
			d = deed{What: "sort", Row: s.Sort.From}
		case s.Arrange != nil:
			d = deed{What: "arrange", Row: s.Arrange.From, Count: len(s.Arrange.Order)}
		}
		a.Steps = append(a.Steps, d)
	}
	return a
}
