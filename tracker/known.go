package tracker

import (
	"context"
	"strings"

	"uratori/internal/fault"
)

// Known tells whether there is such a ticket, for those who do not want to
// read it: nobody counts as having seen it. The table is asked only when the
// last look did not show it.
func (t *Tracker) Known(ctx context.Context, id string) (bool, error) {
	_, err := t.peek(ctx, id)
	if fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Invalid {
		return false, nil
	}
	return err == nil, err
}

// Open tells whether work on a ticket goes on, as far as its status says.
func (t *Tracker) Open(ctx context.Context, id string) (bool, error) {
	k, err := t.peek(ctx, id)
	if err != nil {
		return false, err
	}
	for _, f := range k.Fields {
		if f.Name == Status {
			return !closed(f.Text), nil
		}
	}
	return true, nil
}

func (t *Tracker) peek(ctx context.Context, id string) (Ticket, error) {
	if err := checkTicket(id); err != nil {
		return Ticket{}, err
	}
	if k, ok := t.lastSeen(id); ok {
		return k, nil
	}
	return t.get(ctx, id)
}

// closed are the words by which people say that nothing more is to be done.
func closed(status string) bool {
	switch strings.ToLower(strings.TrimSpace(status)) {
	case "完了", "クローズ", "却下", "中止", "取り下げ", "done", "closed", "completed", "cancelled", "canceled", "rejected", "won't do":
		return true
	}
	return false
}
