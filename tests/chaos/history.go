package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// ReadAs reads the table as people see it, by another way than the journal.
func (s *Sheet) ReadAs(ctx context.Context) ([][]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	answer := s.serve(Ask{Method: http.MethodGet, URI: "/v4/spreadsheets/local/values/Tracker?valueRenderOption=FORMULA"})
	if answer.Code != http.StatusOK {
		return nil, errors.New(string(answer.Body))
	}
	var read struct {
		Values [][]any `json:"values"`
	}
	if err := json.Unmarshal(answer.Body, &read); err != nil {
		return nil, err
	}
	var rows [][]string
	for _, values := range read.Values {
		texts := make([]string, len(values))
		for i, v := range values {
			if n, ok := v.(float64); ok {
				texts[i] = Cell{Number, fmt.Sprintf("%.0f", n)}.Text
				continue
			}
			texts[i] = fmt.Sprint(v)
		}
		rows = append(rows, texts)
	}
	return rows, nil
}

// soon is how many ticks after a violation are of interest.
const soon = 100

// mostHistory bounds what is told of one ticket, in lines.
const mostHistory = 60

// History tells what happened to the ticket of a violation, oldest first.
func History(j *Journal, ops []*Op, v Violation) string {
	type line struct {
		tick int64
		text string
	}
	var lines []line
	for _, op := range ops {
		if op.id() != v.Ticket || v.Ticket == "" {
			continue
		}
		lines = append(lines, line{op.Asked, fmt.Sprintf("%s asks (create %v): %v expecting %v, having seen %v", op.Key, op.Create, op.Fields, op.Expected, op.Seen)})
		said := op.Refused
		if said == "" {
			said = describe(op)
		}
		lines = append(lines, line{op.Answered, fmt.Sprintf("%s is told: %s", op.Key, said)})
	}
	var before Table
	for n, e := range j.Entries {
		for _, text := range changes(before, e.After, v.about) {
			who := string(e.By)
			if e.By == Tracker {
				who = fmt.Sprintf("tracker (request %d, came at %d, had seen entries %v, met %q)", e.Request, e.Came, e.Looks, e.Fault)
			}
			lines = append(lines, line{e.Tick, fmt.Sprintf("entry %d, %s: %s", n, who, text)})
		}
		before = e.After
	}
	for _, u := range j.Undone {
		if v.Entry >= 0 && u.Tick > j.Entries[v.Entry].Tick && u.Tick < j.Entries[v.Entry].Tick+soon {
			lines = append(lines, line{u.Tick, fmt.Sprintf("request %d was answered, and then undone: %s", u.Request, u.What)})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return int(a.tick - b.tick) })
	lines = lines[max(0, len(lines)-mostHistory):]
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "    %7d  %s\n", l.tick, strings.ReplaceAll(l.text, "\n", "⏎"))
	}
	return b.String()
}

func describe(op *Op) string {
	said := fmt.Sprintf("write %d %s conflict=%v queued=%v %s", op.Answer.Write, op.Answer.Verdict, op.Answer.Conflict, op.Answer.Queued, op.Answer.Reason)
	for _, f := range op.Answer.Fields {
		said += fmt.Sprintf("; %s %s conflict=%v edited=%v", f.Column, f.Verdict, f.Conflict, f.Edited)
		if f.Actual != nil {
			said += fmt.Sprintf(" actual=%q", *f.Actual)
		}
		if f.Reason != "" {
			said += " " + f.Reason
		}
	}
	return said
}

// about tells whether a violation is about a row.
func (v Violation) about(t Table, r *Row) bool {
	return v.Row != 0 && r.ID == v.Row || v.Ticket != "" && t.key(r) == v.Ticket
}

// changes are what an entry did to rows that the history is about, and where they stand.
func changes(before, after Table, about func(Table, *Row) bool) (found []string) {
	known := map[int]*Row{}
	for _, r := range before {
		known[r.ID] = r
	}
	for i, r := range after {
		was := known[r.ID]
		delete(known, r.ID)
		if was == r || !about(after, r) && (was == nil || !about(before, was)) {
			continue
		}
		if was == nil {
			found = append(found, fmt.Sprintf("row %d (#%d) is new: %v", i+1, r.ID, r.Cells))
			continue
		}
		for c := range max(len(was.Cells), len(r.Cells)) {
			if was.at(c) != r.at(c) {
				found = append(found, fmt.Sprintf("row %d (#%d %s) %s: %v becomes %v", i+1, r.ID, after.key(r), after.name(c), was.at(c), r.at(c)))
			}
		}
	}
	for _, r := range known {
		if about(before, r) {
			found = append(found, fmt.Sprintf("row #%d is taken out", r.ID))
		}
	}
	return found
}
