package monitor

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/phrase"
	"uratori/internal/store"
	"uratori/monitor/notify"
)

// Finding is something that people should know.
type Finding struct {
	Kind    string // what is wrong: "stalled", "gpu_hot"
	Subject string // with what: "task/42", "gpu/UUID", "machine", "daemon"
	// Content tells two findings of one kind and subject apart, without what
	// changes from one look to the next: numbers of seconds, degrees, pids.
	Content string
	Level   notify.Priority
	What    Words
	Done    Words     // what was done about it
	ToDo    Words     // what the reader should do
	Since   time.Time // from when on it is so, where it lasts and that is known
	Moment  bool      // it happened, and does not last
	Quiet   bool      // it is recorded; people are told of what came of it

	Ticket   string
	Task     int64
	Name     string
	Attempt  int
	Attempts int
	Item     int
	Items    int
	Picture  string // the last image that it made
}

// fingerprint is what makes two findings the same.
func (f Finding) fingerprint() string {
	h := sha256.New()
	for _, part := range []string{f.Kind, f.Subject, f.Content} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Incident is a finding that lasts.
type Incident struct {
	ID        int64
	Kind      string
	Subject   string
	Ticket    string
	Task      int64
	Level     notify.Priority
	Open      bool
	Times     int
	Opened    time.Time
	Escalated time.Time // zero when it has not
	Resolved  time.Time // zero while it is open
	Seen      time.Time // when it was found last
	What      Words
	Done      Words
	ToDo      Words
	Message   int64 // in the outbox
}

// told is what is stored of the words.
type told struct {
	What Words `json:"what"`
	Done Words `json:"done,omitzero"`
	ToDo Words `json:"to_do,omitzero"`
}

// forget is how long people still know what they were told: what comes back
// within it is the same thing, and nobody is told again. Afterwards it is news.
const forget = 24 * time.Hour

type incidentEntry struct {
	Incident int64           `json:"incident"`
	Kind     string          `json:"kind"`
	Level    notify.Priority `json:"level"`
	About    string          `json:"about"`
	What     string          `json:"what"`
	Done     string          `json:"done,omitempty"`
	Message  int64           `json:"message,omitzero"`
	Repeat   bool            `json:"repeat,omitzero"` // it was told before
}

// Find records findings, each once, in one transaction with the messages that
// tell of them.
func (m *Monitor) Find(ctx context.Context, found ...Finding) error {
	if len(found) == 0 {
		return nil
	}
	return m.o.DB.Write(ctx, func(tx *store.Tx) error {
		for _, f := range found {
			if err := m.find(tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *Monitor) find(tx *store.Tx, f Finding) error {
	print := f.fingerprint()
	now := m.o.Now()
	var id, began int64
	var open bool
	var episode int
	var level string
	err := tx.Get(`SELECT id, episode, level, open, (SELECT min(opened) FROM monitor_incidents f WHERE f.fingerprint = i.fingerprint AND f.episode = i.episode)
		FROM monitor_incidents i WHERE fingerprint = ? ORDER BY id DESC LIMIT 1`, []any{print}, &id, &episode, &level, &open, &began)
	if errors.Is(err, sql.ErrNoRows) {
		return m.open(tx, f, print, 1, false)
	}
	var before notify.Priority
	if err == nil {
		err = before.UnmarshalText([]byte(level))
	}
	known := now.Sub(time.UnixMilli(began)) < forget
	switch {
	case err != nil:
		return err
	case open && f.Level > before:
		return m.escalate(tx, f, id, print, episode)
	case open:
		return m.note(tx, id)
	case known && f.Moment && f.Level <= before:
		return m.note(tx, id)
	case known:
		return m.open(tx, f, print, episode, true)
	}
	return m.open(tx, f, print, episode+1, false)
}

// note counts that an incident was found again. What happens and does not last
// is over when it has happened last.
func (m *Monitor) note(tx *store.Tx, id int64) error {
	now := m.o.Now().UnixMilli()
	_, err := tx.Exec(`UPDATE monitor_incidents SET times = times + 1, seen = ?, resolved = iif(open, 0, ?) WHERE id = ?`, now, now, id)
	if err != nil {
		return err
	}
	return m.again(tx, id)
}

// again has the outbox count, too, that people were not told once more.
func (m *Monitor) again(tx *store.Tx, id int64) error {
	var message int64
	if err := tx.Get(`SELECT message FROM monitor_incidents WHERE id = ?`, []any{id}, &message); err != nil || message == 0 {
		return err
	}
	return m.o.Outbox.Again(tx, message)
}

// persists notes that what is open of one kind is still there.
func (m *Monitor) persists(tx *store.Tx, k key) error {
	list, err := openOf(tx, k.subject)
	if err != nil {
		return err
	}
	for _, one := range list {
		if one.kind != k.kind {
			continue
		}
		if err := m.note(tx, one.id); err != nil {
			return err
		}
	}
	return nil
}

// open begins an incident.
func (m *Monitor) open(tx *store.Tx, f Finding, print string, episode int, repeat bool) error {
	words, err := wordsOf(f)
	if err != nil {
		return err
	}
	now := m.o.Now().UnixMilli()
	res, err := tx.Exec(`INSERT INTO monitor_incidents (fingerprint, episode, kind, subject, ticket, task, level, open, opened, seen, told, message)
		VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, 0)`, print, episode, f.Kind, f.Subject, f.Ticket, f.Task, f.Level.String(), now, now, words)
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	if err := m.tell(tx, f, id, print, episode, "incident.opened", repeat); err != nil || !f.Moment {
		return err
	}
	return m.resolve(tx, id, f.Kind, f.Subject, f.Ticket)
}

func (m *Monitor) escalate(tx *store.Tx, f Finding, id int64, print string, episode int) error {
	words, err := wordsOf(f)
	if err != nil {
		return err
	}
	now := m.o.Now().UnixMilli()
	if _, err := tx.Exec(`UPDATE monitor_incidents SET times = times + 1, level = ?, escalated = ?, seen = ?, told = ? WHERE id = ?`,
		f.Level.String(), now, now, words, id); err != nil {
		return err
	}
	return m.tell(tx, f, id, print, episode, "incident.escalated", false)
}

func wordsOf(f Finding) (string, error) {
	raw, err := json.Marshal(told{f.What, f.Done, f.ToDo})
	return string(raw), err
}

// tell posts the message of an incident and testifies to it.
func (m *Monitor) tell(tx *store.Tx, f Finding, id int64, print string, episode int, event string, repeat bool) error {
	entry := incidentEntry{
		Incident: id, Kind: f.Kind, Level: f.Level, About: f.Subject, What: f.What.In(phrase.English), Done: f.Done.In(phrase.English), Repeat: repeat,
	}
	if !f.Quiet {
		posted, err := m.o.Outbox.Post(tx, m.message(f, print, episode))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE monitor_incidents SET message = ? WHERE id = ?`, posted.ID, id); err != nil {
			return err
		}
		entry.Message, entry.Repeat = posted.ID, repeat || posted.Suppressed
	}
	_, err := m.o.Ledger.Append(tx, event, subjectOf(f.Ticket, f.Subject), entry)
	return err
}

func (m *Monitor) message(f Finding, print string, episode int) notify.Message {
	report := notify.Report{
		What: f.What.In(m.o.Lang), Ticket: f.Ticket, Task: f.Task, TaskName: f.Name, Attempt: f.Attempt, Attempts: f.Attempts,
		Item: f.Item, Items: f.Items, Since: f.Since, Done: f.Done.In(m.o.Lang), ToDo: f.ToDo.In(m.o.Lang),
	}
	msg := report.Message(m.o.Lang, m.o.Now())
	msg.Fingerprint, msg.Priority, msg.Escalates = print+"/"+strconv.Itoa(episode), f.Level, true
	if msg.URL = m.o.Link(f.Ticket); msg.URL != "" {
		msg.URLTitle = m.o.Lang.Say("monitor.link")
	}
	msg.Attachment = f.Picture
	return msg
}

// subjectOf files the incidents of a ticket under it.
func subjectOf(ticket, subject string) string {
	if ticket != "" {
		return ticket
	}
	return subject
}

// over ends the open incidents of a subject whose kind is among those that end.
// Nobody is told: the dashboard and the ledger show it.
func (m *Monitor) over(tx *store.Tx, subject string, ends func(kind string) bool) error {
	list, err := openOf(tx, subject)
	if err != nil {
		return err
	}
	for _, one := range list {
		if !ends(one.kind) {
			continue
		}
		if err := m.resolve(tx, one.id, one.kind, subject, one.ticket); err != nil {
			return err
		}
	}
	return nil
}

// calm is over of what needs nobody any more, the earlier incidents of the
// subject among it: their messages ring no more. An attempt that failed is over,
// too, but somebody should come.
func (m *Monitor) calm(tx *store.Tx, subject string, ends func(kind string) bool) error {
	if err := m.over(tx, subject, ends); err != nil {
		return err
	}
	list, err := toldOf(tx, subject)
	if err != nil {
		return err
	}
	for _, one := range list {
		if !ends(one.kind) {
			continue
		}
		if err := m.o.Outbox.Settle(tx, one.id); err != nil {
			return err
		}
	}
	return nil
}

// toldOf are the messages of a subject's incidents.
func toldOf(tx *store.Tx, subject string) (list []openOne, err error) {
	rows, err := tx.Query(`SELECT DISTINCT message, kind FROM monitor_incidents WHERE subject = ? AND message > 0`, subject)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var one openOne
		if err := rows.Scan(&one.id, &one.kind); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

type openOne struct {
	id           int64
	kind, ticket string
}

func openOf(tx *store.Tx, subject string) (list []openOne, err error) {
	rows, err := tx.Query(`SELECT id, kind, ticket FROM monitor_incidents WHERE subject = ? AND open = 1`, subject)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var one openOne
		if err := rows.Scan(&one.id, &one.kind, &one.ticket); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// all, and one kind.
func all(string) bool { return true }

func only(kind string) func(string) bool { return func(k string) bool { return k == kind } }

func (m *Monitor) resolve(tx *store.Tx, id int64, kind, subject, ticket string) error {
	if _, err := tx.Exec(`UPDATE monitor_incidents SET open = 0, resolved = ? WHERE id = ?`, m.o.Now().UnixMilli(), id); err != nil {
		return err
	}
	_, err := m.o.Ledger.Append(tx, "incident.resolved", subjectOf(ticket, subject), map[string]any{"incident": id, "kind": kind, "about": subject})
	return err
}
