package cli

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

const (
	testPath   = control.MessagesPath + "/test"
	resendPath = control.MessagesPath + "/retry"
	countPath  = control.MessagesPath + "/statistics"
)

// counted is what was sent, on one channel that has refused something.
func counted() control.MessageStatistics {
	return control.MessageStatistics{
		Since:    *at("09:00:00"),
		Messages: map[string]control.MessageCount{"critical": {Posted: 2, Sent: 1, Failed: 1}, "normal": {Posted: 3, Sent: 2, Waiting: 1, Suppressed: 12}},
		Channels: map[string]map[string]control.MessageCount{"pushover": {"critical": {Posted: 2, Sent: 1, Failed: 1}, "normal": {Posted: 3, Sent: 2, Waiting: 1}}},
	}
}

func told(deliveries ...control.Delivery) control.Message {
	return control.Message{Message: 7, At: *at("10:00:00"), Priority: "high", Title: "INTG-088 extract: exit 1", Ticket: "INTG-088", Task: 42, Deliveries: deliveries}
}

func accepted() control.Delivery {
	return control.Delivery{Channel: "pushover", State: "accepted", Tries: 1, Ended: at("10:00:01"), Request: "5042853c"}
}

func refused() control.Delivery {
	return control.Delivery{Channel: "ntfy", State: "failed", Tries: 2, Ended: at("10:00:02"), Problem: control.Encode(fault.New(fault.Failed, "notify.refused", "channel", "ntfy", "errors", "no"))}
}

func waiting() control.Delivery {
	return control.Delivery{Channel: "webhook", State: "waiting", Tries: 1, Next: at("10:05:00"), Problem: control.Encode(fault.New(fault.Unavailable, "notify.unreachable", "channel", "webhook"))}
}

func TestNotifyTest_Is0OnlyWhenEveryChannelHasAccepted(t *testing.T) {
	broken := counted()
	broken.Problem = control.Encode(fault.New(fault.Invalid, "notify.half_set", "set", "a", "missing", "b", "variable", "C"))
	twice := accepted()
	twice.Doubts, twice.Tries, twice.Acknowledged = 1, 2, at("10:00:09")
	for name, tc := range map[string]struct {
		m    control.Message
		s    control.MessageStatistics
		code int
		want []string
	}{
		"accepted":             {told(accepted()), counted(), 0, []string{"✔ pushover: accepted 2026-11-21 ", ", request 5042853c\n✔ every channel has accepted it"}},
		"perhaps twice":        {told(twice), counted(), 0, []string{"2 tries, request 5042853c, acknowledged", "1 try before may have arrived too"}},
		"one refused":          {told(accepted(), refused()), counted(), 1, []string{"✘ ntfy: failed ", "    ntfy has refused the message: no\n✘ it did not get through", "uratori notify retry"}},
		"one refused, one not": {told(waiting(), refused()), counted(), 1, []string{"✘ it did"}},
		"waits":                {told(accepted(), waiting()), counted(), 3, []string{"? webhook: waits, next try 2026-11-21 ", "cannot be reached", "? not known yet", "notify history"}},
		"another state":        {told(control.Delivery{Channel: "x", State: "pigeon"}), counted(), 3, []string{"? x: pigeon\n", "? not known yet"}},
		"no channel":           {told(), control.MessageStatistics{}, 3, []string{"? nobody is told when something goes wrong: set notify.pushover.token"}},
		"half a channel":       {told(), broken, 3, []string{"✘ messages cannot go to the phone: a is set, but b is not"}},
		"another is half set":  {told(accepted()), broken, 1, []string{"✔ pushover", "✘ messages cannot go to the phone", "✘ it did not"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.plant(testPath, tc.m)
			h.plant(countPath, tc.s)
			e := h.run("notify", "test")
			h.must(e, tc.code, append(tc.want, "message 7  2026-11-21 ", "  high  INTG-088 extract: exit 1\n")...)
			if tc.code != 0 && strings.Contains(e.out, "every channel") {
				t.Error(e.out)
			}
			e = h.run("notify", "test", "--json")
			var v tested
			if err := json.Unmarshal([]byte(e.out), &v); err != nil || e.code != tc.code || v.Message.Message != 7 || (v.Verdict == "verified") != (tc.code == 0) {
				t.Errorf("%v %+v %s", err, v, e.all())
			}
			h.lang = phrase.Japanese
			if e := h.run("notify", "test"); e.code != tc.code || !hiragana.MatchString(e.out) {
				t.Error(e.all())
			}
		})
	}
}

