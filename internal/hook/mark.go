package hook

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
)

// mark is what a session was told last, so that it is told news and nothing
// else. Losing it loses nothing but that: the next prompt begins anew.
type mark struct {
	At     time.Time `json:"at"`   // when the daemon was asked
	Seq    int64     `json:"seq"`  // of the newest edit in the table that was told
	Told   []string  `json:"told"` // what happened so near to At that it could be told twice
	Ticket string    `json:"ticket,omitempty"`
	Mute   bool      `json:"mute,omitzero"` // it was said that nobody answers

	Answers []string `json:"answers,omitempty"` // of people, to the steps that need them
}

const (
	// longestMark is in bytes.
	longestMark = 64 << 10
	// oldMark is when the mark of a session that nobody ended is removed.
	oldMark = 30 * 24 * time.Hour
	// near is how far the clocks of one machine's processes and the moment of an
	// answer may lie apart.
	near = 10 * time.Second
	// mostSwept keeps a start quick, however many marks there are.
	mostSwept = 200
)

// marks is the folder of all marks. It is of this machine's run, like the
// socket; whoever removes it does no harm.
func (r *run) marks() string { return filepath.Join(r.Home.Run(), "hooks") }

// markFile is where the mark of this session is, empty without one: a session
// names itself, so its name is not used as that of a file.
func (r *run) markFile() string {
	if r.in.Session == "" || r.Home == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(r.in.Session))
	return filepath.Join(r.marks(), hex.EncodeToString(sum[:16])+".json")
}

// recall reads the mark of this session.
func (r *run) recall() (m mark, ok bool) {
	file := r.markFile()
	info, err := os.Lstat(file)
	if file == "" || err != nil || !info.Mode().IsRegular() || info.Size() > longestMark {
		return mark{}, false
	}
	raw, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(raw, &m) != nil {
		return mark{}, false
	}
	return m, true
}

// keep writes the mark of this session. That it cannot is no reason to bother
// anybody: the worst is that news is told once more, or not as news.
func (r *run) keep(m mark) {
	file := r.markFile()
	raw, err := json.Marshal(m)
	if file == "" || err != nil || len(raw) > longestMark || os.Mkdir(r.marks(), 0o700) != nil && !isDir(r.marks()) {
		return
	}
	f, err := os.CreateTemp(r.marks(), ".new-")
	if err != nil {
		return
	}
	_, err = f.Write(raw)
	if f.Close() != nil || err != nil || os.Rename(f.Name(), file) != nil {
		_ = os.Remove(f.Name()) // a later start sweeps what is left
	}
}

func isDir(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// sweep removes marks of sessions that are long over.
func (r *run) sweep() {
	dir, err := os.Open(r.marks())
	if err != nil {
		return
	}
	entries, _ := dir.ReadDir(mostSwept) // what cannot be listed is not removed
	_ = dir.Close()                      // it was only read
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.Type().IsRegular() && r.Now().Sub(info.ModTime()) > oldMark {
			_ = os.Remove(filepath.Join(r.marks(), e.Name())) // the next start tries again
		}
	}
}

// remember notes how things stand when a session begins or goes on.
func (r *run) remember(w *work, s control.Status) {
	r.sweep()
	r.keep(r.marked(mark{}, w, s))
}

// marked is the mark after all of a status was told.
func (r *run) marked(before mark, w *work, s control.Status) mark {
	m := mark{At: r.Now(), Seq: before.Seq, Ticket: before.Ticket}
	if w != nil {
		m.Ticket, m.Answers = w.ticket, answersOf(w)
	}
	for _, e := range s.Changes {
		m.Seq = max(m.Seq, e.Seq)
	}
	for _, n := range happened(w, s) {
		if n.at.After(m.At.Add(-near)) {
			m.Told = append(m.Told, n.key)
		}
	}
	return m
}
