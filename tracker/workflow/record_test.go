package workflow

import (
	"strings"
	"testing"
)

// A ticket that much happens to is looked at on every page; without the index
// each look reads all its entries.
func TestForged_ReadsByTheIndexOfItsKind(t *testing.T) {
	t.Parallel()
	h := begun(t)
	if plan := h.plan(`SELECT seq FROM ledger WHERE subject = ? AND seq > ? AND kind = '` + keptKind + `' ORDER BY seq`); !strings.Contains(plan, "workflow_kept") {
		t.Error(plan)
	}
}

func (h *house) plan(query string) string {
	h.t.Helper()
	var id, parent, unused int
	var plan string
	must(h.t, h.db.Reader().QueryRowContext(h.t.Context(), "EXPLAIN QUERY PLAN "+query, h.ticket, 0).Scan(&id, &parent, &unused, &plan))
	return plan
}
