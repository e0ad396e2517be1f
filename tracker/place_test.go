package tracker

import (
	"path/filepath"
	"strings"
	"testing"

	"uratori/internal/ledger"
	"uratori/internal/store"
)

// A page asks for the place of a ticket each time that something happens to it;
// without the index each question reads every write of the ticket.
func TestPlace_ReadsByItsIndex(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "tracker.db"), ledger.Schema(), Schema())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // nothing was written
	var id, parent, unused int
	var plan string
	err = db.Reader().QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+selectPlace, "b", "T-1").Scan(&id, &parent, &unused, &plan)
	if err != nil || !strings.Contains(plan, "tracker_writes_place") {
		t.Error(plan, err)
	}
}
