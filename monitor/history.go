package monitor

import (
	"context"
	"math"
	"strconv"
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
// together, so that watching costs the disk one commit a minute.
type history struct {
	db      *store.DB
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
		h.pending = append(h.pending, entry{0, s.At.Unix(), series, string(raw)})
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
	for series, m := range h.minute {
		raw, err := json.Marshal(m.Point)
		if err != nil {
			return err
		}
		h.pending = append(h.pending, entry{int64(coarse / time.Second), h.began.Unix(), series, string(raw)})
	}
	list := h.pending
	h.pending, h.minute = nil, map[string]*merge{}
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
	rows, err := m.o.DB.Reader().QueryContext(ctx, `SELECT at, data FROM monitor_samples WHERE series = ? AND step = ? AND at BETWEEN ? AND ? ORDER BY at`,
		series, step, from.Unix(), to.Unix())
	if err != nil {
		return nil, m.o.DB.Explain(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end below
	list := []Point{}
	var hand merge
	for rows.Next() {
		var at int64
		var data string
		if err := rows.Scan(&at, &data); err != nil {
			return nil, err
		}
		var p Point
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			return nil, err
		}
		if width > 0 {
			at -= at % width
		}
		p.At = time.Unix(at, 0)
		if n := len(list); n > 0 && width > 0 && list[n-1].At.Equal(p.At) {
			hand.add(p)
			list[n-1] = hand.Point
			continue
		}
		hand = merge{}
		hand.add(p)
		list = append(list, hand.Point)
	}
	return list, m.o.DB.Explain(rows.Err())
}
