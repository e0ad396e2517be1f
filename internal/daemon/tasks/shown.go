package tasks

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/runner"
)

// numbers reads the named whole numbers of an address. Only at may be below 0.
func numbers(r *http.Request, names ...string) (map[string]int64, error) {
	const most = 1 << 50
	list := map[string]int64{}
	for _, name := range names {
		n, err := number(r.URL.Query().Get(name))
		if err != nil {
			return nil, err
		}
		low := int64(0)
		if name == "at" || name == "output" {
			low = -1
		}
		if n < low || n > most {
			return nil, fault.New(fault.Invalid, "task.out_of_range", "what", name, "value", n, "low", low, "high", int64(most))
		}
		list[name] = n
	}
	return list, nil
}

// window reads a piece of a log.
func (d *desk) window(r *http.Request) (any, error) {
	n, err := numbers(r, "task", "attempt", "at", "lines", "bytes", "wait_ms")
	if err != nil {
		return nil, err
	}
	w, err := d.runner.Window(r.Context(), runner.WindowQuery{
		Task: n["task"], Attempt: int(n["attempt"]), Stream: r.URL.Query().Get("stream"), At: n["at"], Back: r.URL.Query().Get("back") == strconv.FormatBool(true),
		Lines: int(n["lines"]), Bytes: int(n["bytes"]), Wait: duration(n["wait_ms"]),
	})
	return control.LogPiece{Attempt: w.Attempt, From: w.From, Data: w.Data, Gap: w.Gap, Mid: w.Mid, Size: w.Size, Ended: w.Ended}, err
}

// search looks for a text in a log. Two at a time: each may go through much of
// a disk.
func (d *desk) search(r *http.Request) (any, error) {
	n, err := numbers(r, "task", "attempt", "at", "limit")
	if err != nil {
		return nil, err
	}
	if err := d.searching.Acquire(r.Context(), 1); err != nil {
		return nil, err
	}
	defer d.searching.Release(1)
	found, err := d.runner.Search(r.Context(), runner.SearchQuery{
		Task: n["task"], Attempt: int(n["attempt"]), Stream: r.URL.Query().Get("stream"), Text: r.URL.Query().Get("text"), At: n["at"], Most: int(n["limit"]),
	})
	answer := control.LogHits{Attempt: found.Attempt, Hits: []control.LogHit{}, Next: found.Next, Done: found.Done, Size: found.Size}
	for _, h := range found.Hits {
		answer.Hits = append(answer.Hits, control.LogHit{At: h.At, Line: h.Line})
	}
	return answer, err
}

// outputs tells what a task has made so far.
func (d *desk) outputs(r *http.Request) (any, error) {
	n, err := numbers(r, "task", "item", "skip", "most")
	if err != nil {
		return nil, err
	}
	s, err := d.runner.Shelf(r.Context(), runner.ShelfQuery{Task: n["task"], Item: int(n["item"]), Skip: int(n["skip"]), Most: int(n["most"])})
	answer := control.TaskOutputs{Outputs: []control.TaskOutput{}, There: s.There, Total: s.Total, At: s.At}
	for _, o := range s.Outputs {
		answer.Outputs = append(answer.Outputs, control.TaskOutput{
			Item: o.Item, Output: o.Output, Input: o.Input, Path: o.Path, Size: o.Size, Modified: o.Modified, State: string(o.State),
			Problem: control.Encode(o.Reason), Format: string(o.Format), Width: o.Width, Height: o.Height, Blank: o.Blank,
		})
	}
	return answer, err
}

// mostShown is the largest file that is sent to be looked at, in bytes.
const mostShown = 64 << 20

// outputFile sends a file that a task has made, or was given.
func (d *desk) outputFile(r *http.Request, yield func(any) error) error {
	n, err := numbers(r, "task", "item", "output")
	if err != nil {
		return err
	}
	f, info, err := d.runner.OpenShown(r.Context(), n["task"], int(n["item"]), int(n["output"]))
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read from
	if info.Size() > mostShown {
		return fault.New(fault.Failed, "task.too_large_to_show", "most", mostShown>>20)
	}
	modified := info.ModTime()
	if err := yield(control.FilePiece{Size: info.Size(), Modified: &modified}); err != nil {
		return err
	}
	const step = 256 << 10
	buf := make([]byte, step)
	for left := info.Size(); left > 0 && r.Context().Err() == nil; {
		n, err := f.Read(buf[:min(left, step)])
		if n > 0 {
			left -= int64(n)
			if err := yield(control.FilePiece{Data: buf[:n]}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil // it has become shorter; a picture that ends too early shows that
		}
		if err != nil {
			return err
		}
	}
	return r.Context().Err()
}
