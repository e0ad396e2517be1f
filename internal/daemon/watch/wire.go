package watch

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"uratori/internal/control"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/monitor"
)

func (t *Tower) incident(i monitor.Incident) control.Incident {
	w := control.Incident{
		Incident: i.ID, Kind: i.Kind, Subject: i.Subject, Ticket: i.Ticket, Task: i.Task, Priority: i.Level.String(), State: "open", Times: i.Times,
		OpenedAt: i.Opened, Escalated: daemon.Moment(i.Escalated), Resolved: daemon.Moment(i.Resolved), SeenAt: i.Seen, What: problem(i.What), Message: i.Message,
		Dashboard: daemon.Link(t.house.Dashboard(), i.Ticket),
	}
	switch {
	case !i.Open:
		w.State = "resolved"
	case !i.Escalated.IsZero():
		w.State = "escalated"
	}
	for words, into := range map[*monitor.Words]**control.Problem{&i.Done: &w.Done, &i.ToDo: &w.ToDo} {
		if words.Key != "" {
			p := problem(*words)
			*into = &p
		}
	}
	return w
}

func problem(w monitor.Words) control.Problem {
	return control.Problem{Code: w.Key, Values: w.Values, Message: w.English()}
}

// problemOf is a problem that is nothing but an error. A fault tells itself, in
// the reader's language where no cause would be lost by that; of anything else
// there are other words.
func problemOf(err error, otherwise control.Problem) control.Problem {
	f, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok:
		return otherwise
	case f.Err != nil:
		return control.NewProblem("monitor.other", "error", f)
	}
	return control.Problem{Code: f.Key, Values: f.Values, Message: f.Error()}
}

// watch tells what the last look has seen.
func (t *Tower) watch(*http.Request) (any, error) {
	s := t.monitor.Last()
	state := t.probe.State()
	w := control.Watch{
		At: daemon.Moment(s.At), Tasks: []control.WatchedTask{}, GPUs: []control.WatchedGPU{}, Probe: string(state.Phase), Problem: control.Encode(state.Problem),
		Machine: control.WatchedMachine{Processors: s.Machine.Processors, MemoryTotal: s.Machine.MemoryTotal, MemoryFree: s.Machine.MemoryFree},
	}
	for _, task := range s.Tasks {
		life := task.Life
		if life.Before(task.Started) {
			life = task.Started
		}
		w.Tasks = append(w.Tasks, control.WatchedTask{
			Task: task.Task, Ticket: task.Ticket, Name: task.Name, Processes: task.Processes, Threads: task.Threads, Files: task.Files, Zombies: task.Zombies,
			Stuck: task.Stuck, CPU: task.CPU, Memory: task.Memory, QuietS: int64(max(s.At.Sub(life), 0).Seconds()),
		})
	}
	for _, g := range s.GPUs {
		card := control.WatchedGPU{Index: g.Index, UUID: g.UUID, Name: g.Name, Temperature: g.Temperature, Power: g.Power, Problem: control.Encode(g.Fault())}
		if g.Utilisation != nil {
			card.Utilisation = &g.Utilisation.GPU
		}
		if g.Memory != nil {
			used := g.Memory.Total - g.Memory.Free
			card.MemoryUsed, card.MemoryTotal = &used, &g.Memory.Total
		}
		w.GPUs = append(w.GPUs, card)
	}
	return w, nil
}

// samples reads a series: of the last so long, or between two times.
func (t *Tower) samples(r *http.Request) (any, error) {
	n, err := numbers(r.URL.Query(), "last_ms", "from_ms", "to_ms")
	if err != nil {
		return nil, err
	}
	const usual = time.Hour
	to := t.house.Now()
	from := t.ago(cmp.Or(n["last_ms"], usual.Milliseconds()))
	if n["from_ms"] > 0 {
		from = time.UnixMilli(n["from_ms"])
		if n["to_ms"] > 0 {
			to = time.UnixMilli(n["to_ms"])
		}
	}
	points, err := t.monitor.History(r.Context(), r.URL.Query().Get("series"), from, to)
	if err != nil {
		return nil, err
	}
	list := []control.SamplePoint{}
	for _, p := range points {
		list = append(list, control.SamplePoint{
			At: p.At, CPU: p.CPU, Memory: p.Memory, Total: p.Total, Processes: p.Processes, Done: p.Done, Temperature: p.Temperature, Utilisation: p.Utilisation,
		})
	}
	return list, nil
}

// Names are the GPUs that tasks may be given.
func (t *Tower) Names(ctx context.Context) ([]string, error) {
	if t.named != nil {
		return t.named, nil
	}
	return t.listed(ctx)
}
