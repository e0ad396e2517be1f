package floors

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Of `return x, call(&x)` the language leaves open whether x is read before the
// call changes it. What a compiler makes of it today is luck.
func TestSource_NoResultIsReturnedBesideTheCallThatChangesIt(t *testing.T) {
	pointers := map[string]map[string]bool{} // by folder, the methods that every receiver has by pointer
	files := map[string]*ast.File{}
	set := token.NewFileSet()
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != repository && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files[path] = file
		folder := filepath.Dir(path)
		if pointers[folder] == nil {
			pointers[folder] = map[string]bool{}
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				_, star := f.Recv.List[0].Type.(*ast.StarExpr)
				if before, known := pointers[folder][f.Name.Name]; !known || before {
					pointers[folder][f.Name.Name] = star
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 500 {
		t.Fatalf("only %d files", len(files))
	}
	for path, file := range files {
		for _, where := range misordered(set, file, pointers[filepath.Dir(path)]) {
			t.Error(where)
		}
	}
}

// The look itself is looked at.
func TestSource_MisorderedReturns_AreFound(t *testing.T) {
	const text = `package p
type s struct{ n int }
func (x *s) set() error { return nil }
func (x s) get() error { return nil }
func a() (v int, err error) { return v, read(&v) }
func b() (s, error) { var v s; return v, read(&v.n) }
func c() (int, error) { v := s{}; return v.n, v.set() }
func d() (s, string, error) { v, err := 1, 2; _ = err; return v, "", read(1, &v) }
func e() (v s, err error) { return v, v.set() }
func f() (*s, error) { v := &s{}; return v, v.set() }
func g() (s, error) { var v s; return v, v.get() }
func h() (v int, err error) { err = read(&v); return v, err }
func i() (*int, error) { var v int; return &v, read(&v) }
func j() (int, error) { var v, w int; return v, read(&w) }
`
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "p.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, where := range misordered(set, file, map[string]bool{"set": true, "get": false}) {
		line, _, _ := strings.Cut(strings.TrimPrefix(where, "p.go:"), ":")
		lines = append(lines, line)
	}
	if got := strings.Join(lines, " "); got != "5 6 7 8 9" {
		t.Errorf("found in the lines %s", got)
	}
}

// misordered are the returns of a file that return a variable beside a call that
// is given its address, or that is a method of it by pointer.
func misordered(set *token.FileSet, file *ast.File, pointers map[string]bool) (found []string) {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		values := valuesOf(f)
		ast.Inspect(f.Body, func(n ast.Node) bool {
			r, ok := n.(*ast.ReturnStmt)
			if !ok {
				return true
			}
			for i, result := range r.Results {
				name := variable(result)
				if name == "" {
					continue
				}
				for j, other := range r.Results {
					if i != j && changes(other, name, values[name], pointers) {
						found = append(found, set.Position(r.Pos()).String()+": "+name+" is returned beside the call that changes it")
					}
				}
			}
			return true
		})
	}
	return found
}

// variable is the variable that an expression reads a part of, "" for another
// expression.
func variable(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}

// changes tells whether a call in an expression gets the address of a variable.
func changes(e ast.Expr, name string, value bool, pointers map[string]bool) (yes bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if method, ok := call.Fun.(*ast.SelectorExpr); ok && value && pointers[method.Sel.Name] && variable(method.X) == name {
			yes = true
		}
		for _, arg := range call.Args {
			if address, ok := arg.(*ast.UnaryExpr); ok && address.Op == token.AND && variable(address.X) == name {
				yes = true
			}
		}
		return true
	})
	return yes
}

// valuesOf are the variables of a function that are seen to be no pointers.
func valuesOf(f *ast.FuncDecl) map[string]bool {
	values := map[string]bool{}
	typed := func(names []*ast.Ident, kind ast.Expr) {
		switch kind.(type) {
		case *ast.Ident, *ast.SelectorExpr, *ast.ArrayType, *ast.StructType:
			for _, name := range names {
				values[name.Name] = true
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.Field:
			typed(x.Names, x.Type)
		case *ast.ValueSpec:
			typed(x.Names, x.Type)
		case *ast.AssignStmt:
			for i, left := range x.Lhs {
				name, ok := left.(*ast.Ident)
				if _, literal := rhs(x, i).(*ast.CompositeLit); ok && literal && x.Tok == token.DEFINE {
					values[name.Name] = true
				}
			}
		}
		return true
	})
	return values
}

func rhs(x *ast.AssignStmt, i int) ast.Expr {
	if i < len(x.Rhs) {
		return x.Rhs[i]
	}
	return nil
}
