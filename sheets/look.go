package sheets

import (
	"context"

	api "google.golang.org/api/sheets/v4"

	"uratori/sheets/a1"
)

// A tab up to this size is read whole at each look, so that a write that goes
// astray can be told from what the look saw. Of a larger one the key column is
// read, and the rows that were asked for.
const (
	mostRows  = 20_000
	mostBytes = 512 << 10
)

// Look reads the table: all of it when it is of usual size, else its key
// column and the rows of keys.
func (t *Table) Look(ctx context.Context, keys ...string) (*View, error) {
	var v *View
	err := t.settled(ctx, func(l layout) (err error) {
		t.mu.Lock()
		large := l.rows > mostRows || t.bytes > mostBytes
		t.mu.Unlock()
		if large {
			v, err = t.lookAt(ctx, l, keys)
		} else {
			v, err = t.lookWhole(ctx, l)
		}
		return err
	})
	return v, err
}

// Whole reads all of the table, whatever its size.
func (t *Table) Whole(ctx context.Context) (*View, error) {
	var v *View
	err := t.settled(ctx, func(l layout) (err error) {
		v, err = t.lookWhole(ctx, l)
		return err
	})
	return v, err
}

func (t *Table) lookWhole(ctx context.Context, l layout) (*View, error) {
	v := t.newView()
	ranges, err := t.values(ctx, l, "ROWS", &api.GridRange{SheetId: l.sheetID})
	if err != nil {
		return nil, err
	}
	l.title = titleOf(ranges[0].name, l.title)
	rows := ranges[0].values
	if l.header, err = findHeader(rows, t.o.Columns); err != nil {
		return nil, err
	}
	bytes := 0
	key := l.header.index[Key]
	v.rows = make([]Row, 0, len(rows)-l.header.row-1)
	for i, texts := range rows {
		for _, text := range texts {
			bytes += len(text)
		}
		if i > l.header.row {
			v.rows = append(v.rows, Row{i + 1, textAt(texts, key), notNil(texts), ranges[0].kinds[i]})
		}
	}
	l.rows = max(l.rows, len(rows))
	v.Whole, v.layout, v.Title = true, l, l.title
	t.remember(l, bytes)
	return v, nil
}

// lookAt reads the header, the key column, and the rows of keys where the last
// look had them, in one answer. Where the header is not where it was it is
// looked for first; rows that are elsewhere are read after.
func (t *Table) lookAt(ctx context.Context, l layout, keys []string) (*View, error) {
	for {
		v := t.newView()
		ask := []*api.GridRange{{SheetId: l.sheetID, EndRowIndex: deepestHeader}}
		column, guessed := l.header.index[Key]
		var hints []int
		if guessed {
			// Without an end: the tab may have grown since its size was asked for.
			ask = append(ask, &api.GridRange{SheetId: l.sheetID, StartColumnIndex: int64(column), EndColumnIndex: int64(column + 1)})
			hints = t.hints(keys, l.rows)
			for _, number := range hints {
				ask = append(ask, &api.GridRange{SheetId: l.sheetID, StartRowIndex: int64(number - 1), EndRowIndex: int64(number)})
			}
		}
		seen, err := t.lookColumns(ctx, l, ask)
		if err != nil {
			return nil, err
		}
		if l.header, err = findHeader(seen.head, t.o.Columns); err != nil {
			return nil, err
		}
		if !guessed || l.header.index[Key] != column {
			continue // an endless loop would need a person who moves the column each time
		}
		v.rows = make([]Row, 0, len(seen.keys))
		for i, key := range seen.keys {
			if i > l.header.row {
				v.rows = append(v.rows, Row{i + 1, key, nil, nil})
			}
		}
		for i, number := range hints {
			v.addTexts(number-l.header.row-2, column, seen.rows[i], seen.kinds[i])
		}
		l.title, l.rows = titleOf(seen.name, l.title), max(l.rows, len(seen.keys))
		v.layout, v.Title = l, l.title
		t.remember(l, -1)
		if err := t.fill(ctx, v, keys); err != nil {
			return nil, err
		}
		t.mu.Lock()
		t.last = v
		t.mu.Unlock()
		return v, nil
	}
}

// mostHints is how many rows one answer is asked for beside the key column.
const mostHints = 500

// hints are where the last look had the rows of keys.
func (t *Table) hints(keys []string, rows int) (numbers []int) {
	t.mu.Lock()
	last := t.last
	t.mu.Unlock()
	if last == nil {
		return nil
	}
	for _, key := range keys[:min(len(keys), mostHints)] {
		for _, i := range last.find(key) {
			if number := last.rows[i].Number; number <= rows {
				numbers = append(numbers, number)
			}
		}
	}
	return numbers
}

