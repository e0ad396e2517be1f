package monitor

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/store"
)

// Point is what is kept of one series at one time. Of a minute it is the mean,
// but the highest of what must not be missed.
type Point struct {
	At          time.Time `json:"-"`
	CPU         float64   `json:"cpu,omitzero"`    // percent of one processor
	Memory      uint64    `json:"memory,omitzero"` // bytes; the highest
	Total       uint64    `json:"total,omitzero"`  // bytes that there are
	Processes   int       `json:"processes,omitzero"`
	Done        int       `json:"done,omitzero"`
	Temperature int       `json:"temperature,omitzero"` // °C; the highest
	Utilisation int       `json:"utilisation,omitzero"` // percent
}

// merge puts several points together.
type merge struct {
	Point
	n                int
	cpu, utilisation float64 // sums
}

func (m *merge) add(p Point) {
	m.n++
	m.cpu, m.utilisation = m.cpu+p.CPU, m.utilisation+float64(p.Utilisation)
	memory, heat := max(m.Memory, p.Memory), max(m.Temperature, p.Temperature)
	m.Point = p
	m.Memory, m.Temperature = memory, heat
	m.CPU, m.Utilisation = m.cpu/float64(m.n), int(math.Round(m.utilisation/float64(m.n)))
}

// How long samples are kept: each look for a day, a minute for a month.
const (
	fineKept   = 24 * time.Hour
	coarse     = time.Minute
	coarseKept = 31 * 24 * time.Hour
	sweepEvery = time.Hour
)

// history keeps samples in the store. The looks of a minute are written
// together, so that watching costs the disk one commit a minute. Until then
// they are read from here.
type history struct {
	db *store.DB

	mu      sync.Mutex // held while pending is read or changed
	pending []entry
	minute  map[string]*merge
	began   time.Time // of the minute in hand
	swept   time.Time
}

type entry struct {
	step   int64
	at     int64
	series string
	data   string
}

func newHistory(db *store.DB) *history { return &history{db: db, minute: map[string]*merge{}} }

func (h *history) keep(ctx context.Context, s Sample) error {
	begin := s.At.Truncate(coarse)
	if !h.began.IsZero() && !begin.Equal(h.began) {
		if err := h.flush(ctx, s.At); err != nil {
			return err
		}
	}
	h.began = begin
	for series, p := range points(s) {
		raw, err := json.Marshal(p)
		if err != nil {
			return err
		}
		h.mu.Lock()
		h.pending = append(h.pending, entry{0, s.At.Unix(), series, string(raw)})
		h.mu.Unlock()
		h.add(series, p)
	}
	return nil
}

func points(s Sample) map[string]Point {
	all := map[string]Point{}
	if s.Machine.MemoryTotal > 0 && len(s.Tasks)+len(s.GPUs) > 0 {
		all["machine"] = Point{Memory: s.Machine.MemoryTotal - s.Machine.MemoryFree, Total: s.Machine.MemoryTotal}
	}
	for _, t := range s.Tasks {
		all["task/"+strconv.FormatInt(t.Task, 10)+"/"+strconv.Itoa(t.Attempt)] = Point{CPU: max(t.CPU, 0), Memory: t.Memory, Processes: t.Processes, Done: t.Done}
	}
	for _, g := range s.GPUs {
		var p Point
		if g.Memory != nil {
			p.Memory, p.Total = g.Memory.Total-g.Memory.Free, g.Memory.Total
		}
		if g.Temperature != nil {
			p.Temperature = *g.Temperature
		}
		if g.Utilisation != nil {
			p.Utilisation = g.Utilisation.GPU
		}
		all["gpu/"+g.UUID] = p
	}
	return all
}

// add takes a look into the minute in hand.
func (h *history) add(series string, p Point) {
	m := h.minute[series]
	if m == nil {
		m = &merge{}
		h.minute[series] = m
	}
	m.add(p)
}

