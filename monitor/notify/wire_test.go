package notify

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/internal/phrase"
	"uratori/monitor/notify/notifytest"
)

// settings are as a home would have them.
func settings(t testing.TB, environ ...string) config.Notify {
	t.Helper()
	c, err := config.Load(config.Home(t.TempDir()), environ)
	if err != nil {
		t.Fatal(err)
	}
	return c.Notify
}

func parcel(p Priority) Parcel {
	return Parcel{
		Message: Message{Fingerprint: "f", Priority: p, Title: "題", Body: "本文\n二行目", URL: "https://example.com/x", URLTitle: "x", Ticket: "INTG-088", Task: 42},
		ID:      7, At: time.Unix(1790000000, 123456789), Foot: "Message 7",
	}
}

func outcome(err error) Outcome {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Outcome
	}
	return ""
}

// Over a real connection: from the post to the request at the endpoint in
// milliseconds, and the same stand-in with the same words.
func TestOverTheWire_IsThereInMilliseconds(t *testing.T) {
	phone := notifytest.New(time.Now)
	base, stop, err := phone.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, t.TempDir(), secret(t, notifytest.Token), secret(t, notifytest.User))
	h.nobody = true
	h.others = []Channel{NewPushover(PushoverOptions{Token: h.token, User: h.user, Endpoint: base, Lang: phrase.English, Now: time.Now})}
	h.start()
	defer func() {
		h.end()
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	fastest := time.Hour
	for n := range 20 {
		began := time.Now()
		h.tell(Message{Fingerprint: string(rune('a' + n)), Title: "t"})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		got, err := phone.Wait(ctx, n+1)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		fastest = min(fastest, got[n].At.Sub(began))
	}
	t.Logf("from the post to the endpoint: %v at best", fastest)
	if fastest > 100*time.Millisecond { // a machine that does much else is no reason
		t.Errorf("the best of 20 took %v", fastest)
	}
	if c := phone.Counts(); c.Widest != 1 || c.Duplicates != 0 {
		t.Errorf("%+v", c)
	}
}

// What is certain to have gone nowhere is told from what may have arrived.
func TestOutcomes_OverTheWire(t *testing.T) {
	phone := notifytest.New(time.Now)
	base, stop, err := phone.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	var listen net.ListenConfig
	closed, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "http://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	tls := httptest.NewTLSServer(phone) // with a certificate that nobody knows
	defer tls.Close()
	for name, tc := range map[string]struct {
		endpoint string
		fault    notifytest.Fault
		want     Outcome
	}{
		"good":                {base, notifytest.None, ""},
		"good, as a version":  {base + "/1/", notifytest.None, ""},
		"nobody listens":      {gone, notifytest.None, Postponed},
		"no such host":        {"https://nobody.invalid", notifytest.None, Postponed},
		"unknown certificate": {tls.URL, notifytest.None, Postponed},
		"http for https":      {"https" + strings.TrimPrefix(base, "http"), notifytest.None, Postponed},
		"cut before":          {base, notifytest.CutBefore, Unanswered},
		"cut after":           {base, notifytest.CutAfter, Unanswered},
		"no answer":           {base, notifytest.SlowAfter, Unanswered},
		"half an answer":      {base, notifytest.Truncated, Unanswered},
		"502":                 {base, notifytest.S502, Doubtful},
		"elsewhere":           {base, notifytest.RedirectOut, Postponed},
		"no limits":           {base, notifytest.NoLimits, ""},
	} {
		t.Run(name, func(t *testing.T) {
			phone.Meet(func(int, string) notifytest.Fault { return tc.fault })
			p := NewPushover(PushoverOptions{Token: secret(t, notifytest.Token), User: secret(t, notifytest.User), Endpoint: tc.endpoint, Lang: phrase.Japanese, Now: time.Now})
			defer p.CloseIdleConnections()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			a, err := p.Deliver(ctx, parcel(High))
			if outcome(err) != tc.want || (err == nil) != (tc.want == "") || err == nil && a.Request == "" {
				t.Errorf("%+v %v", a, err)
			}
			if err != nil && strings.Contains(err.Error()+fault.Explain(err, phrase.Japanese), notifytest.Token) {
				t.Error(err)
			}
		})
	}
}

func TestCheck_AsksWithoutSending(t *testing.T) {
	phone := notifytest.New(time.Now)
	p := NewPushover(PushoverOptions{Token: secret(t, notifytest.Token), User: secret(t, notifytest.User), Transport: phone, Now: time.Now})
	if err := p.Check(t.Context()); err != nil || phone.Counts().Accepted != 0 {
		t.Errorf("%v %+v", err, phone.Counts())
	}
	phone.Know([]string{notifytest.Token}, nil)
	if err := p.Check(t.Context()); outcome(err) != Refused || !strings.Contains(err.Error(), "notify.pushover.user") {
		t.Error(err)
	}
	phone.Meet(func(int, string) notifytest.Fault { return notifytest.S503 })
	if err := p.Check(t.Context()); outcome(err) != Doubtful {
		t.Error(err)
	}
}

