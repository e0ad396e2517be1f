package notify

import (
	"errors"
	"net/http"
	"time"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// Channels are those that the settings name, none when they name none.
// transport is for tests; nil gives each a way of its own. An error says what
// is wrong with the settings, beside the channels that could be made: half of
// what Pushover needs is a mistake, not a wish for silence.
func Channels(n config.Notify, lang phrase.Lang, transport http.RoundTripper, now func() time.Time) (list []Channel, err error) {
	switch p := n.Pushover; {
	case p.Token.IsSet() && p.User.IsSet():
		list = append(list, NewPushover(PushoverOptions{
			Token: p.Token, User: p.User, Endpoint: p.Endpoint, Emergency: p.Emergency, Lang: lang, Transport: transport, Now: now,
		}))
	case p.Token.IsSet():
		err = fault.New(fault.Invalid, "notify.half_set", "set", "notify.pushover.token", "missing", "notify.pushover.user", "variable", "PUSHOVER_USER")
	case p.User.IsSet():
		err = fault.New(fault.Invalid, "notify.half_set", "set", "notify.pushover.user", "missing", "notify.pushover.token", "variable", "PUSHOVER_TOKEN")
	}
	if n.Webhook.URL.IsSet() {
		list = append(list, NewWebhook(WebhookOptions{URL: n.Webhook.URL, Transport: transport, Now: now}))
	}
	if n.Ntfy.URL.IsSet() {
		c, wrong := NewNtfy(NtfyOptions{URL: n.Ntfy.URL, Token: n.Ntfy.Token, Transport: transport, Now: now})
		if wrong != nil {
			return list, errors.Join(err, wrong)
		}
		list = append(list, c)
	}
	return list, err
}
