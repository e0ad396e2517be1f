package local

import (
	"io"
	"sync"
)

// pipe carries an answer from the handler to its reader. Other than io.Pipe it
// holds some of it, so that both sides work at the same time.
type pipe struct {
	mu   sync.Mutex
	news *sync.Cond
	buf  []byte
	end  error // why nothing more is written; io.EOF is a good end
	shut bool  // by the reader
}

// held is how much waits for the reader at most, but for one write.
const held = 256 << 10 // bytes

func newPipe() *pipe {
	p := &pipe{}
	p.news = sync.NewCond(&p.mu)
	return p
}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.buf) >= held && p.end == nil && !p.shut {
		p.news.Wait()
	}
	if p.end != nil || p.shut {
		return 0, io.ErrClosedPipe
	}
	p.buf = append(p.buf, b...)
	p.news.Broadcast()
	return len(b), nil
}

// finish ends the answer; the first end counts, and nil is a good one. The
// reader gets what is left before it.
func (p *pipe) finish(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		err = io.EOF
	}
	if p.end == nil {
		p.end = err
	}
	p.news.Broadcast()
}

// abort ends the answer at once: the reader has gone, or must not go on.
func (p *pipe) abort(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end, p.buf = err, nil
	p.news.Broadcast()
}

func (p *pipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.buf) == 0 && p.end == nil && !p.shut {
		p.news.Wait()
	}
	switch {
	case p.shut:
		return 0, io.ErrClosedPipe
	case len(p.buf) == 0:
		return 0, p.end
	}
	n := copy(b, p.buf)
	p.buf = p.buf[n:]
	p.news.Broadcast()
	return n, nil
}

// Close is the reader's: it wants no more.
func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut, p.buf = true, nil
	p.news.Broadcast()
	return nil
}
