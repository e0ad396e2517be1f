package notifytest

import (
	"net/http"
	"strconv"
)

// Fault is what goes wrong with one request.
type Fault string

// The faults. After those whose name ends in After, and after Truncated,
// Garbage and NoLimits, the message was accepted; of these only NoLimits tells
// the sender so.
const (
	None        Fault = ""
	CutBefore   Fault = "connection cut before anything was done"
	CutAfter    Fault = "connection cut after it was accepted"
	SlowBefore  Fault = "no answer, and nothing done"
	SlowAfter   Fault = "no answer after it was accepted"
	Truncated   Fault = "answer cut off"
	Garbage     Fault = "200 that is no JSON"
	NoLimits    Fault = "200 without the headers of the limits"
	S429        Fault = "429 with the headers of the limits"
	S429Wait    Fault = "429 with Retry-After"
	S500        Fault = "500"
	S500After   Fault = "500 after it was accepted"
	S502        Fault = "502"
	S503        Fault = "503"
	Blocked     Fault = "403 that is no JSON, as of a blocked address"
	RedirectOut Fault = "302 to elsewhere"
)

// Faults are all of them.
func Faults() []Fault {
	return []Fault{
		CutBefore, CutAfter, SlowBefore, SlowAfter, Truncated, Garbage, NoLimits,
		S429, S429Wait, S500, S500After, S502, S503, Blocked, RedirectOut,
	}
}

// RetryAfter is what S429Wait asks for, in seconds.
const RetryAfter = 7

// Accepted tells whether a good message that meets the fault is accepted.
func (f Fault) Accepted() bool {
	switch f {
	case None, CutAfter, SlowAfter, Truncated, Garbage, NoLimits, S500After:
		return true
	}
	return false
}

// Lost tells whether the sender is not told of an acceptance.
func (f Fault) Lost() bool { return f.Accepted() && f != None && f != NoLimits }

// answer is what goes back over the wire, and what becomes of the wire.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool // nothing goes back
	slow   bool // nothing goes back, ever
	half   bool // half of the body goes back
}

// spoil makes of a good answer what the fault lets through.
func (f Fault) spoil(a answer) answer {
	page := func(status int, text string) answer {
		return answer{status: status, header: http.Header{"Content-Type": {"text/html"}}, body: []byte("<html>" + text + "</html>")}
	}
	switch f {
	case CutBefore, CutAfter:
		a.cut = true
	case SlowBefore, SlowAfter:
		a.slow = true
	case Truncated:
		a.half = true
	case Garbage:
		return page(http.StatusOK, "hello")
	case NoLimits:
		for name := range a.header {
			if name != "Content-Type" {
				a.header.Del(name)
			}
		}
	case S500, S500After:
		return page(http.StatusInternalServerError, "sorry")
	case S502:
		return page(http.StatusBadGateway, "bad gateway")
	case S503:
		return page(http.StatusServiceUnavailable, "busy")
	case Blocked:
		return page(http.StatusForbidden, "blocked")
	case RedirectOut:
		a = page(http.StatusFound, "elsewhere")
		a.header.Set("Location", "https://elsewhere.example/")
	case S429Wait:
		a.header.Set("Retry-After", strconv.Itoa(RetryAfter))
	}
	return a
}
