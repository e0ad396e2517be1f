package factcheck

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// said is what the last report of each ticket said that this process has
// recorded. It begins empty: the first report after a start has an entry.
type said struct {
	mu   sync.Mutex
	last map[string]printed
}

// printed is a report by what it says, and its entry.
type printed struct {
	what  [sha256.Size]byte
	entry int64
}

// mostSaid is how many tickets are remembered. Forgetting one costs an entry.
const mostSaid = 4096

// before is the entry of the last report of a ticket, where it said the same.
func (s *said) before(ticket string, what [sha256.Size]byte) (entry int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, ok := s.last[ticket]
	return last.entry, ok && last.what == what
}

// note remembers a report. Of two at the same time the later entry counts.
func (s *said) note(ticket string, report printed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last[ticket].entry > report.entry {
		return
	}
	if len(s.last) >= mostSaid {
		clear(s.last)
	}
	s.last[ticket] = report
}

// content is the digest of all that a report says but for when it looked.
func (e entry) content() ([sha256.Size]byte, error) {
	e.ReadAt = time.Time{}
	raw, err := json.Marshal(e, json.Deterministic(true))
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("encode a report: %w", err)
	}
	return sha256.Sum256(raw), nil
}
