package tracker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
	"uratori/sheets"
)

// note is what a change is signed with in the table, so that it can be told
// afterwards whether it was carried out, and what it did: when its answer was
// lost, or this side died before it came.
type note struct {
	By   string  `json:"by"` // that of this program, in the words of whoever finds it
	At   string  `json:"at"`
	Rows []noted `json:"rows,omitempty"`
	// Of a deletion: the row, its id, and the SHA-256 of what was to stand in it.
	Deleted int    `json:"deleted,omitzero"`
	Ticket  string `json:"ticket,omitempty"`
	Was     string `json:"was,omitempty"`
}

// noted is a row of a change and the writes that it was for.
type noted struct {
	Row    int     `json:"row"`
	Writes []int64 `json:"writes"`
}

// author is how notes are told from what people write.
const author = "uratori"

// mostNote is how long a note may be, in bytes; a longer one names no rows, and
// serves this side alone.
const mostNote = 20_000

func (t *Tracker) noteOf(steps []step) string {
	n := note{By: author, At: stamp(t.o.Now())}
	for _, s := range steps {
		if s.change == nil {
			continue
		}
		row := noted{Row: s.change.Row.Number}
		for _, w := range s.writes {
			row.Writes = append(row.Writes, w.id)
		}
		n.Rows = append(n.Rows, row)
	}
	if text := n.text(); len(text) <= mostNote {
		return text
	}
	n.Rows = nil
	return n.text()
}

// text is the note, which no other change has: two do not begin in the same
// nanosecond.
func (n note) text() string {
	raw, err := json.Marshal(n)
	if err != nil {
		return n.At // of numbers and hashes, JSON can be made
	}
	return string(raw)
}

func (t *Tracker) noteOfDeletion(r sheets.Row) string {
	n := note{By: author, At: stamp(t.o.Now()), Deleted: r.Number, Ticket: r.Key, Was: lineSum(r.Texts())}
	return n.text()
}

// lineSum is the SHA-256 of what stands in a row.
func lineSum(texts []string) string {
	h := sha256.Sum256([]byte(strings.TrimRight(strings.Join(texts, "\x00"), "\x00")))
	return hex.EncodeToString(h[:])
}

// recall looks whether a change whose answer was lost was carried out. There are
// no hits where nobody can say, or not yet.
func (t *Tracker) recall(ctx context.Context, v *sheets.View, b sheets.Batch) ([]sheets.Hit, error) {
	bounded, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	return t.o.Sheet.Recall(bounded, v, b)
}

// lostChange is one whose answer was lost, and of which the table could not be
// asked either. The picture of the next change takes the place of its own.
type lostChange struct {
	v     *sheets.View
	batch sheets.Batch
	order []step
	until time.Time // others shall not wait for it any longer
}

// recallLost asks again for what a change has done, and tells whether it was
// found out.
func (t *Tracker) recallLost(ctx context.Context) (found bool, err error) {
	if t.lost == nil {
		return false, nil
	}
	l := t.lost
	hits, err := t.recall(ctx, l.v, l.batch)
	if err != nil && t.o.Now().Before(l.until) {
		t.unlooked = t.o.Now()
		return false, t.trouble(ctx, err)
	}
	t.lost = nil
	if hits == nil {
		return false, nil
	}
	t.wrote(-1, hits)
	return true, t.readBack(ctx, l.v, hits, l.order, false)
}

// recallLast takes up the last change that a tracker before this one made and
// did not live to see the end of. What it covered in another's place is put
// back; v is a look at the whole table.
func (t *Tracker) recallLast(ctx context.Context, v *sheets.View) error {
	bounded, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	text, err := t.o.Sheet.LastNote(bounded)
	if err != nil {
		return t.unrecalled(ctx, err)
	}
	t.recalled = true
	var n note
	if json.Unmarshal([]byte(text), &n) != nil || n.By != author {
		return nil
	}
	if at, err := time.Parse(timeFormat, n.At); err != nil || t.o.Now().Sub(at) > recallLimit {
		return nil
	}
	if n.Deleted > 0 {
		return t.recallDeletion(ctx, v, n, text)
	}
	columns := columnsOf(v, t.o.Columns)
	b, order := sheets.Batch{Note: text}, []step{}
	for _, row := range n.Rows {
		s := step{since: true, change: &sheets.Change{Row: sheets.Row{Number: row.Row}, Cells: map[string]string{}, Kinds: map[string]sheets.Kind{}}}
		for _, w := range t.opened() {
			if !slices.Contains(row.Writes, w.id) || t.resolve(w, columns) != nil {
				continue
			}
			s.change.Row.Key = w.ticket
			for _, c := range w.cells {
				s.change.Cells[c.Name] = c.Text
				if c.Kind != "" {
					s.change.Kinds[c.Name] = c.Kind
				}
			}
			s.writes = append(s.writes, w)
		}
		if len(s.writes) > 0 {
			b.Changes, order = append(b.Changes, *s.change), append(order, s)
		}
	}
	if len(order) == 0 {
		return nil
	}
	hits, err := t.recall(ctx, v, b)
	switch kind := fault.KindOf(err); {
	case err != nil && kind != fault.Invalid && kind != fault.Conflict && kind != fault.NotFound:
		return t.unrecalled(ctx, err)
	case hits == nil:
		return nil
	}
	return t.readBack(ctx, v, hits, order, false)
}

// unrecalled has the next look ask again, for as long as others can wait: the
// table itself was just read.
func (t *Tracker) unrecalled(ctx context.Context, err error) error {
	now := t.o.Now()
	if t.recallBy.IsZero() {
		t.recallBy = now.Add(lateLimit)
	}
	if t.recalled = now.After(t.recallBy); t.recalled {
		t.o.Log.Warn("what the last change did cannot be found out: writing goes on", "error", err)
		return nil
	}
	return t.trouble(ctx, err)
}

// recallLimit is how old a note may be that is taken up: people have done too
// much since then.
const recallLimit = time.Hour

// recallDeletion gives a row back that was taken out in the place of another.
func (t *Tracker) recallDeletion(ctx context.Context, v *sheets.View, n note, text string) error {
	bounded, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	taken, err := t.o.Sheet.RecallDeleted(bounded, v, n.Deleted, text)
	if err != nil {
		return t.unrecalled(ctx, err)
	}
	if taken == nil {
		return nil // nobody can say
	}
	var texts []string
	for _, c := range taken.Cells {
		texts = append(texts, c.Text)
	}
	if lineSum(texts) == n.Was {
		return nil
	}
	back, err := queryWrites(ctx, t.o.DB, `WHERE book = ? AND ticket = ? AND kind = ? AND free = 1 AND at >= ?`, t.o.Book, taken.Key, restore, n.At)
	if err != nil || len(back) > 0 {
		return err // it was given back already
	}
	known := t.mirror.rows[taken.Key]
	for r := range rowsOf(v, taken.Key) {
		if taken.Key == n.Ticket {
			break // it was one of several
		}
		if known == nil || known.twins == nil && lineSum(known.texts) != lineSum(r.Texts()) {
			return nil // somebody has given it back already
		}
	}
	return t.giveBack(ctx, v, sheets.Row{Key: n.Ticket, Number: n.Deleted}, *taken, columnsOf(v, t.o.Columns))
}
