package phrase

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// use is a call in the source that names a sentence.
type use struct {
	where  string
	key    string // or a prefix of keys, when the rest is computed
	prefix bool
	names  []string // placeholders that are filled, nil when computed
	filled bool     // whether names can be judged
}

// speakers are the functions that take a key, with the position of the key
// and whether a mark is filled in besides.
var speakers = map[string]struct {
	key  int
	mark bool
}{
	"fault.New": {1, false}, "control.NewProblem": {0, false}, "found": {2, false}, "check": {2, false},
	".Say": {0, false}, ".Render": {0, false}, ".say": {0, false}, ".tell": {0, false}, ".aside": {0, false}, ".line": {0, true}, ".bad": {1, false}, "words": {0, false}, "say": {0, false},
}

// uses reads all Go source of the repository but tests.
func uses(t *testing.T) []use {
	t.Helper()
	var found []use
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "tests") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Base(filepath.Dir(path)) == "phrase" {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			// At package level a fault is a sentinel, to compare with only.
			_, function := decl.(*ast.FuncDecl)
			ast.Inspect(decl, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if u, ok := spoken(call); ok {
						u.where = files.Position(call.Pos()).String()
						u.filled = u.filled && function
						found = append(found, u)
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "internal", "dashboard", "assets", "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`say \$\.Lang "([^"]+)"`).FindAllStringSubmatch(string(page), -1) {
		found = append(found, use{where: "page.html", key: m[1], filled: true})
	}
	return found
}

func spoken(call *ast.CallExpr) (use, bool) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = "." + f.Sel.Name
		if pkg, ok := f.X.(*ast.Ident); ok {
			if _, known := speakers[pkg.Name+name]; known {
				name = pkg.Name + name
			}
		}
	}
	s, ok := speakers[name]
	if !ok || len(call.Args) <= s.key {
		return use{}, false
	}
	u := use{filled: call.Ellipsis == token.NoPos}
	switch key := call.Args[s.key].(type) {
	case *ast.BasicLit:
		u.key = unquote(key)
	case *ast.BinaryExpr:
		lit, ok := key.X.(*ast.BasicLit)
		if !ok {
			return use{}, false
		}
		u.key, u.prefix = unquote(lit), true
	default:
		return use{}, false
	}
	pairs := call.Args[s.key+1:]
	if s.mark {
		u.names = append(u.names, "mark")
		pairs = pairs[min(1, len(pairs)):]
	}
	if name == ".bad" {
		u.names, pairs = append(u.names, "error"), nil
	}
	if name == ".Render" {
		u.filled = false
	}
	for i := 0; i < len(pairs); i += 2 {
		lit, ok := pairs[i].(*ast.BasicLit)
		if !ok {
			u.filled = false
			break
		}
		u.names = append(u.names, unquote(lit))
	}
	slices.Sort(u.names)
	return u, true
}

func unquote(lit *ast.BasicLit) string {
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return lit.Value
	}
	return s
}

// The promise of the package comment: no key is missing, none is left over,
// and every placeholder is filled by every caller.
func TestSource_EveryKeyIsThere_EveryPlaceholderIsFilled_NothingIsLeftOver(t *testing.T) {
	used := map[string]bool{}
	all := uses(t)
	if len(all) < 100 {
		t.Fatalf("only %d uses were found: the test does not see the source", len(all))
	}
	for _, u := range all {
		matched := false
		for _, part := range catalogue() {
			for key, s := range part {
				if key != u.key && (!u.prefix || !strings.HasPrefix(key, u.key)) {
					continue
				}
				matched = true
				used[key] = true
				if want := placeholders(s.en); u.filled && !slices.Equal(want, slices.Compact(u.names)) {
					t.Errorf("%s: %s wants %v and gets %v", u.where, key, want, u.names)
				}
			}
		}
		if !matched {
			t.Errorf("%s: no sentence for %s", u.where, u.key)
		}
	}
	for _, part := range catalogue() {
		for key := range part {
			if !used[key] {
				t.Errorf("%s is used nowhere", key)
			}
		}
	}
}
