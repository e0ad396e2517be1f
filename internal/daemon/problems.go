package daemon

import (
	"maps"
	"slices"
	"sync"

	"uratori/internal/control"
)

// problems are what people should know about now, by what is concerned.
type problems struct {
	mu  sync.Mutex
	all map[string]control.Problem
}

func (p *problems) set(about string, problem control.Problem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]control.Problem{}
	}
	p.all[about] = problem
}

func (p *problems) clear(about string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, about)
}

func (p *problems) list() []control.Problem {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]control.Problem, 0, len(p.all))
	for _, about := range slices.Sorted(maps.Keys(p.all)) {
		list = append(list, p.all[about])
	}
	return list
}
