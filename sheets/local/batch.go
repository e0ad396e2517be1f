package local

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/api/sheets/v4"
)

// kinds are the requests of a batch that this server carries out. Each changes
// the draft and returns its reply.
func (s *Server) kinds() map[string]func(d *draft, raw jsontext.Value) (object, error) {
	return map[string]func(*draft, jsontext.Value) (object, error){
		"addSheet":                    addSheet,
		"appendCells":                 appendCells,
		"appendDimension":             appendDimension,
		"copyPaste":                   copyPaste,
		"createDeveloperMetadata":     createMetadata,
		"deleteDeveloperMetadata":     deleteMetadata,
		"deleteDimension":             deleteDimension,
		"deleteRange":                 deleteRange,
		"deleteSheet":                 deleteSheet,
		"findReplace":                 s.findReplace,
		"insertDimension":             insertDimension,
		"moveDimension":               moveDimension,
		"sortRange":                   sortRange,
		"updateCells":                 updateCells,
		"updateDeveloperMetadata":     updateMetadata,
		"updateSheetProperties":       updateSheetProperties,
		"updateSpreadsheetProperties": updateSpreadsheetProperties,
	}
}

func (s *Server) batchUpdate(c *call, id string) (object, error) {
	if err := c.accept(sheets.BatchUpdateSpreadsheetResponse{}); err != nil {
		return nil, err
	}
	var ask struct {
		Requests                     []map[string]jsontext.Value `json:"requests"`
		IncludeSpreadsheetInResponse bool                        `json:"includeSpreadsheetInResponse"`
		ResponseRanges               []string                    `json:"responseRanges"`
		ResponseIncludeGridData      bool                        `json:"responseIncludeGridData"`
	}
	if err := c.decode(&ask, &sheets.BatchUpdateSpreadsheetRequest{}); err != nil {
		return nil, err
	}
	if len(ask.Requests) == 0 {
		return nil, invalid("Must specify at least one request.")
	}
	kinds := s.kinds()
	var replies array
	b, err := s.write(c.r.Context(), id, func(d *draft) error {
		for i, request := range ask.Requests {
			reply, err := apply(kinds, d, i, request)
			if err != nil {
				return err
			}
			replies = append(replies, reply)
		}
		// The answer is promised with the change: a range that is not there must stop both.
		_, err := d.named(ask.ResponseRanges)
		return err
	})
	if err != nil {
		return nil, err
	}
	o := object{{"spreadsheetId", id}, {"replies", replies}}
	if ask.IncludeSpreadsheetInResponse {
		want := shown{grid: c.wantsGrid(ask.ResponseIncludeGridData, "updatedSpreadsheet")}
		if len(ask.ResponseRanges) > 0 {
			if want.places, err = b.named(ask.ResponseRanges); err != nil {
				return nil, err
			}
		}
		o.put("updatedSpreadsheet", s.reply(b, want))
	}
	return o, nil
}

func apply(kinds map[string]func(*draft, jsontext.Value) (object, error), d *draft, index int, request map[string]jsontext.Value) (object, error) {
	if len(request) != 1 {
		return nil, notOneKind(index, request)
	}
	for kind, raw := range request {
		carry, ok := kinds[kind]
		if !ok {
			if _, known := jsonMember(reflect.TypeFor[sheets.Request](), kind); known {
				return nil, unsupported(fmt.Sprintf("requests[%d].%s", index, kind))
			}
			return nil, badName(fmt.Sprintf("requests[%d]", index), kind)
		}
		reply, err := carry(d, raw)
		if p, ok := errors.AsType[*problem](err); ok {
			return nil, inRequest(index, kind, p)
		}
		if err != nil || reply == nil {
			return object{}, err
		}
		return object{{kind, reply}}, nil
	}
	return nil, nil
}

