package mcp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func listenLine(id int, filter string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"subscriptions/listen","params":{"notifications":%s,%s}}`, id, filter, modernMeta)
}

func subscriptionID(m map[string]any) string {
	p, _ := m["params"].(map[string]any)
	meta, _ := p["_meta"].(map[string]any)
	return fmt.Sprint(meta["io.modelcontextprotocol/subscriptionId"])
}

func uriOf(m map[string]any) string {
	p, _ := m["params"].(map[string]any)
	return fmt.Sprint(p["uri"])
}

func TestListen_AcknowledgesFirst_TellsOnlyWhatWasAskedFor_UnderItsID(t *testing.T) {
	d := newSmall()
	d.tickets["INTG-089"] = map[string]string{"summary": "x"}
	w := connect(t, serve(t, d))
	w.send(listenLine(7, `{"toolsListChanged":true,"resourceSubscriptions":["uratori://ticket/INTG-088","uratori://ticket/INTG-088","uratori://nothing/1","file:///etc/passwd"]}`))
	ack := w.next()
	granted := ack["params"].(map[string]any)["notifications"].(map[string]any)
	if ack["method"] != "notifications/subscriptions/acknowledged" || subscriptionID(ack) != "7" || granted["toolsListChanged"] != nil ||
		fmt.Sprint(granted["resourceSubscriptions"]) != "[uratori://ticket/INTG-088]" {
		t.Fatalf("%v", ack)
	}
	until(t, "the ledger to be followed", func() bool { return d.count("status") > 0 })
	d.edit("INTG-089", "summary", "of no interest")
	d.edit("INTG-088", "detail", "人が書いた")
	m := w.next()
	if m["method"] != "notifications/resources/updated" || uriOf(m) != "uratori://ticket/INTG-088" || subscriptionID(m) != "7" {
		t.Errorf("%v", m)
	}
	w.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`)
	d.edit("INTG-088", "detail", "again")
	w.silent()
}

func TestListen_ForNothingThatWeTell_IsHeldAndQuiet(t *testing.T) {
	w := connect(t, serve(t, newSmall()))
	w.send(listenLine(1, `{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true}`)) // as Claude Code does
	if m := w.next(); m["method"] != "notifications/subscriptions/acknowledged" {
		t.Errorf("%v", m)
	}
	w.silent()
}

func TestListen_OfTheOlderEra_IsRefused(t *testing.T) {
	w := connect(t, serve(t, newSmall()))
	w.send(`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{}}}`)
	if m := w.next(); code(m) != "-32601" {
		t.Errorf("%v", m)
	}
	w.send(`{"jsonrpc":"2.0","id":2,"method":"subscriptions/listen","params":{"notifications":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`)
	if m := w.next(); code(m) != "-32602" {
		t.Errorf("without capabilities: %v", m)
	}
	w.send(`{"jsonrpc":"2.0","id":3,"method":"subscriptions/listen","params":{"notifications":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2099-01-01","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	if m := w.next(); code(m) != "-32022" {
		t.Errorf("of a version to come: %v", m)
	}
}

func TestSubscribe_OfTheOlderEra_TellsUntilItIsEnded(t *testing.T) {
	d := newSmall()
	s := serve(t, d)
	w := connect(t, s)
	line := func(id int, method, uri string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"resources/%s","params":{"uri":%q}}`, id, method, uri)
	}
	for _, bad := range []string{"uratori://ticket/", "uratori://task/x/log", "uratori://task/01/log", "uratori://ticket/a b", "http://x", "uratori://ticket/%2e%2e/x"} {
		w.send(line(1, "subscribe", bad))
		if m := w.next(); m["error"] == nil {
			t.Errorf("%s: %v", bad, m)
		}
	}
	w.send(line(1, "subscribe", "uratori://ticket/INTG-088"))
	if m := w.next(); m["result"] == nil {
		t.Fatalf("%v", m)
	}
	until(t, "the ledger to be followed", func() bool { return d.count("status") > 0 })
	d.edit("INTG-088", "detail", "x")
	if m := w.next(); m["method"] != "notifications/resources/updated" || uriOf(m) != "uratori://ticket/INTG-088" {
		t.Errorf("%v", m)
	}
	w.send(line(2, "unsubscribe", "uratori://ticket/INTG-088"))
	if m := w.next(); m["result"] == nil {
		t.Errorf("%v", m)
	}
	d.edit("INTG-088", "detail", "y")
	w.silent()
	for i := range mostWatched {
		w.send(line(100+i, "subscribe", fmt.Sprintf("uratori://ticket/T-%d", i)))
		w.next()
	}
	w.send(line(3, "subscribe", "uratori://ticket/one-too-many"))
	if m := w.next(); code(m) != "-32602" {
		t.Errorf("%v", m)
	}
}

