package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/fault"
)

// ntfyMessage is what ntfy shows as a text, in bytes; a longer one it would
// turn into a file (docs.ntfy.sh/publish). ntfyTitle is ours.
const (
	ntfyMessage = 4000
	ntfyTitle   = 250 // characters
)

// NtfyOptions are what the channel needs.
type NtfyOptions struct {
	URL       config.Secret // of the topic
	Token     config.Secret // empty where everybody may publish
	Transport http.RoundTripper
	Now       func() time.Time
}

// Ntfy publishes messages to a topic of an ntfy server. Pictures stay behind.
type Ntfy struct {
	caller
	server, topic string
	token         config.Secret
}

// NewNtfy makes the channel. The error is that the URL has no topic.
func NewNtfy(o NtfyOptions) (*Ntfy, error) {
	u, err := url.Parse(o.URL.Reveal())
	if err != nil || u.Host == "" || path.Base(u.Path) == "." || path.Base(u.Path) == "/" {
		return nil, fault.New(fault.Invalid, "notify.bad_address", "channel", "ntfy")
	}
	n := &Ntfy{caller: newCaller("ntfy", o.Transport, o.Now, o.URL, o.Token), topic: path.Base(u.Path), token: o.Token}
	u.Path = path.Dir(u.Path)
	n.server = u.String()
	return n, nil
}

// ntfyPublish is a message in the form of docs.ntfy.sh/publish/#publish-as-json.
type ntfyPublish struct {
	Topic    string `json:"topic"`
	Title    string `json:"title,omitempty"`
	Message  string `json:"message"`
	Priority int    `json:"priority"`
	Click    string `json:"click,omitempty"`
	// SequenceID has a repeat take the place of the first one, where the server
	// knows of it (2.16).
	SequenceID string `json:"sequence_id"`
}

type ntfyAnswer struct {
	ID    string `json:"id"`
	Event string `json:"event"`
	Error string `json:"error"`
}

// Name implements [Channel].
func (n *Ntfy) Name() string { return "ntfy" }

// Deliver implements [Channel].
func (n *Ntfy) Deliver(ctx context.Context, p Parcel) (Accepted, error) {
	body, err := json.Marshal(ntfyPublish{
		Topic: n.topic, Title: fit(p.Title, ntfyTitle, utf8.RuneCountInString), Message: withFoot(p.Body, p.Foot, ntfyMessage, bytesOf),
		Priority: map[Priority]int{Low: 2, Normal: 3, High: 4, Critical: 5}[p.Priority], Click: p.URL, SequenceID: sequence(p),
	})
	if err != nil {
		return Accepted{}, n.failed(Postponed, 0, n.blot.plain(err))
	}
	header := http.Header{}
	if n.token.IsSet() {
		header.Set("Authorization", "Bearer "+n.token.Reveal())
	}
	r, failure := n.ask(ctx, http.MethodPost, n.server, "application/json", bytes.NewReader(body), header)
	if failure != nil {
		return Accepted{}, failure
	}
	if failure := n.trouble(r); failure != nil {
		return Accepted{}, failure
	}
	var a ntfyAnswer
	err = json.Unmarshal(r.body, &a)
	switch {
	case r.status < http.StatusMultipleChoices && err == nil && a.ID != "" && a.Event == "message":
		return Accepted{Request: a.ID}, nil
	case r.status < http.StatusMultipleChoices:
		return Accepted{}, n.odd(Unanswered, r)
	case err != nil || a.Error == "":
		return Accepted{}, n.odd(Postponed, r)
	case r.status == http.StatusUnauthorized || r.status == http.StatusForbidden:
		return Accepted{}, n.failed(Refused, 0, fault.New(fault.Invalid, "notify.ntfy_token", "errors", n.blot.text(a.Error)))
	}
	return Accepted{}, n.failed(Refused, 0, fault.New(fault.Failed, "notify.refused", "channel", n.name, "errors", n.blot.text(a.Error)))
}

// sequence is the same for a message and its repeat, and for no other message,
// of another machine either.
func sequence(p Parcel) string {
	h := sha256.Sum256([]byte(p.Fingerprint + "\x00" + p.Priority.String() + "\x00" + stamp(p.At)))
	return hex.EncodeToString(h[:16])
}
