package items

import (
	"sync"

	"golang.org/x/sync/semaphore"
)

// mostSeen bounds what is remembered: about 60 MiB.
const mostSeen = 1 << 18

// Seen remembers what was found in files that have not changed since, so that
// thousands of outputs are decoded once and not at every look. It also keeps
// the pictures that are in memory at a time to what a machine can bear. One is
// shared by all judges of a program; it is safe for concurrent use.
//
// A file that was replaced, or written to, or whose times were set back, is
// another file: change time and inode are compared too. What was written less
// than two seconds before it was looked at is not remembered, since a later
// write could leave the same times.
type Seen struct {
	lock  sync.Mutex
	files map[string]memory
	most  int
	room  *semaphore.Weighted // pixels in memory
}

type memory struct {
	file  file
	sight sight
}

// sight is what a look into a file has shown. It depends on the content and
// the extension of the path alone.
type sight struct {
	format  Format
	picture picture
	flat    bool   // each of its pages has one colour
	reason  Reason // empty: whole
	err     error
}

// NewSeen has seen nothing yet.
func NewSeen() *Seen {
	return &Seen{files: map[string]memory{}, most: mostSeen, room: semaphore.NewWeighted(mostPixels)}
}

// Afresh remembers nothing of what s has seen, and shares the room for pixels
// with it.
func (s *Seen) Afresh() *Seen {
	return &Seen{files: map[string]memory{}, most: s.most, room: s.room}
}

func (s *Seen) recall(path string, f file) (sight, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	m, ok := s.files[path]
	return m.sight, ok && m.file == f
}

func (s *Seen) remember(path string, f file, what sight) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if _, known := s.files[path]; !known && len(s.files) >= s.most {
		// Any: of more files than there is room for, looked at in turn, the
		// oldest would be the very one that is asked for next.
		for other := range s.files {
			delete(s.files, other)
			break
		}
	}
	s.files[path] = memory{f, what}
}
