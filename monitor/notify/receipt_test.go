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

// ringing is a house that sends critical messages with priority 2, and one such
// message on the phone.
func ringing(t *testing.T, f func(h *house, id int64, receipt string)) {
	t.Helper()
	quietly(t, func(h *house) {
		h.ring = true
		h.start()
		p := h.tell(Message{Priority: Critical, Title: "t", Ticket: "INTG-088"})
		after(time.Second)
		got := h.phone.Messages()
		if len(got) != 1 || got[0].Priority != 2 || got[0].Retry < notifytest.MinRetry || got[0].Expire > notifytest.MaxExpire || got[0].Expire/got[0].Retry > 60 || got[0].Receipt == "" {
			t.Fatalf("%+v", got)
		}
		if d := h.on(p.ID, "pushover"); d.Receipt != got[0].Receipt || d.Trace != "open" {
			t.Fatalf("%+v", d)
		}
		f(h, p.ID, got[0].Receipt)
	})
}

func TestReceipt_Acknowledged_IsInTheLedger_WithoutTheUserKey(t *testing.T) {
	ringing(t, func(h *house, id int64, receipt string) {
		after(10 * time.Minute)
		if err := h.phone.Acknowledge(receipt, "pixel"); err != nil {
			t.Fatal(err)
		}
		at := time.Now()
		after(receiptPause + time.Second)
		d := h.on(id, "pushover")
		if d.Trace != "acknowledged" || d.Acknowledged.Unix() != at.Unix() || d.Device != "pixel" {
			t.Errorf("%+v", d)
		}
		e := h.entries()
		last := e[len(e)-1]
		if last.kind != "notify.acknowledged" || last.subject != "INTG-088" || last.data["device"] != "pixel" || last.data["receipt"] != receipt || strings.Contains(strings.Join(h.raw(), ""), notifytest.User) {
			t.Errorf("%+v", last)
		}
		s, err := h.Stats(context.Background(), time.Time{})
		if err != nil || s.Messages[Critical].Acknowledged != 1 || s.Channels["pushover"][Critical].Acknowledged != 1 {
			t.Errorf("%+v %v", s, err)
		}
		n := h.phone.Counts().Requests
		after(time.Hour)
		if h.phone.Counts().Requests != n {
			t.Error("a receipt that was answered is still asked for")
		}
	})
}

func TestReceipt_NobodyAcknowledges_Expires(t *testing.T) {
	ringing(t, func(h *house, id int64, _ string) {
		after(2 * time.Hour)
		if d := h.on(id, "pushover"); d.Trace != "expired" || !d.Acknowledged.IsZero() || d.State != StateAccepted {
			t.Errorf("%+v", d)
		}
		if kinds := h.kinds(); !slices.Equal(kinds, []string{"notify.accepted INTG-088", "notify.expired INTG-088"}) {
			t.Errorf("%v", kinds)
		}
		if c := h.phone.Counts(); c.Requests > 1+3600/15 || c.Hasty != 0 {
			t.Errorf("%+v", c)
		}
	})
}

func TestReceipt_IsFollowedAfterARestart_AndThroughFaults(t *testing.T) {
	ringing(t, func(h *house, id int64, receipt string) {
		faults := append(notifytest.Faults(), notifytest.None)
		h.phone.Limit(1000, 1, time.Now().Add(time.Minute))
		n := h.phone.Counts().Requests
		h.phone.Meet(func(i int, _ string) notifytest.Fault {
			if i-n < len(faults) {
				return faults[i-n]
			}
			return notifytest.None
		})
		if err := h.phone.Acknowledge(receipt, "pixel"); err != nil {
			t.Fatal(err)
		}
		h.again()
		after(30 * time.Minute)
		if d := h.on(id, "pushover"); d.Trace != "acknowledged" {
			t.Errorf("%+v", d)
		}
		if c := h.phone.Counts(); c.Accepted != 1 || c.Hasty > 1 { // a restart asks at once
			t.Errorf("%+v", c)
		}
	})
}

