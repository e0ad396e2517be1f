package monitor

import (
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/ledger"
	"uratori/internal/store"
)

// What became of a task stands in its incidents from then on, in the place of what
// was done, or was still to be done, when they were found: who looks back is not
// to be told that a task is not resumed which has succeeded since. What was said
// at that time stays in the ledger, and in the message.

// sequel is what an entry about a task says of everything that was found of it
// before.
func sequel(e ledger.Entry, x ended) Words {
	at := moments(e.At)
	switch {
	case e.Kind == "task.again":
		return say("monitor.became.again", "at", at)
	case e.Kind != "task.ended":
		return Words{}
	}
	switch x.State {
	case "succeeded":
		return say("monitor.became.succeeded", "n", x.Attempt, "at", at)
	case "killed":
		return say("monitor.became.killed", "at", at)
	case "failed":
		return say("monitor.became.failed", "at", at)
	}
	return Words{}
}

// moments is a stored time by the calendar and the clock.
func moments(stored string) string {
	t, err := time.Parse(time.RFC3339Nano, stored)
	if err != nil {
		return "?"
	}
	return t.Local().Format(time.DateTime)
}

// became writes into the incidents of a subject that are over what became of it,
// but into that of print, which says so itself. Without words nothing is to be done
// any more, and what was done stays.
func (m *Monitor) became(tx *store.Tx, subject string, words Words, print string) error {
	list, err := overOf(tx, subject, print)
	if err != nil {
		return err
	}
	for id, t := range list {
		t.ToDo = Words{}
		if words.Key != "" {
			t.Done = words
		}
		raw, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE monitor_incidents SET told = ? WHERE id = ?`, string(raw), id); err != nil {
			return err
		}
	}
	return nil
}

// overOf is what was told of the incidents of a subject that are over, but for
// that of print.
func overOf(tx *store.Tx, subject, print string) (map[int64]told, error) {
	rows, err := tx.Query(`SELECT id, told FROM monitor_incidents WHERE subject = ? AND open = 0 AND fingerprint <> ?`, subject, print)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	list := map[int64]told{}
	for rows.Next() {
		var id int64
		var raw string
		var t told
		if err := rows.Scan(&id, &raw); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(raw), &t); err != nil {
			return nil, err
		}
		list[id] = t
	}
	return list, rows.Err()
}