func (h *history) flush(ctx context.Context, now time.Time) error {
	h.mu.Lock()
	list := slices.Clone(h.pending)
	h.mu.Unlock()
	for series, m := range h.minute {
		raw, err := json.Marshal(m.Point)
		if err != nil {
			return err
		}
		list = append(list, entry{int64(coarse / time.Second), h.began.Unix(), series, string(raw)})
	}
	h.minute = map[string]*merge{}
	defer func() { // they are in the store now, or lost
		h.mu.Lock()
		defer h.mu.Unlock()
		h.pending = nil
	}()
	sweep := now.Sub(h.swept).Abs() >= sweepEvery
	if len(list) == 0 && !sweep {
		return nil
	}
	err := h.db.Write(ctx, func(tx *store.Tx) error {
		for _, e := range list {
			if _, err := tx.Exec(`INSERT OR REPLACE INTO monitor_samples (step, at, series, data) VALUES (?, ?, ?, ?)`, e.step, e.at, e.series, e.data); err != nil {
				return err
			}
		}
		if !sweep {
			return nil
		}
		if _, err := tx.Exec(`DELETE FROM monitor_samples WHERE step = 0 AND at < ?`, now.Add(-fineKept).Unix()); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM monitor_samples WHERE step > 0 AND at < ?`, now.Add(-coarseKept).Unix())
		return err
	})
	if err == nil && sweep {
		h.swept = now
	}
	return err
}

// mostPoints bounds an answer.
const mostPoints = 5000

// History reads a series between two times, oldest first: "machine",
// "task/42/1", "gpu/UUID". Where each look is still kept, and they are not too
// many, each is a point; otherwise each minute, or several minutes.
func (m *Monitor) History(ctx context.Context, series string, from, to time.Time) ([]Point, error) {
	step, width := int64(0), int64(0) // seconds that a point stands for
	if long := to.Sub(from); m.o.Now().Sub(from) > fineKept || long > mostPoints*m.o.Settings.Interval {
		step = int64(coarse / time.Second)
		const slack = 2 // the first and the last point stand for less
		width = step * (1 + int64(long/coarse)/(mostPoints-slack))
	}
	hand := m.history.hand(series, from, to) // before the store is read, so that nothing falls between
	rows, err := m.o.DB.Reader().QueryContext(ctx, `SELECT at, data FROM monitor_samples WHERE series = ? AND step = ? AND at BETWEEN ? AND ? ORDER BY at`,
		series, step, from.Unix(), to.Unix())
	if err != nil {
		return nil, m.o.DB.Explain(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	seen := line{width: width, list: []Point{}}
	last := int64(math.MinInt64)
	for rows.Next() {
		var data string
		if err := rows.Scan(&last, &data); err != nil {
			return nil, err
		}
		if err := seen.add(last, data); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, m.o.DB.Explain(err)
	}
	for _, e := range hand {
		if e.at >= last+max(step, 1) { // else the store has it by now
			if err := seen.add(e.at, e.data); err != nil {
				return nil, err
			}
		}
	}
	return seen.list, nil
}

// hand are the looks that are not in the store yet.
func (h *history) hand(series string, from, to time.Time) (list []entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.pending {
		if e.series == series && e.at >= from.Unix() && e.at <= to.Unix() {
			list = append(list, e)
		}
	}
	return list
}

// line puts points together that stand for the same time.
type line struct {
	width int64 // seconds that a point stands for; 0: each stands for itself
	list  []Point
	hand  merge
}

func (l *line) add(at int64, data string) error {
	var p Point
	if err := json.Unmarshal([]byte(data), &p); err != nil {
		return err
	}
	if l.width > 0 {
		at -= at % l.width
	}
	p.At = time.Unix(at, 0)
	if n := len(l.list); n > 0 && l.width > 0 && l.list[n-1].At.Equal(p.At) {
		l.hand.add(p)
		l.list[n-1] = l.hand.Point
		return nil
	}
	l.hand = merge{}
	l.hand.add(p)
	l.list = append(l.list, l.hand.Point)
	return nil
}
