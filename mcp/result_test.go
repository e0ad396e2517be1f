package mcp

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	protocol "github.com/mark3labs/mcp-go/mcp"
	"pgregory.net/rapid"
)

// trees makes JSON objects of every shape and size.
func trees() *rapid.Generator[map[string]any] {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(rapid.StringN(0, 20, -1).Draw(t, "part"), rapid.SampledFrom([]int{1, 1, 1, 100, 5000}).Draw(t, "times"))
	})
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		leaf := []*rapid.Generator[any]{text.AsAny(), rapid.Int().AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil)}
		if depth == 0 {
			return rapid.OneOf(leaf...)
		}
		list := rapid.Custom(func(t *rapid.T) any {
			return rapid.SliceOfN(value(depth-1), 0, rapid.SampledFrom([]int{3, 3, 40}).Draw(t, "most")).Draw(t, "list")
		})
		object := rapid.Custom(func(t *rapid.T) any {
			return rapid.MapOfN(rapid.StringMatching(`[a-z]{1,8}`), value(depth-1), 0, 6).Draw(t, "object")
		})
		return rapid.OneOf(append(leaf, list, object)...)
	}
	return rapid.MapOfN(rapid.StringMatching(`[a-z]{1,8}`), value(2), 0, 8)
}

func TestResult_FitsIntoItsBound_IsJSON_AndNamesWhatWasCut(t *testing.T) {
	s := serve(t, newSmall())
	rapid.Check(t, func(t *rapid.T) {
		tree := trees().Draw(t, "tree")
		r, err := s.result(answer{value: tree, told: told{Next: "go on", Untrusted: true}, link: s.ticketLink("INTG-088")})
		if err != nil {
			t.Fatal(err)
		}
		text := r.Content[0].(protocol.TextContent).Text
		var back map[string]any
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatalf("%v: %.300s", err, text)
		}
		if len(text) > mostBytes {
			t.Errorf("%d bytes", len(text))
		}
		if strings.ContainsFunc(text, hidden) || back["next"] != "go on" || back["untrusted"] != true {
			t.Errorf("%.300s", text)
		}
		before, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		// Hidden characters are left out, and counted in the note.
		shown := len(harmless(string(escaped.ReplaceAll(before, nil)), nil))
		if shown > 2*mostBytes && back["truncated"] == nil {
			t.Errorf("%d bytes were cut to %d in silence", shown, len(text))
		}
		if back["truncated"] != nil && (back["whole"] == nil || len(r.Content) != 2) {
			t.Error("cut, and not said where the whole is")
		}
	})
}

// escaped are characters that JSON has as numbers, hidden ones among them.
var escaped = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)

func TestResult_LeavesWhatFitsToTheLetter(t *testing.T) {
	s := serve(t, newSmall())
	for _, text := range []string{"", "=SUM(A1)", "一\n二\tä", "<b>&amp;</b>", `\u0000 "`, "👨‍👩‍👧", strings.Repeat("長", 7000)} {
		r, err := s.result(answer{value: map[string]string{"text": text}})
		if err != nil {
			t.Fatal(err)
		}
		v := object(t, r)
		if v["text"] != text || v["truncated"] != nil {
			t.Errorf("%.40q became %.60q", text, fmt.Sprint(v))
		}
	}
}

func TestResult_HiddenCharacters_AreLeftOut_AndCounted(t *testing.T) {
	s := serve(t, newSmall())
	r, err := s.result(answer{value: map[string]string{"text": "a\x1b[2Jb\u202Ec\U000E0049d\u0085"}})
	if err != nil {
		t.Fatal(err)
	}
	if v := object(t, r); v["text"] != "a[2Jbcd" || !strings.Contains(fmt.Sprint(v["note"]), "4 control") {
		t.Errorf("%q", v)
	}
}
