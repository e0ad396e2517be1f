package notify

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// What a message of Pushover can carry (pushover.net/api), in characters.
const (
	pushoverMessage  = 1024
	pushoverTitle    = 250
	pushoverURL      = 512
	pushoverURLTitle = 100
	pushoverPicture  = 5 << 20 // bytes
)

// How a message of priority 2 rings: at most 50 times, says Pushover.
const (
	emergencyRetry  = time.Minute
	emergencyExpire = time.Hour
)

// PushoverOptions are what the channel needs.
type PushoverOptions struct {
	Token, User config.Secret
	Endpoint    string // base URL of another server; empty for Pushover's
	// Emergency sends critical messages with priority 2, which rings again until
	// somebody acknowledges.
	Emergency bool
	Lang      phrase.Lang
	Transport http.RoundTripper // nil for one of its own
	Now       func() time.Time
}

// Pushover is the phone.
type Pushover struct {
	caller
	o    PushoverOptions
	base string
}

// NewPushover makes the channel.
func NewPushover(o PushoverOptions) *Pushover {
	base := strings.TrimSuffix(strings.TrimSuffix(o.Endpoint, "/"), "/1")
	if base == "" {
		base = "https://api.pushover.net"
	}
	return &Pushover{caller: newCaller("pushover", o.Transport, o.Now, o.Token, o.User), o: o, base: base}
}

// Name implements [Channel].
func (p *Pushover) Name() string { return "pushover" }

// Deliver implements [Channel].
func (p *Pushover) Deliver(ctx context.Context, parcel Parcel) (Accepted, error) {
	body, contentType, err := p.form(parcel)
	if err != nil {
		return Accepted{}, p.failed(Postponed, 0, p.blot.plain(err))
	}
	r, failure := p.ask(ctx, http.MethodPost, p.base+"/1/messages.json", contentType, bytes.NewReader(body), nil)
	if failure != nil {
		return Accepted{}, failure
	}
	answer, failure := p.judge(r)
	if failure != nil {
		return Accepted{Quota: p.quota(r.header)}, failure
	}
	return Accepted{Request: answer.Request, Receipt: answer.Receipt, Quota: p.quota(r.header)}, nil
}

