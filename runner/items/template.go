package items

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"uratori/internal/fault"
)

// A template names an output: text with {stem} {name} {ext} {dir} {index}.
// {{ and }} stand for the braces themselves.
//
//	pages/a/p1.tar.gz   {name} p1.tar.gz   {stem} p1.tar   {ext} gz   {dir} pages/a
//
// {dir} is relative where the input lies below cwd, and absolute where it does
// not; {index} begins at 1 and has as many digits as the number of all items.
type template struct {
	text  string
	parts []part
}

// part is text, or a placeholder that is filled in.
type part struct {
	text        string
	placeholder bool
}

// placeholders are those of a template, in the order in which they are told.
func placeholders() []string { return []string{"stem", "name", "ext", "dir", "index"} }

func parseTemplate(text string) (template, error) {
	t := template{text: text}
	bad := fault.New(fault.Invalid, "items.bad_template", "template", shown(text))
	if text == "" || !clean(text) || len(text) > longestPath || strings.HasSuffix(text, "/") {
		return t, bad
	}
	literal := func(s string) {
		if n := len(t.parts); n > 0 && !t.parts[n-1].placeholder {
			t.parts[n-1].text += s
			return
		}
		t.parts = append(t.parts, part{text: s})
	}
	for rest := text; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			literal(rest)
			break
		}
		if at > 0 {
			literal(rest[:at])
			rest = rest[at:]
			continue
		}
		if strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}") {
			literal(rest[:1])
			rest = rest[2:]
			continue
		}
		end := strings.IndexByte(rest, '}')
		if end < 1 {
			return t, bad
		}
		name := rest[1:end]
		if _, known := (values{}).of(name); !known {
			return t, fault.New(fault.Invalid, "items.unknown_placeholder", "template", shown(text),
				"placeholder", shown("{"+name+"}"), "known", "{"+strings.Join(placeholders(), "} {")+"}")
		}
		t.parts = append(t.parts, part{text: name, placeholder: true})
		rest = rest[end+1:]
	}
	return t, nil
}

// fill is the output of an item, absolute and clean. It fails with a fault
// when there can be no such file.
func (t template) fill(cwd string, v values) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if !p.placeholder {
			b.WriteString(p.text)
			continue
		}
		value, _ := v.of(p.text)
		b.WriteString(value)
	}
	filled := b.String()
	last := filled[strings.LastIndexByte(filled, '/')+1:]
	if last == "" || last == "." || last == ".." {
		return "", fault.New(fault.Invalid, "items.output_no_file", "template", shown(t.text), "output", shown(filled), "item", shown(v.path))
	}
	if !filepath.IsAbs(filled) {
		filled = filepath.Join(cwd, filled)
	}
	filled = filepath.Clean(filled)
	const longestName = 255 // bytes: NAME_MAX
	long := len(filled) > longestPath
	for name := range strings.SplitSeq(filled, "/") {
		long = long || len(name) > longestName
	}
	if long {
		return "", fault.New(fault.Invalid, "items.output_too_long", "output", shown(filled), "item", shown(v.path))
	}
	return filled, nil
}

// values are what placeholders stand for, of one item.
type values struct {
	path, stem, name, ext, dir, index string
}

func valuesOf(cwd string, it Item, total int) values {
	name := filepath.Base(it.Path)
	v := values{path: it.Path, name: name, stem: name, dir: filepath.Dir(it.Path)}
	// The dot of a hidden file begins no extension.
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		v.stem, v.ext = name[:dot], name[dot+1:]
	}
	v.dir = Short(cwd, v.dir)
	v.index = fmt.Sprintf("%0*d", len(strconv.Itoa(total)), it.Index)
	return v
}

func (v values) of(placeholder string) (string, bool) {
	switch placeholder {
	case "stem":
		return v.stem, true
	case "name":
		return v.name, true
	case "ext":
		return v.ext, true
	case "dir":
		return v.dir, true
	case "index":
		return v.index, true
	}
	return "", false
}

// Short is path as people write it in the folder cwd: relative where it lies
// below.
func Short(cwd, path string) string {
	if rel, err := filepath.Rel(cwd, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}
