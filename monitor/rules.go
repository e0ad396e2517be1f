package monitor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/pelletier/go-toml/v2"

	"uratori/internal/fault"
	"uratori/monitor/notify"
)

// ruleFile is a file of rules:
//
//	[[rule]]
//	name = "nothing on the GPU"
//	when = "utilisation < 5 and minutes > 10"
//	for = "5m"
//	priority = "normal"
type ruleFile struct {
	Rule []struct {
		Name     string `toml:"name"`
		When     string `toml:"when"`
		For      string `toml:"for"`
		Priority string `toml:"priority"`
	} `toml:"rule"`
}

const (
	mostRules   = 100
	longestRule = 2000 // characters
)

// ReadRules reads the user's own rules from a file; none is no rules. Each is
// tried once, so that a misspelt one is found here and not in the night.
func ReadRules(file string, interval time.Duration) ([]Rule, error) {
	raw, err := readRules(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "monitor.rules_unread", "file", file).Wrap(err)
	}
	var f ruleFile
	d := toml.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			err = errors.New(strict.String())
		}
		return nil, fault.New(fault.Invalid, "monitor.rules_unread", "file", file).Wrap(err)
	}
	if len(f.Rule) > mostRules {
		return nil, fault.New(fault.Invalid, "monitor.too_many_rules", "file", file, "most", mostRules)
	}
	var list []Rule
	names := map[string]bool{}
	for i, r := range f.Rule {
		bad := func(why error) error {
			return fault.New(fault.Invalid, "monitor.bad_rule", "file", file, "number", i+1, "name", r.Name).Wrap(why)
		}
		if r.Name == "" || names[r.Name] || utf8.RuneCountInString(r.Name) > longestRule {
			return nil, bad(errors.New("a rule needs a name of its own"))
		}
		names[r.Name] = true
		rule := Rule{Name: r.Name, Level: notify.Normal}
		if r.Priority != "" {
			if err := rule.Level.UnmarshalText([]byte(r.Priority)); err != nil {
				return nil, bad(err)
			}
		}
		if r.For != "" {
			hold, err := time.ParseDuration(r.For)
			if err != nil || hold < 0 {
				return nil, bad(fmt.Errorf("for = %q is no length of time, such as 5m", r.For))
			}
			rule.Looks = int(hold / interval)
		}
		if rule.When, err = compile(r.When); err != nil {
			return nil, bad(err)
		}
		list = append(list, rule)
	}
	return list, nil
}

// longestFile is how many bytes of rules are read.
const longestFile = 1 << 20

func readRules(file string) (raw []byte, err error) {
	// A named pipe must not keep the daemon waiting.
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > longestFile {
		return nil, fmt.Errorf("it must be a file of at most %d bytes", longestFile)
	}
	return io.ReadAll(io.LimitReader(f, longestFile))
}

func compile(text string) (func(Facts) (bool, error), error) {
	if utf8.RuneCountInString(text) > longestRule {
		return nil, fmt.Errorf("when has more than %d characters", longestRule)
	}
	loops := &loopFinder{}
	program, err := expr.Compile(text, expr.Env(Facts{}), expr.AsBool(), expr.Patch(loops))
	if err != nil {
		return nil, err
	}
	if loops.found != "" {
		return nil, fmt.Errorf("%s cannot be used here: it may take for ever", loops.found)
	}
	when := func(f Facts) (bool, error) {
		out, err := expr.Run(program, f)
		if err != nil {
			return false, err
		}
		yes, _ := out.(bool)
		return yes, nil
	}
	_, err = when(Facts{})
	return when, err
}

// loopFinder finds what makes the time that an expression takes depend on more
// than its length.
type loopFinder struct{ found string }

// Visit looks at one node.
func (l *loopFinder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		l.found = "a loop"
	case *ast.BinaryNode:
		if n.Operator == ".." {
			l.found = "a range"
		}
	case *ast.BuiltinNode:
		if n.Name == "repeat" {
			l.found = n.Name
		}
	}
}