func notOneKind(index int, request map[string]jsontext.Value) error {
	if len(request) == 0 {
		return invalid("Invalid requests[%d]: no request is set.", index)
	}
	kinds := slices.Sorted(maps.Keys(request))
	return badValue(fmt.Sprintf("requests[%d]", index), "oneof", fmt.Sprintf("oneof field 'kind' is already set. Cannot set '%.100s'", kinds[len(kinds)-1]))
}

// parse reads one request of a batch.
func parse[T any](raw jsontext.Value, google any) (v T, err error) {
	err = decode(raw, &v, google)
	return v, err
}

func addSheet(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Properties sheetProperties `json:"properties"`
	}](raw, &sheets.AddSheetRequest{})
	if err != nil {
		return nil, err
	}
	t, err := d.addSheet(r.Properties)
	if err != nil {
		return nil, err
	}
	return object{{"properties", tabProperties(&d.book, t)}}, nil
}

func deleteSheet(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		SheetID int32 `json:"sheetId"`
	}](raw, &sheets.DeleteSheetRequest{})
	if err != nil {
		return nil, err
	}
	t := d.tabByID(r.SheetID)
	if t == nil {
		return nil, invalid("No sheet with id: %d", r.SheetID)
	}
	visible := 0
	for _, other := range d.tabs {
		if other != t && !other.hidden {
			visible++
		}
	}
	if visible == 0 {
		return nil, invalid("You can't remove all the visible sheets in a document.")
	}
	d.dropTab(t)
	return nil, nil
}

func updateSheetProperties(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Properties sheetProperties `json:"properties"`
		Fields     string          `json:"fields"`
	}](raw, &sheets.UpdateSheetPropertiesRequest{})
	if err != nil {
		return nil, err
	}
	m, err := requestMask(r.Fields, sheets.SheetProperties{})
	if err != nil {
		return nil, err
	}
	p := r.Properties
	id := int32(0)
	if p.SheetID != nil {
		id = *p.SheetID
	}
	t := d.tabByID(id)
	if t == nil {
		return nil, noGrid(id)
	}
	t = d.edit(t)
	for name, sub := range m {
		switch name {
		case "title", "index", "hidden", "sheetId", "sheetType", "*":
		case "gridProperties":
			for inner := range sub {
				if inner != "rowCount" && inner != "columnCount" && inner != "frozenRowCount" && inner != "frozenColumnCount" && inner != "*" {
					return nil, unsupported("gridProperties." + inner)
				}
			}
		default:
			return nil, unsupported("the sheet property " + name)
		}
	}
	if _, ok := m.sub("title"); ok && p.Title != "" {
		if err := d.checkTitle(p.Title, t); err != nil {
			return nil, err
		}
		t.title = p.Title
	} else if _, named := m["title"]; named {
		return nil, invalid("Sheet name cannot be empty.")
	}
	if _, ok := m.sub("hidden"); ok {
		t.hidden = p.Hidden
		if d.firstVisible() == nil {
			return nil, invalid("You can't hide all the sheets in a document.")
		}
	}
	if sub, ok := m.sub("gridProperties"); ok && p.GridProperties != nil {
		if err := d.resize(t, *p.GridProperties, sub); err != nil {
			return nil, err
		}
	}
	if _, ok := m.sub("index"); ok && p.Index != nil {
		return nil, d.moveTab(t, int(*p.Index))
	}
	return nil, nil
}

func updateSpreadsheetProperties(d *draft, raw jsontext.Value) (object, error) {
	r, err := parse[struct {
		Properties bookProperties `json:"properties"`
		Fields     string         `json:"fields"`
	}](raw, &sheets.UpdateSpreadsheetPropertiesRequest{})
	if err != nil {
		return nil, err
	}
	m, err := requestMask(r.Fields, sheets.SpreadsheetProperties{})
	if err != nil {
		return nil, err
	}
	for name := range m {
		if name != "title" && name != "locale" && name != "timeZone" && name != "autoRecalc" && name != "*" {
			return nil, unsupported("the spreadsheet property " + name)
		}
	}
	return nil, d.describe(r.Properties, m)
}
