package uploadtest

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Fingerprint describes what arrived in a target folder without what may
// differ between two equal runs: run id, host, times and attempts, and the
// place of a member inside the package. Two runs are equal when their
// fingerprints are.
func Fingerprint(dir string) (map[string]string, error) {
	f := &fingerprint{dir: dir, out: map[string]string{}}
	// Manifests of earlier runs stay; only that of the last one counts.
	run, err := lastRun(filepath.Join(dir, "session.json"))
	if err != nil {
		return nil, err
	}
	f.run = run
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		return f.add(filepath.ToSlash(rel), p)
	})
	return f.out, err
}

type fingerprint struct {
	dir string
	run string
	out map[string]string
}

// lastRun is the run of a session; empty if there is none.
func lastRun(file string) (string, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var s struct{ Run string }
	if err := json.Unmarshal(b, &s); err != nil {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	return s.Run, nil
}

func (f *fingerprint) add(rel, file string) error {
	switch {
	case strings.HasPrefix(rel, ".omt-tmp/"), rel == "session.lock", rel == "report.html", path.Base(rel) == "index.json" && strings.HasPrefix(rel, "manifest/"):
		return nil
	case rel == "session.json", rel == "report.json":
		return f.document(rel, file)
	case strings.HasPrefix(rel, "manifest/") && !strings.HasPrefix(rel, "manifest/"+f.run+"/"):
		return nil
	case strings.HasPrefix(rel, "manifest/"):
		return f.manifest(file)
	case strings.HasSuffix(rel, ".bacpac"):
		return f.pack(rel, file)
	}
	r, err := os.Open(file)
	if err != nil {
		return err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return err
	}
	f.out[rel] = hex.EncodeToString(h.Sum(nil))
	return nil
}

// document keeps a JSON object without what belongs to one run alone.
func (f *fingerprint) document(rel, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("read %s: %w", rel, err)
	}
	for _, k := range []string{"run", "host", "started", "updated", "finished", "manifest", "base"} {
		delete(v, k)
	}
	// The package's size depends on its times, which are compressed text.
	if db, ok := v["database"].(map[string]any); ok {
		delete(db, "bytes")
	}
	if checks, ok := v["checks"].(map[string]any); ok {
		delete(checks, "taken")
		delete(checks, "acknowledged")
	}
	if recovery, ok := v["recovery"].(map[string]any); ok {
		delete(recovery, "base")
	}
	// How often something was read is a matter of attempts.
	if warnings, ok := v["warnings"].([]any); ok {
		v["warnings"] = slices.DeleteFunc(warnings, func(w any) bool {
			m, ok := w.(map[string]any)
			return ok && m["id"] == "warn.tables.again"
		})
	}
	if kinds, ok := v["kinds"].(map[string]any); ok {
		delete(kinds, "package")
	}
	return f.keep(rel, v)
}

func (f *fingerprint) keep(key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, twice := f.out[key]; twice {
		return fmt.Errorf("%s stands there twice", key)
	}
	f.out[key] = string(b)
	return nil
}

func (f *fingerprint) manifest(file string) error {
	r, err := os.Open(file)
	if err != nil {
		return err
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v map[string]any
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		if v["kind"] == "package" {
			delete(v, "size")
			delete(v, "sha256")
		}
		if err := f.keep(fmt.Sprintf("manifest %v %v", v["kind"], v["key"]), v); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (f *fingerprint) pack(rel, file string) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", rel, err)
	}
	defer z.Close()
	for _, m := range z.File {
		if m.Name == "Origin.xml" || m.Name == "_rels/.rels" {
			// Times and random ids; their content is checked elsewhere.
			f.out[rel+" "+m.Name] = "there"
			continue
		}
		r, err := m.Open()
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(h, r)
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return fmt.Errorf("read %s in %s: %w", m.Name, rel, err)
		}
		f.out[rel+" "+m.Name] = hex.EncodeToString(h.Sum(nil))
	}
	return nil
}
