package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
)

// Query says which incidents are wanted.
type Query struct {
	Ticket string
	Task   int64 // only of this task; 0: of any, and of none
	// Subject is with what, "gpu/UUID"; empty: with anything.
	Subject string
	Since   time.Time
	Open    bool  // only open ones
	Before  int64 // only of a lower number
	Limit   int   // at most so many; 0 is 50
}

// Incidents reads incidents, newest first.
func (m *Monitor) Incidents(ctx context.Context, q Query) ([]Incident, error) {
	const usual, most = 50, 1000
	if q.Limit == 0 {
		q.Limit = usual
	}
	if q.Limit < 0 || q.Limit > most || q.Before < 0 {
		return nil, fault.New(fault.Invalid, "monitor.bad_limit", "most", most)
	}
	where, args := `WHERE opened >= ?`, []any{sinceMillis(q.Since)}
	if q.Ticket != "" {
		where, args = where+` AND ticket = ?`, append(args, q.Ticket)
	}
	if q.Task > 0 {
		where, args = where+` AND task = ?`, append(args, q.Task)
	}
	if q.Subject != "" {
		where, args = where+` AND subject = ?`, append(args, q.Subject)
	}
	if q.Open {
		where += ` AND open = 1`
	}
	if q.Before > 0 {
		where, args = where+` AND id < ?`, append(args, q.Before)
	}
	rows, err := m.o.DB.Reader().QueryContext(ctx, `SELECT id, kind, subject, ticket, task, level, open, times, opened, escalated, resolved, seen, told, message
		FROM monitor_incidents `+where+` ORDER BY id DESC LIMIT ?`, append(args, q.Limit)...)
	if err != nil {
		return nil, m.o.DB.Explain(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	list := []Incident{}
	for rows.Next() {
		var i Incident
		var level, words string
		var opened, escalated, resolved, seen int64
		if err := rows.Scan(&i.ID, &i.Kind, &i.Subject, &i.Ticket, &i.Task, &level, &i.Open, &i.Times, &opened, &escalated, &resolved, &seen, &words, &i.Message); err != nil {
			return nil, err
		}
		var t told
		if err := errors.Join(i.Level.UnmarshalText([]byte(level)), json.Unmarshal([]byte(words), &t)); err != nil {
			return nil, fmt.Errorf("read incident %d: %w", i.ID, err)
		}
		i.What, i.Done, i.ToDo = t.What, t.Done, t.ToDo
		i.Opened, i.Escalated, i.Resolved, i.Seen = moment(opened), moment(escalated), moment(resolved), moment(seen)
		list = append(list, i)
	}
	return list, m.o.DB.Explain(rows.Err())
}

func sinceMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
