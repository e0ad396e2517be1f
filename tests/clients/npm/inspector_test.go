package npm_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"uratori/tests/house"
)

// inspector is the Inspector's command line: each call is a process of its own, which connects, asks, and goes.
type inspector struct {
	s     *site
	era   string
	where []string
}

// What the Inspector ends with.
const (
	wellDone  = 0
	toolFails = 5 // the tool answered with a failure
)

func overStdio(s *site) []string {
	var words []string
	for _, v := range append(s.environ(), "CLAUDE_CODE_SESSION_ID=inspector") { // what one process has read, the next knows
		words = append(words, "-e", v)
	}
	return append(words, s.Program, "mcp")
}

func overHTTP(s *site) []string {
	address, token := s.face()
	return []string{"--transport", "http", "--server-url", address, "--header", "Authorization: Bearer " + token}
}

// ask has the Inspector call a method.
func (i *inspector) ask(method string, words ...string) (jsontext.Value, house.Result) {
	i.s.t.Helper()
	script := filepath.Join(modules, "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js")
	all := append([]string{"--cli", "--protocol-era", i.era, "--format", "json", "--method", method}, words...)
	cmd := i.s.node(script, append(all, i.where...)...)
	r := house.Finish(i.s.t, cmd)
	var said struct {
		Result jsontext.Value `json:"result"`
	}
	if r.Out != "" {
		if err := json.Unmarshal([]byte(r.Out), &said); err != nil {
			i.s.t.Fatalf("%s %q: %v\n%s%s", method, words, err, r.Out, r.Err)
		}
	}
	return said.Result, r
}

func (i *inspector) tools() []tool {
	i.s.t.Helper()
	raw, r := i.ask("tools/list", "--strict")
	var list struct {
		Tools []tool `json:"tools"`
	}
	if err := json.Unmarshal(raw, &list); err != nil || r.Code != wellDone {
		i.s.t.Fatalf("tools/list: status %d, %v\n%s", r.Code, err, r.Err)
	}
	if strings.Contains(r.Err, "schema") {
		i.s.t.Errorf("the Inspector does not like our schemas:\n%s", r.Err)
	}
	return list.Tools
}

func (i *inspector) call(tool string, arguments map[string]any) (a answer) {
	i.s.t.Helper()
	given, err := json.Marshal(arguments)
	if err != nil {
		i.s.t.Fatal(err)
	}
	raw, r := i.ask("tools/call", "--tool-name", tool, "--tool-args-json", string(given))
	if err := json.Unmarshal(raw, &a); err != nil {
		i.s.t.Fatalf("%s%s: %v\n%s", tool, given, err, r.Err)
	}
	if want := map[bool]int{false: wellDone, true: toolFails}[a.IsError]; r.Code != want {
		i.s.t.Errorf("%s%s: the Inspector ends with %d, not %d\n%s", tool, given, r.Code, want, r.Err)
	}
	return a
}

func (i *inspector) read(uri string) string {
	i.s.t.Helper()
	raw, r := i.ask("resources/read", "--uri", uri)
	var read struct {
		Contents []block `json:"contents"`
	}
	if err := json.Unmarshal(raw, &read); err != nil || r.Code != wellDone {
		i.s.t.Fatalf("%s: status %d, %v\n%s", uri, r.Code, err, r.Err)
	}
	return texts(read.Contents)
}

// Each era lives through a whole ticket, and so does each way. A process of the Inspector takes a second, so the other
// two pairs only begin one.
func TestInspector_LivesThroughATicket_InBothEras_OverBothWays(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string]struct {
		era   string
		way   func(*site) []string
		whole bool
	}{
		"older, stdio":  {"legacy", overStdio, true},
		"modern, HTTP":  {"modern", overHTTP, true},
		"modern, stdio": {"modern", overStdio, false},
		"older, HTTP":   {"legacy", overHTTP, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			w := newWitness(t, &inspector{s: s, era: pair.era, where: pair.way(s)})
			if !pair.whole {
				v := w.must("create_ticket", map[string]any{"summary": "抽出の自動化"})
				w.is(w.must("verify_update", map[string]any{"ticket": v["ticket"]}), "verdict", "verified")
				return
			}
			ticket := w.ticket(s)
			w.pages(s)
			w.work(s, ticket)
		})
	}
}

// The check that the others rely on, tried on a server whose schema is known to be bad.
func TestInspector_StrictCheck_Bites(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const bad = `{"tools":[{"name":"t","description":"d","inputSchema":{"type":"object","properties":{"a":true}}}]}`
	server := `while read -r line; do
		id=$(printf %s "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
		case $line in
		*'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"bad","version":"1"}}}\n' "$id" ;;
		*'"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" '` + bad + `' ;;
		esac
	done`
	i := &inspector{s: s, era: "legacy", where: []string{"sh", "-c", server}}
	if _, r := i.ask("tools/list", "--strict"); r.Code == wellDone || !bytes.Contains([]byte(r.Err), []byte("schema")) {
		t.Errorf("status %d: %s", r.Code, r.Err)
	}
}