func TestNotifyTest_AsksForWhatWasGiven(t *testing.T) {
	h := newHouse(t)
	h.plant(testPath, told(accepted()))
	h.plant(countPath, counted())
	h.must(h.run("notify", "test", "--priority", "critical", "--wait", "90s"), 0)
	var ask control.TestMessage
	if err := json.Unmarshal([]byte(h.requests()[0].body), &ask); err != nil || ask != (control.TestMessage{Priority: "critical", WaitMS: 90_000}) {
		t.Error(err, ask)
	}
	for _, args := range [][]string{{"x"}, {"--priority", ""}, {"--priority", "高\x1b"}, {"--wait", "3m"}, {"--wait", "0s"}, {"--wait", "-1s"}} {
		h.must(h.run(append([]string{"notify", "test"}, args...)...), 2)
	}
	if n := len(h.requests()); n != 2 {
		t.Error(n)
	}
	h.plant(testPath, hangUp{})
	h.must(h.run("notify", "test"), 3)
}

func TestNotifyHistory_TellsWhatBecameOfEachMessage(t *testing.T) {
	h := newHouse(t)
	m := told(accepted(), refused())
	m.Suppressed = 3
	h.plant(control.MessagesPath, control.MessagePage{Messages: []control.Message{m, told()}, Next: 6})
	h.must(h.run("notify", "history", "INTG-088", "--limit", "2"), 0, "message 7  ", "    ✔ pushover: accepted ", "    ✘ ntfy: failed ", "        ntfy has refused the message: no\n",
		"    3 more of the same were not sent\n", "    ? nobody was told: no channel was set\n", "there are older ones")
	if q := queries(h, control.MessagesPath)[0]; q.Get("ticket") != "INTG-088" || q.Get("limit") != "2" {
		t.Error(q)
	}
	h.lang = phrase.Japanese
	h.must(h.run("notify", "history"), 0, "通知 7  ", "  高  ", "✔ pushover: 受付済み ", "同じ内容の 3 件は送信していません")
	e := h.run("notify", "history", "--json")
	if e.code != 0 || names(t, e.out) != "messages next" {
		t.Error(e.all())
	}
	h.plant(control.MessagesPath, control.MessagePage{})
	h.must(h.run("notify", "history"), 0, "通知はありません")
	for _, args := range [][]string{{""}, {"A-1", "A-2"}, {"--limit", "0"}, {"--limit", "501"}} {
		h.must(h.run(append([]string{"notify", "history"}, args...)...), 2)
	}
}

func TestNotifyStats_CountsEachPriorityAndChannel(t *testing.T) {
	h := newHouse(t)
	s := counted()
	s.Messages["dire"] = control.MessageCount{Posted: 1}
	h.plant(countPath, s)
	h.must(h.run("notify", "stats"), 0, "messages since 2026-11-21 ", "          posted  accepted  failed  waiting  repeats not sent  perhaps twice  acknowledged\n",
		"critical  2       1         1       0        0                 0              0\n", "low       0 ", "dire      1 ",
		"all       6       3         1       1        12                0              0\n",
		"pushover  5       3         1       1                          0              0\n")
	if q := queries(h, countPath)[0]; q.Get("since_ms") != "2592000000" {
		t.Error(q)
	}
	h.lang = phrase.Japanese
	h.must(h.run("notify", "stats", "--since", "7d"), 0, "合計      6     3 ")
	h.plant(countPath, control.MessageStatistics{})
	h.must(h.run("notify", "stats"), 0, "? 異常時の通知先がありません")
}

func TestNotifyRetry_SaysThatItIsSentAgain_NotThatItIsSent(t *testing.T) {
	h := newHouse(t)
	h.plant(resendPath, map[string]int{"messages": 2})
	h.must(h.run("notify", "retry"), 0, "2 deliveries are being sent again")
	h.plant(control.MessagesPath, control.MessagePage{Messages: []control.Message{told(refused())}})
	h.must(h.run("notify", "retry", "#7"), 0)
	if got := last[map[string]int64](h); got["message"] != 7 {
		t.Error(got)
	}
	h.plant(resendPath, map[string]int{"messages": 0})
	h.must(h.run("notify", "retry", "7"), 0, "nothing to send again")
	if e := h.run("notify", "retry", "--json"); e.code != 0 || e.out != "{\"deliveries\":0}\n" {
		t.Error(e.all())
	}
	n := len(h.requests())
	h.must(h.run("notify", "retry", "8"), 1, "there is no message 8")
	for _, word := range []string{"x", "0", "-1", "+7", "9999999999999999999", "7\x1b"} {
		h.must(h.run("notify", "retry", "--", word), 2)
	}
	if got := len(h.requests()); got != n+1 {
		t.Error(got - n)
	}
}
