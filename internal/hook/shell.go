package hook

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// deed is one program that a command line runs, or one file that it writes to.
type deed struct {
	words   []string // of a program and its arguments
	writes  string   // a path as it is written there
	removes bool     // the path is taken away, not made
}

const (
	deepest     = 5        // shells in shells
	mostDeeds   = 1000     // a longer program is not read to its end
	longestLine = 64 << 10 // bytes of a program, which is read no further
	longestCall = 4 << 10  // bytes of a command that are compared with patterns
)

// shell reads command lines. It knows what a reader of the text could know: a
// name that is put together as the program runs stays unknown, and is let go.
type shell struct {
	environ []string
	deeds   []deed
}

// deedsOf are what a command line does, as far as it says so.
func deedsOf(line string, environ []string) []deed {
	s := &shell{environ: environ}
	s.read(line, 0)
	return s.deeds
}

func (s *shell) read(line string, depth int) {
	if depth > deepest {
		return
	}
	line = line[:min(len(line), longestLine)]
	// What was read before a mistake counts, for a shell runs it too.
	_ = syntax.NewParser(syntax.Variant(syntax.LangBash)).Stmts(strings.NewReader(line), func(stmt *syntax.Stmt) bool {
		s.walk(stmt, depth)
		return len(s.deeds) <= mostDeeds
	})
}

func (s *shell) walk(stmt *syntax.Stmt, depth int) {
	syntax.Walk(stmt, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			if words := s.words(n.Args); len(words) > 0 {
				s.call(words, depth)
			}
		case *syntax.Redirect:
			switch n.Op {
			case syntax.RdrOut, syntax.AppOut, syntax.RdrInOut, syntax.ClbOut, syntax.RdrAll, syntax.AppAll:
				if n.Word == nil {
					return true
				}
				if to, _ := s.text(n.Word); to != "" && !strings.Contains(to, unknown) {
					s.deeds = append(s.deeds, deed{writes: to})
				}
			}
		}
		return true
	})
}

// unknown stands for what is put together as the program runs.
const unknown = "\uFFFD"

func (s *shell) words(args []*syntax.Word) (words []string) {
	for _, arg := range args {
		text, split := s.text(arg)
		switch plain := arg.Lit(); {
		case strings.Contains(plain, "{"):
			words = append(words, braces(plain)...)
		case split:
			words = append(words, strings.Fields(text)...)
		default:
			words = append(words, text)
		}
	}
	return words
}

// text is what a word says, and whether it is split at blanks: where it has a
// variable outside of quotes.
func (s *shell) text(w *syntax.Word) (text string, split bool) {
	var b strings.Builder
	for i, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			plain := part.Value
			if rest, ok := strings.CutPrefix(plain, "~"); ok && i == 0 && (rest == "" || rest[0] == '/') {
				plain = s.variable("HOME") + rest
			}
			b.WriteString(unescaped(plain, ""))
		case *syntax.SglQuoted:
			if part.Dollar && strings.Contains(part.Value, `\`) {
				b.WriteString(unknown)
			} else {
				b.WriteString(part.Value)
			}
		case *syntax.DblQuoted:
			for _, inner := range part.Parts {
				if lit, ok := inner.(*syntax.Lit); ok {
					b.WriteString(unescaped(lit.Value, "$`\"\\"))
				} else {
					b.WriteString(s.value(inner))
				}
			}
		default:
			split = true
			b.WriteString(s.value(part))
		}
	}
	return b.String(), split
}

// value is what a variable holds as the agent begins, and unknown for anything
// that is worked out.
func (s *shell) value(part syntax.WordPart) string {
	p, ok := part.(*syntax.ParamExp)
	if !ok || p.Param == nil || p.Excl || p.Length || p.Width || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Names != 0 || p.Exp != nil {
		return unknown
	}
	return s.variable(p.Param.Value)
}

