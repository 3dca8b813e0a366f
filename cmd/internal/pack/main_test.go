package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPack reads the archive back and holds each file against its checksum.
func TestPack(t *testing.T) {
	t.Chdir("../../..")
	dir := t.TempDir()
	exe, out := filepath.Join(dir, "omt.exe"), filepath.Join(dir, "omt.zip")
	if err := os.WriteFile(exe, []byte("MZ"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := pack(out, "windows", []string{exe, "LICENSE"}); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	lines := strings.Split(strings.TrimSpace(string(files["SHA256SUMS"])), "\n")
	if len(lines) != len(files)-1 {
		t.Errorf("%d checksums for %d files", len(lines), len(files)-1)
	}
	for _, l := range lines {
		sum, name, _ := strings.Cut(l, "  ")
		want := sha256.Sum256(files[name])
		if sum != hex.EncodeToString(want[:]) {
			t.Errorf("%s: checksum is %s", name, sum)
		}
	}
	for _, want := range []string{"\nGo go1.", "\nfyne.io/fyne/v2 ", "\nmodernc.org/sqlite ", "\ngithub.com/microsoft/go-mssqldb ", "\ngithub.com/go-gl/glfw/v3.4/glfw "} {
		if !bytes.Contains(files["THIRD-PARTY-LICENCES.txt"], []byte(want)) {
			t.Errorf("licence texts lack %q", strings.TrimSpace(want))
		}
	}
	first, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := pack(out, "windows", []string{exe, "LICENSE"}); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(out); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the same files gave another archive (%v)", err)
	}
}

// TestNoLicence: what has no terms may not be handed on.
func TestNoLicence(t *testing.T) {
	_, err := notices([]module{{Path: "example.org/bare", Version: "v1.0.0", Dir: t.TempDir()}})
	if err == nil || !strings.Contains(err.Error(), "example.org/bare") {
		t.Errorf("a module without licence gave %v", err)
	}
}
