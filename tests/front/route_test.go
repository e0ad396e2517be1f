package front

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sys/unix"

	"uratori/internal/control/line"
	"uratori/tests/house"
)

// line is what the front would send from an empty folder.
func (h *hall) line(args ...string) line.Line {
	h.t.Helper()
	dir := h.t.TempDir()
	var s unix.Stat_t
	must(h.t, unix.Stat(dir, &s))
	return line.Line{
		Version: "1.0.0-test", Args: args, Environ: h.Command().Env,
		Folder: line.Folder{Path: dir, Device: s.Dev, Inode: s.Ino}, Key: line.NewKey(), At: time.Now(),
	}
}

func (h *hall) post(v any) house.Answer {
	h.t.Helper()
	raw, err := json.Marshal(v)
	must(h.t, err)
	return h.Ask("POST", line.Path, bytes.NewReader(raw))
}

// The daemon carries out what is on the list and nothing else, whoever asks.
func TestRoute_WhatIsNoLineOfTheFront_IsRefused_AndNothingIsDone(t *testing.T) {
	t.Parallel()
	h := started(t)
	h.Settled()
	before := len(h.whole("ledger", "export"))
	for _, args := range [][]string{
		nil,
		{""},
		{"up"},
		{"down"},
		{"approve", "INTG-001"},
		{"shim", "--call", "--home", "/"},
		{"run", "--", "true"},
		{"kill", "1"},
		{"mcp"},
		{"help", "enqueue"},
		{"--json", "enqueue", "--", "true"},
		{"-h"},
		{"Enqueue", "--", "true"},
		{"enqueue ", "--", "true"},
		{"./enqueue", "--", "true"},
		{"status", "--watch"},
		{"status", "--watch=true"},
		{"status", "1", "--json", "--watch"},
	} {
		if a := h.post(h.line(args...)); a.Code != http.StatusBadRequest || a.Fault(t).Code != "line.not_listed" {
			t.Errorf("%q: %+v", args, a)
		}
	}
	spoiled := map[string]func(*line.Line){
		"another version":         func(l *line.Line) { l.Version = "1.0.1" },
		"another commit":          func(l *line.Line) { l.Commit = "0" },
		"another home":            func(l *line.Line) { l.Environ = append([]string{"URATORI_HOME=/tmp"}, l.Environ...) },
		"no home":                 func(l *line.Line) { l.Environ = nil },
		"a zone":                  func(l *line.Line) { l.Environ = append(l.Environ, "TZ=Asia/Tokyo") },
		"a folder that is none":   func(l *line.Line) { l.Folder.Path += "/none" },
		"another folder":          func(l *line.Line) { l.Folder.Inode++ },
		"another disk":            func(l *line.Line) { l.Folder.Device++ },
		"a relative folder":       func(l *line.Line) { l.Folder.Path = "." },
		"a folder with an end":    func(l *line.Line) { l.Folder.Path += "\x00" },
		"a key of its own choice": func(l *line.Line) { l.Key = "mine" },
		"no key":                  func(l *line.Line) { l.Key = "" },
		"a key with a tail":       func(l *line.Line) { l.Key += "\n" },
		"no time":                 func(l *line.Line) { l.At = time.Time{} },
		"a screen turned over":    func(l *line.Line) { l.Columns = -1 },
		"a word with an end":      func(l *line.Line) { l.Args = append(l.Args, "a\x00b") },
		"a variable with an end":  func(l *line.Line) { l.Environ = append(l.Environ, "A=\x00") },
		"too long":                func(l *line.Line) { l.Args = append(l.Args, strings.Repeat("x", 1<<20)) },
		"too many":                func(l *line.Line) { l.Args = append(l.Args, strings.Split(strings.Repeat(" ", 1<<20), " ")...) },
	}
	for name, spoil := range spoiled {
		l := h.line("enqueue", "--name", "spoiled", "--", "true")
		spoil(&l)
		if a := h.post(l); a.Code != http.StatusBadRequest && a.Code != http.StatusConflict {
			t.Errorf("%s: %+v", name, a)
		}
	}
	for name, body := range map[string]string{
		"nothing":            "",
		"no JSON":            "enqueue -- true",
		"half":               `{"args":["enqueue","--",`,
		"a list":             `["enqueue"]`,
		"numbers":            `{"args":[1,2]}`,
		"a word for a list":  `{"args":"enqueue -- true"}`,
		"a text for a time":  `{"args":["enqueue"],"at":"noon"}`,
		"a member of no use": `{"args":["enqueue","--","true"],"shell":"sh"}`,
		"twice":              `{"args":["enqueue","--","true"],"args":["up"]}`,
		"no text":            "{\"args\":[\"enqueue\",\"\xff\"]}",
		"below zero":         `{"folder":{"inode":-1}}`,
	} {
		if a := h.Ask("POST", line.Path, strings.NewReader(body)); a.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %.200s", name, a.Code, a.Body)
		}
	}
	// What is enormous is hung up on, or answered before it has arrived.
	conn := h.Connect()
	_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n{\"args\":[\"enqueue\",\"%s\"]}", line.Path, 9<<20, strings.Repeat("x", 9<<20))
	if answer, _ := io.ReadAll(conn); strings.Contains(string(answer), " 200 ") {
		t.Errorf("%.200s", answer)
	}
	if a := h.Ask("GET", line.Path, nil); a.Code == http.StatusOK {
		t.Errorf("%+v", a)
	}
	if after := len(h.whole("ledger", "export")); after != before || h.named("spoiled") != 0 {
		t.Errorf("the ledger had %d bytes and has %d", before, after)
	}
	if a := h.post(h.line("enqueue", "--name", "whole", "--hold", "--", "true")); a.Code != http.StatusOK || h.named("whole") != 1 {
		t.Errorf("%+v", a)
	}
}

// The environment of a line is full of secrets.
func TestRoute_TheEnvironment_IsKeptNowhereButInItsTask(t *testing.T) {
	t.Parallel()
	h := started(t)
	const secret = "s3cret-of-the-shell"
	l := h.line("status")
	l.Environ = append(l.Environ, "MY_TOKEN="+secret)
	ok := h.post(l)
	l.Args = []string{"enqueue", "--no-such"}
	bad := h.post(l)
	l.Version = "0"
	refused := h.post(l)
	for _, a := range []house.Answer{ok, bad, refused} {
		if strings.Contains(a.Body, secret) {
			t.Errorf("told: %s", a.Body)
		}
	}
	if ok.Code != 200 || bad.Code != 200 || refused.Code == 200 {
		t.Errorf("%+v\n%+v\n%+v", ok, bad, refused)
	}
	h.whole("down")
	h.nowhere(secret)
}
