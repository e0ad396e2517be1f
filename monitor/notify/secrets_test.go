package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/monitor/notify/notifytest"
)

// Services and libraries quote what they were given: URLs with tokens, forms,
// headers. None of it may get into the ledger, the log or what people read.
func TestSecrets_AreNowhere(t *testing.T) {
	const hookPath, hookKey, topic, ntfyToken = "T0SECRETPATH", "SECRETKEY", "secret_topic_1", "tk_secrettoken"
	n := settings(t, "URATORI_NOTIFY_WEBHOOK_URL=https://me:SECRETPASS@h.example/"+hookPath+"?key="+hookKey, "URATORI_NOTIFY_NTFY_URL=https://n.example/"+topic, "URATORI_NOTIFY_NTFY_TOKEN="+ntfyToken)
	secrets := []string{notifytest.Token, notifytest.User, hookPath, hookKey, "SECRETPASS", "bWU6U0VDUkVUUEFTUw==", topic, ntfyToken}
	quoting := func(r *http.Request) string {
		body := ""
		if r.GetBody != nil {
			if b, err := r.GetBody(); err == nil {
				raw := make([]byte, 2000)
				k, _ := b.Read(raw)
				body = string(raw[:k])
			}
		}
		return fmt.Sprintf("%s %v %s", r.URL, r.Header, strings.Join(secrets, " ")) + strings.ReplaceAll(body, `"`, "'")
	}
	ways := map[string]roundTrip{
		"an error that quotes the request": func(r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: errors.New("while sending " + quoting(r))}
		},
		"a refusal that quotes the request": func(r *http.Request) (*http.Response, error) {
			return answering(400, fmt.Sprintf(`{"status":0,"errors":[%q],"error":%q,"token":"invalid"}`, quoting(r), quoting(r)))(r)
		},
		"an acceptance that quotes the request": func(r *http.Request) (*http.Response, error) {
			return answering(200, fmt.Sprintf(`{"status":1,"request":%q,"id":%q,"event":"message"}`, quoting(r), quoting(r)), "X-Request-Id", quoting(r))(r)
		},
		"trouble": answering(503, strings.Join(secrets, " "), "Retry-After", notifytest.Token),
		"a panic": func(r *http.Request) (*http.Response, error) { panic(quoting(r)) },
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			quietly(t, func(h *house) {
				var err error
				if h.others, err = Channels(n, phrase.English, way, time.Now); err != nil {
					t.Fatal(err)
				}
				h.way, h.ring = way, true
				h.secrets = []config.Secret{n.Webhook.URL, n.Ntfy.URL, n.Ntfy.Token}
				h.start()
				p := h.tell(Message{Priority: Critical, Title: "in the title: " + notifytest.Token, Body: "b"})
				after(time.Minute)
				r, err := h.Get(context.Background(), p.ID)
				if err != nil {
					t.Fatal(err)
				}
				health, err := h.Health(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				seen := h.log.String() + strings.Join(h.raw(), "\n")
				for _, d := range r.Deliveries {
					seen += fmt.Sprintf("%+v", d)
					if d.Reason != nil {
						seen += fault.Explain(d.Reason, phrase.Japanese) + fault.Encode(d.Reason).Message
					}
					if d.Tries == 0 {
						t.Errorf("%+v", d)
					}
				}
				for _, c := range health {
					seen += fmt.Sprintf("%+v", c)
				}
				for _, s := range secrets {
					if strings.Contains(seen, s) {
						t.Errorf("%s is seen:\n%s", s, seen)
					}
				}
			})
		})
	}
}

func TestBlot(t *testing.T) {
	b := newBlotter(secret(t, "abc+/= d"), settings(t, "URATORI_NOTIFY_WEBHOOK_URL=https://u:pass%20word@h.example/a/b?k=value").Webhook.URL)
	for _, text := range []string{"abc+/= d", "x=abc%2B%2F%3D+d", "abc+%2F=%20d", "https://u:pass%20word@h.example/a/b?k=value", "POST /a/b?k=value", "pass word", "value"} {
		if got := b.text("<" + text + ">"); strings.Contains(got, "abc") || strings.Contains(got, "value") || strings.Contains(got, "word") || !strings.HasPrefix(got, "<") {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := newBlotter().text("a\n\x1b[2J\xffb"); got != "a [2J\uFFFDb" {
		t.Errorf("%q", got)
	}
	if err := newBlotter().plain(&url.Error{Op: "Post", URL: "https://x.example/secret", Err: errors.New("refused")}); err.Error() != "refused" {
		t.Error(err)
	}
}
