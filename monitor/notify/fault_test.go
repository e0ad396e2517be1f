package notify

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"uratori/internal/store"
	"uratori/monitor/notify/notifytest"
)

// Whatever goes wrong with the first requests, the message is on the phone in
// the end; more than once only where an answer was lost, and then marked.
func TestEveryFault_EndsAccepted_TwiceOnlyWhereAnAnswerWasLost(t *testing.T) {
	for _, fault := range notifytest.Faults() {
		for _, times := range []int{1, 3} {
			t.Run(string(fault), func(t *testing.T) {
				bubble(t, func(h *house) {
					h.phone.Limit(1000, 0, time.Now().Add(2*time.Hour))
					h.phone.Meet(func(n int, _ string) notifytest.Fault {
						if n < times {
							return fault
						}
						return notifytest.None
					})
					p := h.tell(Message{Priority: Critical, Title: "t", Body: "b"})
					after(24 * time.Hour)
					d := h.on(p.ID, "pushover")
					if d.State != StateAccepted || d.Reason != nil {
						t.Fatalf("%+v", d)
					}
					c := h.phone.Counts()
					want := 1
					if fault.Lost() {
						want += times
					}
					if c.Accepted != want || c.Hasty != 0 || c.Widest != 1 || c.Duplicates != max(0, want-2) { // the first has another last line
						t.Errorf("%+v", c)
					}
					for i, m := range h.phone.Messages() {
						if marked := strings.Contains(m.Text, "sent again"); !strings.Contains(m.Text, "Message 1") || i > 0 && !marked || i == 0 && fault.Accepted() && marked {
							t.Errorf("%d: %s", i, m.Text)
						}
					}
					s, err := h.Stats(context.Background(), time.Time{})
					if err != nil || s.Messages[Critical].Sent != 1 || s.Messages[Critical].Repeated != min(d.Doubts, 1) || fault.Lost() && d.Doubts != times {
						t.Errorf("%+v %+v %v", s.Messages[Critical], d, err)
					}
					if accepted := count(h.kinds(), "notify.accepted notify"); accepted != 1 {
						t.Errorf("%v", h.kinds())
					}
				})
			})
		}
	}
}

func count(list []string, what string) (n int) {
	for _, s := range list {
		if s == what {
			n++
		}
	}
	return n
}

// The moments at which a process can die in the middle of a delivery.
func TestKill_AtEveryMoment(t *testing.T) {
	for name, tc := range map[string]struct {
		before, after bool // the request
		repeated      bool
	}{
		"before the request":              {before: true},
		"between request and its outcome": {after: true, repeated: true},
	} {
		t.Run(name, func(t *testing.T) {
			quietly(t, func(h *house) {
				armed := true
				h.way = roundTrip(func(r *http.Request) (*http.Response, error) {
					if armed && tc.before {
						armed = false
						h.pull()
						return nil, errors.New("killed")
					}
					answer, err := h.phone.RoundTrip(r)
					if armed && tc.after {
						armed = false
						h.pull()
					}
					return answer, err
				})
				h.start()
				p := h.tell(Message{Title: "t"})
				after(time.Minute)
				h.again()
				after(time.Minute)
				want := 1
				if tc.repeated {
					want = 2
				}
				got := h.phone.Messages()
				if len(got) != want || !strings.Contains(got[len(got)-1].Text, "sent again") {
					t.Fatalf("%+v", got)
				}
				if d := h.on(p.ID, "pushover"); d.State != StateAccepted || d.Tries != 2 || d.Doubts != 1 {
					t.Errorf("%+v", d)
				}
				if kinds := h.kinds(); !slices.Equal(kinds, []string{"notify.unanswered notify", "notify.accepted notify"}) {
					t.Errorf("%v", kinds)
				}
			})
		})
	}
	t.Run("before it is sent at all", func(t *testing.T) {
		quietly(t, func(h *house) {
			h.open()
			h.tell(Message{Title: "t"})
			h.again()
			after(time.Minute)
			if got := h.phone.Messages(); len(got) != 1 || strings.Contains(got[0].Text, "sent again") {
				t.Errorf("%+v", got)
			}
			h.again()
			after(time.Hour)
			if c := h.phone.Counts(); c.Requests != 1 {
				t.Errorf("what was accepted is sent again after a restart: %+v", c)
			}
		})
	})
}