func TestReceipt_ThatTheServiceForgot_IsGivenUp(t *testing.T) {
	ringing(t, func(h *house, id int64, _ string) {
		h.phone.ForgetReceipts()
		after(time.Minute)
		if d := h.on(id, "pushover"); d.Trace != "lost" {
			t.Errorf("%+v", d)
		}
		e := h.entries()
		if last := e[len(e)-1]; last.kind != "notify.receipt_lost" || !strings.Contains(last.data["reason"].(string), "not found") {
			t.Errorf("%+v", last)
		}
	})
}

func TestReceipt_OfAServiceThatNeverAnswersAgain_EndsWithItsLife(t *testing.T) {
	ringing(t, func(h *house, id int64, _ string) {
		h.phone.Meet(func(int, string) notifytest.Fault { return notifytest.SlowBefore })
		after(receiptLife - time.Minute)
		if d := h.on(id, "pushover"); d.Trace != "open" {
			t.Errorf("%+v", d)
		}
		after(10 * time.Minute)
		if d := h.on(id, "pushover"); d.Trace != "lost" {
			t.Errorf("%+v", d)
		}
	})
}

// While receipts are asked for, messages do not wait.
func TestReceipts_DoNotHoldMessagesUp(t *testing.T) {
	ringing(t, func(h *house, _ int64, _ string) {
		h.phone.Meet(func(_ int, path string) notifytest.Fault {
			if strings.Contains(path, "receipts") {
				return notifytest.SlowBefore
			}
			return notifytest.None
		})
		after(receiptPause + time.Second) // it hangs
		h.tell(Message{Title: "another"})
		after(time.Millisecond)
		if c := h.phone.Counts(); c.Accepted != 2 || c.Widest != 2 {
			t.Errorf("%+v", c)
		}
	})
}

func TestEmergency_IsForCriticalAlone(t *testing.T) {
	quietly(t, func(h *house) {
		h.ring = true
		h.start()
		h.tell(Message{Priority: High, Title: "t"})
		after(time.Second)
		if got := h.phone.Messages(); len(got) != 1 || got[0].Priority != 1 || got[0].Receipt != "" {
			t.Errorf("%+v", got)
		}
	})
}

func (h *house) settle(id int64) {
	h.t.Helper()
	if err := h.db.Write(context.Background(), func(tx *store.Tx) error { return h.Settle(tx, id) }); err != nil {
		h.t.Fatal(err)
	}
}

func TestSettled_RingsNoMore_AtOnce_WithEvidence(t *testing.T) {
	ringing(t, func(h *house, id int64, receipt string) {
		h.settle(id)
		after(time.Millisecond)
		if d := h.on(id, "pushover"); !h.phone.Cancelled(receipt) || d.Trace != "cancelled" || !d.Acknowledged.IsZero() || d.State != StateAccepted {
			t.Errorf("%v %+v", h.phone.Cancelled(receipt), d)
		}
		if kinds := h.kinds(); !slices.Equal(kinds, []string{"notify.accepted INTG-088", "notify.cancelled INTG-088"}) {
			t.Errorf("%v", kinds)
		}
		n := h.phone.Counts().Requests
		h.settle(id)
		after(time.Hour)
		if h.phone.Counts().Requests != n {
			t.Error("a receipt that was cancelled is still asked for")
		}
	})
}

func TestSettled_AfterSomebodyAcknowledged_IsAcknowledged(t *testing.T) {
	ringing(t, func(h *house, id int64, receipt string) {
		if err := h.phone.Acknowledge(receipt, "pixel"); err != nil {
			t.Fatal(err)
		}
		h.settle(id)
		after(time.Millisecond)
		if d := h.on(id, "pushover"); h.phone.Cancelled(receipt) || d.Trace != "acknowledged" || d.Device != "pixel" {
			t.Errorf("%+v", d)
		}
	})
}