// receiver is a server that keeps what it is sent.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
	paths  []string
	status int
	answer string
}

func newReceiver(t *testing.T, status int, answer string) *receiver {
	t.Helper()
	r := &receiver{status: status, answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		raw, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies, r.heads, r.paths = append(r.bodies, string(raw)), append(r.heads, q.Header), append(r.paths, q.Method+" "+q.URL.RequestURI())
		w.Header().Set("X-Request-Id", "req-1")
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, r.answer)
	}))
	t.Cleanup(r.Close)
	return r
}

func TestWebhook_PostsJSON(t *testing.T) {
	r := newReceiver(t, http.StatusNoContent, "")
	h := NewWebhook(WebhookOptions{URL: settings(t, "URATORI_NOTIFY_WEBHOOK_URL="+r.URL+"/hook/secret-path?key=secret-key").Webhook.URL, Now: time.Now})
	defer h.CloseIdleConnections()
	p := parcel(Critical)
	p.Repeat = true
	a, err := h.Deliver(t.Context(), p)
	if err != nil || a.Request != "req-1" || r.paths[0] != "POST /hook/secret-path?key=secret-key" || r.heads[0].Get("Content-Type") != "application/json" {
		t.Fatalf("%+v %v %v", a, err, r.paths)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(r.bodies[0]), &got); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"id": 7.0, "fingerprint": "f", "possible_repeat": true, "priority": "critical", "title": "題", "body": "本文\n二行目", "url": "https://example.com/x",
		"url_title": "x", "ticket": "INTG-088", "task": 42.0, "at": p.At.Format(time.RFC3339Nano), "text": "題\n本文\n二行目\nMessage 7",
	} {
		if got[field] != want {
			t.Errorf("%s: %v, want %v", field, got[field], want)
		}
		delete(got, field)
	}
	if len(got) > 0 {
		t.Errorf("more than is documented: %v", got)
	}
}

