package workspace

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"uratori/internal/fault"
)

// Site is where the folders of all tickets lie.
type Site struct {
	Template string // tracker.workspace: {home}, {id} and a leading ~/ are filled in
	Home     string // absolute path of the uratori home
	UserHome string // absolute path of the user's folder; empty: ~/ is refused
}

// Place is the folder of one ticket, which need not exist. Only a [Site]
// makes one; it is good for as long as the process lives and is not stored.
type Place struct {
	id    string
	root  string // absolute; links up to here are the user's own and are followed
	below string // from root to the folder; nothing on this way may be a link
	from  from   // who chose it

	home, shelf string // a folder that was chosen keeps out of home, but for shelf
}

// from tells who chose a folder.
type from int

const (
	settings from = iota
	template      // of a project: what is missing of root is made
	name          // for this ticket: root must be there
)

// ID is the ticket's.
func (p Place) ID() string { return p.id }

// Path is absolute.
func (p Place) Path() string { return filepath.Join(p.root, p.below) }

// Env tells a command which ticket it works for, and where.
func (p Place) Env() []string {
	return []string{"TRACKER_ID=" + p.id, "TRACKER_WORKSPACE=" + p.Path()}
}

// ASCII alone: one id must not look like another.
var idPattern = compiled(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Place finds the folder of the ticket id and touches no disk. named is what
// the user of this machine chose for this ticket, or a project for its tickets
// (with {id} in it), absolute or below ~/; empty leaves it to the template of
// the settings. It must never come from a spreadsheet, whose other authors
// would then choose folders here.
//
// The root of a template is what stands before the first element with {id}.
// The root of a named folder is its parent. Neither may have .. in it, and a
// folder that was chosen may lie in the uratori home only where the settings
// put folders: the rest holds secrets.
func (s Site) Place(id, named string) (Place, error) {
	if !idPattern().MatchString(id) {
		return Place{}, fault.New(fault.Invalid, "workspace.bad_id", "id", shown(id))
	}
	root, below, ok := s.fill(id)
	p := Place{id: id, root: root, below: below, home: filepath.Clean(s.Home), shelf: root}
	if named == "" {
		if !ok {
			return Place{}, fault.New(fault.Invalid, "workspace.bad_template", "template", shown(s.Template))
		}
		return p, nil
	}
	path, ok := s.absolute(named)
	if !ok || !clean(path) || filepath.Clean(path) == "/" {
		return Place{}, fault.New(fault.Invalid, "workspace.bad_path", "path", shown(named))
	}
	p.root, p.below, p.from = filepath.Dir(filepath.Clean(path)), filepath.Base(path), name
	if strings.Contains(named, "{id}") {
		p.from = template
		if p.root, p.below, ok = (Site{Template: named, Home: s.Home, UserHome: s.UserHome}).fill(id); !ok {
			return Place{}, fault.New(fault.Invalid, "workspace.bad_path", "path", shown(named))
		}
	}
	if intrudes(p.Path(), p.home, p.shelf) {
		return Place{}, fault.New(fault.Invalid, "workspace.in_home", "path", p.Path(), "home", p.home)
	}
	return p, nil
}

// fill divides the template before it fills it in, so that no {id} in the
// path of a home is taken for the template's.
func (s Site) fill(id string) (root, below string, ok bool) {
	before, _, found := strings.Cut(s.Template, "{id}")
	cut := strings.LastIndexByte(before, '/')
	if !found || cut < 0 {
		return "", "", false
	}
	root, ok = s.absolute(strings.ReplaceAll(s.Template[:cut+1], "{home}", s.Home))
	below = s.Template[cut+1:]
	bare := strings.NewReplacer("{home}", "", "{id}", "").Replace(s.Template)
	below = strings.NewReplacer("{home}", s.Home, "{id}", id).Replace(below)
	ok = ok && filepath.IsAbs(s.Home) && clean(root) && clean(below) && filepath.IsLocal(below) && !strings.ContainsAny(bare, "{}")
	return filepath.Clean(root), filepath.Clean(below), ok
}

func (s Site) absolute(path string) (string, bool) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		path = s.UserHome + "/" + rest
		return path, filepath.IsAbs(s.UserHome)
	}
	return path, filepath.IsAbs(path)
}

func clean(path string) bool {
	for element := range strings.SplitSeq(path, "/") {
		if element == ".." {
			return false
		}
	}
	return utf8.ValidString(path) && !strings.ContainsFunc(path, unicode.IsControl)
}

// intrudes tells whether path lies in home, but not in a shelf that is a
// folder of home.
func intrudes(path, home, shelf string) bool {
	return within(path, home) && (shelf == home || path == shelf || !within(shelf, home) || !within(path, shelf))
}

func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// shown makes s fit for a sentence.
func shown(s string) string {
	const most = 200 // characters
	if r := []rune(s[:min(len(s), 4*most)]); len(r) > most || len(s) > 4*most {
		s = string(r[:min(len(r), most)]) + "…"
	}
	return strconv.Quote(s)
}

// compiled is a pattern that is made at its first use: every command starts
// with what the packages have made ready, and most need none of it.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
