package gate

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"uratori/internal/fault"
)

// sane is what holds of every text: it is refused with a fault of the kind
// Invalid, or it claims something, and filling it in makes one claim of each.
func sane(t interface{ Fatalf(string, ...any) }, text []byte, s Scope) {
	g, err := Parse(text, "g")
	if err != nil {
		if fault.KindOf(err) != fault.Invalid || !g.Empty() {
			t.Fatalf("%q: %v", text, err)
		}
		return
	}
	if g.Empty() {
		t.Fatalf("%q: an empty gate", text)
	}
	claims, err := g.Claims(s)
	if err != nil || len(claims) != len(g.Tell()) {
		t.Fatalf("%q: %d claims, %v", text, len(claims), err)
	}
	for _, c := range claims {
		if c == nil || c.About().Type == "" || c.About().Ticket != s.Ticket {
			t.Fatalf("%q: %+v", text, c)
		}
		for _, p := range patternsOf(c) {
			if strings.HasPrefix(p.Glob, "/") || p.Glob == "" || strings.Contains("/"+p.Glob+"/", "/../") {
				t.Fatalf("%q: the pattern %q", text, p.Glob)
			}
		}
	}
}

func patternsOf(c any) []Pattern {
	switch c := c.(type) {
	case File:
		return append(c.At, c.Newer.Files...)
	case Images:
		return append(c.At, c.Newer.Files...)
	case Count:
		return append(c.Left, c.Right...)
	case *Command:
		return append(c.Inputs, c.Dir)
	case NoMatch:
		return []Pattern{c.Under}
	}
	return nil
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	for _, line := range strings.Split(strings.TrimSpace(everything), "\n") {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"file": {"a": {"size": {"min": 1}}}}`))
	f.Add([]byte("file: {\"{workspace}/{id}\": {newer_than: [a, b]}}"))
	f.Add([]byte("a: &x [*x]"))
	f.Fuzz(func(t *testing.T, text []byte) { sane(t, text, scope(t)) })
}

// Texts of pieces that mean something, in any order.
func TestParse_PiecesInAnyOrder_NeverPanic_AndNeverMakeAnEmptyGate(t *testing.T) {
	t.Parallel()
	s := scope(t)
	pieces := append(Kinds(), ": ", "{", "}", "[", "]", ", ", "\n", "\n  ", "\n    ", "- ", "? ", "a", "{id}", "{workspace}/", "..", "/", "*", "'", "\"", "\\", "#", "|", ">", "&", "!", "<<", "true", "null", "1", "-1", "1e9",
		".nan", "exec", "left", "right", "min", "contains", "newer_than", "start", "match", "since", "\t", "\r\n", "%", "@", "`", "\u2028", "詳細", "---", "...")
	rapid.Check(t, func(t *rapid.T) {
		sane(t, []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(t, "pieces"), "")), s)
	})
}

// Filling in must keep every path below its folder, whatever the ticket, the
// values of the project and the gate say.
func TestClaims_NoPathEverLeavesItsFolder(t *testing.T) {
	t.Parallel()
	part := rapid.SampledFrom([]string{"a", "..", ".", "/", "*", "**", "{id}", "{x}", "{workspace}", "{root}", "[", "]", "{", "}", ",", `\`, "é", " "})
	rapid.Check(t, func(t *rapid.T) {
		join := func(name string) string {
			return strings.Join(rapid.SliceOfN(part, 1, 6).Draw(t, name), "")
		}
		s := Scope{Ticket: join("ticket"), Root: "/p", Workspace: "/w", Vars: map[string][]string{"x": {join("value")}}}
		f := filler{scope: &s, commands: map[string]*Command{}}
		for _, p := range f.patterns([]string{join("path")}) {
			if f.err == nil && (strings.HasPrefix(p.Glob, "/") || p.Glob == "" || p.Glob == ".." || strings.HasPrefix(p.Glob, "../") || strings.Contains(p.Glob, "/../") || strings.HasSuffix(p.Glob, "/..")) {
				t.Fatalf("%+v", p)
			}
		}
	})
}
