package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/azure/azuretest"
)

// What arrived passes; each change is found and named. Ticket and target are
// all that is needed: the installation is gone by then.
func TestVerify(t *testing.T) {
	slow(t)
	in := serve(t, filepath.Join(t.TempDir(), "sample"), few...)
	p := newPlace(t)
	in.invoke(t, in.args("run", p, "--accept-terms")...).mustSucceed(t)
	validate(t, in, p.target)
	in.stop()
	verify := func(more ...string) ended {
		return in.invoke(t, append([]string{"verify", "--ticket", in.Ticket, "--to", p.target}, more...)...)
	}
	if e := verify("--full", "--json"); e.code != exitOK || !strings.Contains(e.stdout, `"total":0`) || !strings.Contains(e.stdout, `"undigested":0`) {
		t.Fatalf("code %d: %s%s", e.code, e.stdout, e.stderr)
	}
	documents, err := filepath.Glob(filepath.Join(p.target, "documents", "*", "*", "*.*"))
	if err != nil || len(documents) < 2 {
		t.Fatalf("%d documents, %v", len(documents), err)
	}
	packages, err := filepath.Glob(filepath.Join(p.target, "database", "*.bacpac"))
	if err != nil || len(packages) != 1 {
		t.Fatalf("%d packages, %v", len(packages), err)
	}
	manifests, err := filepath.Glob(filepath.Join(p.target, "manifest", "*", "00000.jsonl.gz"))
	if err != nil || len(manifests) != 1 {
		t.Fatalf("%d manifests, %v", len(manifests), err)
	}
	for _, c := range []struct {
		name, file string
		change     func(b []byte) []byte
		want       string
	}{
		{"truncated document", documents[0], func(b []byte) []byte { return b[:len(b)/2] }, filepath.Base(documents[0])},
		{"flipped bit", packages[0], func(b []byte) []byte {
			at := bytes.Index(b, []byte("Data/CRM7.")) + 200
			b[at] ^= 16
			return b
		}, "[CRM7].["},
		{"changed manifest", manifests[0], func(b []byte) []byte { b[len(b)/2]++; return b }, "00000.jsonl.gz"},
		{"document gone", documents[1], nil, filepath.Base(documents[1])},
	} {
		t.Run(c.name, func(t *testing.T) {
			was, err := os.ReadFile(c.file)
			if err != nil {
				t.Fatal(err)
			}
			if c.change == nil {
				err = os.Remove(c.file)
			} else {
				err = os.WriteFile(c.file, c.change(bytes.Clone(was)), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if e := verify(); e.code != exitDiffers || !strings.Contains(e.stdout, c.want) {
				t.Errorf("code %d, want %s named: %s%s", e.code, c.want, e.stdout, e.stderr)
			}
			if err := os.WriteFile(c.file, was, 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
	if e := in.invoke(t, "verify", "--ticket", in.Ticket, "--to", t.TempDir()); e.code != exitFailed {
		t.Errorf("empty folder: code %d", e.code)
	}
}

// A container tells MD5s, so that only what has none is read.
func TestVerifyContainer(t *testing.T) {
	slow(t)
	server := azuretest.Start(t)
	in := serve(t, filepath.Join(t.TempDir(), "sample"), few...)
	here := in.toContainer(t, server.Signed(t, server.Container(t), "rcwl", time.Now().Add(time.Hour)))
	p := place{state: filepath.Join(t.TempDir(), "state")}
	here.invoke(t, here.args("run", p, "--accept-terms")...).mustSucceed(t)
	e := here.invoke(t, "verify", "--ticket", here.Ticket, "--json").mustSucceed(t)
	// The lines before the last one are of the progress.
	lines := strings.Split(strings.TrimSpace(e.stdout), "\n")
	var last struct{ Data migration.VerifyResult }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Data.ByMD5 < 100 || last.Data.ByReading == 0 {
		t.Errorf("by MD5 %d, by reading %d, %v: %s", last.Data.ByMD5, last.Data.ByReading, err, e.stdout)
	}
	noSignature(t, here, e, p.state)
	// An authority that was named and cannot be read ends it; it is not passed over.
	if e := here.invoke(t, "verify", "--ticket", here.Ticket, "--ca", filepath.Join(t.TempDir(), "none.pem")); e.code != exitFailed || !strings.Contains(e.stderr, "none.pem") {
		t.Errorf("code %d: %s", e.code, e.stderr)
	}
}
