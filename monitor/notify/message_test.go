package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"uratori/internal/phrase"
	"uratori/monitor/notify/notifytest"
)

func TestFit_CutsBetweenWhatPeopleTakeForCharacters(t *testing.T) {
	for _, tc := range []struct {
		in    string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"longer", 5, "long…"},
		{"抽出実行", 3, "抽出…"},
		{"がき", 2, "がき"},
		{"か\u3099き", 2, "…"}, // か with its mark is one
		{"か\u3099き", 3, "か\u3099き"},
		{"か\u3099きく", 3, "か\u3099…"},
		{"e\u0301e\u0301", 3, "e\u0301…"},
		{"👩‍👩‍👧‍👦x", 7, "…"}, // a family of seven
		{"👩‍👩‍👧‍👦x", 8, "👩‍👩‍👧‍👦x"},
		{"👍🏽👍🏽", 3, "👍🏽…"},
		{"🇯🇵🇫🇷", 3, "🇯🇵…"},
		{"ﾊﾞﾋﾞ", 3, "ﾊﾞ…"},
		{"각각", 1, "…"},
		{"ab", 0, ""},
		{"", 0, ""},
	} {
		if got := fit(tc.in, tc.limit, utf8.RuneCountInString); got != tc.want {
			t.Errorf("%q in %d: %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
}

func FuzzFit(f *testing.F) {
	for _, seed := range []string{"", "a", "抽出実行", "e\u0301", "👩‍👩‍👧‍👦🇯🇵", "\u0301\u0301\u0301", "a\xffb", strings.Repeat("\u0301", 50), "\r\n\r\n"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit %= 2000
		for _, size := range []func(string) int{utf8.RuneCountInString, bytesOf} {
			got := fit(s, limit, size)
			if size(s) <= limit {
				if got != s {
					t.Fatalf("%q, which fits, became %q", s, got)
				}
				continue
			}
			if got != "" && size(got) > limit || limit >= 3 && !strings.HasSuffix(got, ellipsis) {
				t.Fatalf("%q in %d: %q", s, limit, got)
			}
			rest, cut := strings.CutPrefix(s, strings.TrimSuffix(got, ellipsis))
			if !cut || uniseg.GraphemeClusterCount(s) != uniseg.GraphemeClusterCount(s[:len(s)-len(rest)])+uniseg.GraphemeClusterCount(rest) {
				t.Fatalf("%q was cut inside a character: %q", s, got)
			}
		}
	})
}

// Whatever texts come, what is sent is within Pushover's limits, and the last
// line is there.
func TestLongAndHostileTexts_FitAndArrive(t *testing.T) {
	texts := []string{
		strings.Repeat("抽", 5000), strings.Repeat("👩‍👩‍👧‍👦", 500), "a" + strings.Repeat("\u0301", 3000), "=1+1\n--\n'x", "a\x00b\x1b[2Jc\u202Ed\xff\xfee", " \n\t ",
		strings.Repeat("x\n", 2000), "", "<b>html</b> &amp;", strings.Repeat("w", 1023), strings.Repeat("w", 1014), strings.Repeat("w", 1015),
	}
	bubble(t, func(h *house) {
		for i, text := range texts {
			h.tell(Message{Fingerprint: fmt.Sprint(i), Title: text, Body: text, URL: text, URLTitle: text, Ticket: text})
			after(time.Second)
		}
		got := h.phone.Messages()
		if len(got) != len(texts) {
			t.Fatalf("%d of %d came; %+v", len(got), len(texts), h.phone.Counts())
		}
		for i, m := range got {
			lines := strings.Split(m.Text, "\n")
			if lines[len(lines)-1] != fmt.Sprintf("Message %d", i+1) {
				t.Errorf("%d: the last line is missing: %.60q", i, m.Text)
			}
			if strings.ContainsAny(m.Title+m.Text, "\x00\x1b\u202E\r") || strings.Contains(m.Title, "\n") {
				t.Errorf("%d: %.60q %.60q", i, m.Title, m.Text)
			}
			if m.URL != "" && m.URL != strings.Join(strings.Fields(texts[i]), " ") && m.URL != clean(texts[i]) {
				t.Errorf("%d: a part of a URL: %.60q", i, m.URL)
			}
		}
		if !strings.HasPrefix(got[3].Text, "=1+1\n--\n'x\n") || got[8].Text != "<b>html</b> &amp;\nMessage 9" || got[7].Text != "Message 8" {
			t.Errorf("%q %q %q", got[3].Text, got[8].Text, got[7].Text)
		}
	})
}

func TestPushoverTexts_AlwaysFit(t *testing.T) {
	p := NewPushover(PushoverOptions{Lang: phrase.Japanese, Now: time.Now})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringN(900, 1200, -1), rapid.StringMatching(`([あ-ん漢]|[\x{0300}-\x{036f}]|👩‍👩‍👧‍👦){0,700}`))
		m, err := Message{Fingerprint: "f", Priority: Low, Title: text.Draw(t, "title"), Body: text.Draw(t, "body"), URL: text.Draw(t, "url"), URLTitle: text.Draw(t, "url title")}.checked()
		if err != nil {
			t.Fatal(err)
		}
		foot := rapid.StringMatching(`通知 [0-9]{1,18}(再送){0,40}`).Draw(t, "foot")
		v := p.values(Parcel{Message: m, At: time.Now()}, foot)
		for name, most := range map[string]int{"message": notifytest.MaxMessage, "title": notifytest.MaxTitle, "url": notifytest.MaxURL, "url_title": notifytest.MaxURLTitle} {
			if s := v.Get(name); utf8.RuneCountInString(s) > most || !utf8.ValidString(s) {
				t.Fatalf("%s has %d characters", name, utf8.RuneCountInString(s))
			}
		}
		if !strings.HasSuffix(v.Get("message"), foot) || v.Has("url_title") && !v.Has("url") {
			t.Fatalf("%v", v)
		}
	})
}

