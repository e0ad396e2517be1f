package cli

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"uratori/tests/house"
)

// listed finds the commands that a help text lists: indented names after the
// heading and before the next empty line.
func listed(help, heading string) []string {
	_, after, found := strings.Cut(help, "\n"+heading+"\n")
	if !found {
		return nil
	}
	block, _, _ := strings.Cut(after, "\n\n")
	var names []string
	for line := range strings.Lines(block) {
		if fields := strings.Fields(line); len(fields) > 0 {
			names = append(names, fields[0])
		}
	}
	return names
}

func help(t *testing.T, lang string, words ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append(words, "--help")...)
	cmd.Env = append(os.Environ(), "URATORI_HOME=/nonexistent/home", "URATORI_LANG="+lang)
	r := house.Finish(t, cmd)
	if r.Code != 0 || r.Err != "" {
		t.Errorf("%v --help: status %d %s", words, r.Code, r.Err)
	}
	return r.Out
}

var japanese = regexp.MustCompile(`[\p{Hiragana}\p{Katakana}\p{Han}]`)

// Every command that does something has an example in both languages, and the
// Japanese help is Japanese.
func TestHelp_EveryCommand_InBothLanguages_HasAnExample(t *testing.T) {
	t.Parallel()
	seen := 0
	var walk func(words ...string)
	walk = func(words ...string) {
		en, ja := help(t, "en", words...), help(t, "ja", words...)
		children := listed(en, "Commands:")
		if got := listed(ja, "コマンド:"); strings.Join(got, " ") != strings.Join(children, " ") {
			t.Errorf("%v: %v in English, %v in Japanese", words, children, got)
		}
		for _, name := range children {
			walk(append(words[:len(words):len(words)], name)...)
		}
		seen++
		first, _, _ := strings.Cut(ja, "\n")
		if !japanese.MatchString(first) {
			t.Errorf("%v: the Japanese help begins with %q", words, first)
		}
		// cobra writes the completion scripts and their usage lines itself.
		generated := len(words) > 0 && (words[0] == "completion" || words[0] == "help")
		if len(children) > 0 || generated {
			return
		}
		command := "\n  uratori " + strings.Join(words, " ")
		if !strings.Contains(en, "\nExamples:\n") || !strings.Contains(ja, "\n例:\n") {
			t.Errorf("%v has no example", words)
		}
		if _, examples, _ := strings.Cut(en, "\nExamples:"); !strings.Contains(examples, command) {
			t.Errorf("the examples of %v do not show it:\n%s", words, en)
		}
	}
	walk()
	const fewest = 12
	if seen < fewest {
		t.Errorf("only %d commands were found", seen)
	}
}
