package notify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"uratori/internal/store"
	"uratori/monitor/notify/notifytest"
)

func TestSend_ReachesThePhone_AndTheLedger(t *testing.T) {
	bubble(t, func(h *house) {
		p := h.tell(Message{
			Fingerprint: "f", Priority: High, Title: "INTG-088 extract: 応答なし", Body: "10 分間、進んでいません", URL: "https://example.com/INTG-088", URLTitle: "INTG-088", Ticket: "INTG-088", Task: 42,
		})
		after(time.Millisecond)
		got := h.phone.Messages()
		if len(got) != 1 {
			t.Fatalf("%+v", got)
		}
		if m := got[0]; m.Title != "INTG-088 extract: 応答なし" || m.Text != "10 分間、進んでいません\nMessage 1" || m.Priority != 1 || m.URL != "https://example.com/INTG-088" ||
			m.URLTitle != "INTG-088" || m.Timestamp != time.Now().Unix() || m.Receipt != "" {
			t.Errorf("%+v", m)
		}
		if d := h.on(p.ID, "pushover"); d.State != StateAccepted || d.Request != got[0].Request || d.Tries != 1 || d.Doubts != 0 || d.Reason != nil || d.Ended.IsZero() || !d.Next.IsZero() {
			t.Errorf("%+v", d)
		}
		e := h.entries()
		if len(e) != 1 || e[0].kind != "notify.accepted" || e[0].subject != "INTG-088" || e[0].data["request"] != got[0].Request || e[0].data["priority"] != "high" ||
			e[0].data["fingerprint"] != "f" || e[0].data["doubts"] != 0.0 || e[0].data["channel"] != "pushover" {
			t.Errorf("%+v", e)
		}
	})
}

func TestPriorities_AreMappedAsAsked(t *testing.T) {
	bubble(t, func(h *house) {
		want := map[string]int{"low": -1, "normal": 0, "high": 1, "critical": 1}
		for _, p := range Priorities() {
			h.tell(Message{Priority: p, Title: p.String()})
		}
		after(time.Millisecond)
		for _, m := range h.phone.Messages() {
			if m.Priority != want[m.Title] {
				t.Errorf("%s: %d", m.Title, m.Priority)
			}
			delete(want, m.Title)
		}
		if len(want) > 0 {
			t.Errorf("not told: %v", want)
		}
	})
}

