package notify

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/fault"
)

// WebhookOptions are what the channel needs.
type WebhookOptions struct {
	URL       config.Secret
	Transport http.RoundTripper // nil for one of its own
	Now       func() time.Time
}

// Webhook posts messages as JSON. Any 2xx is acceptance.
type Webhook struct {
	caller
	url config.Secret
}

// NewWebhook makes the channel.
func NewWebhook(o WebhookOptions) *Webhook {
	return &Webhook{newCaller("webhook", o.Transport, o.Now, o.URL), o.URL}
}

// WebhookMessage is what is posted. ID is the same on a repeat, so that a
// receiver can drop it; Text is all of it for services that show one text.
type WebhookMessage struct {
	ID             int64    `json:"id"`
	Fingerprint    string   `json:"fingerprint"`
	PossibleRepeat bool     `json:"possible_repeat"`
	Priority       Priority `json:"priority"`
	Title          string   `json:"title"`
	Body           string   `json:"body"`
	URL            string   `json:"url,omitempty"`
	URLTitle       string   `json:"url_title,omitempty"`
	Ticket         string   `json:"ticket,omitempty"`
	Task           int64    `json:"task,omitzero"`
	At             string   `json:"at"` // RFC 3339
	Text           string   `json:"text"`
}

// Name implements [Channel].
func (h *Webhook) Name() string { return "webhook" }

// Deliver implements [Channel].
func (h *Webhook) Deliver(ctx context.Context, p Parcel) (Accepted, error) {
	text := withFoot(p.Body, p.Foot, mostBody, bytesOf)
	if p.Title != "" {
		text = p.Title + "\n" + text
	}
	body, err := json.Marshal(WebhookMessage{
		ID: p.ID, Fingerprint: p.Fingerprint, PossibleRepeat: p.Repeat, Priority: p.Priority, Title: p.Title, Body: p.Body,
		URL: p.URL, URLTitle: p.URLTitle, Ticket: p.Ticket, Task: p.Task, At: p.At.Format(time.RFC3339Nano), Text: text,
	})
	if err != nil {
		return Accepted{}, h.failed(Postponed, 0, h.blot.plain(err))
	}
	r, failure := h.ask(ctx, http.MethodPost, h.url.Reveal(), "application/json", bytes.NewReader(body), nil)
	if failure != nil {
		return Accepted{}, failure
	}
	if failure := h.trouble(r); failure != nil {
		return Accepted{}, failure
	}
	if r.status >= http.StatusBadRequest {
		// What it says is not repeated: nobody knows what a receiver quotes.
		return Accepted{}, h.failed(Refused, 0, fault.New(fault.Failed, "notify.webhook_refused", "status", r.status))
	}
	return Accepted{Request: r.header.Get("X-Request-Id")}, nil
}