func TestFollow_AfterABreak_TellsThatSomethingMayHaveHappened_AndStartsNoDaemon(t *testing.T) {
	d := newSmall()
	connections := 0
	s := serve(t, d, func(o *Options) {
		o.Connect = func(context.Context) (Daemon, error) { connections++; return d, nil }
	})
	told := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.follow(ctx, "uratori://ticket/INTG-088", func() { told <- struct{}{} })
	}()
	until(t, "the ledger to be followed", func() bool { return d.count("status") > 0 })
	d.edit("INTG-088", "detail", "x")
	<-told
	s.link.drop(d) // as a call does that finds nobody
	cancel()
	<-done
	if connections != 1 {
		t.Errorf("%d connections", connections)
	}
}

func TestHTTP_Listen_AcknowledgesFirst_AndTells(t *testing.T) {
	d := newSmall()
	_, url := face(t, d)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // nothing is waited for for ever
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(listenLine(5, `{"resourceSubscriptions":["uratori://ticket/INTG-088"]}`)))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer " + testToken, "Content-Type": "application/json", "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen",
	} {
		r.Header.Set(name, value)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	lines := bufio.NewScanner(res.Body)
	next := func() (m map[string]any) {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &m); err != nil {
					t.Fatal(err)
				}
				return m
			}
		}
		t.Fatalf("the stream has ended: %v", lines.Err())
		return nil
	}
	if m := next(); m["method"] != "notifications/subscriptions/acknowledged" || subscriptionID(m) != "5" {
		t.Fatalf("%v", m)
	}
	until(t, "the ledger to be followed", func() bool { return d.count("status") > 0 })
	d.edit("INTG-088", "detail", "x")
	if m := next(); m["method"] != "notifications/resources/updated" || subscriptionID(m) != "5" {
		t.Errorf("%v", m)
	}
	for _, wrong := range []string{"MCP-Protocol-Version:", "Mcp-Method: tools/list", "MCP-Protocol-Version: 2025-11-25"} {
		got := post(t, url, listenLine(6, `{}`), "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen", wrong)
		if got.code != 400 {
			t.Errorf("%s: %d %s", wrong, got.code, got.body)
		}
	}
}

func TestHTTP_Subscribe_OfTheOlderEra_TellsOnTheStreamOfTheSession(t *testing.T) {
	d := newSmall()
	_, url := face(t, d)
	session := post(t, url, helloOlder).header.Get("Mcp-Session-Id")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + testToken, "Accept": eventStream, "Mcp-Session-Id": session} {
		r.Header.Set(name, value)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	if got := post(t, url, `{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"uratori://ticket/INTG-088"}}`, "Mcp-Session-Id: "+session); got.code != 200 {
		t.Fatalf("%d %s", got.code, got.body)
	}
	until(t, "the ledger to be followed", func() bool { return d.count("status") > 0 })
	d.edit("INTG-088", "detail", "x")
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "notifications/resources/updated") && strings.Contains(lines.Text(), "uratori://ticket/INTG-088") {
			return
		}
	}
	t.Errorf("not told: %v", lines.Err())
}

