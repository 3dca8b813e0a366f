package migration_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pkg is what go list says of one package of this module.
type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

// module lists the packages of the module with all they depend on. Tags: ci,
// so that fyne's window drivers and their C headers are not asked for.
func module(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-tags", "ci", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list names only %d packages", len(all))
	}
	return all
}

// below tells whether path is root or lies under it.
func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// TestArrows keeps app -> migration <- onsite, upload. Deps are transitive, so
// a way round through another package is found as well.
func TestArrows(t *testing.T) {
	rules := []struct {
		from, except string // packages below from, but not below except
		never        []string
		why          string
	}{
		{"omt/migration", "", []string{"omt/onsite", "omt/upload", "omt/app", "omt/cmd"},
			"the service layer owns the interfaces and is handed their implementations by cmd; otherwise neither side can be replaced in tests"},
		{"omt/migration", "", []string{"fyne.io"},
			"the engine must run without a window: omtctl and the report share it"},
		{"omt/migration", "omt/migration/journal", []string{"github.com/microsoft/go-mssqldb"},
			"reading SQL Server is onsite's work"},
		{"omt/onsite", "", []string{"omt/upload", "omt/app", "omt/cmd"},
			"what reads the customer's installation must not be able to send anything, and must not see the ticket's secrets"},
		{"omt/upload", "", []string{"omt/onsite", "omt/app", "omt/cmd"},
			"what sends must not be able to reach the customer's installation"},
		{"omt/upload/bacpac/decode", "", []string{"omt/upload/bacpac"},
			"what verifies a package must not share an error with what wrote it"},
		{"omt/upload/bacpac", "omt/upload/bacpac/decode", []string{"omt/upload/bacpac/decode"},
			"what writes a package must not share an error with what verifies it"},
		{"omt/app", "", []string{"omt/onsite", "omt/upload", "omt/cmd"},
			"the window shows what migration tells it; with a way to database or target, rules would grow in pages"},
		{"omt/assets", "", []string{"fyne.io", "omt/migration", "omt/onsite", "omt/upload", "omt/app", "omt/cmd"},
			"report and command line read the texts without a window"},
	}
	for _, p := range module(t) {
		for _, r := range rules {
			if !below(p.ImportPath, r.from) || r.except != "" && below(p.ImportPath, r.except) {
				continue
			}
			for _, d := range p.Deps {
				for _, n := range r.never {
					if below(d, n) {
						t.Errorf("%s depends on %s: %s", p.ImportPath, d, r.why)
					}
				}
			}
		}
	}
}

// TestImporters keeps what only some packages may name themselves. Tests count
// too, except that they may open the journal's file to spoil it.
func TestImporters(t *testing.T) {
	rules := []struct {
		what    []string
		allowed []string
		within  string // the rule holds for packages below this
		tests   bool
		why     string
	}{
		{[]string{"fyne.io"}, []string{"omt/app", "omt/cmd/omt"}, "omt", true,
			"omtctl and every test of the engine must build without a window system"},
		{[]string{"database/sql", "modernc.org/sqlite"}, []string{"omt/migration/journal"}, "omt/migration", false,
			"the journal's format has one owner, which alone can keep it safe through a crash"},
		// Imports and not Deps: the logger offers an HTTP handler of its own.
		{[]string{"net/http"}, nil, "omt/migration", true,
			"the engine knows nothing of transports: a folder is a target like a container"},
	}
	for _, p := range module(t) {
		for _, r := range rules {
			if !below(p.ImportPath, r.within) ||
				slices.ContainsFunc(r.allowed, func(a string) bool { return below(p.ImportPath, a) }) {
				continue
			}
			imports := p.Imports
			if r.tests {
				imports = slices.Concat(imports, p.TestImports, p.XTestImports)
			}
			for _, i := range imports {
				for _, w := range r.what {
					if below(i, w) {
						t.Errorf("%s imports %s: %s", p.ImportPath, i, r.why)
					}
				}
			}
		}
	}
}

// TestTopLevel: the first look at the repository shows the layers and nothing
// else.
func TestTopLevel(t *testing.T) {
	allowed := []string{
		"cmd", "app", "migration", "onsite", "upload", "assets",
		"FyneApp.toml", "go.mod", "go.sum", "README.md", "LICENSE", "Makefile",
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || slices.Contains(allowed, name) || name == "bin" && e.IsDir() {
			continue
		}
		t.Errorf("%s does not belong at the top level: a new folder needs a place among the layers", name)
	}
	for _, name := range []string{"LICENSE", "README.md", "Makefile", filepath.Join(".ci", "run")} {
		if _, err := os.Stat(filepath.Join("..", name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoCatchAll: a package named after nothing collects everything.
func TestNoCatchAll(t *testing.T) {
	for _, p := range module(t) {
		for _, bad := range []string{"util", "utils", "common", "helpers", "helper", "misc", "shared"} {
			if slices.Contains(strings.Split(p.ImportPath, "/"), bad) {
				t.Errorf("%s: name a package after what it does", p.ImportPath)
			}
		}
	}
}