func TestSettled_WhileTheServiceIsDown_RingsNoMoreWhenItIsBack_AlsoAfterARestart(t *testing.T) {
	for name, fault := range map[string]notifytest.Fault{"to ask": notifytest.S503, "to cancel": notifytest.CutBefore, "the answer is lost": notifytest.CutAfter} {
		t.Run(name, func(t *testing.T) {
			ringing(t, func(h *house, id int64, receipt string) {
				met := 0
				h.phone.Meet(func(_ int, path string) notifytest.Fault {
					if asks := !strings.HasSuffix(path, "/cancel.json"); asks != (name == "to ask") {
						return notifytest.None
					}
					if met++; met > 2 {
						return notifytest.None
					}
					return fault
				})
				h.settle(id)
				after(time.Second)
				if d := h.on(id, "pushover"); d.Trace != "open" {
					t.Fatalf("%+v", d)
				}
				h.again()
				after(10 * time.Minute)
				d := h.on(id, "pushover")
				// One whose cancellation took effect unseen does not ring any more, either.
				if want := map[bool]string{true: "expired", false: "cancelled"}[name == "the answer is lost"]; !h.phone.Cancelled(receipt) || d.Trace != want {
					t.Errorf("%+v", d)
				}
				if c := h.phone.Counts(); c.Accepted != 1 || c.Hasty > 1 { // a restart asks at once
					t.Errorf("%+v", c)
				}
			})
		})
	}
}

func TestSettled_BeforeItWasSent_IsSent_AndRingsNoMore(t *testing.T) {
	quietly(t, func(h *house) {
		h.ring = true
		h.open()
		id := h.tell(Message{Priority: Critical, Title: "t"}).ID
		h.settle(id)
		h.start()
		after(time.Second)
		got := h.phone.Messages()
		if d := h.on(id, "pushover"); len(got) != 1 || !h.phone.Cancelled(got[0].Receipt) || d.Trace != "cancelled" {
			t.Errorf("%+v %+v", got, d)
		}
	})
}

func TestSettled_AndBackAgain_Rings(t *testing.T) {
	quietly(t, func(h *house) {
		h.ring = true
		h.open()
		m := Message{Priority: Critical, Title: "t", Fingerprint: "f"}
		id := h.tell(m).ID
		h.settle(id)
		if p := h.tell(m); !p.Suppressed || p.ID != id {
			t.Fatalf("%+v", p)
		}
		h.start()
		after(time.Minute)
		if d := h.on(id, "pushover"); d.Trace != "open" {
			t.Errorf("%+v", d)
		}
	})
}

func TestSettled_WithoutReceipt_OrWithoutMessage_IsNothing(t *testing.T) {
	bubble(t, func(h *house) {
		id := h.tell(Message{Priority: Critical, Title: "t"}).ID
		after(time.Second)
		n := h.phone.Counts().Requests
		h.settle(id)
		h.settle(id + 1000)
		after(time.Hour)
		if d := h.on(id, "pushover"); d.Trace != "" || h.phone.Counts().Requests != n {
			t.Errorf("%+v", d)
		}
	})
}

func TestSettled_OneOfTwo_TheOtherRings(t *testing.T) {
	ringing(t, func(h *house, id int64, receipt string) {
		other := h.tell(Message{Priority: Critical, Title: "another"}).ID
		after(time.Second)
		h.settle(id)
		after(2 * receiptPause)
		if d := h.on(other, "pushover"); d.Trace != "open" || h.on(id, "pushover").Trace != "cancelled" {
			t.Errorf("%+v", d)
		}
		if err := h.phone.Acknowledge(h.on(other, "pushover").Receipt, "pixel"); err != nil {
			t.Fatal(err)
		}
		after(receiptPause + time.Second)
		if d := h.on(other, "pushover"); d.Trace != "acknowledged" {
			t.Errorf("%+v", d)
		}
	})
}

func TestAgain_CountsWhatWasFoundOnceMore(t *testing.T) {
	bubble(t, func(h *house) {
		id := h.tell(Message{Priority: High, Title: "t"}).ID
		again := func(id int64) error {
			return h.db.Write(context.Background(), func(tx *store.Tx) error { return h.Again(tx, id) })
		}
		for range 3 {
			if err := again(id); err != nil {
				t.Fatal(err)
			}
		}
		if err := again(id + 1); !errors.Is(err, ErrUnknown) {
			t.Errorf("%v", err)
		}
		s, err := h.Stats(context.Background(), time.Time{})
		r, wrong := h.Get(context.Background(), id)
		if err != nil || wrong != nil || s.Messages[High].Suppressed != 3 || r.Suppressed != 3 {
			t.Errorf("%+v %v %+v %v", s.Messages[High], err, r, wrong)
		}
	})
}
