package watch

import (
	"context"
	"net/http"
	"os"
	"time"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/phrase"
	"uratori/monitor/notify"
)

func (t *Tower) messages(r *http.Request) (any, error) {
	q := r.URL.Query()
	n, err := numbers(q, "before", "limit")
	if err != nil {
		return nil, err
	}
	page, err := t.outbox.History(r.Context(), notify.Query{Before: n["before"], Limit: int(n["limit"]), Ticket: q.Get("ticket")})
	if err != nil {
		return nil, err
	}
	answer := control.MessagePage{Messages: []control.Message{}, Next: page.Next}
	for _, m := range page.Records {
		answer.Messages = append(answer.Messages, message(m))
	}
	return answer, nil
}

func message(m notify.Record) control.Message {
	w := control.Message{
		Message: m.ID, At: m.At, Priority: m.Priority.String(), Title: m.Title, Body: m.Body, Ticket: m.Ticket, Task: m.Task, Suppressed: m.Suppressed,
		Deliveries: []control.Delivery{},
	}
	for _, d := range m.Deliveries {
		w.Deliveries = append(w.Deliveries, control.Delivery{
			Channel: d.Channel, State: string(d.State), Tries: d.Tries, Doubts: d.Doubts, Next: daemon.Moment(d.Next), Ended: daemon.Moment(d.Ended), Request: d.Request,
			Problem: control.Encode(d.Reason), Acknowledged: daemon.Moment(d.Acknowledged),
		})
	}
	return w
}

func (t *Tower) statistics(r *http.Request) (any, error) {
	n, err := numbers(r.URL.Query(), "since_ms")
	if err != nil {
		return nil, err
	}
	since := t.ago(n["since_ms"])
	s, err := t.outbox.Stats(r.Context(), since)
	if err != nil {
		return nil, err
	}
	answer := control.MessageStatistics{Since: since, Messages: counts(s.Messages), Channels: map[string]map[string]control.MessageCount{}, Problem: control.Encode(t.unset)}
	for name, by := range s.Channels {
		answer.Channels[name] = counts(by)
	}
	return answer, nil
}

func counts(by notify.ByPriority) map[string]control.MessageCount {
	list := map[string]control.MessageCount{}
	for p, c := range by {
		list[p.String()] = control.MessageCount(*c)
	}
	return list
}

const mostTestWait = 2 * time.Minute

// test sends a message that is like no other and waits for what becomes of it.
func (t *Tower) test(r *http.Request) (any, error) {
	var ask control.TestMessage
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	level := notify.Normal
	if ask.Priority != "" {
		if err := level.UnmarshalText([]byte(ask.Priority)); err != nil {
			return nil, fault.New(fault.Invalid, "daemon.bad_request").Wrap(err)
		}
	}
	if ask.WaitMS < 0 || ask.WaitMS > mostTestWait.Milliseconds() {
		return nil, fault.New(fault.Invalid, "tickets.bad_wait", "ms", ask.WaitMS, "most", mostTestWait.Milliseconds())
	}
	now := t.house.Now()
	posted, err := t.outbox.Send(r.Context(), notify.Message{
		Fingerprint: "test/" + now.UTC().Format(time.RFC3339Nano), Priority: level, Title: t.say("messages.test.title"), Body: t.say("messages.test.body"),
		URL: daemon.Link(t.house.Dashboard(), ""),
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(ask.WaitMS)*time.Millisecond)
	defer cancel()
	for {
		news := t.house.Ledger.News()
		m, err := t.outbox.Get(r.Context(), posted.ID)
		if err != nil {
			return nil, err
		}
		if settled(m) {
			return message(m), nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return message(m), r.Context().Err()
		}
	}
}

func (t *Tower) say(key string) string { return phrase.FromEnv(os.Getenv).Say(key) }

// settled tells whether nothing more is to be waited for.
func settled(m notify.Record) bool {
	for _, d := range m.Deliveries {
		if d.State != notify.StateAccepted && d.State != notify.StateFailed {
			return false
		}
	}
	return true
}

func (t *Tower) retry(r *http.Request) (any, error) {
	var ask struct {
		Message int64 `json:"message"`
	}
	if err := daemon.Decode(r, &ask); err != nil {
		return nil, err
	}
	n, err := t.outbox.Retry(r.Context(), ask.Message)
	if err != nil {
		return nil, err
	}
	return map[string]int{"messages": n}, nil
}

// messageTrouble tells what keeps people from being told.
func (t *Tower) messageTrouble(s *control.Status) {
	if t.unset != nil {
		s.Problems = append(s.Problems, problemOf(t.unset, control.NewProblem("problem.messages", "error", t.unset)))
	}
	ctx, cancel := context.WithTimeout(context.Background(), statusLimit)
	defer cancel()
	list, err := t.outbox.Health(ctx)
	if err != nil {
		s.Problems = append(s.Problems, control.NewProblem("problem.messages", "error", err))
		return
	}
	for _, h := range list {
		if h.Problem != nil {
			s.Problems = append(s.Problems, problemOf(h.Problem, control.NewProblem("problem.messages", "error", h.Problem)))
		}
	}
}

func (t *Tower) checkMessages(ctx context.Context) control.Check {
	list, err := t.outbox.Health(ctx)
	if err == nil {
		err = t.unset
	}
	for _, h := range list {
		if err == nil {
			err = h.Problem
		}
	}
	switch {
	case err != nil:
		return control.Check{Name: "messages", Verdict: ledger.Refuted, Problem: problemOf(err, control.NewProblem("problem.messages", "error", err))}
	case len(list) == 0:
		// A choice of the user's, which is told, and no fault.
		return control.Check{Name: "messages", Verdict: ledger.Verified, Unused: true, Problem: control.NewProblem("doctor.messages_none")}
	}
	return control.Check{Name: "messages", Verdict: ledger.Verified, Problem: control.NewProblem("doctor.messages_ok", "count", len(list))}
}