// A stop in good order waits for the answer that is under way, so that nothing
// need be sent twice.
func TestStop_LetsTheRequestInHandFinish(t *testing.T) {
	for name, tc := range map[string]struct {
		takes    time.Duration
		accepted int
	}{
		"soon": {3 * time.Second, 1}, "never": {time.Hour, 2},
	} {
		t.Run(name, func(t *testing.T) {
			quietly(t, func(h *house) {
				slow := true
				h.way = roundTrip(func(r *http.Request) (*http.Response, error) {
					answer, err := h.phone.RoundTrip(r)
					if slow {
						slow = false
						if !sleep(r.Context(), tc.takes) {
							return nil, r.Context().Err()
						}
					}
					return answer, err
				})
				h.start()
				p := h.tell(Message{Title: "t"})
				after(time.Second)
				began := time.Now()
				h.end()
				if took := time.Since(began); took > parting+time.Second {
					t.Errorf("the stop took %v", took)
				}
				h.start()
				after(time.Hour)
				if d := h.on(p.ID, "pushover"); d.State != StateAccepted || h.phone.Counts().Accepted != tc.accepted {
					t.Errorf("%+v %+v", d, h.phone.Counts())
				}
			})
		})
	}
}

// The phone has it, but the disk cannot keep that: it is not sent again while
// the process lives.
func TestOutcomeThatCannotBeStored_IsKeptUntilItCan(t *testing.T) {
	quietly(t, func(h *house) {
		path, away := filepath.Join(h.dir, "uratori.db"), filepath.Join(h.dir, "away.db")
		h.way = roundTrip(func(r *http.Request) (*http.Response, error) {
			answer, err := h.phone.RoundTrip(r)
			if h.phone.Counts().Requests == 1 {
				if err := os.Rename(path, away); err != nil {
					t.Error(err)
				}
			}
			return answer, err
		})
		h.start()
		after(time.Second)
		p := h.tell(Message{Title: "t"})
		after(10 * time.Minute)
		if !strings.Contains(h.log.String(), "cannot be stored") {
			t.Errorf("nothing is said of it: %s", h.log)
		}
		if err := os.Rename(away, path); err != nil {
			t.Fatal(err)
		}
		h.tell(Message{Title: "another"})
		after(10 * time.Minute)
		if d := h.on(p.ID, "pushover"); d.State != StateAccepted || d.Doubts != 0 || h.phone.Counts().Accepted != 2 {
			t.Errorf("%+v %+v", d, h.phone.Counts())
		}
	})
}

func TestUnreachable_IsTriedWithGrowingPauses_AndAtOnceWhenItIsBack(t *testing.T) {
	quietly(t, func(h *house) {
		var asked []time.Duration
		began := time.Now()
		h.way = roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, time.Since(began))
			if time.Since(began) < time.Hour {
				return answering(302, "")(r) // certainly not accepted
			}
			return h.phone.RoundTrip(r)
		})
		h.start()
		for _, title := range []string{"a", "b", "c", "d"} {
			h.tell(Message{Title: title})
		}
		after(2 * time.Hour)
		for i, at := range asked[1:] {
			if gap := at - asked[i]; asked[i] < time.Hour && gap < patience {
				t.Errorf("asked again after %v", gap)
			}
		}
		late := slices.IndexFunc(asked, func(d time.Duration) bool { return d >= time.Hour })
		if n := len(asked) - late; n != 4 || asked[len(asked)-1]-asked[late] > time.Second || asked[late] > time.Hour+longestPostponed {
			t.Errorf("%d requests once it is back, from %v to %v", n, asked[late], asked[len(asked)-1])
		}
		if late > 4*(60/5+10) {
			t.Errorf("%d requests in an hour in which nobody answered", late)
		}
		if got := h.phone.Messages(); len(got) != 4 || strings.Contains(got[0].Text, "sent again") {
			t.Errorf("%+v", got)
		}
	})
}

// Each try of these may be a message on the phone.
func TestLostAnswers_AreTriedEverLessOften(t *testing.T) {
	bubble(t, func(h *house) {
		h.phone.Meet(func(int, string) notifytest.Fault { return notifytest.CutAfter })
		h.tell(Message{Priority: Critical, Title: "t"})
		after(time.Hour)
		if n := h.phone.Counts().Accepted; n < 3 || n > 6 {
			t.Errorf("%d in the first hour", n)
		}
		before := h.phone.Counts().Accepted
		after(24 * time.Hour)
		if n := h.phone.Counts().Accepted - before; n < 12 || n > 24 {
			t.Errorf("%d in the day after", n)
		}
	})
}

