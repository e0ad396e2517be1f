package monitor

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"uratori/internal/fault"
	"uratori/monitor/gpu"
	"uratori/monitor/notify"
)

// Fatal tells whether a line of a job's log means that work on its GPU must not
// go on: the card failed, or what was computed on it cannot be trusted. Memory
// that was not enough is not of that kind: programs catch it and take less.
func Fatal(f gpu.Finding) bool {
	switch f.Kind {
	case gpu.Hardware, gpu.Application:
		return true
	case gpu.XidReport:
		return gpu.XidOf(f.Xid).Fatal
	}
	return false
}

// logWatch reads what jobs print, for signs that a GPU failed or is not used.
type logWatch struct {
	files map[string]*logFile
}

type logFile struct {
	offset  int64
	matcher gpu.Matcher
	seen    bool // in the look in hand
}

const (
	// mostRead of a file is read at one look; of one that grows faster the rest
	// is read at the next.
	mostRead = 4 << 20
	// mostBehind is how far behind reading may fall before the middle is left
	// out.
	mostBehind = 64 << 20
)

// look reads what is new of the logs of a job.
func (w *logWatch) look(j Job) []gpu.Finding {
	if w.files == nil {
		w.files = map[string]*logFile{}
	}
	var found []gpu.Finding
	for _, path := range j.Logs {
		f := w.files[path]
		if f == nil {
			f = &logFile{}
			w.files[path] = f
		}
		f.seen = true
		text, err := f.read(path)
		if err != nil {
			continue // it is looked at again
		}
		if len(text) == 0 {
			// It rests: the line in hand may be the last, without an end.
			found = append(found, f.matcher.Flush()...)
			continue
		}
		found = append(found, f.matcher.Feed(text)...)
	}
	return found
}

// forget drops the files of jobs that were not looked at.
func (w *logWatch) forget() {
	for path, f := range w.files {
		if !f.seen {
			delete(w.files, path)
		}
		f.seen = false
	}
}

func (f *logFile) read(path string) (text []byte, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if size < f.offset {
		f.offset, f.matcher = 0, gpu.Matcher{} // it was begun anew
	}
	if size-f.offset > mostBehind {
		f.offset, f.matcher = size-mostRead, gpu.Matcher{}
	}
	text = make([]byte, min(size-f.offset, mostRead))
	n, err := file.ReadAt(text, f.offset)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	f.offset += int64(n)
	return text[:n], err
}

// logs judges what jobs have printed of their GPU.
func (j *judge) logs(r *ruling, s Sample) {
	for _, t := range s.Tasks {
		st := j.tasks[attempt{t.Task, t.Attempt}]
		for _, said := range t.Signs {
			if st == nil || st.stopped {
				break
			}
			fallback := said.Kind == gpu.Fallback
			switch {
			case fallback && t.CPUAllowed:
			case Fatal(said), fallback:
				st.stopped = true
				why := fault.New(fault.Failed, "monitor.gpu_log", "line", said.Line)
				if fallback {
					why = fault.New(fault.Failed, "monitor.gpu_fallback", "line", said.Line)
				}
				r.stop = append(r.stop, stopping{t.Job, Cause{GPU: true, Reason: why}})
			default:
				// It may have caught the error, and go on.
				f := about(t.Job, "gpu_log", notify.Normal, say("monitor.gpu_log", "line", said.Line))
				f.Content += " " + string(said.Kind)
				f.ToDo = say("gpu.kind." + string(said.Kind))
				r.found = append(r.found, f)
			}
		}
	}
}
