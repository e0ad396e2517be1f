package line

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"
)

const (
	// answerLimit is how long the daemon has. A line takes some milliseconds, and
	// where it takes longer the whole program knows how to wait and what to say.
	answerLimit = 10 * time.Second
	// lastWords is how long it has after it was told that the line is given up, to
	// tell what became of it until then.
	lastWords = time.Second
	// longestAnswer is far more than a screen shows.
	longestAnswer = 64 << 20
)

// Asking is a line that a daemon is asked to carry out. It speaks HTTP by hand and
// waits in the kernel: what Go's own client makes ready would take longer than the
// whole command may.
type Asking struct {
	socket int
	once   sync.Once
	over   chan struct{}
}

// Ask sends l to the daemon that listens at socket. Whatever the error is, here or
// from [Asking.Answer], the daemon may have done it, for all that is known: only
// what is the same when it is done twice may be sent.
func Ask(socket string, l Line) (*Asking, error) {
	body, err := json.Marshal(l)
	if err != nil {
		return nil, err // a word is no text
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	a := &Asking{socket: fd, over: make(chan struct{})}
	limit := unix.NsecToTimeval(answerLimit.Nanoseconds())
	err = errors.Join(unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &limit), unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit))
	if err == nil {
		err = again(func() error { return unix.Connect(fd, &unix.SockaddrUnix{Name: socket}) })
	}
	if err == nil {
		// To a 1.0 the answer comes as it is, and ends with the connection.
		head := fmt.Sprintf("POST %s HTTP/1.0\r\nHost: uratori\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", Path, len(body))
		err = a.write(append([]byte(head), body...))
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// again calls f until no signal came between.
func again(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func (a *Asking) write(raw []byte) error {
	for len(raw) > 0 {
		var n int
		err := again(func() (err error) {
			// Nobody who hangs up ends this process.
			n, err = unix.SendmsgN(a.socket, raw, nil, nil, unix.MSG_NOSIGNAL)
			return err
		})
		if err != nil {
			return os.NewSyscallError("send", err)
		}
		raw = raw[n:]
	}
	return nil
}

// GiveUp tells the daemon that nobody waits for the line any more, as an interrupt
// at a terminal would. It still has a second to say what became of it. It may be
// called while [Asking.Answer] waits.
func (a *Asking) GiveUp() {
	_ = unix.Shutdown(a.socket, unix.SHUT_WR) // it may have hung up
	select {
	case <-a.over:
	case <-time.After(lastWords):
		_ = unix.Shutdown(a.socket, unix.SHUT_RD)
	}
}

// Answer waits for what the daemon says.
func (a *Asking) Answer() (Answer, error) {
	defer a.once.Do(func() { close(a.over) })
	var raw bytes.Buffer
	piece := make([]byte, 16<<10)
	for {
		var n int
		err := again(func() (err error) {
			n, err = unix.Read(a.socket, piece)
			return err
		})
		switch {
		case err != nil:
			return Answer{}, os.NewSyscallError("read", err)
		case n == 0:
			return read(raw.Bytes())
		case raw.Len()+n > longestAnswer:
			return Answer{}, errors.New("the daemon's answer has no end")
		}
		raw.Write(piece[:n])
	}
}

// Close ends the connection.
func (a *Asking) Close() error { return unix.Close(a.socket) }

// read takes an answer apart. One that was cut is none.
func read(raw []byte) (Answer, error) {
	head, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	status, fields, _ := bytes.Cut(head, []byte("\r\n"))
	if words := bytes.Fields(status); !found || len(words) < 2 || !bytes.HasPrefix(words[0], []byte("HTTP/1.")) || string(words[1]) != "200" {
		return Answer{}, fmt.Errorf("the daemon leaves the line to others: %.100q", status)
	}
	for field := range bytes.SplitSeq(fields, []byte("\r\n")) {
		name, value, _ := bytes.Cut(field, []byte(":"))
		switch string(bytes.ToLower(name)) {
		case "content-length":
			if n, err := strconv.Atoi(string(bytes.TrimSpace(value))); err != nil || n != len(body) {
				return Answer{}, fmt.Errorf("the daemon's answer was cut: %d bytes of %s", len(body), value)
			}
		case "transfer-encoding":
			return Answer{}, fmt.Errorf("the daemon's answer comes as %s", value)
		}
	}
	var a Answer
	err := json.Unmarshal(body, &a, json.RejectUnknownMembers(true))
	return a, err
}