func TestQuota_IsHonoured(t *testing.T) {
	for name, tc := range map[string]struct {
		fault notifytest.Fault
		pause time.Duration
	}{
		"reset of the month": {notifytest.S429, 3 * time.Hour}, "Retry-After": {notifytest.S429Wait, notifytest.RetryAfter * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(h *house) {
				began := time.Now()
				h.phone.Limit(10, 10, began.Add(3*time.Hour))
				h.phone.Meet(func(n int, _ string) notifytest.Fault {
					if n == 0 {
						return tc.fault
					}
					return notifytest.None
				})
				p := h.tell(Message{Title: "t"})
				after(time.Second)
				d := h.on(p.ID, "pushover")
				if d.State != StateWaiting || d.Reason == nil || d.Doubts != 0 || d.Next.Sub(began) < tc.pause {
					t.Errorf("%+v", d)
				}
				h.tell(Message{Priority: Critical, Title: "more urgent, and no better off"})
				health, err := h.Health(context.Background())
				if err != nil || health[0].Problem == nil || health[0].Next.Sub(began) < tc.pause || health[0].Quota == nil || health[0].Quota.Remaining != 0 {
					t.Errorf("%+v %v", health, err)
				}
				after(tc.pause - 2*time.Second)
				if c := h.phone.Counts(); c.Requests != 1 {
					t.Fatalf("asked before the time: %+v", c)
				}
				h.phone.Limit(10, 0, began.Add(720*time.Hour))
				after(tc.pause/2 + 10*time.Second)
				if got := h.phone.Messages(); len(got) != 2 || got[0].Title != "more urgent, and no better off" {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestQuota_IsHonouredOverARestart_AndRetryCutsItShort(t *testing.T) {
	bubble(t, func(h *house) {
		h.phone.Limit(10, 10, time.Now().Add(20*24*time.Hour))
		p := h.tell(Message{Title: "t"})
		after(time.Minute)
		h.again()
		after(24 * time.Hour)
		if c := h.phone.Counts(); c.Requests != 1 {
			t.Errorf("%+v", c)
		}
		if d := h.on(p.ID, "pushover"); d.State != StateWaiting || !strings.Contains(d.Reason.Error(), "notify retry") {
			t.Errorf("%+v", d)
		}
		h.phone.Limit(20, 10, time.Now().Add(10*24*time.Hour)) // the user bought more
		if n, err := h.Retry(context.Background(), p.ID); n != 1 || err != nil {
			t.Errorf("%d %v", n, err)
		}
		after(time.Second)
		if d := h.on(p.ID, "pushover"); d.State != StateAccepted || d.Doubts != 0 {
			t.Errorf("%+v", d)
		}
	})
}

// Pushover shuts out who repeats what is wrong.
func TestRefusals_SlowTheChannelDown(t *testing.T) {
	quietly(t, func(h *house) {
		h.phone.Know(nil, nil)
		h.start()
		for i := range 100 {
			h.tell(Message{Fingerprint: string(rune('A' + i)), Title: "t"})
		}
		after(time.Hour)
		if n := h.phone.Counts().Refused; n < 10 || n > 25 {
			t.Errorf("%d refusals in an hour", n)
		}
		h.phone.Know([]string{notifytest.Token}, []string{notifytest.User})
		after(longestRefused + time.Second)
		s, err := h.Stats(context.Background(), time.Time{})
		if err != nil || s.Messages[Normal].Waiting != 0 || s.Messages[Normal].Sent < 75 || s.Messages[Normal].Sent+s.Messages[Normal].Failed != 100 {
			t.Errorf("%+v %v", s.Messages[Normal], err)
		}
	})
}

// What answers in Pushover's place has not judged the message.
func TestAnswersThatAreNotPushovers_AreNeitherAcceptanceNorRefusal(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		doubt  bool
	}{
		"a portal":                      {200, "<html>log in</html>", true},
		"no word of acceptance":         {200, `{"request":"r"}`, true},
		"status of another type":        {200, `{"status":"1"}`, true},
		"two":                           {200, `{"status":2,"request":"r"}`, true},
		"nothing":                       {200, "", true},
		"no content":                    {204, "", true},
		"accepted twice over":           {200, `{"status":1,"status":1}`, true},
		"huge":                          {200, `{"status":1,"request":"` + strings.Repeat("x", longestReply) + `"}`, true},
		"a proxy's 403":                 {403, "<html>no</html>", false},
		"a wrong path":                  {404, "not found", false},
		"an empty 400":                  {400, "", false},
		"a 400 without a reason":        {400, `{"status":0}`, false},
		"errors of another type":        {400, `{"status":0,"errors":"no"}`, false},
		"proxy authentication":          {407, "", false},
		"request timeout":               {408, `{"status":0,"errors":["late"]}`, false},
		"too early":                     {425, "", false},
		"moved":                         {301, "", false},
		"see other, with an acceptance": {303, `{"status":1,"request":"r"}`, false},
		"not implemented":               {501, "", true},
		"a status nobody knows":         {599, `{"status":1}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			quietly(t, func(h *house) {
				h.way = answering(tc.status, tc.body)
				h.start()
				p := h.tell(Message{Title: "t"})
				after(time.Second)
				if d := h.on(p.ID, "pushover"); d.State != StateWaiting || (d.Doubts == 1) != tc.doubt || d.Reason == nil || d.Request != "" {
					t.Errorf("%+v", d)
				}
				if slices.Contains(h.kinds(), "notify.accepted notify") {
					t.Error("called accepted")
				}
			})
		})
	}
}

func TestAcceptance_WithHostileFields_IsKeptHarmless(t *testing.T) {
	quietly(t, func(h *house) {
		h.way = answering(200, `{"status":1,"request":"a\u001b[2J`+strings.Repeat("x", 5000)+`"}`,
			"X-Limit-App-Limit", "many", "X-Limit-App-Remaining", "-1", "X-Limit-App-Reset", "99999999999999999999")
		h.start()
		p := h.tell(Message{Title: "t"})
		after(time.Second)
		if d := h.on(p.ID, "pushover"); d.State != StateAccepted || strings.Contains(d.Request, "\x1b") || len(d.Request) > 400 {
			t.Errorf("%+v", d)
		}
	})
}

type oddChannel struct {
	name    string
	deliver func(context.Context, Parcel) (Accepted, error)
}

func (c oddChannel) Name() string { return c.name }
func (c oddChannel) Deliver(ctx context.Context, p Parcel) (Accepted, error) {
	return c.deliver(ctx, p)
}

func TestPanic_InOneChannel_LeavesTheOthersAndTheLoopAlone(t *testing.T) {
	quietly(t, func(h *house) {
		n := 0
		h.others = []Channel{oddChannel{"odd", func(context.Context, Parcel) (Accepted, error) {
			if n++; n < 3 {
				panic("token " + notifytest.Token)
			}
			return Accepted{Request: "r"}, nil
		}}}
		h.start()
		p := h.tell(Message{Title: "t"})
		after(time.Second)
		if h.phone.Counts().Accepted != 1 {
			t.Error("the phone has it not")
		}
		after(time.Hour)
		if d := h.on(p.ID, "odd"); d.State != StateAccepted || d.Tries != 3 || d.Doubts != 2 {
			t.Errorf("%+v", d)
		}
		if log := h.log.String(); !strings.Contains(log, "panicked") || strings.Contains(log, notifytest.Token) {
			t.Errorf("%s", log)
		}
	})
}

func TestChannelThatReturnsAnyError_IsInDoubt(t *testing.T) {
	quietly(t, func(h *house) {
		h.nobody = true
		h.others = []Channel{oddChannel{"odd", func(context.Context, Parcel) (Accepted, error) { return Accepted{}, errors.New("what") }}}
		h.start()
		p := h.tell(Message{Title: "t"})
		after(time.Second)
		if d := h.on(p.ID, "odd"); d.State != StateWaiting || d.Doubts != 1 || !strings.Contains(d.Reason.Error(), "what") {
			t.Errorf("%+v", d)
		}
	})
}

func TestOneChannelDown_DoesNotStopTheOther(t *testing.T) {
	quietly(t, func(h *house) {
		var got []int64
		h.others = []Channel{oddChannel{"other", func(_ context.Context, p Parcel) (Accepted, error) {
			got = append(got, p.ID)
			return Accepted{}, nil
		}}}
		h.phone.Meet(func(int, string) notifytest.Fault { return notifytest.SlowBefore })
		h.start()
		for _, title := range []string{"a", "b", "c"} {
			h.tell(Message{Title: title})
		}
		after(time.Second)
		if !slices.Equal(got, []int64{1, 2, 3}) {
			t.Errorf("%v", got)
		}
		s, err := h.Stats(context.Background(), time.Time{})
		if err != nil || s.Channels["other"][Normal].Sent != 3 || s.Channels["pushover"][Normal].Waiting != 3 || s.Messages[Normal].Sent != 3 {
			t.Errorf("%+v %v", s, err)
		}
		h.phone.Meet(nil)
		after(2 * time.Hour)
		if c := h.phone.Counts(); c.Accepted != 3 || len(got) != 3 {
			t.Errorf("%+v %v", c, got)
		}
	})
}

func TestStoreThatIsGone_EndsRun_AndNothingIsSentUnrecorded(t *testing.T) {
	quietly(t, func(h *house) {
		h.start()
		h.pull()
		if _, err := h.Send(context.Background(), Message{Fingerprint: "f", Priority: High, Title: "t"}); !errors.Is(err, store.ErrClosed) {
			t.Error(err)
		}
		after(time.Hour)
		if c := h.phone.Counts(); c.Requests != 0 {
			t.Errorf("%+v", c)
		}
	})
}

func TestTwoChannelsOfOneName_AreRefused(t *testing.T) {
	c := oddChannel{name: "x"}
	if _, err := New(Options{Channels: []Channel{c, c}}); err == nil {
		t.Error("no error")
	}
	if _, err := New(Options{Channels: []Channel{oddChannel{}}}); err == nil {
		t.Error("no error for a channel without a name")
	}
}
