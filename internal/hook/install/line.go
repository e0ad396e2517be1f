package install

import (
	"path/filepath"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// program is what our program is called.
const program = "uratori"

// isProgram tells whether a command is our program, wherever it lies.
func isProgram(command string) bool { return filepath.Base(command) == program }

// line is the command of a hook, for a shell.
func (e Entry) line(ev event) string {
	words := []string{quote(e.Program), "hook", ev.word}
	if e.Home != "" {
		words = append([]string{homeVariable + "=" + quote(e.Home)}, words...)
	}
	return strings.Join(words, " ")
}

// quote is a word as a shell reads it. What no shell can be told is refused
// before; see [Entry.Check].
func quote(word string) string {
	quoted, err := syntax.Quote(word, syntax.LangPOSIX)
	if err != nil {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return quoted
}

// isHook tells whether the command of a hook is ours, of any version and place.
func isHook(line, word string) bool {
	file, err := syntax.NewParser().Parse(strings.NewReader(line), "")
	if err != nil || len(file.Stmts) != 1 {
		return false
	}
	call, ok := file.Stmts[0].Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) != 3 {
		return false
	}
	var words []string
	for _, arg := range call.Args {
		text, err := expand.Literal(&expand.Config{Env: expand.ListEnviron()}, arg)
		if err != nil {
			return false
		}
		words = append(words, text)
	}
	return isProgram(words[0]) && words[1] == "hook" && words[2] == word
}

// pathOf is a place in a document as a person reads it.
func pathOf(path []step) string {
	if len(path) == 0 {
		return "{}"
	}
	var names []string
	for _, s := range path {
		names = append(names, s.name)
	}
	return strings.Join(names, ".")
}
