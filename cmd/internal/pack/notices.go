package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is a module whose code is in the executables.
type module struct {
	Path, Version, Dir string
	Main               bool
}

// modules asks the go command which modules the two programs are built of.
func modules(target string) ([]module, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/omt", "./cmd/omtctl")
	cmd.Env = append(os.Environ(), "GOOS="+target, "GOARCH=amd64", "CGO_ENABLED=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list dependencies: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	seen := map[string]module{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ Module *module }
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read list of dependencies: %w", err)
		}
		if p.Module != nil && !p.Module.Main {
			seen[p.Module.Path] = *p.Module
		}
	}
	var all []module
	for _, m := range seen {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// licence matches the names under which projects keep their terms.
var licence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|unlicense)([.-](md|txt|rst|mit|bsd|apache|ofl|3rdparty|[a-z-]+))?$`)

// notices puts the licence texts one below the other, Go's own first. A
// dependency without one may not be handed on, so it is an error and not a gap.
func notices(mods []module) ([]byte, error) {
	out, err := exec.Command("go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return nil, fmt.Errorf("ask for the folder of Go: %w", err)
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	var b bytes.Buffer
	b.WriteString("omt contains code of these modules, each under the terms below its name.\n")
	for _, m := range append([]module{{Path: "Go", Version: version, Dir: root}}, mods...) {
		texts, err := terms(m)
		if err != nil {
			return nil, fmt.Errorf("read licence of %s: %w", m.Path, err)
		}
		if len(texts) == 0 {
			return nil, fmt.Errorf("module %s %s has no licence text in %s", m.Path, m.Version, m.Dir)
		}
		for _, t := range texts {
			fmt.Fprintf(&b, "\n%s\n%s %s, %s\n\n%s\n", strings.Repeat("=", 80), m.Path, m.Version, t.name, t.data)
		}
	}
	return b.Bytes(), nil
}

// terms finds the licence texts of a module, those of the code that it has
// taken in from elsewhere among them, each text once.
func terms(m module) ([]entry, error) {
	var texts []entry
	err := filepath.WalkDir(m.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			// Go's own tree holds the terms of tools that are not linked in.
			if path != m.Dir && (d.Name() == "testdata" || m.Path == "Go") {
				return filepath.SkipDir
			}
			return nil
		}
		if !licence.MatchString(d.Name()) {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b = bytes.TrimSpace(b)
		if !slices.ContainsFunc(texts, func(t entry) bool { return bytes.Equal(t.data, b) }) {
			name, _ := filepath.Rel(m.Dir, path) // below it, so there is a way
			texts = append(texts, entry{filepath.ToSlash(name), b})
		}
		return nil
	})
	return texts, err
}
