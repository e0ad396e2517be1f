package hook

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/sys/unix"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/tracker/project"
	"uratori/tracker/workflow"
)

// Tools are those that this hook knows how to judge, as a matcher of Claude
// Code's settings.
const Tools = "Bash|Write|Edit|MultiEdit|NotebookEdit"

// writing is what the tools that write files have in common.
type writing struct {
	File     string `json:"file_path"`
	Notebook string `json:"notebook_path"`
}

// running is what a shell is asked to run.
type running struct {
	Command string `json:"command"`
}

// toolUse refuses what must not happen. What it does not understand it lets go:
// whatever matters is looked at again by the daemon.
func (r *run) toolUse(ctx context.Context) (answer, error) {
	g := guard{run: r, root: projectRoot(r.folder())}
	var deeds []deed
	switch {
	case r.in.Tool == "Bash":
		var tool running
		if err := into(r.in.ToolInput, &tool); err != nil {
			return answer{}, fault.New(fault.Invalid, "hook.input_wrong", "problem", brief(err.Error()))
		}
		g.line = strings.TrimSpace(tool.Command)
		deeds = deedsOf(tool.Command, r.Environ)
	case slices.Contains(strings.Split(Tools, "|"), r.in.Tool):
		var tool writing
		if err := into(r.in.ToolInput, &tool); err != nil {
			return answer{}, fault.New(fault.Invalid, "hook.input_wrong", "problem", brief(err.Error()))
		}
		for _, p := range []string{tool.File, tool.Notebook} {
			if p != "" {
				deeds = append(deeds, deed{writes: p})
			}
		}
	}
	if len(deeds) == 0 {
		return answer{}, nil
	}
	return g.judge(ctx, deeds), nil
}

// projectRoot is the nearest folder that has settings of a project, else folder.
func projectRoot(folder string) string {
	for dir := folder; filepath.IsAbs(dir); dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, project.File)); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return folder
}

// guard judges what a tool is about to do.
type guard struct {
	*run
	root     string
	realRoot string // where links lead to
	line     string // of a shell
	spaces   string // the folder of the tickets' folders, once it is known
	settings project.Project
	aside    answer // to be said when nothing is refused
}

func (g *guard) judge(ctx context.Context, deeds []deed) answer {
	if filepath.IsAbs(g.root) {
		g.realRoot = resolved(g.root)
		var err error
		if g.settings, err = project.Load(g.root); err != nil {
			// The daemon refuses to go on with such a file; here it forbids
			// nothing that could be known.
			g.aside.System = g.Lang.Say("hook.tool.settings", "why", brief(fault.Explain(err, g.Lang)))
		}
	}
	if len(g.line) <= longestCall {
		deeds = append([]deed{{words: []string{g.line}}}, deeds...) // as it stands, for patterns of more than one command
	}
	for i, d := range deeds {
		if ctx.Err() != nil || i > mostDeeds {
			return g.unasked(fault.New(fault.Unavailable, "hook.tool.long"))
		}
		if d.words != nil {
			if pattern, ok := g.forbidden(d.words); ok {
				return deny(g.Lang.Say("hook.deny.command", "pattern", data(pattern), "file", data(filepath.Join(g.root, project.File))))
			}
			continue
		}
		if reason := g.write(ctx, d); reason != "" {
			return deny(reason)
		}
	}
	return g.aside
}

// forbidden tells which pattern of the project a command is like.
func (g *guard) forbidden(words []string) (string, bool) {
	lines := spellings(words)
	for _, pattern := range g.settings.Hooks.DenyCommands {
		if slices.ContainsFunc(lines, func(line string) bool { return like(pattern, line) }) {
			return pattern, true
		}
	}
	return "", false
}

// write tells why a file must not be written to, "" where nothing is known
// against it.
func (g *guard) write(ctx context.Context, d deed) string {
	file := d.writes
	if !filepath.IsAbs(file) {
		base := g.in.Cwd
		if !filepath.IsAbs(base) {
			base = g.folder()
		}
		if base == "" {
			return ""
		}
		file = filepath.Join(base, file)
	}
	if file = filepath.Clean(file); len(file) > unix.PathMax {
		return "" // no file has such a name
	}
	// As it is named, and where it leads to.
	for _, at := range slices.Compact([]string{file, resolved(file)}) {
		if g.ofHome(at) {
			return g.Lang.Say("hook.deny.home", "file", data(at))
		}
		below, ok := within(g.root, at)
		if !ok {
			below, ok = within(g.realRoot, at)
		}
		if !ok {
			below = "" // not of the project; only a pattern of a whole path can mean it
		}
		if below == project.File || below == workflow.File {
			if reason := g.pinned(ctx, below); reason != "" {
				return reason
			}
		}
		if d.removes {
			continue // to take away what must not be there is what is wanted
		}
		for _, pattern := range g.settings.Hooks.DenyWrites {
			if meant(pattern, below) || meant(pattern, at) {
				return g.Lang.Say("hook.deny.write", "file", data(at), "pattern", data(pattern), "settings", data(filepath.Join(g.root, project.File)))
			}
		}
		if rule, ok := broken(g.settings.Rules, below); ok {
			return strings.TrimSpace(g.Lang.Say("hook.deny.rule", "file", data(at), "rule", data(rule.Name), "message", data(rule.Message)))
		}
	}
	return ""
}

