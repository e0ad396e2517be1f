package hook

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// deed is one program that a command line runs, or one file that it writes to.
type deed struct {
	words   []string // of a program and its arguments
	writes  string   // a path as it is written there
	removes bool     // the path is taken away, not made
}

const (
	deepest   = 5    // shells in shells
	mostDeeds = 2000 // a longer program is not read to its end
)

// shell reads command lines. It knows what a reader of the text could know: a
// name that is put together as the program runs stays unknown, and is let go.
type shell struct {
	config expand.Config
	deeds  []deed
}

// deedsOf are what a command line does, as far as it says so.
func deedsOf(line string, environ []string) []deed {
	s := &shell{config: expand.Config{Env: expand.ListEnviron(environ...)}}
	s.read(line, 0)
	return s.deeds
}

func (s *shell) read(line string, depth int) {
	if depth > deepest {
		return
	}
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
				if to, ok := s.word(n.Word); ok {
					s.deeds = append(s.deeds, deed{writes: to})
				}
			}
		}
		return true
	})
}

// unknown stands for a word that is put together as the program runs.
const unknown = "\uFFFD"

func (s *shell) words(args []*syntax.Word) (words []string) {
	for _, arg := range args {
		fields, err := expand.Fields(&s.config, arg)
		if err != nil {
			fields = []string{unknown}
		}
		words = append(words, fields...)
	}
	return words
}

func (s *shell) word(w *syntax.Word) (string, bool) {
	text, err := expand.Literal(&s.config, w)
	return text, err == nil && text != ""
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
		if !strings.HasPrefix(arg, "-") && arg != unknown && arg != "" {
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
	lines = append(lines, strings.Join(words, " "), strings.Join(base, " "))
	if base[0] != "git" {
		return lines
	}
	for i := 1; i < len(base); i++ {
		switch word := base[i]; {
		case slices.Contains([]string{"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"}, word):
			i++ // its value
		case strings.HasPrefix(word, "-"):
		default:
			return append(lines, strings.Join(append([]string{"git"}, base[i:]...), " "))
		}
	}
	return lines
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
