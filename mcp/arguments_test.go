package mcp

import (
	"strings"
	"testing"
	"unicode/utf8"

	"uratori/internal/fault"
)

func TestArguments_AMisspeltWishIsNeverIgnored(t *testing.T) {
	s := serve(t, newSmall())
	for _, tc := range []struct{ tool, arguments, key, says string }{
		{"get_ticket", `{"tiket":"x"}`, "mcp.arg.unknown", "ticket, fields"},
		{"get_ticket", `{}`, "mcp.arg.missing", "ticket"},
		{"get_ticket", ``, "mcp.arg.missing", "ticket"},
		{"get_ticket", `{"ticket":88}`, "mcp.arg.type", "88"},
		{"get_ticket", `{"ticket":null}`, "mcp.arg.type", "null"},
		{"get_ticket", `{"ticket":"a","ticket":"b"}`, "mcp.arg.not_json", ""},
		{"get_ticket", "{\"ticket\":\"\xff\"}", "mcp.arg.not_json", ""},
		{"get_ticket", `[]`, "mcp.arg.not_object", "[]"},
		{"get_ticket", `"INTG-088"`, "mcp.arg.not_object", "INTG-088"},
		{"get_ticket", `{"ticket":"a","fields":"detail"}`, "mcp.arg.type", "array of string"},
		{"get_ticket", `{"ticket":"a","fields":[1]}`, "mcp.arg.type", "fields[0]"},
		{"update_ticket", `{"ticket":"a","fields":{"詳細":1}}`, "mcp.arg.type", "fields.詳細"},
		{"update_ticket", `{"ticket":"a","summary":null}`, "mcp.arg.type", "summary"},
		{"enqueue", `{"command":"python x.py"}`, "mcp.arg.type", "array of string"},
		{"enqueue", `{"command":[]}`, "mcp.arg.empty", "command"},
		{"enqueue", `{"command":["x"],"retries":"3"}`, "mcp.arg.type", "integer"},
		{"enqueue", `{"command":["x"],"retries":1.5}`, "mcp.arg.type", "1.5"},
		{"enqueue", `{"command":["x"],"priority":99999999999999999999}`, "mcp.arg.value", "99999999999999999999"},
		{"enqueue", `{"command":["x"],"after":["1"]}`, "mcp.arg.type", "after[0]"},
		{"enqueue", `{"command":["x"],"env":["A=1"]}`, "mcp.arg.type", "object of string"},
		{"kill", `{"task":"42"}`, "mcp.arg.type", "integer"},
		{"kill", `{"task":4e1}`, "mcp.arg.type", "integer"},
		{"kill", `{"task":42,"grace":0}`, "mcp.arg.unknown", "task"},
		{"logs", `{"task":1,"lines":0}`, "mcp.arg.value", "1…2000"},
		{"logs", `{"task":1,"lines":2001}`, "mcp.arg.value", "1…2000"},
		{"logs", `{"task":1,"stream":"stdin"}`, "mcp.arg.value", "stdout | stderr"},
		{"workflow", `{"ticket":"a","action":"done"}`, "mcp.arg.value", "request_approval"},
		{"workflow", `{"ticket":"a","approve":true}`, "mcp.arg.unknown", "action"},
		{"workflow", `{"ticket":"a","passed":true}`, "mcp.arg.unknown", "action"},
		{"workflow", `{"ticket":"a","step":8.5}`, "mcp.arg.type", "string"},
		{"workflow", `{"ticket":"a","step":[8]}`, "mcp.arg.type", "string"},
		{"workflow", `{"ticket":"a","step":{"number":8}}`, "mcp.arg.type", "string"},
		{"workflow", `{"ticket":"a","step":null}`, "mcp.arg.type", "string"},
		{"workflow", `{"ticket":"a","step":8}`, "mcp.arg.type", "string"},
		{"factcheck", `{"ticket":"a","claims":[1]}`, "mcp.arg.type", "claims[0]"},
	} {
		var into any
		tool := s.tools[tc.tool]
		err := read([]byte(tc.arguments), tool.in, &into)
		if err == nil || !strings.Contains(err.Error(), tc.says) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s(%s): %v", tc.tool, tc.arguments, err)
			continue
		}
		if f, ok := err.(*fault.Error); !ok || f.Key != tc.key { //nolint:errorlint // the outermost is meant
			t.Errorf("%s(%s): %v", tc.tool, tc.arguments, err)
		}
	}
}

// The nearest name comes first: it is the one that was meant.
func TestArguments_UnknownName_NamesTheNearestFirst(t *testing.T) {
	s := serve(t, newSmall())
	var into any
	err := read([]byte(`{"comand":["x"]}`), s.tools["enqueue"].in, &into)
	if err == nil || !strings.Contains(err.Error(), "there are command,") {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	s := serve(f, newSmall())
	for _, seed := range []string{`{}`, `{"command":["a"],"env":{"A":"b"},"after":[1]}`, `{"ticket":"x","claims":[{"a":null}]}`, `[`, "\xff", `{"a":1e999}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, tool := range s.tools {
			var into any
			if err := read([]byte(raw), tool.in, &into); err != nil && (!utf8.ValidString(err.Error()) || len(err.Error()) > 4000) {
				t.Errorf("%s: %q", tool.name, err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":1}}}`, `[]`, `{"id":{}}`, "\x00", `{"params":{"notifications":[]}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		m, wrong := parse([]byte(raw))
		p := m.looked()
		_, _, _ = p.token(), p.modern(), wrong
		if m.ID != nil && !isID(m.ID) {
			t.Errorf("id %s", m.ID)
		}
		if text, err := encode(refused(m.ID, 1, "x")); err != nil || strings.Count(string(text), "\n") != 1 {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func FuzzPrinted(f *testing.F) {
	for _, seed := range []string{"a\rb\n", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07x", " 10%|█  | 1/10\r 20%|██ | 2/10\n", "\x1b"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if text := printed(raw); !utf8.ValidString(text) || strings.ContainsFunc(text, hidden) {
			t.Errorf("%q", text)
		}
	})
}

func TestPrinted_IsWhatATerminalWouldShow(t *testing.T) {
	for raw, want := range map[string]string{
		"plain\n":                   "plain\n",
		"\x1b[1;31merror\x1b[0m: x": "error: x",
		" 10%|█  | 1/10\r 20%|██ | 2/10\ndone\n": " 20%|██ | 2/10\ndone\n",
		"windows\r\nlines\r\n":                   "windows\nlines\n",
		"\x1b]8;;http://evil\x07link\x1b]8;;\a":  "link",
		"a\x00b\u202ec\U000E0041":                "abc",
		"\xff日本":                                 "\uFFFD日本",
	} {
		if got := printed([]byte(raw)); got != want {
			t.Errorf("%q: %q, not %q", raw, got, want)
		}
	}
}