type columnsSeen struct {
	name  string // of the first range
	head  [][]string
	keys  []string
	rows  [][]string
	kinds []map[int]Kind
}

// lookColumns reads the first rows, and the key column as one list: a list a
// row would cost several times as much on a table of 100,000 rows.
func (t *Table) lookColumns(ctx context.Context, l layout, ask []*api.GridRange) (seen columnsSeen, err error) {
	ranges, err := t.values(ctx, l, "COLUMNS", ask...)
	if err != nil {
		return seen, err
	}
	seen.name = ranges[0].name
	for column, texts := range ranges[0].values {
		for row, text := range texts {
			for len(seen.head) <= row {
				seen.head = append(seen.head, nil)
			}
			for len(seen.head[row]) < column {
				seen.head[row] = append(seen.head[row], "")
			}
			seen.head[row] = append(seen.head[row], text)
		}
	}
	if len(ranges) > 1 && len(ranges[1].values) > 0 {
		seen.keys = ranges[1].values[0]
	}
	for _, r := range ranges[min(2, len(ranges)):] {
		texts := make([]string, len(r.values))
		var kinds map[int]Kind
		for i, column := range r.values {
			texts[i] = textAt(column, 0)
			if k, ok := r.kinds[i][0]; ok {
				if kinds == nil {
					kinds = map[int]Kind{}
				}
				kinds[i] = k
			}
		}
		seen.rows, seen.kinds = append(seen.rows, texts), append(seen.kinds, kinds)
	}
	return seen, nil
}

// fill reads the texts of the rows of keys into a view that has only keys. A
// row that has moved since is left without.
func (t *Table) fill(ctx context.Context, v *View, keys []string) error {
	var ask []*api.GridRange
	var at []int
	for _, key := range keys {
		for _, i := range v.find(key) {
			if v.rows[i].texts != nil {
				continue
			}
			row := int64(v.rows[i].Number)
			ask = append(ask, &api.GridRange{SheetId: v.layout.sheetID, StartRowIndex: row - 1, EndRowIndex: row})
			at = append(at, i)
		}
	}
	if ask == nil {
		return nil
	}
	ranges, err := t.values(ctx, v.layout, "ROWS", ask...)
	if err != nil {
		return err
	}
	for n, i := range at {
		texts := []string{}
		if len(ranges[n].values) > 0 {
			texts = notNil(ranges[n].values[0])
		}
		v.addTexts(i, v.layout.header.index[Key], texts, ranges[n].kinds[0])
	}
	return nil
}

// values reads ranges of the tab by its number, in one request and order.
func (t *Table) values(ctx context.Context, l layout, major string, ranges ...*api.GridRange) (found []valueRange, err error) {
	ask := &api.BatchGetValuesByDataFilterRequest{
		MajorDimension: major, ValueRenderOption: "FORMULA", DateTimeRenderOption: "FORMATTED_STRING",
	}
	for _, r := range ranges {
		r.ForceSendFields = []string{"SheetId"}
		ask.DataFilters = append(ask.DataFilters, &api.DataFilter{GridRange: r})
	}
	err = t.read(ctx, func(ctx context.Context) (err error) {
		found, err = streamValues(ctx, func(ctx context.Context) error {
			_, err := t.service.Spreadsheets.Values.BatchGetByDataFilter(t.o.Spreadsheet, ask).
				Fields("valueRanges.valueRange(range,values)").Context(ctx).Do()
			return err
		})
		if err == nil && len(found) != len(ranges) {
			err = errIncomplete
		}
		return err
	})
	return found, err
}

func span(sheetID, startRow, endRow int64, startColumn, endColumn int) *api.GridRange {
	return &api.GridRange{
		SheetId: sheetID, StartRowIndex: startRow, EndRowIndex: endRow,
		StartColumnIndex: int64(startColumn), EndColumnIndex: int64(endColumn),
	}
}

// titleOf is what the tab is called in an answer: people may rename it.
func titleOf(name, known string) string {
	if title, _, found, err := a1.Split(name); err == nil && found {
		return title
	}
	return known
}

func (t *Table) newView() *View {
	return &View{At: t.o.Now()}
}

func textAt(texts []string, i int) string {
	if i < len(texts) {
		return texts[i]
	}
	return ""
}

func notNil(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}