// meant tells whether a pattern means a path.
func meant(pattern, file string) bool {
	if file == "" {
		return false
	}
	ok, err := doublestar.Match(strings.TrimPrefix(pattern, "./"), file)
	return ok && err == nil
}

// broken finds the rule that a file would break by being there, as the check of
// rules sees it.
func broken(rules []project.Rule, below string) (project.Rule, bool) {
	if below == "" {
		return project.Rule{}, false
	}
	name := strings.ToLower(path.Base(below))
	for _, rule := range rules {
		rest, ok := below, true
		if rule.Under != "." {
			rest, ok = strings.CutPrefix(below, rule.Under+"/")
		}
		if !ok || !rule.Recursive && strings.Contains(rest, "/") || slices.Contains(strings.Split(rest, "/"), ".git") {
			continue
		}
		for _, pattern := range rule.Match {
			if meant(strings.ToLower(pattern), name) {
				return rule, true
			}
		}
	}
	return project.Rule{}, false
}

// pinned tells why the settings of a project must stay as they are: they were
// pinned when the work began. Where nobody can be asked, it is let go.
func (g *guard) pinned(ctx context.Context, name string) string {
	d, err := g.ask(ctx)
	if err != nil {
		g.aside = g.unasked(err)
		return ""
	}
	flows, err := d.Workflows(ctx, g.root)
	if err != nil {
		g.aside = g.unasked(err)
		return ""
	}
	if len(flows) == 0 {
		return ""
	}
	return g.Lang.Say("hook.deny.pinned", "file", data(name), "ticket", clean(flows[0].Ticket))
}

// ofHome tells whether a file is one of uratori's own. The folders of tickets may
// be in its home too, and are there to be written to.
func (g *guard) ofHome(file string) bool {
	home := string(g.Home)
	if home == "" || home == "/" {
		return false
	}
	_, in := within(home, file)
	if !in {
		_, in = within(resolved(home), file)
	}
	if !in {
		return false
	}
	if g.spaces == "" {
		g.spaces = g.ticketFolders()
	}
	for _, folder := range []string{g.spaces, resolved(g.spaces)} {
		below, ok := within(folder, file)
		if !ok {
			continue
		}
		// With the tickets' folders in the home itself, the rest is told by name.
		first, _, _ := strings.Cut(below, "/")
		return (folder == home || folder == resolved(home)) && isOurs(first)
	}
	return true
}

// ticketFolders is the folder that the tickets' folders are in, by the settings.
func (g *guard) ticketFolders() string {
	c, err := config.Load(g.Home, g.Environ)
	if err != nil {
		return filepath.Join(string(g.Home), "workspaces")
	}
	before, _, _ := strings.Cut(strings.ReplaceAll(c.Tracker.Workspace, "{home}", string(g.Home)), "{id}")
	if strings.HasSuffix(before, "/") {
		return filepath.Clean(before)
	}
	return filepath.Dir(before) // the id is the end of a name
}

// isOurs tells names of what uratori keeps in its home.
func isOurs(name string) bool {
	return slices.Contains([]string{"config.toml", "head.json", "mcp.token", "run", "logs", "tasks", "evidence", "."}, name) || strings.HasPrefix(name, "uratori.")
}

// within tells where a file is below a folder, with slashes.
func within(folder, file string) (string, bool) {
	if folder == "" {
		return "", false
	}
	below, err := filepath.Rel(folder, file)
	if err != nil || below == ".." || strings.HasPrefix(below, "../") {
		return "", false
	}
	return below, true
}

// resolved is where a path leads to, as far as it is there.
func resolved(file string) string {
	file = filepath.Clean(file)
	there, rest := file, ""
	for {
		if _, err := os.Lstat(there); err == nil || there == filepath.Dir(there) {
			break
		}
		rest = filepath.Join(filepath.Base(there), rest)
		there = filepath.Dir(there)
	}
	real, err := filepath.EvalSymlinks(there)
	if err == nil {
		return filepath.Join(real, rest)
	}
	// A link to what is not there yet leads there all the same.
	to, err := os.Readlink(there)
	if err != nil {
		return file
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(filepath.Dir(there), to)
	}
	return filepath.Join(to, rest)
}
