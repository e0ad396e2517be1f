package notify

import (
	"context"
	"fmt"
	"time"
)

// Count is how many messages, or deliveries of one channel.
type Count struct {
	Posted       int `json:"posted"`
	Sent         int `json:"sent"` // accepted
	Failed       int `json:"failed"`
	Waiting      int `json:"waiting"` // those that are being sent among them
	Suppressed   int `json:"suppressed"`
	Repeated     int `json:"repeated"` // accepted, but perhaps more than once
	Acknowledged int `json:"acknowledged"`
}

// ByPriority counts each priority by itself.
type ByPriority map[Priority]*Count

func newByPriority() ByPriority {
	by := ByPriority{}
	for _, p := range Priorities() {
		by[p] = &Count{}
	}
	return by
}

// Stats counts what was posted since a time. In Messages a message is sent when
// a channel has accepted it, waiting when none has and one may, and failed when
// all have refused it; a message that is in none of these had no channel.
type Stats struct {
	Since    time.Time
	Messages ByPriority
	Channels map[string]ByPriority // without repeats that were not sent: those never came to a channel
}

// Stats counts. Repeats that were not sent are counted by the minute.
func (b *Outbox) Stats(ctx context.Context, since time.Time) (Stats, error) {
	s := Stats{Since: since, Messages: newByPriority(), Channels: map[string]ByPriority{}}
	for _, w := range b.workers {
		s.Channels[w.channel.Name()] = newByPriority()
	}
	for _, count := range []func(context.Context, *Stats) error{b.countMessages, b.countDeliveries, b.countSuppressed} {
		if err := count(ctx, &s); err != nil {
			return Stats{}, fmt.Errorf("count messages: %w", b.o.DB.Explain(err))
		}
	}
	return s, nil
}

func (b *Outbox) countMessages(ctx context.Context, s *Stats) error {
	rows, err := b.o.DB.Reader().QueryContext(ctx, `SELECT priority, count(*), sum(sent), sum(NOT sent AND waiting), sum(NOT sent AND NOT waiting AND failed), sum(repeated), sum(acknowledged) FROM (
		SELECT m.priority, max(coalesce(d.state = 'accepted', 0)) AS sent, max(coalesce(d.state IN ('waiting', 'sending'), 0)) AS waiting, max(coalesce(d.state = 'failed', 0)) AS failed,
			max(coalesce(d.state = 'accepted' AND d.doubts > 0, 0)) AS repeated, max(coalesce(d.trace = 'acknowledged', 0)) AS acknowledged
		FROM notify_messages m LEFT JOIN notify_deliveries d ON d.message = m.id WHERE m.at >= ? GROUP BY m.id)
		GROUP BY priority`, stamp(s.Since))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var p Priority
		var c Count
		if err := rows.Scan(&p, &c.Posted, &c.Sent, &c.Waiting, &c.Failed, &c.Repeated, &c.Acknowledged); err != nil {
			return err
		}
		*s.Messages[p] = c
	}
	return rows.Err()
}

func (b *Outbox) countDeliveries(ctx context.Context, s *Stats) error {
	rows, err := b.o.DB.Reader().QueryContext(ctx, `SELECT d.channel, m.priority, count(*), sum(d.state = 'accepted'), sum(d.state IN ('waiting', 'sending')), sum(d.state = 'failed'),
		sum(d.state = 'accepted' AND d.doubts > 0), sum(d.trace = 'acknowledged')
		FROM notify_deliveries d JOIN notify_messages m ON m.id = d.message WHERE m.at >= ? GROUP BY d.channel, m.priority`, stamp(s.Since))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var channel string
		var p Priority
		var c Count
		if err := rows.Scan(&channel, &p, &c.Posted, &c.Sent, &c.Waiting, &c.Failed, &c.Repeated, &c.Acknowledged); err != nil {
			return err
		}
		if s.Channels[channel] == nil {
			s.Channels[channel] = newByPriority() // of one that is not in the settings any more
		}
		*s.Channels[channel][p] = c
	}
	return rows.Err()
}

func (b *Outbox) countSuppressed(ctx context.Context, s *Stats) error {
	const minute = len("2006-01-02T15:04")
	rows, err := b.o.DB.Reader().QueryContext(ctx, `SELECT priority, sum(count) FROM notify_suppressed WHERE minute >= ? GROUP BY priority`, stamp(s.Since)[:minute])
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var p Priority
		var n int
		if err := rows.Scan(&p, &n); err != nil {
			return err
		}
		s.Messages[p].Suppressed = n
	}
	return rows.Err()
}

// Health is how a channel is.
type Health struct {
	Channel string
	Waiting int       // messages
	Failed  int       // messages that it refused, ever
	Problem error     // why the last request was not answered with acceptance; nil when it was
	Next    time.Time // when it is asked again after that, by what was tried; zero for at once
	Quota   *Quota    // as of the last acceptance; nil where the service does not say
}

// Health tells how each channel is.
func (b *Outbox) Health(ctx context.Context) ([]Health, error) {
	var list []Health
	for _, w := range b.workers {
		h := Health{Channel: w.channel.Name()}
		var reason string
		err := b.o.DB.Reader().QueryRowContext(ctx, `SELECT count(CASE WHEN state IN ('waiting', 'sending') THEN 1 END), count(CASE WHEN state = 'failed' THEN 1 END),
			coalesce((SELECT reason FROM notify_deliveries WHERE channel = ? AND state = 'waiting' AND reason <> '' ORDER BY message DESC LIMIT 1), '')
			FROM notify_deliveries WHERE channel = ?`, h.Channel, h.Channel).Scan(&h.Waiting, &h.Failed, &reason)
		if err != nil {
			return nil, fmt.Errorf("look how %s is: %w", h.Channel, b.o.DB.Explain(err))
		}
		w.mu.Lock()
		asked := w.asked
		h.Problem, h.Quota = w.problem, w.quota
		if left := max(w.hard.left(b.o.Now()), w.soft.left(b.o.Now())); left > 0 {
			h.Next = b.o.Now().Add(left)
		}
		w.mu.Unlock()
		if !asked {
			h.Problem = decodeReason(reason) // as a daemon before this one left it
		}
		list = append(list, h)
	}
	return list, nil
}
