package chaos

// ref is a cell, wherever its row is moved.
type ref struct {
	row    int
	column string
}

// spell is a time in which a cell held one thing and its row was of one ticket.
type spell struct {
	ref
	key      string
	cell     Cell
	from, to int // entries, both inclusive
}

// spells is what stood where, and when, by text.
type spells struct {
	of   map[string][]*spell
	open map[ref]*spell
	set  map[ref]int // the entry that gave a cell its content
}

func newSpells() *spells {
	return &spells{of: map[string][]*spell{}, open: map[ref]*spell{}, set: map[ref]int{}}
}

// follow takes the n-th entry in.
func (s *spells) follow(n int, before, after Table) {
	known := map[int]*Row{}
	for _, r := range before {
		known[r.ID] = r
	}
	for i, r := range after {
		was := known[r.ID]
		delete(known, r.ID)
		if was == r || i == 0 {
			continue
		}
		s.row(n, r, was, after)
	}
	for _, r := range known {
		for c := range r.Cells {
			at := ref{r.ID, before.name(c)}
			s.end(at, n)
			s.set[at] = n
		}
	}
}

func (s *spells) row(n int, r, was *Row, t Table) {
	width := len(r.Cells)
	if was != nil {
		width = max(width, len(was.Cells))
	}
	moved := was != nil && t.key(was) != t.key(r)
	for c := range width {
		at := ref{r.ID, t.name(c)}
		same := was != nil && was.at(c) == r.at(c)
		if !same {
			s.set[at] = n
		}
		if same && !moved {
			continue
		}
		s.end(at, n)
		if cell := r.at(c); cell.Kind != Empty {
			now := &spell{at, t.key(r), cell, n, -1}
			s.open[at] = now
			s.of[cell.Text] = append(s.of[cell.Text], now)
		}
	}
}

func (s *spells) end(at ref, n int) {
	if now := s.open[at]; now != nil {
		now.to = n - 1
		delete(s.open, at)
	}
}

// close ends all spells with the last entry.
func (s *spells) close(last int) {
	for at := range s.open {
		s.end(at, last+1)
	}
}

// during are the times between two entries in which the cell of a ticket said
// a text, whatever its kind.
func (s *spells) during(text, key, column string, from, to int) (found []*spell) {
	for _, p := range s.of[text] {
		if p.key == key && p.column == column && p.from <= to && p.to >= from {
			found = append(found, p)
		}
	}
	return found
}
