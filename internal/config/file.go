package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"uratori/internal/fault"
)

// longestFile is far more than all settings with long comments.
const longestFile = 1 << 20 // bytes

var reference = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// loadFile reads config.toml. References to the environment stay as they are
// until loadEnvironment.
func (c *Config) loadFile(settings []setting) error {
	path := c.Home.Config()
	raw, mode, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.New(fault.Invalid, "config.unreadable", "file", path).Wrap(err)
	}
	if len(raw) > longestFile {
		return fault.New(fault.Invalid, "config.too_long", "file", path, "bytes", longestFile)
	}
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		return syntaxFault(path, err)
	}
	lines, order := keyLines(raw)
	flat := map[string]any{}
	flatten(flat, "", tree)
	byKey := map[string]setting{}
	for _, s := range settings {
		byKey[s.key] = s
	}
	for _, key := range order {
		where := fmt.Sprintf("%s:%d", path, lines[key])
		value, isLeaf := flat[key]
		s, known := byKey[key]
		switch {
		case !known:
			if !isLeaf && isTable(settings, key) {
				continue
			}
			return unknownKey(settings, key, where)
		case !isLeaf:
			return s.refuse("[table]", where)
		}
		text, ok := asText(value, s.field(c).isNumber())
		if !ok {
			return s.refuse(fmt.Sprint(value), where)
		}
		if s.secret && mode.Perm()&0o077 != 0 && text != "" && !reference.MatchString(text) {
			return fault.New(fault.Invalid, "config.secret_readable", "where", where, "key", key, "file", path, "mode", mode.Perm())
		}
		if !s.secret && reference.MatchString(text) {
			return fault.New(fault.Invalid, "config.reference_outside_secret", "where", where, "key", key, "value", shown(text))
		}
		if err := c.assign(s, text, where); err != nil {
			return err
		}
	}
	return nil
}

func readFile(path string) (raw []byte, mode fs.FileMode, err error) {
	// A FIFO in that place must not hang every command.
	if link, err := os.Lstat(path); err != nil {
		return nil, 0, err
	} else if link.Mode()&fs.ModeSymlink != 0 {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, 0, errors.New("a link to a file that is not there") // not a missing file: somebody wanted settings
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	raw, err = io.ReadAll(io.LimitReader(f, longestFile+1))
	return raw, info.Mode(), err
}

func syntaxFault(path string, err error) error {
	where := path
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := e.Position()
		where = path + ":" + strconv.Itoa(row)
	}
	return fault.New(fault.Invalid, "config.syntax", "where", where, "problem", shown(strings.TrimPrefix(err.Error(), "toml: ")))
}

// keyLines finds the line of each key and table, dotted, and their order in
// the file. The text is known to be good TOML.
func keyLines(raw []byte) (lines map[string]int, order []string) {
	lines = map[string]int{}
	var p unstable.Parser
	p.Reset(raw)
	note := func(key string, at unstable.Range) {
		if _, ok := lines[key]; !ok {
			lines[key] = p.Shape(at).Start.Line
			order = append(order, key)
		}
	}
	var keyValue func(table string, n *unstable.Node)
	keyValue = func(table string, n *unstable.Node) {
		key, at := dotted(table, n)
		note(key, at)
		if n.Value().Kind != unstable.InlineTable {
			return
		}
		for it := n.Value().Children(); it.Next(); {
			keyValue(key, it.Node())
		}
	}
	table := ""
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			var at unstable.Range
			table, at = dotted("", e)
			note(table, at)
		case unstable.KeyValue:
			keyValue(table, e)
		}
	}
	return lines, order
}

// dotted is the full name of a key-value or table, and where it stands.
func dotted(table string, n *unstable.Node) (string, unstable.Range) {
	name, at := table, unstable.Range{}
	for it := n.Key(); it.Next(); {
		if name != "" {
			name += "."
		}
		name += string(it.Node().Data)
		at = it.Node().Raw
	}
	return name, at
}

func flatten(out map[string]any, prefix string, tree map[string]any) {
	for key, value := range tree {
		if sub, ok := value.(map[string]any); ok {
			flatten(out, prefix+key+".", sub)
		} else {
			out[prefix+key] = value
		}
	}
}

func isTable(settings []setting, key string) bool {
	for _, s := range settings {
		if strings.HasPrefix(s.key, key+".") {
			return true
		}
	}
	return false
}

// asText takes a whole number for a number and a string for the rest.
func asText(value any, number bool) (string, bool) {
	switch v := value.(type) {
	case int64:
		return strconv.FormatInt(v, 10), number
	case string:
		return v, !number
	}
	return "", false
}

func unknownKey(settings []setting, key, where string) error {
	if near := nearest(settings, key, func(s setting) string { return s.key }); near != "" {
		return fault.New(fault.Invalid, "config.unknown_key_near", "where", where, "key", shown(key), "near", near)
	}
	return fault.New(fault.Invalid, "config.unknown_key", "where", where, "key", shown(key))
}

// nearest is the known name that name was probably meant to be, or nothing.
func nearest(settings []setting, name string, known func(setting) string) string {
	const close = 0.75 // of the letters agree
	best, score := "", close
	for _, s := range settings {
		if v := levenshtein.Similarity(name, known(s), nil); v >= score {
			best, score = known(s), v
		}
	}
	return best
}

// shown makes a text from a file fit for an error message.
func shown(s string) string {
	const longest = 80
	r := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	if len(r) > longest {
		r = append(r[:longest], '…')
	}
	q := strconv.Quote(string(r))
	return q[1 : len(q)-1]
}
