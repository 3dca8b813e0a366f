package migration_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// starts tells whether a file starts goroutines: by a go statement, by a group, or
// by a timer that calls.
func starts(f *ast.File) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Go" || s.Sel.Name == "AfterFunc") {
				found = true
			}
		}
		return !found
	})
	return found
}

// TestGoroutinesAreWatched: a package that starts goroutines has tests that end by
// looking for those that are left. One without tests is looked after by whoever
// uses it.
func TestGoroutinesAreWatched(t *testing.T) {
	const leak = `"go.uber.org/goleak"`
	start, watched, tested := map[string]bool{}, map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		if !strings.HasSuffix(path, "_test.go") {
			start[dir] = start[dir] || starts(f)
			return nil
		}
		tested[dir] = true
		watched[dir] = watched[dir] || slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == leak })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for dir, yes := range start {
		if !yes || !tested[dir] {
			continue
		}
		if n++; !watched[dir] {
			t.Errorf("%s starts goroutines and no test of it looks for those that are left", dir)
		}
	}
	if n < 10 {
		t.Errorf("only %d packages with goroutines were found", n)
	}
}
