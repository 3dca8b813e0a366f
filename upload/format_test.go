package upload_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/ticket"
)

const (
	examples = "schema/examples/"
	python   = "/usr/bin/python3" // Debian's own, to which python3-jsonschema belongs
	run      = "20261120-093000-4f1c"
	partKey  = "Data/CRM7.contact/TableData-000-00000.BCP"
)

func example(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(examples + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The Go types hold the golden examples without loss: no field of the examples
// is unknown to them, and they write no field that the examples do not have.
func TestExamplesFitTypes(t *testing.T) {
	lines := bytes.Split(bytes.TrimSpace(example(t, "manifest-line.jsonl")), []byte("\n"))
	check := func(name string, in []byte, v any) {
		t.Helper()
		d := json.NewDecoder(bytes.NewReader(in))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, want := plain(t, out), plain(t, in); got != want {
			t.Errorf("%s is written as\n%s\nwant\n%s", name, got, want)
		}
	}
	check("session.json", example(t, "session.json"), &migration.Session{})
	check("session-recovering.json", example(t, "session-recovering.json"), &migration.Session{})
	check("report-recovery.json", example(t, "report-recovery.json"), &migration.Report{})
	check("plan.json", example(t, "plan.json"), &migration.Plan{})
	check("report.json", example(t, "report.json"), &migration.Report{})
	check("manifest-index.json", example(t, "manifest-index.json"), &migration.ManifestIndex{})
	for i, l := range lines {
		check(fmt.Sprintf("manifest-line.jsonl line %d", i+1), l, &migration.ManifestLine{})
	}
	keys, err := ticket.Release()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ticket.Verify(example(t, "ticket.omt-ticket"), keys, time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Errorf("ticket.omt-ticket: %v", err)
	}
}

// plain writes JSON with sorted names and no spaces.
func plain(t *testing.T, b []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// arrived is a complete small target made of the golden examples.
type arrived struct {
	t     *testing.T
	dir   string
	lines []map[string]any
}

func arrive(t *testing.T) *arrived {
	a := &arrived{t: t, dir: t.TempDir()}
	for _, l := range bytes.Split(bytes.TrimSpace(example(t, "manifest-line.jsonl")), []byte("\n")) {
		var m map[string]any
		if err := json.Unmarshal(l, &m); err != nil {
			t.Fatal(err)
		}
		a.lines = append(a.lines, m)
	}
	part := []byte("rows of one table")
	var pkg bytes.Buffer
	z := zip.NewWriter(&pkg)
	w, err := z.Create(partKey)
	if err == nil {
		_, err = w.Write(part)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	a.object(0, pkg.Bytes())
	a.lines[1]["size"], a.lines[1]["crc32"] = len(part), fmt.Sprintf("%08x", crc32.ChecksumIEEE(part))
	a.object(2, example(t, "plan.json"))
	a.object(3, []byte("stands for a template\n"))
	a.object(4, []byte("stands for an offer\n"))
	a.write("session.json", example(t, "session.json"))
	a.write("report.html", []byte("<html></html>"))
	a.write("session.lock", nil)
	a.write(".omt-tmp/x.committed", []byte("{}"))
	a.seal()
	return a
}

// object writes the bytes of a line and notes them in it.
func (a *arrived) object(line int, b []byte) {
	sum := sha256.Sum256(b)
	a.lines[line]["size"], a.lines[line]["sha256"] = len(b), hex.EncodeToString(sum[:])
	if _, ok := a.lines[line]["md5"]; ok {
		short := md5.Sum(b)
		a.lines[line]["md5"] = hex.EncodeToString(short[:])
	}
	a.write(a.lines[line]["target"].(string), b)
}

func (a *arrived) write(name string, b []byte) {
	a.t.Helper()
	path := filepath.Join(a.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		a.t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// edit changes a JSON file of the target.
func (a *arrived) edit(name string, change func(map[string]any)) {
	a.t.Helper()
	b, err := os.ReadFile(filepath.Join(a.dir, filepath.FromSlash(name)))
	var m map[string]any
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	change(m)
	b, err = json.Marshal(m)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name, b)
}

// seal writes manifest, index and report so that they fit the lines.
func (a *arrived) seal() {
	a.t.Helper()
	var text, packed bytes.Buffer
	counts := map[string]map[string]map[string]int{}
	for _, l := range a.lines {
		b, err := json.Marshal(l)
		if err != nil {
			a.t.Fatal(err)
		}
		text.Write(append(b, '\n'))
		kind, state := l["kind"].(string), l["state"].(string)
		if counts[kind] == nil {
			counts[kind] = map[string]map[string]int{}
		}
		if counts[kind][state] == nil {
			counts[kind][state] = map[string]int{"count": 0, "bytes": 0}
		}
		size, isInt := l["size"].(int)
		if !isInt {
			size = int(l["size"].(float64))
		}
		counts[kind][state]["count"] += max(1, len(l["rows"].([]any)))
		counts[kind][state]["bytes"] += size
	}
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text.Bytes()); err != nil {
		a.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		a.t.Fatal(err)
	}
	sum := sha256.Sum256(packed.Bytes())
	a.write("manifest/"+run+"/00000.jsonl.gz", packed.Bytes())
	index, err := json.Marshal(map[string]any{"format": "omt-manifest/1", "run": run, "counts": counts,
		"files": []any{map[string]any{"name": "00000.jsonl.gz", "lines": len(a.lines), "size": packed.Len(), "sha256": hex.EncodeToString(sum[:])}}})
	if err != nil {
		a.t.Fatal(err)
	}
	a.write("manifest/"+run+"/index.json", index)
	sum = sha256.Sum256(index)
	a.write("report.json", example(a.t, "report.json"))
	a.edit("report.json", func(m map[string]any) {
		m["kinds"] = counts
		m["manifest"].(map[string]any)["sha256"] = hex.EncodeToString(sum[:])
	})
}

func (a *arrived) judge() (string, error) {
	out, err := exec.Command(python, "../.ci/validate_json.py", a.dir, examples+"ticket.omt-ticket").CombinedOutput()
	return string(out), err
}

// The script that judges outputs in CI accepts the golden examples and finds
// every kind of fault that it is there for.
func TestValidator(t *testing.T) {
	if err := exec.Command(python, "-c", "import jsonschema").Run(); err != nil {
		t.Skip("python3-jsonschema is not installed: ", err)
	}
	if out, err := arrive(t).judge(); err != nil || !strings.Contains(out, "4 objects") {
		t.Fatalf("golden examples: %v\n%s", err, out)
	}
	recovered := arrive(t)
	recovered.write("documents/jm/x", nil)
	recovered.edit("report.json", func(m map[string]any) {
		m["orphans"] = map[string]any{"total": 1, "paths": []any{"documents/jm/x"}}
	})
	if out, err := recovered.judge(); err != nil {
		t.Errorf("an orphan that the report names: %v\n%s", err, out)
	}
	const offer = "documents/iå/2026.2/Tilbud 100%25.docx"
	for name, c := range map[string]struct {
		spoil func(a *arrived)
		want  string
	}{
		"object missing":         {func(a *arrived) { a.remove(offer) }, "is not in the target"},
		"object changed":         {func(a *arrived) { a.write(offer, []byte("stands for an OFFER\n")) }, "SHA-256 of " + offer},
		"object cut off":         {func(a *arrived) { a.write(offer, nil) }, "size of " + offer},
		"stranger":               {func(a *arrived) { a.write("documents/iå/x", nil) }, "documents/iå/x is in the target but in no manifest"},
		"stranger beside":        {func(a *arrived) { a.write("manifest/"+run+"/00001.jsonl.gz", nil) }, "in no manifest"},
		"document twice":         {func(a *arrived) { a.lines[5]["rows"] = []any{5002, 5044}; a.seal() }, "document 5044 stands in"},
		"key twice":              {func(a *arrived) { a.lines[6]["key"] = "5002"; a.seal() }, "document 5002 stands twice"},
		"line with extra field":  {func(a *arrived) { a.lines[5]["extra"] = 1; a.seal() }, "manifest-line"},
		"uploaded without sum":   {func(a *arrived) { a.lines[3]["sha256"] = ""; a.seal() }, "manifest-line"},
		"missing without reason": {func(a *arrived) { delete(a.lines[5], "reason"); a.seal() }, "manifest-line"},
		"part without package":   {func(a *arrived) { a.lines[1]["target"] = "database/other.bacpac"; a.seal() }, "no line of its own"},
		"part of another size":   {func(a *arrived) { a.lines[1]["size"] = 5; a.seal() }, "size of " + partKey},
		"part not in package":    {func(a *arrived) { a.lines[1]["key"] = "Data/x"; a.seal() }, "data members"},
		"manifest changed":       {func(a *arrived) { a.write("manifest/"+run+"/00000.jsonl.gz", []byte("x")) }, "cannot be read"},
		"index changed": {func(a *arrived) {
			a.edit("manifest/"+run+"/index.json", func(m map[string]any) { m["run"] = "other" })
		}, "SHA-256 of the manifest index"},
		"counts": {func(a *arrived) {
			a.edit("report.json", func(m map[string]any) { delete(m["kinds"].(map[string]any), "template") })
		}, "kinds of report.json"},
		"other customer": {func(a *arrived) {
			a.edit("session.json", func(m map[string]any) { m["serial"] = "1801830017" })
		}, "serial of session.json"},
		"not finished": {func(a *arrived) {
			a.edit("session.json", func(m map[string]any) { m["state"] = "uploading" })
		}, "has not arrived"},
		"recovering without base": {func(a *arrived) {
			a.write("session.json", example(a.t, "session-recovering.json"))
			a.edit("session.json", func(m map[string]any) { delete(m, "base") })
		}, "schema session"},
		"recovering by itself": {func(a *arrived) {
			a.edit("session.json", func(m map[string]any) { m["state"] = "recovering" })
		}, "schema session"},
		"another MD5": {func(a *arrived) { a.lines[4]["md5"] = strings.Repeat("0", 32); a.seal() }, "MD5 of " + offer},
		"recovery without base": {func(a *arrived) {
			a.edit("report.json", func(m map[string]any) { m["recovery"] = map[string]any{"choice": "missing"} })
		}, "schema report"},
		"unknown state": {func(a *arrived) {
			a.edit("session.json", func(m map[string]any) { m["state"] = "done" })
		}, "schema session"},
		"plan without field": {func(a *arrived) {
			a.edit("plan.json", func(m map[string]any) { delete(m, "terms") })
		}, "schema plan"},
		"plan not offered": {func(a *arrived) {
			a.edit("plan.json", func(m map[string]any) { m["users"].([]any)[0].(map[string]any)["plan"] = "gold" })
		}, "does not offer"},
		"field twice": {func(a *arrived) {
			a.write("session.json", bytes.Replace(example(a.t, "session.json"), []byte(`{`), []byte(`{"run": "x",`), 1))
		}, "stands twice"},
		"failed check": {func(a *arrived) {
			a.edit("report.json", func(m map[string]any) {
				m["checks"].(map[string]any)["outcomes"].([]any)[0].(map[string]any)["state"] = "failed"
			})
		}, "schema report"},
		"acknowledged by nobody": {func(a *arrived) {
			a.edit("report.json", func(m map[string]any) { delete(m["checks"].(map[string]any), "acknowledgedBy") })
		}, "schema report"},
		"no report": {func(a *arrived) { a.remove("report.json") }, "report.json"},
	} {
		t.Run(name, func(t *testing.T) {
			a := arrive(t)
			c.spoil(a)
			out, err := a.judge()
			if err == nil || !strings.Contains(out, c.want) || strings.Contains(out, "Traceback") {
				t.Errorf("%v, want a failure with %q:\n%s", err, c.want, out)
			}
		})
	}
}

func (a *arrived) remove(name string) {
	if err := os.Remove(filepath.Join(a.dir, filepath.FromSlash(name))); err != nil {
		a.t.Fatal(err)
	}
}