func TestPriority_Texts(t *testing.T) {
	for _, p := range Priorities() {
		text, err := p.MarshalText()
		var q Priority
		if err != nil || q.UnmarshalText(text) != nil || q != p {
			t.Errorf("%s: %v", p, err)
		}
	}
	var p Priority
	if _, err := p.MarshalText(); err == nil || p.UnmarshalText([]byte("urgent")) == nil || Priority(9).String() != "priority(9)" {
		t.Error("what is no priority passes for one")
	}
}

func TestReport_SaysItInBothLanguages(t *testing.T) {
	zone := tokyo(t)
	now := time.Date(2026, 11, 21, 10, 22, 3, 0, zone)
	r := Report{
		What: "10 分間、応答がありません", Ticket: "INTG-088", Task: 42, TaskName: "extract", Attempt: 2, Attempts: 4, Item: 17, Items: 30,
		Since: now.Add(-10 * time.Minute).UTC(), Done: "強制停止し、再開しました", ToDo: "ログを確認してください",
	}
	m := r.Message(phrase.Japanese, now)
	if m.Title != "INTG-088 extract: 10 分間、応答がありません" || m.Ticket != "INTG-088" || m.Task != 42 {
		t.Errorf("%+v", m)
	}
	if want := "タスク 42 · 4 回中 2 回目 · 30 件中 17 件目\n10:12:03 から(10 分 0 秒)\n対応: 強制停止し、再開しました\n次にすること: ログを確認してください"; m.Body != want {
		t.Errorf("%s", m.Body)
	}
	r.Since, r.What = now.Add(-25*time.Hour), "no sign of life"
	if m := r.Message(phrase.English, now); m.Body != "Task 42 · attempt 2 of 4 · item 17 of 30\nSince 2026-11-20 09:22:03 (1 d 1 h)\nDone: 強制停止し、再開しました\nTo do: ログを確認してください" {
		t.Errorf("%s", m.Body)
	}
	if m := (Report{What: "the disk is full"}).Message(phrase.English, now); m.Title != "the disk is full" || m.Body != "" {
		t.Errorf("%+v", m)
	}
	if m := (Report{What: "x", Done: strings.Repeat("long ", 1000), ToDo: "read this"}).Message(phrase.English, now); !strings.HasSuffix(m.Body, "…\nTo do: read this") {
		t.Errorf("%s", m.Body)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min 1 s", 3661 * time.Second: "1 h 1 min", 49*time.Hour + 59*time.Minute: "2 d 1 h",
	} {
		if got := Span(phrase.English, d); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
}

func TestHistory_InPages(t *testing.T) {
	bubble(t, func(h *house) {
		h.phone.Meet(func(n int, _ string) notifytest.Fault { return notifytest.None })
		for i := range 25 {
			ticket := ""
			if i%5 == 0 {
				ticket = "INTG-088"
			}
			h.tell(Message{Fingerprint: fmt.Sprint(i), Title: fmt.Sprint(i), Ticket: ticket})
		}
		after(time.Second)
		var ids []int64
		for q := (Query{Limit: 10}); ; {
			p, err := h.History(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Records {
				ids = append(ids, r.ID)
				if len(r.Deliveries) != 1 || r.Deliveries[0].State != StateAccepted || r.Title != fmt.Sprint(r.ID-1) {
					t.Errorf("%+v", r)
				}
			}
			if q.Before = p.Next; q.Before == 0 {
				break
			}
		}
		if len(ids) != 25 || !slices.IsSortedFunc(ids, func(a, b int64) int { return int(b - a) }) {
			t.Errorf("%v", ids)
		}
		for _, tc := range []struct {
			q    Query
			want int
		}{{Query{Ticket: "INTG-088"}, 5}, {Query{Ticket: "' OR 1=1 --"}, 0}, {Query{State: StateFailed}, 0}, {Query{State: StateAccepted, Limit: 1000}, 25}, {Query{Before: 6, Limit: -1}, 5}} {
			if p, err := h.History(context.Background(), tc.q); err != nil || len(p.Records) != tc.want || p.Next != 0 {
				t.Errorf("%+v: %d %v", tc.q, len(p.Records), err)
			}
		}
		if _, err := h.Get(context.Background(), 99); err == nil {
			t.Error("a message that is not there")
		}
	})
}

func TestStats_SinceATime(t *testing.T) {
	bubble(t, func(h *house) {
		h.tell(Message{Fingerprint: "old", Title: "old"})
		after(2 * time.Hour)
		since := time.Now()
		after(time.Minute)
		h.tell(Message{Fingerprint: "old", Title: "old"})
		h.tell(Message{Fingerprint: "new", Title: "new"})
		after(time.Minute)
		s, err := h.Stats(context.Background(), since)
		if err != nil || *s.Messages[Normal] != (Count{Posted: 1, Sent: 1, Suppressed: 1}) || *s.Channels["pushover"][Normal] != (Count{Posted: 1, Sent: 1}) || *s.Messages[Critical] != (Count{}) {
			t.Errorf("%+v %v", s, err)
		}
	})
}