// form is the body of a request: multipart when there is a picture.
func (p *Pushover) form(parcel Parcel) (body []byte, contentType string, err error) {
	var pic *picture
	foot := parcel.Foot
	if parcel.Attachment != "" {
		var err error
		if pic, err = loadPicture(parcel.Attachment, pushoverPicture); err != nil { // the message goes without
			name := fit(oneLine(filepath.Base(parcel.Attachment)), 60, utf8.RuneCountInString)
			foot = p.o.Lang.Say("notify.no_picture", "file", name, "problem", fault.Explain(err, p.o.Lang)) + "\n" + foot
		}
	}
	values := p.values(parcel, foot)
	if pic == nil {
		return []byte(values.Encode()), "application/x-www-form-urlencoded", nil
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, list := range values {
		if err := w.WriteField(name, list[0]); err != nil {
			return nil, "", err
		}
	}
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="attachment"; filename="picture"`}, "Content-Type": {pic.kind},
	})
	if err == nil {
		_, err = part.Write(pic.data)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), w.FormDataContentType(), err
}

func (p *Pushover) values(parcel Parcel, foot string) url.Values {
	v := url.Values{
		"token": {p.o.Token.Reveal()}, "user": {p.o.User.Reveal()},
		"title":     {fit(parcel.Title, pushoverTitle, utf8.RuneCountInString)},
		"message":   {withFoot(parcel.Body, foot, pushoverMessage, utf8.RuneCountInString)},
		"priority":  {p.priority(parcel.Priority)},
		"timestamp": {strconv.FormatInt(parcel.At.Unix(), 10)}, // of the incident, not of the sending
	}
	if parcel.Title == "" {
		v.Del("title")
	}
	if p.o.Emergency && parcel.Priority == Critical {
		v.Set("retry", strconv.Itoa(int(emergencyRetry/time.Second)))
		v.Set("expire", strconv.Itoa(int(emergencyExpire/time.Second)))
	}
	if parcel.URL != "" && utf8.RuneCountInString(parcel.URL) <= pushoverURL { // a part of a URL leads nowhere
		v.Set("url", parcel.URL)
		if parcel.URLTitle != "" {
			v.Set("url_title", fit(parcel.URLTitle, pushoverURLTitle, utf8.RuneCountInString))
		}
	}
	return v
}

func (p *Pushover) priority(q Priority) string {
	switch {
	case q == Critical && p.o.Emergency:
		return "2"
	case q >= High:
		return "1"
	case q == Low:
		return "-1"
	}
	return "0"
}

// withFoot is a text with its last line, of which the text is cut.
func withFoot(text, foot string, limit int, size func(string) int) string {
	foot = fit(foot, limit, size)
	if text == "" {
		return foot
	}
	room := limit - size(foot) - 1
	if room <= size(ellipsis) {
		return foot
	}
	return fit(text, room, size) + "\n" + foot
}

// pushoverAnswer is what every answer of Pushover's has. The parameter that is
// wrong stands in a field of its own name.
type pushoverAnswer struct {
	Status  int      `json:"status"`
	Request string   `json:"request"`
	Receipt string   `json:"receipt"`
	Errors  []string `json:"errors"`
	Token   any      `json:"token"`
	User    any      `json:"user"`

	Acknowledged   int    `json:"acknowledged"`
	AcknowledgedAt int64  `json:"acknowledged_at"`
	Device         string `json:"acknowledged_by_device"`
	Expired        int    `json:"expired"`
}

// judge reads an answer. Only Pushover's own word is acceptance or refusal:
// what a proxy or a firewall says in its place is neither.
func (p *Pushover) judge(r reply) (pushoverAnswer, *Failure) {
	if f := p.trouble(r); f != nil {
		if r.status == http.StatusTooManyRequests && f.After == 0 {
			if q := p.quota(r.header); q != nil && q.Reset.After(p.now()) {
				f.After = min(q.Reset.Sub(p.now()), longestHold)
				f.Reason = fault.New(fault.Unavailable, "notify.over_quota", "channel", p.name, "until", q.Reset.In(p.now().Location()).Format(time.DateTime))
			}
		}
		return pushoverAnswer{}, f
	}
	var a pushoverAnswer
	err := json.Unmarshal(r.body, &a)
	success := r.status < http.StatusMultipleChoices
	switch {
	case success && err == nil && a.Status == 1:
		return a, nil
	case err == nil && a.Status == 0 && len(a.Errors) > 0:
		return a, p.failed(Refused, 0, p.refusal(a))
	case success:
		return a, p.odd(Unanswered, r)
	}
	return a, p.odd(Postponed, r)
}

// refusal says what is wrong and what to do about it.
func (p *Pushover) refusal(a pushoverAnswer) error {
	words := p.blot.text(strings.Join(a.Errors, "; "))
	switch {
	case a.Token != nil:
		return fault.New(fault.Invalid, "notify.pushover_token", "errors", words)
	case a.User != nil:
		return fault.New(fault.Invalid, "notify.pushover_user", "errors", words)
	}
	return fault.New(fault.Failed, "notify.refused", "channel", p.name, "errors", words)
}

// quota reads the headers of the limits; nil when they are not there.
func (p *Pushover) quota(h http.Header) *Quota {
	number := func(name string) (int64, bool) {
		n, err := strconv.ParseInt(h.Get("X-Limit-App-"+name), 10, 64)
		return n, err == nil && n >= 0
	}
	limit, ok1 := number("Limit")
	remaining, ok2 := number("Remaining")
	reset, ok3 := number("Reset")
	const latest = 253402300799 // the end of the year 9999
	if !ok1 || !ok2 || !ok3 || limit > 1<<31 || remaining > 1<<31 || reset > latest {
		return nil
	}
	return &Quota{Limit: int(limit), Remaining: int(remaining), Reset: time.Unix(reset, 0).UTC()}
}

// Trace implements [Tracer].
func (p *Pushover) Trace(ctx context.Context, receipt string) (Traced, error) {
	query := url.Values{"token": {p.o.Token.Reveal()}}
	r, failure := p.ask(ctx, http.MethodGet, p.base+"/1/receipts/"+url.PathEscape(receipt)+".json?"+query.Encode(), "", nil, nil)
	if failure != nil {
		return Traced{}, failure
	}
	a, failure := p.judge(r)
	if failure != nil {
		return Traced{}, failure
	}
	// Who acknowledged is told as a user key, which is a secret: it is not kept.
	t := Traced{Device: a.Device, Expired: a.Expired == 1}
	if a.Acknowledged == 1 {
		t.Acknowledged = time.Unix(a.AcknowledgedAt, 0)
	}
	return t, nil
}

// Silence implements [Silencer].
func (p *Pushover) Silence(ctx context.Context, receipt string) error {
	body := url.Values{"token": {p.o.Token.Reveal()}}
	r, failure := p.ask(ctx, http.MethodPost, p.base+"/1/receipts/"+url.PathEscape(receipt)+"/cancel.json", "application/x-www-form-urlencoded",
		strings.NewReader(body.Encode()), nil)
	if failure != nil {
		return failure
	}
	if _, failure := p.judge(r); failure != nil {
		return failure
	}
	return nil
}

// Check asks whether token and user key are good, without sending anything.
// The error is as of Deliver.
func (p *Pushover) Check(ctx context.Context) error {
	body := url.Values{"token": {p.o.Token.Reveal()}, "user": {p.o.User.Reveal()}}
	r, failure := p.ask(ctx, http.MethodPost, p.base+"/1/users/validate.json", "application/x-www-form-urlencoded", strings.NewReader(body.Encode()), nil)
	if failure != nil {
		return failure
	}
	if _, failure := p.judge(r); failure != nil {
		return failure
	}
	return nil
}
