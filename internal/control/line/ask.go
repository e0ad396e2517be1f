package line

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	// connectLimit is how long a connection may take; it comes from this machine.
	connectLimit = time.Second
	// answerLimit is how long the daemon has. A line takes some milliseconds, and
	// where it takes longer the whole program knows how to wait and what to say.
	answerLimit = 10 * time.Second
	// lastWords is how long it has after ctx has ended, to tell what became of the
	// line until then.
	lastWords = time.Second
	// longestAnswer is far more than a screen shows.
	longestAnswer = 64 << 20
)

// Ask has the daemon that listens at socket carry l out. Whatever the error is, the
// daemon may have done it, for all that is known here: only what is the same when
// it is done twice may be sent.
//
// When ctx ends the daemon is told that the line is given up, as by an interrupt
// at a terminal, and still says what became of it.
func Ask(ctx context.Context, socket string, l Line) (Answer, error) {
	raw, err := json.Marshal(l)
	if err != nil {
		return Answer{}, err // a word is no text
	}
	to, err := (&net.Dialer{Timeout: connectLimit}).DialContext(ctx, "unix", socket)
	if err != nil {
		return Answer{}, err
	}
	defer to.Close() //nolint:errcheck // all was read, or nothing is known
	conn, ok := to.(*net.UnixConn)
	if !ok {
		return Answer{}, fmt.Errorf("%s is no socket of ours", socket)
	}
	if err := conn.SetDeadline(time.Now().Add(answerLimit)); err != nil {
		return Answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://uratori"+Path, bytes.NewReader(raw))
	if err != nil {
		return Answer{}, err
	}
	req.Close = true
	if err := req.Write(conn); err != nil {
		return Answer{}, err
	}
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetReadDeadline(time.Now().Add(lastWords))
		_ = conn.CloseWrite() // by this the daemon learns of it
	})
	defer stop()
	return read(conn, req)
}

func read(conn io.Reader, req *http.Request) (Answer, error) {
	res, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	if res.StatusCode != http.StatusOK {
		return Answer{}, fmt.Errorf("the daemon leaves the line to others: %s", res.Status)
	}
	var a Answer
	if err := json.UnmarshalRead(io.LimitReader(res.Body, longestAnswer), &a, json.RejectUnknownMembers(true)); err != nil {
		return Answer{}, err
	}
	return a, nil
}
