package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/ledger"
	"uratori/internal/process"
)

// What a client can meet beside the faults of the daemon itself.
var (
	ErrNotRunning   = fault.New(fault.Unavailable, "control.not_running")
	ErrUnreachable  = fault.New(fault.Unavailable, "control.unreachable")
	ErrOtherVersion = fault.New(fault.Conflict, "control.other_version")
)

// Client talks to the daemon of one home. Close it after use.
type Client struct {
	home  config.Home
	build Build
	first chan net.Conn // the connection of Dial, until it is used
	http  *http.Client
}

// helloLimit is how long a daemon may take to say that it is there.
const helloLimit = 15 * time.Second

// Dial connects to the daemon of home and has it answer once: a daemon that
// is being killed still accepts connections for a moment and then drops them.
// Such a one counts as not running. Dial starts none: see [Starter.Connect].
func Dial(ctx context.Context, home config.Home, build Build) (*Client, error) {
	conn, err := dial(ctx, home.Socket())
	if err != nil {
		if errors.Is(err, ErrNotRunning) {
			return nil, fault.New(fault.Unavailable, "control.not_running", "home", home)
		}
		return nil, fault.New(fault.Unavailable, "control.unreachable", "home", home).Wrap(err)
	}
	c := &Client{home: home, build: build, first: make(chan net.Conn, 1)}
	c.first <- conn
	c.http = &http.Client{Transport: &http.Transport{
		DisableCompression: true, // nothing is gained within one machine
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			select {
			case conn := <-c.first:
				return conn, nil
			default:
				return dial(ctx, home.Socket())
			}
		},
	}}
	ctx, cancel := context.WithTimeout(ctx, helloLimit)
	defer cancel()
	var id process.ID
	err = c.call(ctx, http.MethodGet, HelloPath, nil, &id)
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF) {
		err = fault.New(fault.Unavailable, "control.not_running", "home", home)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close gives the connections back.
func (c *Client) Close() {
	select {
	case conn := <-c.first:
		conn.Close() //nolint:errcheck // nothing was said on it
	default:
	}
	c.http.CloseIdleConnections()
}

// Status asks how the daemon is.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return answer[Status](ctx, c, http.MethodGet, "/v1/status", nil)
}

// Checks has the daemon examine what only it can open: the store, the ledger
// and its own loops.
func (c *Client) Checks(ctx context.Context) ([]Check, error) {
	return answer[[]Check](ctx, c, http.MethodGet, "/v1/doctor", nil)
}

// Stop asks the daemon to end and returns at once with who is ending. It
// works between builds of different API numbers.
func (c *Client) Stop(ctx context.Context) (process.ID, error) {
	return answer[process.ID](ctx, c, http.MethodPost, StopPath, nil)
}

// BackupRequest is the body of a backup request.
type BackupRequest struct {
	File string `json:"file"` // absolute; must not exist
}

// Backup has the store copied to a new file and the copy read back.
func (c *Client) Backup(ctx context.Context, file string) (Backup, error) {
	return answer[Backup](ctx, c, http.MethodPost, "/v1/backup", BackupRequest{File: file})
}

// VerifyLedger walks the chain. known, unless zero, must be in it.
func (c *Client) VerifyLedger(ctx context.Context, known ledger.Hash) (ledger.Report, error) {
	query := url.Values{}
	if known != (ledger.Hash{}) {
		query.Set("known", known.String())
	}
	return answer[ledger.Report](ctx, c, http.MethodGet, "/v1/ledger/verify?"+query.Encode(), nil)
}

// Slice says which entries of the ledger are wanted.
type Slice struct {
	Subject string // of this subject only
	Last    int    // only so many, the newest; 0 is all
	Follow  bool   // go on with new ones until ctx ends
}

// Entries yields entries, oldest first.
func (c *Client) Entries(ctx context.Context, s Slice) iter.Seq2[ledger.Entry, error] {
	query := url.Values{"subject": {s.Subject}, "last": {strconv.Itoa(s.Last)}, "follow": {strconv.FormatBool(s.Follow)}}
	return func(yield func(ledger.Entry, error) bool) {
		res, err := c.send(ctx, http.MethodGet, "/v1/ledger?"+query.Encode(), nil)
		if err != nil {
			yield(ledger.Entry{}, err)
			return
		}
		defer res.Body.Close() //nolint:errcheck // only read from
		d := jsontext.NewDecoder(res.Body)
		for {
			var line struct {
				ledger.Entry
				Error *Fault `json:"error"` // a failure after the answer had begun
			}
			err := json.UnmarshalDecode(d, &line)
			switch {
			case errors.Is(err, io.EOF):
				return
			case err == nil && line.Error != nil:
				err = line.Error.Decode()
			case err != nil:
				err = fault.New(fault.Unavailable, "control.broken_answer").Wrap(err)
			}
			if !yield(line.Entry, err) || err != nil {
				return
			}
		}
	}
}

// answer is what a request is answered with. It is returned after the call: the
// language leaves open whether a result that stands beside a call is read before
// it.
func answer[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	err := c.call(ctx, method, path, in, &out)
	return out, err
}

func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	res, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	if err := json.UnmarshalRead(res.Body, out); err != nil {
		return fault.New(fault.Unavailable, "control.broken_answer").Wrap(err)
	}
	return nil
}

// send returns an answer that succeeded, body unread, or the fault.
func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode the request %s: %w", path, err)
		}
		body = bytes.NewReader(raw)
	}
	return c.sendBody(ctx, method, path, body)
}

func (c *Client) sign(r *http.Request) {
	r.Header.Set(APIHeader, strconv.Itoa(API))
	r.Header.Set(VersionHeader, c.build.Version)
}

func (c *Client) sendBody(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://uratori"+path, body)
	if err != nil {
		return nil, err
	}
	c.sign(req)
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	switch {
	case errors.Is(err, ErrNotRunning):
		return nil, fault.New(fault.Unavailable, "control.not_running", "home", c.home)
	case ctx.Err() != nil:
		return nil, fault.New(fault.Unavailable, "control.gave_up").Wrap(ctx.Err())
	case err != nil:
		return nil, fault.New(fault.Unavailable, "control.unreachable", "home", c.home).Wrap(err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	var failed ErrorBody
	const longest = 1 << 20 // an error is a sentence with values
	if err := json.UnmarshalRead(io.LimitReader(res.Body, longest), &failed); err != nil || failed.Error == nil {
		return nil, fault.New(fault.Unavailable, "control.broken_answer").Wrap(fmt.Errorf("status %s", res.Status))
	}
	return nil, failed.Error.Decode()
}
