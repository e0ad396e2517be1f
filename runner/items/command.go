package items

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"uratori/internal/fault"
)

// A command takes its items by placeholders in its words:
//
//	{items}   a word of its own: all remaining inputs, one word each
//	{list}    the path of a file of them, one a line
//	{folder}  the path of a folder of links to them
//
// and with one run per item
//
//	{item} {name} {stem} {ext} {dir} {index}   the input, as in a template
//	{out}, {out2} …                            its outputs
//
// {{list}} is {list} to the letter. All other braces are left alone, so that
// the code of a shell or of Python passes through as it is.

// The names in the folder of an attempt.
const (
	listFile    = "items"
	inputFolder = "inputs"
)

// Command is argv for an attempt that has to do the remaining items. It writes
// the file "items" into the attempt's folder, which $URATORI_ITEMS names too,
// and makes the folder "inputs" there if {folder} is used. Errors are faults.
func Command(argv []string, remaining []Item, attempt string) ([]string, error) {
	list, folder := filepath.Join(attempt, listFile), filepath.Join(attempt, inputFolder)
	if err := WriteList(list, pathsOf(remaining)); err != nil {
		return nil, err
	}
	used := false
	var words []string
	for _, word := range argv {
		if word == "{items}" {
			words = append(words, pathsOf(remaining)...)
			continue
		}
		words = append(words, substitute(word, func(name string, literally bool) (string, bool) {
			switch name {
			case "items":
				return "{items}", true
			case "list":
				return list, true
			case "folder":
				used = used || !literally
				return folder, true
			}
			return "", false
		}))
	}
	if used {
		if err := linkInputs(folder, remaining); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// CommandFor is argv for one item of a task of total ones.
func CommandFor(argv []string, cwd string, it Item, total int) []string {
	v := valuesOf(cwd, it, total)
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = substitute(word, func(name string, _ bool) (string, bool) {
			if name == "item" {
				return it.Path, true
			}
			if n, ok := outputNumber(name); ok && n <= len(it.Outputs) {
				return it.Outputs[n-1], true
			}
			return v.of(name)
		})
	}
	return words
}

// PerItem tells whether a word has a placeholder that [CommandFor] fills in.
func PerItem(word string, outputs int) bool {
	found := false
	substitute(word, func(name string, literally bool) (string, bool) {
		_, known := (values{}).of(name)
		n, out := outputNumber(name)
		known = known || name == "item" || out && n <= outputs
		found = found || known && !literally
		return "", known
	})
	return found
}

// outputNumber is which output a placeholder means: {out} and {out1} the
// first.
func outputNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "out")
	if !ok || digits == "" {
		return 1, ok
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0 && n < 1000 && strconv.Itoa(n) == digits
}

// substitute replaces {name} where value knows the name, and {{name}} by
// {name} where it does; then it is asked literally. Nothing is read twice.
func substitute(word string, value func(name string, literally bool) (string, bool)) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(word, '{')
		if at < 0 {
			break
		}
		b.WriteString(word[:at])
		word = word[at:]
		open := 1
		if strings.HasPrefix(word, "{{") {
			open = 2
		}
		name := word[open:]
		name = name[:len(name)-len(strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz0123456789"))]
		closed := strings.HasPrefix(word[open+len(name):], "}}"[:open])
		text, known := "", false
		if closed && name != "" {
			text, known = value(name, open == 2)
		}
		if !known {
			b.WriteByte('{')
			word = word[1:]
			continue
		}
		if open == 2 {
			text = "{" + name + "}"
		}
		b.WriteString(text)
		word = word[2*open+len(name):]
	}
	b.WriteString(word)
	return b.String()
}

// CheckCommand refuses with a fault a command whose placeholders do not fit
// the plan, or which no kernel would take with all items in it. environ is the
// environment that it will have, some variables of the runner apart.
func (p *Plan) CheckCommand(argv, environ []string, each bool) error {
	if each {
		return p.checkEach(argv, environ)
	}
	words, all := argv, false
	for i, word := range argv {
		_, out := outputNumber(alone(word))
		switch {
		case word == "{items}" && !all:
			all = true
			words = append(append(append([]string{}, argv[:i]...), p.Paths()...), argv[i+1:]...)
		case word == "{items}":
			return fault.New(fault.Invalid, "items.twice", "word", "{items}")
		case strings.HasPrefix(word, "-") && strings.HasSuffix(word, "={items}"):
			return fault.New(fault.Invalid, "items.not_alone", "word", shown(word))
		case out, word == "{item}":
			return fault.New(fault.Invalid, "items.needs_each", "word", shown(word))
		}
	}
	return fits(words, environ)
}

// alone is the name of the placeholder that a word consists of.
func alone(word string) string {
	name, opens := strings.CutPrefix(word, "{")
	name, closes := strings.CutSuffix(name, "}")
	if !opens || !closes {
		return ""
	}
	return name
}

func (p *Plan) checkEach(argv, environ []string) error {
	used := false
	for _, word := range argv {
		switch word {
		case "{items}", "{list}", "{folder}":
			return fault.New(fault.Invalid, "items.not_with_each", "word", word)
		}
		if n, ok := outputNumber(alone(word)); ok && n > len(p.Outputs) {
			return fault.New(fault.Invalid, "items.no_such_output", "word", shown(word), "outputs", len(p.Outputs))
		}
		used = used || PerItem(word, len(p.Outputs))
	}
	if !used {
		return fault.New(fault.Invalid, "items.same_every_time")
	}
	return fits(argv, environ)
}

// fits tells whether execve(2) takes so many words. Linux allows a quarter of
// the limit of the stack, 6 MiB at most and 128 KiB at least, for the words,
// the environment, a NUL after each and a pointer to each.
func fits(words, environ []string) error {
	const (
		pointer     = 8
		reserve     = 16 << 10  // the program's path and the variables that the runner adds
		longestWord = 128 << 10 // with its NUL
	)
	most := uint64(6 << 20)
	var stack unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_STACK, &stack); err != nil {
		return os.NewSyscallError("getrlimit", err)
	}
	most = max(min(most, stack.Cur/4), 128<<10)
	size := uint64(reserve)
	for _, list := range [][]string{words, environ} {
		for _, s := range list {
			if len(s) >= longestWord {
				return fault.New(fault.Invalid, "items.word_too_long", "word", shown(s), "most", longestWord)
			}
			size += uint64(len(s)) + 1 + pointer
		}
	}
	if size > most {
		return fault.New(fault.Invalid, "items.command_too_long", "bytes", size, "most", most)
	}
	return nil
}
