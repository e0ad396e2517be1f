package sheets

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/googleapi"

	"uratori/internal/fault"
	"uratori/sheets/a1"
)

// What callers decide by. Errors carry the details as their values.
var (
	ErrNotFound    = fault.New(fault.NotFound, "sheets.not_found")      // no row has the key
	ErrAmbiguous   = fault.New(fault.Failed, "sheets.ambiguous")        // several rows have it
	ErrNoTab       = fault.New(fault.Unavailable, "sheets.no_tab")      // gone, or never there
	ErrNoBook      = fault.New(fault.Unavailable, "sheets.no_book")     // no such spreadsheet
	ErrPermission  = fault.New(fault.Unavailable, "sheets.permission")  // not shared with us
	ErrSignIn      = fault.New(fault.Unavailable, "sheets.sign_in")     // Google does not accept who we are
	ErrQuota       = fault.New(fault.Unavailable, "sheets.quota")       // too many requests
	ErrUnavailable = fault.New(fault.Unavailable, "sheets.unavailable") // Google does not answer as it should
	ErrRefused     = fault.New(fault.Failed, "sheets.refused")          // Google says that the request is wrong
	ErrMoving      = fault.New(fault.Unavailable, "sheets.moving")      // rows move faster than they can be read
	ErrUnknown     = fault.New(fault.Unavailable, "sheets.unknown")     // a write may or may not have been applied
	ErrNoHeader    = fault.New(fault.Failed, "sheets.no_header")        // no row names the key column
	ErrNoColumn    = fault.New(fault.Failed, "sheets.no_column")        // the header lacks a column
	ErrHeaderTwice = fault.New(fault.Failed, "sheets.header_twice")     // the header names a column twice
	ErrBadText     = fault.New(fault.Invalid, "sheets.bad_text")        // a cell cannot hold it to the letter
	ErrTooLong     = fault.New(fault.Invalid, "sheets.too_long")        // longer than a cell
)

// IsHeader tells whether the header row is what is wrong.
func IsHeader(err error) bool {
	return errors.Is(err, ErrNoHeader) || errors.Is(err, ErrNoColumn) || errors.Is(err, ErrHeaderTwice)
}

// refusedOutright tells that nothing was applied, and that the same request
// would be refused again.
func refusedOutright(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && (errors.Is(err, ErrRefused) || errors.Is(err, ErrPermission) || f.Key == "sheets.permission_share")
}

// errMoved marks answers to a layout that is no more.
var errMoved = errors.New("the tab is not as it was")

func noTab(tab string, have []string) error {
	return fault.New(fault.Unavailable, "sheets.no_tab", "tab", tab, "have", quoted(have))
}

// Wait is how long Google asks to be left alone. It is in the chain of an error
// of a write, which is not made again before another look.
type Wait struct {
	After time.Duration
	error
}

// failure is what one call ended with.
type failure struct {
	err     error         // for people
	retry   bool          // the same call may well succeed later
	after   time.Duration // Google's wish, 0 for none
	unknown bool          // it may have been applied
}

// classify reads what a call ended with. Only what certainly did not reach the
// other side, or was certainly refused there, counts as not applied: 5xx says
// nothing about what became of the request.
func (t *Table) classify(err error) failure {
	if u, ok := errors.AsType[unsigned](err); ok {
		return failure{err: u.error}
	}
	answer, ok := errors.AsType[*googleapi.Error](err)
	if !ok {
		// Dialling comes before the first byte. A syntax error comes after the last.
		dial, _ := errors.AsType[*net.OpError](err)
		sent := dial == nil || dial.Op != "dial"
		return failure{err: fault.New(fault.Unavailable, "sheets.unavailable").Wrap(plain(err)), retry: true, unknown: sent}
	}
	cause := errors.New(strings.TrimSpace(cutText(answer.Message)))
	if answer.Message == "" {
		cause = errors.New(http.StatusText(answer.Code))
	}
	f := failure{}
	switch code := answer.Code; {
	case code == http.StatusTooManyRequests:
		f = failure{retry: true, after: t.retryAfter(answer.Header)}
		if f.after > 0 {
			cause = &Wait{f.after, cause}
		}
		f.err = fault.New(fault.Unavailable, "sheets.quota").Wrap(cause)
	case code == http.StatusUnauthorized:
		f.err = fault.New(fault.Unavailable, "sheets.sign_in").Wrap(cause)
	case code == http.StatusForbidden && strings.Contains(answer.Message, "has not been used in project"):
		f.err = fault.New(fault.Unavailable, "sheets.api_disabled").Wrap(cause)
	case code == http.StatusForbidden && t.o.Share != "":
		f.err = fault.New(fault.Unavailable, "sheets.permission_share", "address", t.o.Share).Wrap(cause)
	case code == http.StatusForbidden:
		f.err = fault.New(fault.Unavailable, "sheets.permission").Wrap(cause)
	case code == http.StatusNotFound:
		f.err = fault.New(fault.Unavailable, "sheets.no_book", "spreadsheet", t.o.Spreadsheet).Wrap(cause)
	case code == http.StatusRequestTimeout || code >= 500 && code != http.StatusNotImplemented:
		f = failure{err: fault.New(fault.Unavailable, "sheets.unavailable").Wrap(cause), retry: true, after: t.retryAfter(answer.Header), unknown: true}
	case code == http.StatusBadRequest && isMoved(answer.Message):
		// The ranges of an answer may be looked up after the change was made.
		f = failure{err: errors.Join(errMoved, fault.New(fault.Failed, "sheets.refused").Wrap(cause)), unknown: strings.HasPrefix(answer.Message, unparsed)}
	case code >= 400:
		f.err = fault.New(fault.Failed, "sheets.refused").Wrap(cause)
	default: // 3xx is from something in between
		f = failure{err: fault.New(fault.Unavailable, "sheets.unavailable").Wrap(cause), unknown: true}
	}
	return f
}

const unparsed = "Unable to parse range"

func isMoved(message string) bool {
	return strings.HasPrefix(message, unparsed) || strings.Contains(message, "No grid with id") || strings.Contains(message, "exceeds grid limits")
}

// plain is an error without the address that was called, which says nothing
// to a person.
func plain(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	return errors.New(cutText(err.Error()))
}

func cutText(s string) string {
	const longest = 300 // characters
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}

// longestWait is what Retry-After is believed.
const longestWait = 2 * time.Minute

func (t *Table) retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return min(time.Duration(min(n, 1e6))*time.Second, longestWait)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(t.o.Now())), longestWait)
	}
	return 0
}

func columnName(i int) string { return a1.Column(i) }

func rowNumbers(rows []int) string {
	sorted := slices.Sorted(slices.Values(rows))
	texts := make([]string, len(sorted))
	for i, n := range sorted {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}
