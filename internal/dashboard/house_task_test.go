package dashboard

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"uratori/internal/control"
	"uratori/internal/fault"
)

// works is what the tasks of a daemon in small print, make and use.
type works struct {
	held    sync.Mutex
	log     map[string][]byte // by stream
	ended   bool
	gone    bool // the log was tidied away
	pieces  int  // pieces of logs
	outputs []control.TaskOutput
	files   map[control.OutputFile][]byte
	opened  int
	points  map[string][]control.SamplePoint
}

// print is the job writing.
func (w *works) print(stream, text string) {
	w.held.Lock()
	defer w.held.Unlock()
	if w.log == nil {
		w.log = map[string][]byte{}
	}
	w.log[stream] = append(w.log[stream], text...)
}

func (w *works) end() {
	w.held.Lock()
	defer w.held.Unlock()
	w.ended = true
}

func (w *works) look(q control.LogWindow) (control.LogPiece, error) {
	w.held.Lock()
	defer w.held.Unlock()
	w.pieces++
	if w.gone {
		return control.LogPiece{}, fault.New(fault.NotFound, "task.no_log", "task", q.Task, "attempt", q.Attempt)
	}
	all := w.log[q.Stream]
	p := control.LogPiece{Attempt: max(q.Attempt, 1), Size: int64(len(all)), Ended: w.ended}
	if q.Bytes == 0 {
		q.Bytes = 1 << 20
	}
	if q.Back {
		end := int64(len(all))
		if q.At >= 0 {
			end = min(end, q.At)
		}
		from := max(end-int64(q.Bytes), 0)
		lines := bytes.SplitAfter(all[from:end], []byte("\n"))
		if n := len(lines); n > 0 && len(lines[n-1]) == 0 {
			lines = lines[:n-1]
		}
		p.Data = bytes.Join(lines[max(len(lines)-q.Lines, 0):], nil)
		p.From = end - int64(len(p.Data))
		return p, nil
	}
	p.From = min(q.At, int64(len(all)))
	p.Data = bytes.Clone(all[p.From:min(p.From+int64(q.Bytes), int64(len(all)))])
	return p, nil
}

func (w *works) LogWindow(ctx context.Context, q control.LogWindow) (control.LogPiece, error) {
	until := time.Now().Add(q.Wait)
	for {
		p, err := w.look(q)
		if err != nil || len(p.Data) > 0 || p.Ended || q.Back || !time.Now().Before(until) {
			return p, err
		}
		if !pause(ctx, time.Millisecond) {
			return p, ctx.Err()
		}
	}
}

func (w *works) SearchLog(_ context.Context, q control.LogSearch) (h control.LogHits, err error) {
	w.held.Lock()
	defer w.held.Unlock()
	at := int64(0)
	for line := range strings.Lines(string(w.log[q.Stream])) {
		if strings.Contains(line, q.Text) {
			h.Hits = append(h.Hits, control.LogHit{At: at, Line: strings.TrimSuffix(line, "\n")})
		}
		at += int64(len(line))
	}
	h.Next, h.Done = at, true
	return h, nil
}

func (w *works) Logs(_ context.Context, q control.TaskLogs, yield func(control.LogChunk) error) error {
	w.held.Lock()
	defer w.held.Unlock()
	all := w.log[q.Stream]
	half := len(all) / 2
	if err := yield(control.LogChunk{Data: all[:half]}); err != nil {
		return err
	}
	return yield(control.LogChunk{Data: all[half:], Gap: 4096})
}

func (w *works) Outputs(_ context.Context, q control.OutputQuery) (o control.TaskOutputs, err error) {
	w.held.Lock()
	defer w.held.Unlock()
	for _, one := range w.outputs {
		if q.Item == 0 || one.Item == q.Item {
			o.Outputs = append(o.Outputs, one)
		}
	}
	o.There, o.Total = len(o.Outputs), 2*len(o.Outputs)
	o.Outputs = o.Outputs[min(q.Skip, len(o.Outputs)):]
	if most := max(q.Most, 24*boolean(q.Most == 0)); len(o.Outputs) > most {
		o.Outputs = o.Outputs[:most]
	}
	return o, nil
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *works) OutputFile(_ context.Context, q control.OutputFile, yield func(control.FilePiece) error) error {
	w.held.Lock()
	raw, ok := w.files[q]
	w.opened++
	w.held.Unlock()
	if !ok {
		return fault.New(fault.NotFound, "task.no_output", "task", q.Task, "item", q.Item)
	}
	at := time.Date(2026, 11, 27, 9, 0, 0, len(raw), time.UTC)
	if err := yield(control.FilePiece{Size: int64(len(raw)), Modified: &at}); err != nil {
		return err
	}
	for len(raw) > 0 {
		n := min(len(raw), 100<<10)
		if err := yield(control.FilePiece{Data: raw[:n]}); err != nil {
			return err
		}
		raw = raw[n:]
	}
	return nil
}

func (w *works) SamplesBetween(_ context.Context, series string, from, to time.Time) (list []control.SamplePoint, err error) {
	w.held.Lock()
	defer w.held.Unlock()
	for _, p := range w.points[series] {
		if !p.At.Before(from) && !p.At.After(to) {
			list = append(list, p)
		}
	}
	return list, nil
}
