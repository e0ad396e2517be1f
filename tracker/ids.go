package tracker

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"uratori/internal/fault"
	"uratori/internal/store"
	"uratori/sheets"
)

// ASCII alone: one id must not look like another. An id is also the name of a
// folder.
var idPattern = compiled(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// checkNewID refuses ids that nobody should file under.
func checkNewID(id string) error {
	if !idPattern().MatchString(id) {
		return fault.New(fault.Invalid, "tracker.bad_id", "ticket", brief(id))
	}
	return nil
}

const mostDigits = 9

// number is the number of an id with our prefix, however wide it was typed.
func (t *Tracker) number(id string) (n, width int, ok bool) {
	digits, ok := strings.CutPrefix(id, t.o.Prefix)
	if !ok || !strings.HasPrefix(digits, "-") {
		id = sheets.Fold(id)
		if digits, ok = strings.CutPrefix(id, sheets.Fold(t.o.Prefix)); !ok || !strings.HasPrefix(digits, "-") {
			return 0, 0, false
		}
	}
	digits = digits[1:]
	if len(digits) > mostDigits {
		return 0, 0, false // nobody counts that far
	}
	n, err := strconv.Atoi(digits)
	return n, len(digits), err == nil && n >= 0
}

// noteID makes new ids greater than this one. The caller holds mu, or is
// alone.
func (t *Tracker) noteID(id string) {
	if n, width, ok := t.number(id); ok {
		t.highest = max(t.highest, n)
		if id = norm.NFKC.String(id); width > t.width && strings.Contains(id, "-0") {
			t.width = width // people fill up with zeros this far
		}
	}
}

// nextID is an id that was never used. The caller holds mu.
func (t *Tracker) nextID() string {
	t.highest++
	return fmt.Sprintf("%s-%0*d", t.o.Prefix, t.width, t.highest)
}

// brief bounds a text that goes into a sentence.
func brief(s string) string {
	const longest = 60
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}

// name gives ids to drafts that have none, and others to those whose id
// somebody else has taken since.
func (t *Tracker) name(ctx context.Context, v *sheets.View, batch []*write) error {
	counted := t.trusted // the rows of a look are counted once, when they are needed
	for _, w := range batch {
		if w.kind != create || !w.free || w.sent() && w.ticket != "" {
			continue
		}
		if !counted {
			t.countIDs(v)
			counted = true
		}
		was := w.ticket
		id := was
		for id == "" || t.isUsed(v, id) {
			t.mu.Lock()
			id = t.nextID()
			t.mu.Unlock()
		}
		if id == was {
			continue
		}
		err := t.o.DB.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(`UPDATE tracker_writes SET ticket = ? WHERE id = ?`, id, w.id); err != nil {
				return err
			}
			_, err := t.o.Ledger.Append(tx, "tracker.named", subject(id), map[string]any{"write": w.id, "ticket": id, "before": was})
			return err
		})
		if err != nil {
			return fmt.Errorf("store the id %s: %w", id, t.o.DB.Explain(err))
		}
		t.mu.Lock()
		w.ticket = id
		t.mu.Unlock()
	}
	return nil
}

// countIDs finds the highest number of an id in the table.
func (t *Tracker) countIDs(v *sheets.View) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for r := range v.Rows() {
		if n, _, ok := t.number(r.Key); ok && n > t.last {
			t.last = n
			t.noteID(r.Key)
		}
	}
}

// isUsed tells that a row has an id, or one that people would take for it, or
// one that comes after it: a new row stands behind all others, and so does its
// id. Whatever looks like an id has its number.
func (t *Tracker) isUsed(v *sheets.View, id string) bool {
	if n, _, ok := t.number(id); ok {
		return n <= t.last
	}
	_, err := v.Find(id)
	return err == nil || errors.Is(err, sheets.ErrAmbiguous) || looksAlike(err)
}

// looksAlike tells that the table has an id that people would take for this.
func looksAlike(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Key == "sheets.not_found_near"
}

// compiled is a pattern that is made at its first use: every command starts
// with what the packages have made ready, and most need none of it.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
