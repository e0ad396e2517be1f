package tickets

import (
	"context"
	"fmt"
	"sync"

	"uratori/sheets"
)

// table is the table of the settings, connected when it is first needed: a
// daemon without credentials starts all the same, and says what is missing.
type table struct {
	connect func(context.Context) (*sheets.Table, error)

	mu   sync.Mutex
	open *sheets.Table
	tab  *int64 // its number, once it was looked at
}

func (t *table) get(ctx context.Context) (*sheets.Table, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open != nil {
		return t.open, nil
	}
	// The connection outlives the request that asked for it.
	open, err := t.connect(context.WithoutCancel(ctx))
	if err == nil {
		t.open = open
	}
	return open, err
}

func (t *table) Look(ctx context.Context, keys ...string) (*sheets.View, error) {
	open, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	return t.note(open.Look(ctx, keys...))
}

// note remembers which tab was looked at.
func (t *table) note(v *sheets.View, err error) (*sheets.View, error) {
	if err == nil {
		number := v.Tab()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.tab = &number
	}
	return v, err
}

// link is where people see a row of the table at Google's, given where they see
// the spreadsheet; empty while that is not known.
func (t *table) link(spreadsheet string, row int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if spreadsheet == "" || t.tab == nil || row < 1 {
		return ""
	}
	return fmt.Sprintf("%s#gid=%d&range=%d:%d", spreadsheet, *t.tab, row, row)
}

func (t *table) Whole(ctx context.Context) (*sheets.View, error) {
	open, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	return t.note(open.Whole(ctx))
}

func (t *table) Write(ctx context.Context, v *sheets.View, b sheets.Batch) ([]sheets.Hit, error) {
	open, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	return open.Write(ctx, v, b)
}

func (t *table) Again(ctx context.Context, v *sheets.View, hits []sheets.Hit) (*sheets.Reading, error) {
	open, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	return open.Again(ctx, v, hits)
}

func (t *table) Read(ctx context.Context, names []string, keys ...string) (*sheets.Reading, error) {
	open, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	return open.Read(ctx, names, keys...)
}

func (t *table) Delete(ctx context.Context, v *sheets.View, row sheets.Row, note string) (sheets.Deleted, error) {
	open, err := t.get(ctx)
	if err != nil {
		return sheets.Deleted{}, err
	}
	return open.Delete(ctx, v, row, note)
}

func (t *table) LastNote(ctx context.Context) (string, error) {
	open, err := t.get(ctx)
	if err != nil {
		return "", err
	}
	return open.LastNote(ctx)
}

func (t *table) Recall(ctx context.Context, v *sheets.View, b sheets.Batch) ([]sheets.Hit, error) {
	open, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	return open.Recall(ctx, v, b)
}

func (t *table) RecallDeleted(ctx context.Context, v *sheets.View, number int, note string) (*sheets.Taken, error) {
	open, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	return open.RecallDeleted(ctx, v, number, note)
}