func TestPlaces_HaveOneSpelling(t *testing.T) {
	for _, id := range []string{"INTG-088", "抽出 1", "a/b", "%41", "..", "a?b#c"} {
		if p, err := parsePlace(ticketURI(id)); err != nil || p.ticket != id {
			t.Errorf("%q: %v %v", id, p, err)
		}
	}
	for _, uri := range []string{"", "uratori://", "uratori://ticket/a/b", "uratori://ticket/%61", "uratori://task/-1/log", "uratori://task/1", "uratori://task/1/log/", "URATORI://ticket/a", "uratori://task/99999999999999999999/log"} {
		if p, err := parsePlace(uri); err == nil {
			t.Errorf("%q: %v", uri, p)
		}
	}
}

func TestCompletion_OffersWhatThereIs(t *testing.T) {
	d := newSmall()
	for i := range 150 {
		d.tickets[fmt.Sprintf("INTG-%03d", i+100)] = map[string]string{}
	}
	d.tasks[1], d.tasks[2] = taskAtWork(1), taskAtWork(2)
	s := serve(t, d)
	for _, tc := range []struct {
		ref, typed, first string
		more              bool
		total             int
	}{
		{`{"type":"ref/resource","uri":"uratori://ticket/{id}"}`, "INTG-", "INTG-249", true, 151},
		{`{"type":"ref/resource","uri":"uratori://ticket/{id}"}`, "intg-08", "", false, 0}, // the daemon is asked to the letter
		{`{"type":"ref/prompt","name":"start_ticket"}`, "INTG-08", "INTG-088", false, 1},
		{`{"type":"ref/resource","uri":"uratori://task/{id}/log"}`, "2", "2", false, 1},
	} {
		name := "id"
		if strings.Contains(tc.ref, "prompt") {
			name = "ticket"
		}
		m := ask(t, s, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":%s,"argument":{"name":%q,"value":%q}}}`, tc.ref, name, tc.typed))
		result, _ := m["result"].(map[string]any)
		c, _ := result["completion"].(map[string]any)
		values, _ := c["values"].([]any)
		if len(values) > 100 || tc.first != "" && (len(values) == 0 || !slices.Contains(values, any(tc.first))) || (c["hasMore"] == true) != tc.more {
			t.Errorf("%s %q: %v", tc.ref, tc.typed, m)
		}
	}
}

func TestResources_AreReadable_AndSaidToBeData(t *testing.T) {
	d := newSmall()
	d.tasks[1] = taskAtWork(1)
	d.logs[1] = nil
	s := serve(t, d)
	for uri, want := range map[string]string{"uratori://ticket/INTG-088": "一\n二", "uratori://task/1/log": "== stdout =="} {
		m := ask(t, s, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":%q}}`, uri))
		if text := fmt.Sprint(m["result"]); !strings.Contains(text, want) || !strings.Contains(text, "not instructions") {
			t.Errorf("%s: %v", uri, m)
		}
	}
	for _, uri := range []string{"uratori://ticket/NO-1", "uratori://nothing", "file:///etc/passwd", "uratori://ticket/../../etc/passwd"} {
		if m := ask(t, s, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":%q}}`, uri)); m["error"] == nil {
			t.Errorf("%s: %v", uri, m)
		}
	}
}

func TestPrompts_NameTheTicket_AndEveryToolOfThemExists(t *testing.T) {
	s := serve(t, newSmall())
	for _, name := range []string{"start_ticket", "finish_ticket"} {
		m := ask(t, s, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":%q,"arguments":{"ticket":"INTG-088"}}}`, name))
		text := fmt.Sprint(m["result"])
		if !strings.Contains(text, "INTG-088") || strings.Contains(text, "{ticket}") || strings.Contains(text, "!mcp") {
			t.Errorf("%v", m)
		}
		for _, arguments := range []string{`{}`, `{"ticket":""}`, `{"ticket":"` + strings.Repeat("x", 500) + `"}`} {
			if m := ask(t, s, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":%q,"arguments":%s}}`, name, arguments)); m["error"] == nil {
				t.Errorf("%v", m)
			}
		}
	}
}
