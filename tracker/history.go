package tracker

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/ledger"
)

// Edits are what people did to a ticket, oldest first.
func (t *Tracker) Edits(ctx context.Context, id string) ([]Event, error) {
	return t.events(ctx, id, func(e Event) bool {
		return e.Kind == Created || e.Kind == Edited || e.Kind == Deleted || e.Kind == Moved
	})
}

// History is all that was done to a ticket, oldest first.
func (t *Tracker) History(ctx context.Context, id string) ([]Event, error) {
	if err := checkTicket(id); err != nil {
		return nil, err
	}
	return t.events(ctx, id, func(Event) bool { return true })
}

// Recent are the newest of History, at most so many, oldest first, and whether
// there are more before them. Its work is bounded by what it returns, however
// long the history is.
func (t *Tracker) Recent(ctx context.Context, id string, most int) (events []Event, more bool, err error) {
	if err := checkTicket(id); err != nil {
		return nil, false, err
	}
	for window := 4 * most; ; window *= 4 { // not every entry is an event
		entries, err := t.o.Ledger.Last(ctx, window, subject(id))
		if err != nil {
			return nil, false, err
		}
		texts, err := t.textsOfEntries(ctx, id, entries)
		if err != nil {
			return nil, false, err
		}
		events = nil
		for _, entry := range entries {
			found, err := t.eventsOf(entry, id, texts)
			if err != nil {
				return nil, false, fmt.Errorf("ledger entry %d: %w", entry.Seq, err)
			}
			events = append(events, found...)
		}
		if all := len(entries) < window; all || len(events) > most {
			return events[max(len(events)-most, 0):], !all || len(events) > most, nil
		}
	}
}

// textsOfEntries is textsOfWrites for the writes that entries tell the end of.
func (t *Tracker) textsOfEntries(ctx context.Context, id string, entries []ledger.Entry) (map[int64]map[string]string, error) {
	var first int64 // of the writes; a ticket may have thousands before it
	for _, entry := range entries {
		if entry.Kind != "tracker.judged" {
			continue
		}
		var v verdictEntry
		if err := json.Unmarshal(entry.Data, &v); err != nil {
			return nil, fmt.Errorf("ledger entry %d: %w", entry.Seq, err)
		}
		if v.Write > 0 && (first == 0 || v.Write < first) {
			first = v.Write
		}
	}
	if first == 0 {
		return nil, nil
	}
	writes, err := queryWrites(ctx, t.o.DB, `WHERE book = ? AND ticket = ? AND id >= ? AND verdict >= ?`, t.o.Book, id, first, entries[0].Seq)
	return textsOf(writes), err
}

func (t *Tracker) events(ctx context.Context, id string, wanted func(Event) bool) (events []Event, err error) {
	texts, err := t.textsOfWrites(ctx, id)
	if err != nil {
		return nil, err
	}
	for entry, err := range t.o.Ledger.Entries(ctx, 0, subject(id)) {
		if err != nil {
			return nil, err
		}
		found, err := t.eventsOf(entry, id, texts)
		if err != nil {
			return nil, fmt.Errorf("ledger entry %d: %w", entry.Seq, err)
		}
		for _, e := range found {
			if wanted(e) {
				events = append(events, e)
			}
		}
	}
	return events, nil
}

// textsOfWrites are the texts of the writes to a ticket, by their number and
// the hash that the ledger has of each.
func (t *Tracker) textsOfWrites(ctx context.Context, id string) (map[int64]map[string]string, error) {
	writes, err := queryWrites(ctx, t.o.DB, `WHERE book = ? AND ticket = ?`, t.o.Book, id)
	if err != nil {
		return nil, err
	}
	return textsOf(writes), nil
}

func textsOf(writes []stored) map[int64]map[string]string {
	texts := map[int64]map[string]string{}
	for _, w := range writes {
		texts[w.id] = map[string]string{}
		for _, c := range w.cells {
			texts[w.id][sum(c.Text)] = c.Text
		}
	}
	return texts
}

// eventsOf reads an entry of the ledger that this package wrote.
func (t *Tracker) eventsOf(entry ledger.Entry, id string, texts map[int64]map[string]string) ([]Event, error) {
	room, event, _ := strings.Cut(entry.Kind, ".")
	if room != "tracker" {
		return nil, nil
	}
	at, err := time.Parse(timeFormat, entry.At)
	if err != nil {
		return nil, err
	}
	switch EventKind(event) {
	case Created, Edited, Deleted, Moved:
		var e editEntry
		if err := json.Unmarshal(entry.Data, &e); err != nil {
			return nil, err
		}
		if e.Ticket != id || e.Book != t.o.Book {
			return nil, nil
		}
		return []Event{{
			Seq: entry.Seq, At: at, Kind: EventKind(event), Ticket: id, Column: e.Column, Old: e.Old, New: e.New, Row: e.Row, From: e.From,
		}}, nil
	}
	if event == "intended" {
		var e intentEntry
		if err := json.Unmarshal(entry.Data, &e); err != nil || t.find(e.Write) == nil {
			return nil, err
		}
		t.mu.Lock()
		columns := t.mirror.columns
		t.mu.Unlock()
		var events []Event
		for _, c := range e.Cells {
			events = append(events, Event{Seq: entry.Seq, At: at, Kind: Waits, Ticket: id, Column: headerOf(columns, c.Name), New: &c.Text, Write: e.Write, Verdict: ledger.Unverifiable})
		}
		return events, nil
	}
	if event != "judged" {
		return nil, nil
	}
	var v verdictEntry
	if err := json.Unmarshal(entry.Data, &v); err != nil || v.Ticket != id || v.Book != t.o.Book || v.Kind == restore {
		return nil, err
	}
	kind := Wrote
	if v.Refused || v.Conflict {
		kind = Refused
	}
	var events []Event
	for _, c := range v.Cells {
		e := Event{
			Seq: entry.Seq, At: at, Kind: kind, Ticket: id, Column: c.Column, Old: c.Actual, Row: v.Row, Write: v.Write, Verdict: c.Verdict,
		}
		if text, ok := texts[v.Write][c.SHA256]; ok {
			e.New = &text
		}
		events = append(events, e)
	}
	return events, nil
}
