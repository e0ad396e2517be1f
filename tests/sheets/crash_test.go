package sheets_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"uratori/internal/config"
	"uratori/sheets"
	"uratori/tests/house"
)

// The daemon is killed again and again while others write to the sheet: what a
// write was told stays true.
func TestKill9_WhileOthersWrite_WhatWasSeenInAnAnswerIsThere(t *testing.T) {
	t.Parallel()
	const kills, writers = 30, 3
	h := house.New(t, program)
	h.Must("up", "--background")
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any number will do
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // moments, not secrets

	type told struct {
		text     string   // that was seen in an answer
		attempts []string // later, and nobody knows
	}
	var mu sync.Mutex
	known := map[string]told{}
	var count atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				key := fmt.Sprintf("INTG-%d%02d", w, n%20)
				text := fmt.Sprintf("%d 回目\n=%d", n, n)
				applied, err := put(ctx, string(h.Home), key, text)
				mu.Lock()
				was := known[key]
				switch {
				case applied:
					known[key] = told{text: text}
					count.Add(1)
				case errors.Is(err, sheets.ErrUnknown):
					known[key] = told{was.text, append(slices.Clone(was.attempts), text)}
				}
				mu.Unlock()
			}
		})
	}
	for range kills {
		target := count.Load() + 1 + random.Int64N(20)
		house.Until(t, "some writes are told", func() bool { return count.Load() >= target })
		h.Kill(h.Status())
		h.Must("up", "--background")
	}
	stop()
	all.Wait()

	table := tableOf(t.Context(), string(h.Home))
	v, err := table.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(known) < writers*20/2 {
		t.Fatalf("only %d keys were written", len(known))
	}
	for key, k := range known {
		if k.text == "" {
			continue // never told
		}
		r, err := v.Find(key)
		if err != nil {
			t.Errorf("%s was told to be there: %v", key, err)
			continue
		}
		text, err := v.Text(r, "summary")
		if err != nil || text != k.text && !slices.Contains(k.attempts, text) {
			t.Errorf("%s holds %q, and %q was told (%q are unknown): %v", key, text, k.text, k.attempts, err)
		}
	}
}

// put writes the summary of a ticket, which it makes if it is not there.
func put(ctx context.Context, home, key, text string) (applied bool, err error) {
	table := tableOf(ctx, home)
	v, err := table.Look(ctx)
	if err != nil {
		return false, err
	}
	cells := map[string]string{"summary": text}
	b := sheets.Batch{Inserts: []sheets.Insert{{Key: key, Cells: cells}}}
	if r, err := v.Find(key); err == nil {
		b = sheets.Batch{Changes: []sheets.Change{{Row: r, Cells: cells}}}
	} else if !errors.Is(err, sheets.ErrNotFound) {
		return false, err
	}
	hits, err := table.Write(ctx, v, b)
	if err != nil {
		return false, err
	}
	for _, c := range hits[0].Cells {
		if c.Column == "summary" && (!c.Placed || !c.After.Holds(text)) {
			return false, fmt.Errorf("%s was hit: %+v", hits[0].Found, c) // another writer inserted before it
		}
	}
	return true, nil
}

// tableOf is a table on the socket of a home, whoever listens there now.
func tableOf(ctx context.Context, home string) *sheets.Table {
	socket := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", config.Home(home).Socket())
	}}
	table, err := sheets.New(ctx, sheets.Options{
		Spreadsheet: "local", Tab: "Tracker", Endpoint: "http://uratori/", Transport: socket, Now: time.Now,
		Columns: sheets.Columns(config.Columns{ID: "ID", Summary: "概要", Detail: "詳細", Status: "ステータス", Approval: "承認"}),
	})
	if err != nil {
		panic(err) // nothing was asked yet
	}
	return table
}
