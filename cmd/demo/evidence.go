package demo

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/ledger"
)

// entries are those of the ledger that are about something, oldest first.
func (d *demo) entries(ctx context.Context, subject, kind string) (found []ledger.Entry, err error) {
	err = d.ask(ctx, func(ctx context.Context, c *control.Client) error {
		for e, err := range c.Entries(ctx, control.Slice{Subject: subject}) {
			if err != nil {
				return err
			}
			if e.Kind == kind {
				found = append(found, e)
			}
		}
		return nil
	})
	return found, err
}

// entry is the number of the newest entry of a kind whose data has these
// members, 0 when there is none.
func (d *demo) entry(ctx context.Context, subject, kind string, with map[string]any) (int64, error) {
	found, err := d.entries(ctx, subject, kind)
	if err != nil {
		return 0, err
	}
	seq := int64(0)
	for _, e := range found {
		var data map[string]any
		if err := json.Unmarshal(e.Data, &data); err != nil {
			return 0, err
		}
		fits := true
		for name, value := range with {
			fits = fits && fmt.Sprint(data[name]) == fmt.Sprint(value)
		}
		if fits {
			seq = e.Seq
		}
	}
	return seq, nil
}

func subjectOf(task int64) string { return fmt.Sprintf("task/%d", task) }
