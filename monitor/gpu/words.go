package gpu

import (
	"io"
	"strings"
	"sync"
	"unicode"
)

// lastLines keeps the beginning and the end of what a probe writes to its
// standard error, in bounded memory: the beginning names a crash, the end
// anything else.
type lastLines struct {
	mu   sync.Mutex
	head []byte
	tail []byte
	lost bool // something in between
}

const keptWords = 4 << 10 // of the beginning and of the end each, in bytes

// readFrom returns when r ends.
func (l *lastLines) readFrom(r io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		l.add(buf[:n])
		if err != nil {
			return
		}
	}
}

func (l *lastLines) add(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(p), keptWords-len(l.head))
	l.head = append(l.head, p[:n]...)
	l.tail = append(l.tail, p[n:]...)
	if over := len(l.tail) - keptWords; over > 0 {
		l.lost = true
		l.tail = append(l.tail[:0], l.tail[over:]...)
	}
}

// all is everything that was kept.
func (l *lastLines) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	gap := ""
	if l.lost {
		gap = "\n…\n"
	}
	return string(l.head) + gap + string(l.tail)
}

// summary is the one line that says most, fit to be shown; empty when nothing
// was written.
func (l *lastLines) summary() string {
	last := ""
	for line := range strings.Lines(l.all()) {
		line = printable(line)
		if line == "" {
			continue
		}
		// How Go's runtime and the dynamic linker begin their last words. What
		// follows them is a stack.
		for _, mark := range []string{"SIG", "panic: ", "fatal error: ", "runtime: "} {
			if strings.HasPrefix(line, mark) {
				return line
			}
		}
		if strings.Contains(line, "symbol lookup error") {
			return line
		}
		last = line
	}
	return last
}

// longestShown is how much of a line people are shown, in characters.
const longestShown = 300

// printable is one line that does no harm on a terminal.
func printable(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD") {
		if n++; n > longestShown {
			b.WriteRune('…')
			break
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
