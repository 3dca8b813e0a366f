package assets_test

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

// use is one place where the program names a text.
type use struct {
	id   string
	args map[string]bool
	open bool // arguments are not all literals, so they cannot be checked
	at   string
}

// sources is what the scan of all Go files outside tests, and of the report's
// template, found.
type sources struct {
	uses    []use
	strings map[string]bool // every string literal, for ids kept in tables
	parts   map[string]bool // of them, between dots
}

// quoted is a string in a template.
var quoted = regexp.MustCompile(`["'][a-z0-9.-]+["']`)

// names tells whether the sources name the id: as it is, or by a literal
// beginning such as "kind." to which the program adds the rest, whose words then
// stand in some literal too.
func (s *sources) names(id string) bool {
	for i, r := range id {
		if r == '.' && s.strings[id[:i+1]] && s.knows(id[i+1:]) {
			return true
		}
	}
	return s.strings[id]
}

// knows tells whether each part of the rest of an id is a part of some literal.
func (s *sources) knows(rest string) bool {
	if s.parts == nil {
		s.parts = map[string]bool{}
		for text := range s.strings {
			for _, part := range strings.Split(text, ".") {
				s.parts[part] = true
			}
		}
	}
	return !slices.ContainsFunc(strings.Split(rest, "."), func(part string) bool { return !s.parts[part] })
}

// scan reads the Go sources of the whole module.
func scan(t *testing.T) *sources {
	t.Helper()
	s := &sources{strings: map[string]bool{}}
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".html") {
			return s.template(path)
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool { s.visit(set, n); return true })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *sources) template(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, q := range quoted.FindAllString(string(data), -1) {
		s.strings[q[1:len(q)-1]] = true
	}
	return nil
}

func (s *sources) visit(set *token.FileSet, n ast.Node) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if text, ok := literal(n); ok {
			s.strings[text] = true
		}
	case *ast.CallExpr:
		s.call(set, n, nil, false)
	}
}

// call records a call that names a text. chained are the arguments that .With
// calls around it add.
func (s *sources) call(set *token.FileSet, c *ast.CallExpr, chained map[string]bool, open bool) {
	name := called(c)
	if name == "With" && len(c.Args) == 2 {
		if inner, ok := c.Fun.(*ast.SelectorExpr).X.(*ast.CallExpr); ok {
			arg, lit := literal(c.Args[0])
			more := map[string]bool{arg: true}
			for k := range chained {
				more[k] = true
			}
			s.call(set, inner, more, open || !lit)
		}
		return
	}
	if len(c.Args) == 0 {
		return
	}
	id, ok := literal(c.Args[0])
	if !ok {
		return
	}
	u := use{id: id, args: map[string]bool{}, open: open, at: set.Position(c.Pos()).String()}
	for k := range chained {
		u.args[k] = true
	}
	switch name {
	case "Msg":
		u.open = u.open || c.Ellipsis.IsValid()
		for i := 1; i < len(c.Args); i += 2 {
			u.add(c.Args[i])
		}
	case "L", "X", "Text":
		if name != "Text" && receiver(c) != "lang" {
			return
		}
		if len(c.Args) > 1 {
			u.fields(c.Args[len(c.Args)-1])
		}
	default:
		return
	}
	s.uses = append(s.uses, u)
}

func (u *use) add(e ast.Expr) {
	name, ok := literal(e)
	if !ok {
		u.open = true
		return
	}
	u.args[name] = true
}

// fields takes the arguments from a map literal; nil has none.
func (u *use) fields(e ast.Expr) {
	switch e := e.(type) {
	case *ast.CompositeLit:
		for _, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				u.add(kv.Key)
			}
		}
	case *ast.Ident:
		u.open = u.open || e.Name != "nil"
	default:
		u.open = true
	}
}

// called is the bare name of the function of a call.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// receiver is the name before the dot of a call, if it is a plain one.
func receiver(c *ast.CallExpr) string {
	if f, ok := c.Fun.(*ast.SelectorExpr); ok {
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name
		}
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	b, ok := e.(*ast.BasicLit)
	if !ok || b.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(b.Value)
	return text, err == nil
}
