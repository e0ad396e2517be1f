package gate

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"uratori/factcheck"
	"uratori/internal/fault"
	"uratori/tracker/project"
)

// filler makes claims of what was read.
type filler struct {
	scope    *Scope
	commands map[string]*Command // by their subjects, those that could be filled in
	item     item                // in hand
	err      error               // of the item in hand, the first
	errs     []error             // all of them
}

// claim fills one claim in.
func (f *filler) claim(it item) factcheck.Claim {
	f.item, f.err, f.errs = it, nil, nil
	c := it.make(f)
	if f.err != nil {
		return Unready{Common: Common{Kind: it.kind, Name: shown(it.subject), Scope: f.scope, Limit: usualLook}, Reason: f.err, Reasons: f.errs}
	}
	return c
}

func (f *filler) fail(err error) {
	if f.err == nil {
		f.err = err
	}
	f.errs = append(f.errs, err)
}

func (f *filler) common(name string, limit time.Duration) Common {
	return Common{Kind: f.item.kind, Name: name, Scope: f.scope, Limit: limit}
}

var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{([a-z][a-z_]*)\}`) })

// alone is the name of the placeholder that a text consists of.
func alone(text string) (string, bool) {
	m := placeholder().FindStringSubmatch(text)
	if m == nil || m[0] != text {
		return "", false
	}
	return m[1], true
}

// list is what a value of the project stands for; text is where its name stands.
func (f *filler) list(name, text string) []string {
	values := f.scope.Vars[name]
	switch line := project.Line(name); {
	case len(values) > 0:
	case line != "":
		f.fail(fault.New(fault.Unavailable, "gate.no_value", "name", name, "line", line))
	default:
		f.fail(fault.New(fault.Invalid, "gate.unknown_name", "name", name, "text", shown(text), "allowed", allowed()))
	}
	return values
}

// allowed are the names that are filled in.
func allowed() string {
	return "{" + strings.Join(append(ofScope(), project.Names()...), "}, {") + "}"
}

// ofScope are the names of what a scope has without any project.
func ofScope() []string { return []string{"id", "root", "workspace"} }

// starred is a pattern with stars for the names that are not filled in. The
// outputs of an enqueue have such names, {stem} first of all, and people write
// them where a pattern is wanted.
func starred(text string) string {
	return placeholder().ReplaceAllStringFunc(text, func(m string) string {
		switch name := m[1 : len(m)-1]; {
		case slices.Contains(ofScope(), name) || project.Line(name) != "":
			return m
		case name == "dir":
			return "**"
		}
		return "*"
	})
}

// say fills {id} in.
func (f *filler) say(text string) string { return strings.ReplaceAll(text, "{id}", f.scope.Ticket) }

func (f *filler) all(texts []string) []string {
	var filled []string
	for _, s := range texts {
		filled = append(filled, f.say(s))
	}
	return filled
}

// patterns fills paths and globs in.
func (f *filler) patterns(texts []string) []Pattern {
	var all []Pattern
	for _, text := range texts {
		values := []string{text}
		if name, ok := alone(text); ok && !slices.Contains(ofScope(), name) {
			values = f.list(name, text)
		}
		for _, v := range values {
			all = append(all, f.pattern(v))
		}
	}
	return all
}

func (f *filler) pattern(text string) Pattern {
	filled := f.within(text)
	p, err := ParsePattern(filled)
	switch {
	case err != nil:
		f.fail(err)
	case p.Workspace && f.scope.Workspace == "":
		f.fail(fault.New(fault.Unavailable, "gate.no_workspace", "path", shown(text)))
	case !p.Workspace && f.scope.Root == "":
		f.fail(fault.New(fault.Unavailable, "gate.no_root", "path", shown(text)))
	}
	return p
}

// within fills the names in that stand within a path or a pattern.
func (f *filler) within(text string) string {
	return placeholder().ReplaceAllStringFunc(text, func(m string) string {
		switch name := m[1 : len(m)-1]; {
		case name == "root" || name == "workspace":
			return m
		case name == "id":
			id := f.scope.Ticket
			if strings.Contains(id, "/") || id == "." || id == ".." {
				f.fail(fault.New(fault.Invalid, "gate.bad_ticket", "ticket", shown(id)))
			}
			return Escape(id)
		case len(f.scope.Vars[name]) == 0 && project.Line(name) == "":
			f.fail(fault.New(fault.Invalid, "gate.unknown_part", "name", name, "text", shown(text), "pattern", shown(starred(text))))
			return m
		default:
			values := f.list(name, text)
			if len(values) > 1 {
				f.fail(fault.New(fault.Invalid, "gate.many_values", "name", name, "text", shown(text)))
			}
			return strings.Join(values, "")
		}
	})
}

// names fills patterns of names in, which lie in no folder.
func (f *filler) names(texts []string) []string {
	var all []string
	for _, text := range texts {
		filled := f.within(text)
		if _, err := ParsePattern(filled); err != nil || strings.Contains(filled, "/") {
			f.fail(fault.New(fault.Invalid, "gate.want.name"))
		}
		all = append(all, filled)
	}
	return all
}

// checkPath refuses a path that no filling in could make good.
func checkPath(text string) error {
	_, err := ParsePattern(placeholder().ReplaceAllStringFunc(text, func(m string) string {
		if m == "{workspace}" || m == "{root}" {
			return m
		}
		return "x"
	}))
	return err
}

// named is how patterns are called together.
func named(patterns []Pattern) string {
	var names []string
	for _, p := range patterns {
		name := p.String()
		if path, ok := p.Literal(); ok && !p.Workspace {
			name = path
		}
		names = append(names, name)
	}
	return shown(strings.Join(names, ", "))
}

// words fills a command in: a value of the project that is a word of its own
// becomes as many words as it has.
func (f *filler) words(texts []string) []string {
	var all []string
	for _, text := range texts {
		if name, ok := alone(text); ok && !slices.Contains(ofScope(), name) {
			all = append(all, f.list(name, text)...)
			continue
		}
		switch {
		case strings.Contains(text, "{root}") && f.scope.Root == "":
			f.fail(fault.New(fault.Unavailable, "gate.no_root", "path", shown(text)))
		case strings.Contains(text, "{workspace}") && f.scope.Workspace == "":
			f.fail(fault.New(fault.Unavailable, "gate.no_workspace", "path", shown(text)))
		}
		all = append(all, strings.NewReplacer("{id}", f.scope.Ticket, "{root}", f.scope.Root, "{workspace}", f.scope.Workspace).Replace(text))
	}
	return all
}

// textOption is what a text must be, not filled in.
type textOption struct {
	contains, lacks []string
	matches         []*regexp.Regexp
}

func (f *filler) content(t textOption) Text {
	filled := Text{Contains: f.all(t.contains), Lacks: f.all(t.lacks)}
	for _, re := range t.matches {
		if s := re.String(); strings.Contains(s, "{id}") {
			with, err := regexp.Compile(strings.ReplaceAll(s, "{id}", regexp.QuoteMeta(f.scope.Ticket)))
			if err != nil {
				f.fail(fault.New(fault.Invalid, "gate.want.expression", "problem", shown(err.Error())))
				return filled
			}
			re = with
		}
		filled.Matches = append(filled.Matches, re)
	}
	return filled
}

// moment is a point in time that may depend on the scope.
type moment struct {
	word string // "start", "step", "" for neither
	at   time.Time
}

func momentOf(text string) (moment, bool) {
	if text == "start" || text == "step" {
		return moment{word: text}, true
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return moment{at: at}, err == nil && !at.IsZero()
}

// moment fills a point in time in, zero where none is asked for.
func (f *filler) moment(m moment) time.Time {
	at := m.at
	switch m.word {
	case "start":
		at = f.scope.Started
	case "step":
		at = f.scope.Since
	}
	if m.word != "" && at.IsZero() {
		f.fail(fault.New(fault.Unavailable, "gate.no_start", "moment", m.word))
	}
	return at
}

// newerOption is what a file must be newer than, not filled in.
type newerOption struct {
	asked bool
	when  moment
	files []string
}

func (o *options) newer() newerOption {
	const key = "newer_than"
	texts := o.pathTextsOrMoment(key)
	if len(texts) == 0 {
		return newerOption{}
	}
	if m, ok := momentOf(texts[0]); ok && len(texts) == 1 {
		return newerOption{asked: true, when: m}
	}
	if len(texts) == 1 && texts[0] == "sources" {
		texts = []string{"{sources}"}
	}
	return newerOption{asked: true, files: texts}
}

func (o *options) pathTextsOrMoment(key string) []string {
	texts := o.texts(key)
	for _, s := range texts {
		if _, ok := momentOf(s); ok && len(texts) == 1 {
			continue
		}
		if err := checkPath(s); err != nil {
			o.refuse(key, o.values[key].value, err)
		}
	}
	return texts
}

func (f *filler) newer(n newerOption) Newer {
	return Newer{Asked: n.asked, Since: f.moment(n.when), Files: f.patterns(n.files)}
}