func TestPost_WithWhatItReports_AllOrNothing(t *testing.T) {
	bubble(t, func(h *house) {
		broken := errors.New("broken")
		err := h.db.Write(context.Background(), func(tx *store.Tx) error {
			if _, err := h.Post(tx, Message{Fingerprint: "f", Priority: High, Title: "never"}); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		after(time.Hour)
		if h.phone.Counts().Requests != 0 {
			t.Error("a message was sent whose transaction was taken back")
		}
		if p := h.tell(Message{Fingerprint: "f", Priority: High, Title: "now"}); p.Suppressed {
			t.Error("a message that was never stored counts as told")
		}
	})
}

func TestPost_CallersMistakes_AreErrors(t *testing.T) {
	bubble(t, func(h *house) {
		for name, m := range map[string]Message{
			"no fingerprint":   {Priority: High, Title: "t"},
			"long fingerprint": {Fingerprint: strings.Repeat("f", 201), Priority: High},
			"no UTF-8":         {Fingerprint: "\xff", Priority: High},
			"no priority":      {Fingerprint: "f"},
			"priority 5":       {Fingerprint: "f", Priority: 5},
		} {
			if _, err := h.Send(context.Background(), m); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	})
}

// M6: the same a second time is not told, whatever the text says by then.
func TestRepeat_IsCountedAndNotSent(t *testing.T) {
	bubble(t, func(h *house) {
		first := h.tell(Message{Fingerprint: "gpu0 hot", Priority: High, Title: "81 °C"})
		after(time.Minute)
		for range 3 {
			if p := h.tell(Message{Fingerprint: "gpu0 hot", Priority: High, Title: "82 °C"}); !p.Suppressed || p.ID != first.ID {
				t.Errorf("%+v", p)
			}
			after(time.Minute)
		}
		h.again()
		if p := h.tell(Message{Fingerprint: "gpu0 hot", Priority: Critical, Title: "83 °C"}); !p.Suppressed {
			t.Errorf("a higher priority alone is no escalation: %+v", p)
		}
		after(time.Hour)
		if got := h.phone.Messages(); len(got) != 1 || got[0].Title != "81 °C" {
			t.Errorf("%+v", got)
		}
		r, err := h.Get(context.Background(), first.ID)
		if err != nil || r.Suppressed != 4 {
			t.Errorf("%+v %v", r, err)
		}
		s, err := h.Stats(context.Background(), time.Time{})
		if err != nil || s.Messages[High].Suppressed != 3 || s.Messages[Critical].Suppressed != 1 || s.Messages[High].Sent != 1 || s.Channels["pushover"][High].Sent != 1 {
			t.Errorf("%+v %v", s, err)
		}
	})
}

func TestRepeat_OfWhatStillWaits_IsNotSentEither(t *testing.T) {
	quietly(t, func(h *house) {
		h.open()
		h.tell(Message{Fingerprint: "f", Title: "one"})
		if p := h.tell(Message{Fingerprint: "f", Title: "two"}); !p.Suppressed {
			t.Errorf("%+v", p)
		}
		h.start()
		after(time.Minute)
		if got := h.phone.Messages(); len(got) != 1 || got[0].Title != "one" {
			t.Errorf("%+v", got)
		}
	})
}

func TestEscalation_PassesOnceForEachPriorityAbove(t *testing.T) {
	bubble(t, func(h *house) {
		for _, tc := range []struct {
			priority   Priority
			suppressed bool
		}{{Normal, false}, {Normal, true}, {Low, true}, {High, false}, {High, true}, {Normal, true}, {Critical, false}, {Critical, true}, {High, true}} {
			if p := h.tell(Message{Fingerprint: "f", Escalates: true, Priority: tc.priority, Title: tc.priority.String()}); p.Suppressed != tc.suppressed {
				t.Errorf("%s: %+v", tc.priority, p)
			}
			after(time.Second)
		}
		var titles []string
		for _, m := range h.phone.Messages() {
			titles = append(titles, m.Title)
		}
		if !slices.Equal(titles, []string{"normal", "high", "critical"}) {
			t.Errorf("%v", titles)
		}
	})
}

func TestRefusal_IsFinal_KeptAndSaysWhatToDo(t *testing.T) {
	quietly(t, func(h *house) {
		h.phone.Know(nil, []string{notifytest.User})
		h.start()
		p := h.tell(Message{Title: "t", Ticket: "INTG-001"})
		after(24 * time.Hour)
		d := h.on(p.ID, "pushover")
		if d.State != StateFailed || d.Tries != 1 || d.Reason == nil || !strings.Contains(d.Reason.Error(), "notify.pushover.token") || !strings.Contains(d.Reason.Error(), "application token is invalid") {
			t.Errorf("%+v", d)
		}
		if c := h.phone.Counts(); c.Requests != 1 || c.Refused != 1 {
			t.Errorf("%+v", c)
		}
		if e := h.entries(); len(e) != 1 || e[0].kind != "notify.failed" || e[0].subject != "INTG-001" || !strings.Contains(e[0].data["reason"].(string), "application token") {
			t.Errorf("%+v", e)
		}
		if health, err := h.Health(context.Background()); err != nil || health[0].Failed != 1 || health[0].Problem == nil {
			t.Errorf("%+v %v", health, err)
		}
		// The user mends the settings and asks for it.
		h.phone.Know([]string{notifytest.Token}, []string{notifytest.User})
		if n, err := h.Retry(context.Background(), 0); n != 1 || err != nil {
			t.Errorf("%d %v", n, err)
		}
		after(time.Second)
		if d := h.on(p.ID, "pushover"); d.State != StateAccepted || d.Tries != 2 || d.Reason != nil {
			t.Errorf("%+v", d)
		}
		if n, err := h.Retry(context.Background(), 0); n != 0 || err != nil {
			t.Errorf("what was accepted is sent again: %d %v", n, err)
		}
	})
}

func TestWrongUser_SaysSo(t *testing.T) {
	quietly(t, func(h *house) {
		h.phone.Know([]string{notifytest.Token}, nil)
		h.start()
		p := h.tell(Message{Title: "t"})
		after(time.Minute)
		if d := h.on(p.ID, "pushover"); d.State != StateFailed || !strings.Contains(d.Reason.Error(), "notify.pushover.user") {
			t.Errorf("%+v", d)
		}
	})
}

// Nobody was told, so the next occurrence is no repeat.
func TestRepeatOfWhatWasRefused_IsSent(t *testing.T) {
	quietly(t, func(h *house) {
		h.phone.Know(nil, nil)
		h.start()
		first := h.tell(Message{Fingerprint: "f", Title: "old"})
		after(time.Minute)
		h.phone.Know([]string{notifytest.Token}, []string{notifytest.User})
		p := h.tell(Message{Fingerprint: "f", Title: "new"})
		if p.Suppressed || p.ID != first.ID {
			t.Errorf("%+v", p)
		}
		after(time.Minute)
		if got := h.phone.Messages(); len(got) != 1 || got[0].Title != "new" || got[0].Timestamp != time.Now().Add(-time.Minute).Unix() {
			t.Errorf("%+v", got)
		}
		if p := h.tell(Message{Fingerprint: "f", Title: "third"}); !p.Suppressed {
			t.Errorf("%+v", p)
		}
	})
}

func TestNoChannel_KeepsMessages_AndTellsThemOnceThereIsOne(t *testing.T) {
	quietly(t, func(h *house) {
		h.nobody = true
		h.start()
		h.tell(Message{Fingerprint: "f", Title: "old"})
		if p := h.tell(Message{Fingerprint: "f", Title: "old"}); !p.Suppressed {
			t.Errorf("%+v", p)
		}
		after(time.Hour)
		s, err := h.Stats(context.Background(), time.Time{})
		if err != nil || *s.Messages[Normal] != (Count{Posted: 1, Suppressed: 1}) {
			t.Errorf("%+v %v", s.Messages[Normal], err)
		}
		h.nobody = false
		h.again()
		if p := h.tell(Message{Fingerprint: "f", Title: "new"}); p.Suppressed {
			t.Errorf("nobody was told: %+v", p)
		}
		after(time.Minute)
		if got := h.phone.Messages(); len(got) != 1 || got[0].Title != "new" {
			t.Errorf("%+v", got)
		}
	})
}
