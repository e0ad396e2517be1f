package phrase

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestFromEnv_FollowsTheLocale(t *testing.T) {
	for _, tc := range []struct {
		env  map[string]string
		want Lang
	}{
		{map[string]string{}, English},
		{map[string]string{"LANG": "ja_JP.UTF-8"}, Japanese},
		{map[string]string{"LANG": "ja"}, Japanese},
		{map[string]string{"LANG": "ja-JP"}, Japanese},
		{map[string]string{"LANG": "ja.UTF-8"}, Japanese},
		{map[string]string{"LANG": "JA_JP"}, Japanese},
		{map[string]string{"LANG": "jam_JM"}, English},
		{map[string]string{"LANG": "C.UTF-8"}, English},
		{map[string]string{"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, English},
		{map[string]string{"LANG": "C", "LC_MESSAGES": "ja_JP.UTF-8"}, Japanese},
		{map[string]string{"LC_MESSAGES": "ja_JP.UTF-8", "LC_ALL": "en_US.UTF-8"}, English},
		{map[string]string{"LC_ALL": "C", "URATORI_LANG": "ja"}, Japanese},
		{map[string]string{"LC_ALL": "ja_JP.UTF-8", "URATORI_LANG": "en"}, English},
		{map[string]string{"LC_ALL": "", "LANG": "ja_JP"}, Japanese},
	} {
		if got := FromEnv(func(name string) string { return tc.env[name] }); got != tc.want {
			t.Errorf("%v: %s", tc.env, got)
		}
	}
}

func TestExpand(t *testing.T) {
	values := map[string]string{"a": "1", "b": "{a}", "日本": "語", "": "empty"}
	for in, want := range map[string]string{
		"":              "",
		"{a} and {b}":   "1 and {a}",
		"{{a}} {a}":     "{a} 1",
		"{{{a}}}":       "{1}",
		"{unknown} {a}": "{unknown} 1",
		"{a":            "{a",
		"a}":            "a}",
		"}{a}{":         "}1{",
		"{}":            "{}",
		"{日本}":          "語",
		"{a}{a}":        "11",
		"{x {a}":        "{x 1",
	} {
		if got := expand(in, values); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A value that came from a sheet or a log must come out as it is.
func TestExpand_ValuesAreNeverExpandedAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[{}a-c ]{0,12}`).Draw(t, "value")
		other := rapid.String().Draw(t, "other")
		got := expand("<{a}|{b}>", map[string]string{"a": value, "b": other})
		if want := "<" + value + "|" + other + ">"; got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

func TestExpand_OneIsNotMany(t *testing.T) {
	const s = "{n} {n|write waits for its|writes wait for their} verdict"
	for value, want := range map[string]string{
		"0": "0 writes wait for their verdict", "1": "1 write waits for its verdict", "2": "2 writes wait for their verdict",
		"11": "11 writes wait for their verdict", "1,001": "1,001 writes wait for their verdict", "{n}": "{n} writes wait for their verdict",
	} {
		if got := expand(s, map[string]string{"n": value}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	// What is no such placeholder stays as it is.
	for _, s := range []string{"{n|one}", "{other|one|many}", "{|one|many}", "{n|}"} {
		if got := expand(s, map[string]string{"n": "1"}); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got := English.Say("cli.factcheck.sum", "mark", "✅", "tickets", 1, "verified", 1, "refuted", 0, "unverifiable", 0); got != "✅ 1 ticket: 1 verified, 0 refuted, 0 cannot be verified" {
		t.Error(got)
	}
}

// No sentence says that there is one of many: a count that is shown has its word
// chosen, unless it can only be of several.
func TestCatalogue_CountsHaveTheirWord(t *testing.T) {
	several := map[string]bool{
		"cli.approve.which": true, "cli.workflow.which": true, "cli.factcheck.not_one": true, "sheet.too_large": true, "approval.bad_parts": true, // only where there are more, or none
	}
	counted := regexp.MustCompile(`\{(count|entries|tickets|queued|ended|items|rows|processors|times)\} (?:[a-z]+ )?([a-z]+s)\b`)
	verbs := []string{"is", "was", "has", "its"}
	for _, part := range catalogue() {
		for key, s := range part {
			for _, m := range counted.FindAllStringSubmatch(s.en, -1) {
				if !several[key] && !strings.HasPrefix(key, "demo.") && !slices.Contains(verbs, m[2]) {
					t.Errorf("%s: %s", key, m[0])
				}
			}
		}
	}
}

func TestSay_UnknownKey_IsNeverSilent(t *testing.T) {
	if got := Japanese.Say("no.such.key"); got != "!no.such.key!" {
		t.Error(got)
	}
}

var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_]*)(?:\|[^|{}]+\|[^|{}]+)?\}`)

// placeholders are the names that a sentence wants, sorted.
func placeholders(s string) []string {
	s = strings.NewReplacer("{{", "", "}}", "").Replace(s)
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestCatalogue_BothLanguagesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, part := range catalogue() {
		for key, s := range part {
			if seen[key] {
				t.Errorf("%s stands in two parts", key)
			}
			seen[key] = true
			if strings.TrimSpace(s.en) == "" || strings.TrimSpace(s.ja) == "" {
				t.Errorf("%s is empty in a language", key)
			}
			if en, ja := placeholders(s.en), placeholders(s.ja); !slices.Equal(en, ja) {
				t.Errorf("%s wants %v in English and %v in Japanese", key, en, ja)
			}
			japanese := strings.ContainsFunc(s.ja, func(r rune) bool {
				return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
			})
			// Examples are commands, and some sentences are only values.
			bare := strings.TrimSpace(placeholder.ReplaceAllString(s.en, "")) == ""
			if !japanese && !bare && !strings.HasSuffix(key, ".example") && key != "cli.version.line" && key != "doctor.program" {
				t.Errorf("%s is not translated: %s", key, s.ja)
			}
			if strings.ContainsFunc(strings.ReplaceAll(s.en, "裏取り", ""), func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }) {
				t.Errorf("%s has Japanese in its English: %s", key, s.en)
			}
		}
	}
}
