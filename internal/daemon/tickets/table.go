package tickets

import (
	"context"
	"sync"

	"uratori/sheets"
)

// table is the table of the settings, connected when it is first needed: a
// daemon without credentials starts all the same, and says what is missing.
type table struct {
	connect func(context.Context) (*sheets.Table, error)

	mu   sync.Mutex
	open *sheets.Table
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
	return open.Look(ctx, keys...)
}

func (t *table) Whole(ctx context.Context) (*sheets.View, error) {
	open, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	return open.Whole(ctx)
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

func (t *table) Delete(ctx context.Context, v *sheets.View, row sheets.Row) (sheets.Deleted, error) {
	open, err := t.get(ctx)
	if err != nil {
		return sheets.Deleted{}, err
	}
	return open.Delete(ctx, v, row)
}
