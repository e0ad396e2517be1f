package notifytest

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gregdel/pushover"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen starts a server at which an unmodified third-party client is aimed.
func listen(t *testing.T) *Server {
	t.Helper()
	s := New(time.Now)
	base, stop, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := pushover.APIEndpoint
	pushover.APIEndpoint = base + "/1"
	t.Cleanup(func() {
		pushover.APIEndpoint = before
		http.DefaultClient.CloseIdleConnections()
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func picture(t *testing.T, width int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, width))
	noise := rand.NewChaCha8([32]byte{})
	if _, err := noise.Read(img.Pix); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestForeignClient_SendsWhatPushoverWouldAccept(t *testing.T) {
	s := listen(t)
	app, user := pushover.New(Token), pushover.NewRecipient(User)
	m := &pushover.Message{
		Message: strings.Repeat("抽", MaxMessage), Title: strings.Repeat("題", MaxTitle), URL: "https://example.com/INTG-088", URLTitle: "INTG-088",
		Priority: pushover.PriorityHigh, Timestamp: 1790000000, DeviceName: "phone,tablet", Sound: pushover.SoundSiren, TTL: time.Hour,
	}
	r, err := app.SendMessage(m, user)
	if err != nil || r.Status != 1 || r.ID == "" || r.Limit.Total != 10000 || r.Limit.Remaining != 9999 || !r.Limit.NextReset.After(time.Now()) {
		t.Fatalf("%+v %v", r, err)
	}
	with := pushover.NewMessage("with a picture")
	if err := with.AddAttachment(bytes.NewReader(picture(t, 64))); err != nil {
		t.Fatal(err)
	}
	if _, err := app.SendMessage(with, user); err != nil {
		t.Fatal(err)
	}
	got, err := s.Wait(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if g := got[0]; g.Text != m.Message || g.Title != m.Title || g.URL != m.URL || g.URLTitle != m.URLTitle || g.Priority != 1 || g.Timestamp != 1790000000 ||
		g.Device != "phone,tablet" || g.Sound != "siren" || g.Request != r.ID || g.Attachment != nil {
		t.Errorf("%+v", g)
	}
	if g := got[1]; g.AttachmentType != "image/png" || !bytes.Equal(g.Attachment, picture(t, 64)) {
		t.Errorf("%s, %d bytes", g.AttachmentType, len(g.Attachment))
	}
	if c := s.Counts(); c.Accepted != 2 || c.Requests != 2 || c.Duplicates != 0 || c.Refused != 0 {
		t.Errorf("%+v", c)
	}
	if _, err := app.SendMessage(m, user); err != nil || s.Counts().Duplicates != 1 {
		t.Errorf("a repeat: %v %+v", err, s.Counts())
	}
}

func TestForeignClient_ReadsTheRefusals(t *testing.T) {
	s := listen(t)
	stranger := strings.Repeat("x", 30)
	for _, tc := range []struct {
		app, user string
		message   pushover.Message
		want      string
	}{
		{stranger, User, pushover.Message{Message: "m"}, "application token is invalid"},
		{Token, stranger, pushover.Message{Message: "m"}, "user identifier is not a valid user"},
		{Token, User, pushover.Message{Message: " "}, "message cannot be blank"},
		{Token, User, pushover.Message{Message: "m", Priority: 2, Retry: 10 * time.Second, Expire: time.Hour}, "retry must be at least 30 seconds"},
		{Token, User, pushover.Message{Message: "m", Priority: 2, Retry: time.Minute, Expire: 4 * time.Hour}, "expire must be at most 10800 seconds"},
		{Token, User, pushover.Message{Message: "m", HTML: true, Monospace: true}, "html cannot be used with monospace"},
	} {
		_, err := pushover.New(tc.app).SendMessage(&tc.message, pushover.NewRecipient(tc.user))
		if refusal, ok := errors.AsType[pushover.Errors](err); !ok || !strings.Contains(refusal.Error(), tc.want) {
			t.Errorf("%s: %v", tc.want, err)
		}
	}
	text := pushover.NewMessage("no picture")
	if err := text.AddAttachment(strings.NewReader("just text")); err != nil {
		t.Fatal(err)
	}
	if _, err := pushover.New(Token).SendMessage(text, pushover.NewRecipient(User)); err == nil || !strings.Contains(err.Error(), "attachment is not an image") {
		t.Error(err)
	}
	if c := s.Counts(); c.Accepted != 0 || c.Refused != 7 || len(s.Messages()) != 0 {
		t.Errorf("%+v", c)
	}
	s.Limit(100, 100, time.Unix(1800000000, 0))
	if _, err := pushover.New(Token).SendMessage(pushover.NewMessage("m"), pushover.NewRecipient(User)); err == nil || !strings.Contains(err.Error(), "over its message limit") || s.Counts().Limited != 1 {
		t.Errorf("%v %+v", err, s.Counts())
	}
	if d, err := pushover.New(Token).GetRecipientDetails(pushover.NewRecipient(User)); err != nil || d.Status != 1 || len(d.Devices) != 1 {
		t.Errorf("%+v %v", d, err)
	}
	if d, err := pushover.New(Token).GetRecipientDetails(pushover.NewRecipient(stranger)); err != nil || d.Status != 0 || len(d.Errors) != 1 {
		t.Errorf("%+v %v", d, err)
	}
}

func TestForeignClient_FollowsAReceipt(t *testing.T) {
	s := listen(t)
	app := pushover.New(Token)
	m := pushover.Message{Message: "m", Priority: pushover.PriorityEmergency, Retry: time.Minute, Expire: time.Hour}
	r, err := app.SendMessage(&m, pushover.NewRecipient(User))
	if err != nil || len(r.Receipt) != 30 {
		t.Fatalf("%+v %v", r, err)
	}
	if err := s.Acknowledge(r.Receipt, "phone"); err != nil {
		t.Fatal(err)
	}
	if err := s.Acknowledge("none", "phone"); err == nil {
		t.Error("a receipt that is not there was acknowledged")
	}
	d, err := app.GetReceiptDetails(r.Receipt)
	if err != nil || d.Status != 1 || !d.Acknowledged || d.AcknowledgedBy != User || d.Expired || d.AcknowledgedAt == nil || d.CalledBackAt != nil {
		t.Errorf("%+v %v", d, err)
	}
	if c, err := app.CancelEmergencyNotification(r.Receipt); err != nil || c.Status != 1 {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := app.CancelEmergencyNotification("nothing"); err == nil {
		t.Error("cancelled what is not there")
	}
}

// The same over the wire and without a network, so that one may stand for the
// other in a test.
func TestEveryFault_LooksTheSameWithAndWithoutANetwork(t *testing.T) {
	for _, fault := range append(Faults(), None) {
		t.Run(string(fault), func(t *testing.T) {
			wired, bare := New(time.Now), New(time.Now)
			base, stop, err := wired.Listen(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			transport := &http.Transport{}
			defer func() {
				transport.CloseIdleConnections()
				if err := stop(); err != nil {
					t.Error(err)
				}
			}()
			bare.Meet(func(int, string) Fault { return fault })
			wired.Meet(func(int, string) Fault { return fault })
			a, aBody, aErr := post(t, transport, base)
			b, bBody, bErr := post(t, bare, "http://bare")
			if (aErr == nil) != (bErr == nil) || a != b || aErr == nil && aBody != bBody {
				t.Errorf("%d %q %v, without %d %q %v", a, aBody, aErr, b, bBody, bErr)
			}
			want := Counts{Requests: 1, Widest: 1}
			if fault.Accepted() {
				want.Accepted = 1
			}
			if fault.Lost() {
				want.Lost = 1
			}
			if strings.HasPrefix(string(fault), "429") {
				want.Limited = 1
			}
			if fault == Blocked {
				want.Refused = 1
			}
			if wired.Counts() != want || bare.Counts() != want {
				t.Errorf("%+v, without %+v, want %+v", wired.Counts(), bare.Counts(), want)
			}
		})
	}
}

func post(t *testing.T, way http.RoundTripper, base string) (status int, body string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	values := url.Values{"token": {Token}, "user": {User}, "message": {"m"}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/1/messages.json", strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := way.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	raw, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(raw), err
}

func TestHostileRequests_AreRefusedAndNeverAccepted(t *testing.T) {
	s := New(time.Now)
	for name, r := range map[string]struct{ method, path, kind, body string }{
		"no body":           {"POST", "/1/messages.json", "", ""},
		"no type":           {"POST", "/1/messages.json", "", "token=" + Token},
		"bad escape":        {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "%zz"},
		"no boundary":       {"POST", "/1/messages.json", "multipart/form-data", "--x--"},
		"another boundary":  {"POST", "/1/messages.json", "multipart/form-data; boundary=y", "--x--"},
		"not UTF-8":         {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "token=" + Token + "&user=" + User + "&message=%ff"},
		"too long":          {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "token=" + Token + "&user=" + User + "&message=" + strings.Repeat("x", MaxMessage+1)},
		"long title":        {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "token=" + Token + "&user=" + User + "&message=m&title=" + strings.Repeat("x", MaxTitle+1)},
		"priority 3":        {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "token=" + Token + "&user=" + User + "&message=m&priority=3"},
		"priority high":     {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "token=" + Token + "&user=" + User + "&message=m&priority=high"},
		"2 without expire":  {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "token=" + Token + "&user=" + User + "&message=m&priority=2&retry=60"},
		"2 without retry":   {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "token=" + Token + "&user=" + User + "&message=m&priority=2&expire=60"},
		"device":            {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "token=" + Token + "&user=" + User + "&message=m&device=a+b"},
		"huge":              {"POST", "/1/messages.json", "application/x-www-form-urlencoded", "message=" + strings.Repeat("x", maxBody)},
		"a GET":             {"GET", "/1/messages.json", "", ""},
		"another version":   {"POST", "/2/messages.json", "", ""},
		"another method":    {"POST", "/1/../messages.json", "", ""},
		"receipt of nobody": {"GET", "/1/receipts/" + strings.Repeat("r", 30) + ".json?token=" + Token, "", ""},
		"limits of nobody":  {"GET", "/1/apps/limits.json?token=x", "", ""},
	} {
		q, err := http.NewRequestWithContext(t.Context(), r.method, "http://bare"+r.path, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", r.kind)
		answer, err := s.RoundTrip(q)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode < 400 || answer.StatusCode >= 500 {
			t.Errorf("%s: %+v %v", name, answer, err)
		}
	}
	if c := s.Counts(); c.Accepted != 0 || len(s.Messages()) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestWait_TellsWhatHasNotCome(t *testing.T) {
	s := New(time.Now)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Wait(ctx, 1); err == nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	done := make(chan error, 1)
	go func() {
		got, err := s.Wait(t.Context(), 1)
		if err == nil && got[0].Text != "m" {
			err = errors.New("another message")
		}
		done <- err
	}()
	if _, _, err := post(t, s, "http://bare"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestHaste_IsCounted(t *testing.T) {
	now := time.Unix(1790000000, 0)
	s := New(func() time.Time { return now })
	s.Meet(func(n int, _ string) Fault {
		if n == 0 {
			return S503
		}
		return None
	})
	for _, wait := range []time.Duration{0, Patience - 1, 1} {
		now = now.Add(wait)
		if _, _, err := post(t, s, "http://bare"); err != nil {
			t.Fatal(err)
		}
	}
	if c := s.Counts(); c.Hasty != 1 || c.Accepted != 2 {
		t.Errorf("%+v", c)
	}
}
