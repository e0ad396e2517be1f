package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/agext/levenshtein"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"uratori/internal/fault"
)

// longestFile is far more than all settings with long comments.
const longestFile = 1 << 20 // bytes

var reference = compiled(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// byteOrderMark is what editors of Windows write before the text.
const byteOrderMark = "\ufeff"

// file is config.toml as it was read; raw is nil when there is none.
type file struct {
	raw  []byte
	mode fs.FileMode
}

// read reads config.toml.
func (h Home) read() (file, error) {
	raw, mode, err := readFile(h.Config())
	if errors.Is(err, fs.ErrNotExist) {
		return file{}, nil
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err // without the path as it is
	}
	if err != nil {
		return file{}, fault.New(fault.Invalid, "config.unreadable", "file", escaped(h.Config())).Wrap(err)
	}
	return file{raw, mode}, nil
}

// loadFile takes the settings of f. References to the environment stay as
// they are until loadEnvironment.
func (c *Config) loadFile(settings []setting, f file) error {
	path, mode := escaped(c.Home.Config()), f.mode
	if len(f.raw) > longestFile {
		return fault.New(fault.Invalid, "config.too_long", "file", path, "bytes", longestFile)
	}
	raw := bytes.TrimPrefix(f.raw, []byte(byteOrderMark))
	where := func(offset uint32) string {
		return fmt.Sprintf("%s:%d", path, 1+bytes.Count(raw[:offset], []byte("\n")))
	}
	list, err := places(raw, settings, where)
	if err != nil {
		return err
	}
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		return syntaxFault(path, err)
	}
	for _, at := range list {
		s, where, value := at.setting, where(at.offset), find(tree, at.key)
		text, ok := asText(value, s.field(c))
		if !ok {
			return s.refuse(fmt.Sprint(value), where)
		}
		if s.secret && mode.Perm()&0o077 != 0 && text != "" && !reference().MatchString(text) {
			return fault.New(fault.Invalid, "config.secret_readable", "where", where, "key", s.key, "file", path, "mode", mode.Perm())
		}
		if !s.secret && reference().MatchString(text) {
			return fault.New(fault.Invalid, "config.reference_outside_secret", "where", where, "key", s.key, "value", shown(text))
		}
		if err := c.assign(s, text, where); err != nil {
			return err
		}
	}
	return nil
}

func readFile(path string) (raw []byte, mode fs.FileMode, err error) {
	// A FIFO in that place must not hang every command.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return nil, 0, errors.New("a link to a file that is not there") // not a missing file: somebody wanted settings
		}
	}
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("not a regular file")
	}
	raw, err = io.ReadAll(io.LimitReader(f, longestFile+1))
	return raw, info.Mode(), err
}

func syntaxFault(path string, err error) error {
	where := path
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := e.Position()
		where = path + ":" + strconv.Itoa(row)
	}
	problem := strings.TrimPrefix(err.Error(), "toml: ")
	problem, _, _ = strings.Cut(problem, ": strconv.") // repeats the value, which may be a secret
	return fault.New(fault.Invalid, "config.syntax", "where", where, "problem", shown(problem))
}

// place is where a setting stands in the file.
type place struct {
	setting
	offset uint32 // bytes
}

// places lists the settings in the order of the file. It refuses an unknown
// key and a value that cannot be one, so that the decoder, which takes time in
// the square of the number of keys, never sees more of them than there are
// settings. Bad syntax ends the list and is left to the decoder to tell.
func places(raw []byte, settings []setting, where func(offset uint32) string) (list []place, err error) {
	var p unstable.Parser
	p.Reset(raw)
	var visit func(table string, n *unstable.Node) (string, error)
	visit = func(table string, n *unstable.Node) (string, error) {
		key, at := dotted(table, n)
		holds := n.Kind
		if holds == unstable.KeyValue {
			holds = n.Value().Kind
		}
		if i := slices.IndexFunc(settings, func(s setting) bool { return s.key == key }); i >= 0 {
			switch holds {
			case unstable.Table, unstable.ArrayTable, unstable.InlineTable, unstable.Array:
				return "", settings[i].refuse("[…]", where(at.Offset))
			}
			list = append(list, place{settings[i], at.Offset})
			return key, nil
		}
		if !isTable(settings, key) || holds != unstable.Table && holds != unstable.InlineTable {
			return "", unknownKey(settings, key, where(at.Offset))
		}
		if holds == unstable.InlineTable {
			for it := n.Value().Children(); it.Next(); {
				if _, err := visit(key, it.Node()); err != nil {
					return "", err
				}
			}
		}
		return key, nil
	}
	table := ""
	for err == nil && p.NextExpression() {
		if e := p.Expression(); e.Kind == unstable.KeyValue {
			_, err = visit(table, e)
		} else {
			table, err = visit("", e)
		}
	}
	return list, err
}

var bareKey = compiled(`^[A-Za-z0-9_-]+$`)

// dotted is the full name of a key-value or table, and where it stands. A
// part that needs quotes keeps them, so that a dot inside does not count.
func dotted(table string, n *unstable.Node) (string, unstable.Range) {
	var parts []string
	if table != "" {
		parts = append(parts, table)
	}
	at := unstable.Range{}
	for it := n.Key(); it.Next(); {
		part := string(it.Node().Data)
		if !bareKey().MatchString(part) {
			part = "'" + part + "'"
		}
		parts = append(parts, part)
		at = it.Node().Raw
	}
	return strings.Join(parts, "."), at
}

// find is the value of a dotted key of bare parts.
func find(tree map[string]any, key string) any {
	table, rest, deeper := strings.Cut(key, ".")
	if !deeper {
		return tree[key]
	}
	sub, _ := tree[table].(map[string]any)
	return find(sub, rest)
}

func isTable(settings []setting, key string) bool {
	for _, s := range settings {
		if strings.HasPrefix(s.key, key+".") {
			return true
		}
	}
	return false
}

// asText takes a whole number for a number, true and false for a switch, and a
// string for the rest.
func asText(value any, k kind) (string, bool) {
	switch v := value.(type) {
	case int64:
		_, number := k.(numberKind)
		return strconv.FormatInt(v, 10), number
	case bool:
		_, truth := k.(boolKind)
		return strconv.FormatBool(v), truth
	case string:
		return v, !k.isBare()
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
	const close, longest = 0.75, 100 // of the letters agree; letters of a name that is worth the comparison
	if len(name) > longest {
		return ""
	}
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
	return escaped(string(r))
}

// escaped makes a path, which is needed whole, harmless in an error message.
func escaped(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}