func (s *shell) variable(name string) string {
	for _, kv := range s.environ {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return unknown
}

// unescaped is a text without the backslashes before some characters, or before
// all for "".
func unescaped(text, before string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (before == "" || strings.IndexByte(before, text[i+1]) >= 0) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// braces are the words that one with alternatives stands for: those of the first
// pair, since a few characters could stand for millions of words.
func braces(word string) []string {
	before, rest, _ := strings.Cut(word, "{")
	within, after, closed := strings.Cut(rest, "}")
	const most = 20
	choices := strings.Split(within, ",")
	if !closed || len(choices) < 2 || len(choices) > most {
		return []string{word}
	}
	var words []string
	for _, c := range choices {
		words = append(words, before+c+after)
	}
	return words
}

// wrappers run the program that their arguments name.
func wrappers() []string {
	return []string{"sudo", "doas", "env", "command", "builtin", "exec", "nohup", "setsid", "nice", "ionice", "timeout", "stdbuf", "xargs", "time", "busybox"}
}

// call notes a program, and what it is known to run or to write.
func (s *shell) call(words []string, depth int) {
	s.deeds = append(s.deeds, deed{words: words})
	name := path.Base(words[0])
	args := words[1:]
	switch {
	case slices.Contains(wrappers(), name):
		// Which of the arguments is the program depends on options that are
		// not known here, so each is tried.
		for i := range args {
			if !strings.HasPrefix(args[i], "-") && i < 8 && len(s.deeds) <= mostDeeds {
				s.call(args[i:], depth)
			}
		}
	case name == "eval":
		s.read(strings.Join(args, " "), depth+1)
	case slices.Contains([]string{"sh", "bash", "dash", "zsh", "ksh"}, name):
		for i, arg := range args {
			if strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") && strings.HasSuffix(arg, "c") && i+1 < len(args) {
				s.read(args[i+1], depth+1)
				return
			}
		}
	}
	s.files(name, args)
}

// files notes what a program that is known to write does to which files.
func (s *shell) files(name string, args []string) {
	var paths []string
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") && !strings.Contains(arg, unknown) && arg != "" {
			paths = append(paths, arg)
		}
	}
	made := func(list ...string) {
		for _, p := range list {
			s.deeds = append(s.deeds, deed{writes: p})
		}
	}
	removed := func(list ...string) {
		for _, p := range list {
			s.deeds = append(s.deeds, deed{writes: p, removes: true})
		}
	}
	switch name {
	case "rm", "unlink", "shred", "rmdir":
		removed(paths...)
	case "tee", "touch", "truncate", "sqlite3", "chmod", "chown", "patch":
		made(paths...)
	case "cp", "install", "ln", "rsync", "scp", "mv":
		if len(paths) < 2 {
			return
		}
		to := paths[len(paths)-1]
		made(to)
		for _, from := range paths[:len(paths)-1] {
			made(path.Join(to, path.Base(from))) // where to is a folder
			if name == "mv" {
				removed(from)
			}
		}
	case "sed", "perl":
		if slices.ContainsFunc(args, func(a string) bool {
			return strings.HasPrefix(a, "-i") || a == "--in-place" || strings.HasPrefix(a, "--in-place=") || name == "perl" && strings.HasPrefix(a, "-pi")
		}) {
			made(paths...)
		}
	case "dd":
		for _, arg := range args {
			if to, ok := strings.CutPrefix(arg, "of="); ok {
				made(to)
			}
		}
	}
}

// spellings are the ways in which a command can be meant by the same pattern: by
// the base name of its program, and without git's options before its command.
func spellings(words []string) (lines []string) {
	base := append([]string{path.Base(words[0])}, words[1:]...)
	lines = append(lines, joined(words), joined(base))
	if base[0] != "git" {
		return lines
	}
	for i := 1; i < len(base); i++ {
		switch word := base[i]; {
		case slices.Contains([]string{"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"}, word):
			i++ // its value
		case strings.HasPrefix(word, "-"):
		default:
			return append(lines, joined(append([]string{"git"}, base[i:]...)))
		}
	}
	return lines
}

// joined is a command as a line, or the beginning of a long one.
func joined(words []string) string {
	var b strings.Builder
	for i, word := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word[:min(len(word), longestCall)])
		if b.Len() > longestCall {
			break
		}
	}
	return b.String()
}

// like tells whether a pattern with * and ? is the whole of a text. Unlike in a
// path, * stands for blanks and slashes too.
func like(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
