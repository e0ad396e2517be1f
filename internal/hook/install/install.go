// Package install writes uratori into the settings of Claude Code in a project,
// and takes it out again: the MCP server into .mcp.json, the hooks into
// .claude/settings.json.
//
// The files are other people's. Whatever stands in them that is not ours keeps
// every byte; a file that cannot be read as what it should be is left alone, and
// the error says why; nothing outside the project is touched, wherever links
// lead. What was there before is kept beside a file that is changed. Doing it
// again changes nothing.
package install

import (
	"slices"

	"uratori/internal/fault"
	"uratori/internal/hook"
)

// The files that are written, relative to the project.
const (
	ServersFile  = ".mcp.json"
	SettingsFile = ".claude/settings.json"
)

// Server is the name of our server in the settings.
const Server = "uratori"

// hookLimit is how long Claude Code waits for a hook, in seconds. A hook ends
// long before it by itself.
const hookLimit = 10

// Entry is what is written.
type Entry struct {
	Program string // as Claude Code is to call it: a name on PATH, or an absolute path
	Home    string // of uratori, where it is not the usual one; else empty
}

// server is our entry in ServersFile.
type server struct {
	Command string            `json:"command"`
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env,omitempty"`
}

// group is an entry of an event in SettingsFile.
type group struct {
	Matcher string    `json:"matcher,omitempty"`
	Hooks   []command `json:"hooks"`
}

type command struct {
	Type    string `json:"type"`
	Command string `json:"command"`
	Timeout int    `json:"timeout,omitzero"`
}

const homeVariable = "URATORI_HOME"

// event is a moment at which Claude Code is to call us.
type event struct {
	name    string // in Claude Code
	word    string // on our command line
	matcher string
}

func events() []event {
	return []event{
		{"SessionStart", hook.SessionStart, ""},
		{"UserPromptSubmit", hook.UserPromptSubmit, ""},
		{"PreToolUse", hook.PreToolUse, hook.Tools},
		{"Stop", hook.Stop, ""},
		{"SubagentStop", hook.SubagentStop, ""},
	}
}

// addServer puts our server among the servers.
func addServer(d *document, e Entry) error {
	servers, ours := named("mcpServers"), named("mcpServers", Server)
	for _, path := range [][]step{nil, servers, ours} {
		if n := d.at(path); n != nil && n.kind != '{' {
			return fault.New(fault.Invalid, "install.no_object", "name", pathOf(path))
		}
	}
	if d.at(ours) == nil {
		s := server{Command: e.Program, Args: []string{"mcp"}}
		if e.Home != "" {
			s.Env = map[string]string{homeVariable: e.Home}
		}
		return d.set(ours, s)
	}
	var there server
	if err := d.get(ours, &there); err != nil || !there.ours() {
		return fault.New(fault.Conflict, "install.other_server", "name", Server).Wrap(err)
	}
	// What somebody has added to it, such as a time limit, stays.
	if there.Command != e.Program {
		if err := d.set(within(ours, "command"), e.Program); err != nil {
			return err
		}
	}
	if env := d.at(within(ours, "env")); env != nil && env.kind != '{' {
		return fault.New(fault.Invalid, "install.no_object", "name", pathOf(within(ours, "env")))
	}
	if there.Env[homeVariable] == e.Home {
		return nil
	}
	if e.Home == "" {
		return d.prune(append(within(ours, "env"), named(homeVariable)...), len(ours))
	}
	return d.set(append(within(ours, "env"), named(homeVariable)...), e.Home)
}

func (s server) ours() bool {
	return isProgram(s.Command) && len(s.Args) > 0 && s.Args[0] == "mcp"
}

// removeServer takes our server out.
func removeServer(d *document) error {
	var there server
	ours := named("mcpServers", Server)
	if n := d.at(ours); n == nil || n.kind != '{' || d.get(ours, &there) != nil || !there.ours() {
		return nil
	}
	return d.prune(ours, 0)
}

// addHooks puts our hooks among the hooks.
func addHooks(d *document, e Entry) error {
	for _, path := range [][]step{nil, named("hooks")} {
		if n := d.at(path); n != nil && n.kind != '{' {
			return fault.New(fault.Invalid, "install.no_object", "name", pathOf(path))
		}
	}
	for _, ev := range events() {
		list := named("hooks", ev.name)
		if n := d.at(list); n != nil && n.kind != '[' {
			return fault.New(fault.Invalid, "install.no_list", "name", pathOf(list))
		}
		if err := addHook(d, list, ev, e.line(ev)); err != nil {
			return err
		}
	}
	return nil
}

func addHook(d *document, list []step, ev event, line string) error {
	there := ourHooks(d, list, ev)
	if len(there) == 0 {
		g := group{Matcher: ev.matcher, Hooks: []command{{"command", line, hookLimit}}}
		if d.at(list) == nil {
			return d.set(list, []group{g})
		}
		return d.add(list, "", g)
	}
	// One is enough. From the last on, so that the places of the others stay.
	for _, extra := range slices.Backward(there[1:]) {
		if err := d.removeHook(extra, len(list)); err != nil {
			return err
		}
	}
	first := there[0]
	var now command
	if err := d.get(first, &now); err != nil {
		return err
	}
	if now.Command != line {
		if err := d.set(within(first, "command"), line); err != nil {
			return err
		}
	}
	// A group of ours alone has our matcher.
	around := first[:len(list)+1]
	var g group
	if err := d.get(around, &g); err != nil || len(g.Hooks) != 1 || g.Matcher == ev.matcher {
		return nil //nolint:nilerr // what else is in there is its owner's
	}
	return d.set(within(around, "matcher"), ev.matcher)
}

// removeHooks takes our hooks out.
func removeHooks(d *document) error {
	for _, ev := range events() {
		list := named("hooks", ev.name)
		for _, one := range slices.Backward(ourHooks(d, list, ev)) {
			if err := d.removeHook(one, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// ourHooks are the paths of our hooks at an event.
func ourHooks(d *document, list []step, ev event) (found [][]step) {
	n := d.at(list)
	if n == nil || n.kind != '[' {
		return nil
	}
	for i := range n.members {
		inner := within(placed(list, i), "hooks")
		hooks := d.at(inner)
		if hooks == nil || hooks.kind != '[' {
			continue
		}
		for j := range hooks.members {
			var c command
			if d.get(placed(inner, j), &c) == nil && c.Type == "command" && isHook(c.Command, ev.word) {
				found = append(found, placed(inner, j))
			}
		}
	}
	return found
}

// prune removes what a path leads to, and then what holds it as long as that is
// empty, but for the first so many steps of the path.
func (d *document) prune(path []step, keep int) error {
	for ; len(path) > keep; path = path[:len(path)-1] {
		if err := d.remove(path); err != nil {
			return err
		}
		if up := d.at(path[:len(path)-1]); up == nil || len(up.members) > 0 {
			return nil
		}
	}
	return nil
}

// removeHook takes one hook out, and its group with it when that has no other: a
// matcher alone matches for nothing.
func (d *document) removeHook(path []step, keep int) error {
	list := path[:len(path)-1]
	if n := d.at(list); n != nil && len(n.members) == 1 {
		path = list[:len(list)-1]
	}
	return d.prune(path, keep)
}