func TestWebhook_Outcomes(t *testing.T) {
	readable := regexp.MustCompile(`after \d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)
	for status, want := range map[int]Outcome{
		200: "", 201: "", 204: "", 301: Postponed, 307: Postponed, 400: Refused, 401: Refused, 403: Refused, 404: Refused, 408: Postponed, 410: Refused,
		429: Postponed, 500: Doubtful, 502: Doubtful, 503: Doubtful,
	} {
		r := newReceiver(t, status, "you sent secret-path and secret-key")
		h := NewWebhook(WebhookOptions{URL: settings(t, "URATORI_NOTIFY_WEBHOOK_URL="+r.URL+"/hook/secret-path?key=secret-key").Webhook.URL, Now: time.Now})
		_, err := h.Deliver(t.Context(), parcel(Low))
		if outcome(err) != want || (err == nil) != (want == "") {
			t.Errorf("%d: %v", status, err)
		}
		if err != nil && strings.Contains(err.Error()+fault.Explain(err, phrase.Japanese), "secret") {
			t.Errorf("%d: %v", status, err)
		}
		if status == 429 && !readable.MatchString(err.Error()) {
			t.Errorf("not a time as people read it: %v", err)
		}
		h.CloseIdleConnections()
	}
}

func TestNtfy_Publishes(t *testing.T) {
	r := newReceiver(t, http.StatusOK, `{"id":"sPs71M8A2T","time":1790000000,"event":"message","topic":"t"}`)
	n, err := NewNtfy(NtfyOptions{URL: settings(t, "URATORI_NOTIFY_NTFY_URL="+r.URL+"/below/secret_topic").Ntfy.URL, Token: secret(t, "tk_secret"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer n.CloseIdleConnections()
	for i, p := range Priorities() {
		long := parcel(p)
		long.Body = strings.Repeat("抽", 2000)
		a, err := n.Deliver(t.Context(), long)
		if err != nil || a.Request != "sPs71M8A2T" || r.paths[i] != "POST /below" || r.heads[i].Get("Authorization") != "Bearer tk_secret" {
			t.Fatalf("%+v %v %v", a, err, r.paths)
		}
		var got ntfyPublish
		if err := json.Unmarshal([]byte(r.bodies[i]), &got); err != nil {
			t.Fatal(err)
		}
		if got.Topic != "secret_topic" || got.Title != "題" || got.Priority != i+2 || got.Click != "https://example.com/x" || len(got.Message) > 4096 ||
			!strings.HasSuffix(got.Message, "…\nMessage 7") || got.SequenceID != sequence(parcel(p)) || len(got.SequenceID) > 64 {
			t.Errorf("%+v", got)
		}
	}
}

func TestNtfy_Outcomes(t *testing.T) {
	const said = `{"code":40301,"http":403,"error":"forbidden for tk_secret on secret_topic"}`
	for _, tc := range []struct {
		status int
		answer string
		want   Outcome
	}{
		{200, `{"id":"x","event":"message"}`, ""},
		{200, `{"id":"x","event":"open"}`, Unanswered},
		{200, "<html>", Unanswered},
		{200, "", Unanswered},
		{401, said, Refused},
		{403, said, Refused},
		{400, said, Refused},
		{413, said, Refused},
		{403, "<html>", Postponed},
		{404, "", Postponed},
		{429, said, Postponed},
		{500, said, Doubtful},
		{507, said, Doubtful},
		{302, "", Postponed},
	} {
		r := newReceiver(t, tc.status, tc.answer)
		n, err := NewNtfy(NtfyOptions{URL: settings(t, "URATORI_NOTIFY_NTFY_URL="+r.URL+"/secret_topic").Ntfy.URL, Token: secret(t, "tk_secret"), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		_, err = n.Deliver(t.Context(), parcel(Low))
		if outcome(err) != tc.want || (err == nil) != (tc.want == "") {
			t.Errorf("%d %s: %v", tc.status, tc.answer, err)
		}
		if err != nil && strings.Contains(err.Error()+fault.Explain(err, phrase.Japanese), "secret") {
			t.Errorf("%d: %v", tc.status, err)
		}
		n.CloseIdleConnections()
	}
	if _, err := NewNtfy(NtfyOptions{URL: settings(t).Ntfy.URL, Now: time.Now}); err == nil {
		t.Error("no topic, no error")
	}
}

func TestChannels_AreWhatTheSettingsName(t *testing.T) {
	both := []string{"PUSHOVER_TOKEN=" + notifytest.Token, "PUSHOVER_USER=" + notifytest.User}
	hook, topic := "URATORI_NOTIFY_WEBHOOK_URL=https://h.example/x", "URATORI_NOTIFY_NTFY_URL=https://n.example/t"
	for _, tc := range []struct {
		environ []string
		want    string
		problem string
	}{
		{nil, "", ""},
		{both, "pushover", ""},
		{append(both, hook, topic), "pushover webhook ntfy", ""},
		{[]string{hook, both[0]}, "webhook", "notify.pushover.user"},
		{[]string{topic, both[1]}, "ntfy", "PUSHOVER_TOKEN"},
	} {
		list, err := Channels(settings(t, tc.environ...), phrase.English, nil, time.Now)
		var names []string
		for _, c := range list {
			names = append(names, c.Name())
		}
		if strings.Join(names, " ") != tc.want || (err == nil) != (tc.problem == "") || err != nil && !strings.Contains(err.Error(), tc.problem) {
			t.Errorf("%v: %v %v", tc.environ, names, err)
		}
	}
}

// A channel by each name in one outbox, one of them down for an hour.
func TestThreeChannels_EachByItself(t *testing.T) {
	bubbleOf(t, settings(t, "URATORI_NOTIFY_WEBHOOK_URL=https://h.example/x", "URATORI_NOTIFY_NTFY_URL=https://n.example/t"), func(h *house) {
		p := h.tell(Message{Priority: High, Title: "t"})
		after(time.Minute)
		if a, b, c := h.on(p.ID, "pushover"), h.on(p.ID, "webhook"), h.on(p.ID, "ntfy"); a.State != StateAccepted || b.State != StateFailed || c.State != StateWaiting || c.Doubts == 0 {
			t.Errorf("%+v\n%+v\n%+v", a, b, c)
		}
		s, err := h.Stats(context.Background(), time.Time{})
		if err != nil || *s.Messages[High] != (Count{Posted: 1, Sent: 1}) || *s.Channels["webhook"][High] != (Count{Posted: 1, Failed: 1}) || *s.Channels["ntfy"][High] != (Count{Posted: 1, Waiting: 1}) {
			t.Errorf("%+v %v", s, err)
		}
		if p := h.tell(Message{Fingerprint: "t", Priority: High, Title: "t"}); !p.Suppressed {
			t.Errorf("the phone has it: %+v", p)
		}
	})
}

func bubbleOf(t *testing.T, n config.Notify, f func(h *house)) {
	t.Helper()
	quietly(t, func(h *house) {
		ways := roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "h.example" {
				return answering(404, "")(r)
			}
			return answering(200, "<html>")(r)
		})
		var err error
		if h.others, err = Channels(n, phrase.English, ways, time.Now); err != nil {
			t.Fatal(err)
		}
		h.start()
		f(h)
	})
}
