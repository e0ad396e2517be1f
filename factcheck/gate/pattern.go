package gate

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"uratori/internal/fault"
)

// Pattern is a path or a glob below one of the two folders of a scope.
type Pattern struct {
	Workspace bool   // below the ticket's folder, else below the project
	Glob      string // with slashes, relative, without ".."; "." is the folder itself
}

// workspacePrefix is how a path begins that is below the ticket's folder.
const workspacePrefix = "{workspace}"

// String is the pattern as a gate has it.
func (p Pattern) String() string {
	switch {
	case p.Workspace && p.Glob == ".":
		return workspacePrefix
	case p.Workspace:
		return workspacePrefix + "/" + p.Glob
	}
	return p.Glob
}

// Literal is the path that p means, when it means one.
func (p Pattern) Literal() (string, bool) {
	if strings.ContainsAny(strings.NewReplacer(`\\`, "", `\*`, "", `\?`, "", `\[`, "", `\{`, "", `\]`, "", `\}`, "").Replace(p.Glob), `*?[{\`) {
		return "", false
	}
	return unescape(p.Glob), true
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Escape makes a pattern that matches s alone.
func Escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`*?[]{}\`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

const longestPattern = 2000 // bytes

// ParsePattern reads a path or a glob, in which {workspace} and {root} may
// stand at the beginning and nothing is left to be filled in.
func ParsePattern(text string) (Pattern, error) {
	p := Pattern{}
	rest := text
	if after, ok := strings.CutPrefix(rest, workspacePrefix); ok {
		p.Workspace, rest = true, after
	} else if after, ok := strings.CutPrefix(rest, "{root}"); ok {
		rest = after
	}
	if rest != text {
		if rest != "" && rest[0] != '/' {
			return Pattern{}, fault.New(fault.Invalid, "gate.bad_path", "path", shown(text))
		}
		if rest = strings.TrimPrefix(rest, "/"); rest == "" {
			rest = "."
		}
	}
	switch {
	case rest == "", !clean(rest), len(rest) > longestPattern, !doublestar.ValidatePattern(rest):
		return Pattern{}, fault.New(fault.Invalid, "gate.bad_path", "path", shown(text))
	case path.IsAbs(rest), climbs(rest):
		return Pattern{}, fault.New(fault.Invalid, "gate.outside", "path", shown(text))
	}
	p.Glob = path.Clean(rest)
	return p, nil
}

// climbs tells whether a pattern could lead above the folder that it begins in.
// Braces may hide a "..", so the dots alone decide, wherever they stand.
func climbs(pattern string) bool {
	pieces := strings.FieldsFunc(pattern, func(r rune) bool { return strings.ContainsRune(`/{},\`, r) })
	return slices.Contains(pieces, "..") || strings.Contains(pattern, `.\.`) || strings.ContainsAny(pattern, "\x00")
}
