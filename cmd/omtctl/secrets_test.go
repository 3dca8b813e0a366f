package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// spellings are the forms in which a secret could leak.
func spellings(secret string) map[string][]byte {
	var wide []byte
	for _, u := range utf16.Encode([]rune(secret)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	return map[string][]byte{
		"as it is": []byte(secret), "in UTF-16": wide, "in hex": []byte(hex.EncodeToString([]byte(secret))),
		"in base64": []byte(strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")),
		"in an URL": []byte(url.QueryEscape(secret)),
	}
}

// leaks finds secrets in data and, where data is packed, in what is packed.
func leaks(t *testing.T, where string, data []byte, secrets map[string]string) {
	t.Helper()
	for name, secret := range secrets {
		for form, b := range spellings(secret) {
			if bytes.Contains(data, b) {
				t.Errorf("%s holds the %s %s", where, name, form)
			}
		}
	}
	switch {
	case strings.HasSuffix(where, ".gz"):
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		leaks(t, strings.TrimSuffix(where, ".gz"), plain, secrets)
	case strings.HasSuffix(where, ".bacpac"):
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			leaks(t, where+"/"+f.Name, plain, secrets)
		}
	}
}

// commandLine is what the process list shows of a process to everybody.
func commandLine(t *testing.T, pid int) []byte {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(b) == 0 {
		t.Fatalf("the command line cannot be read: %q %v", b, err)
	}
	return b
}

// No secret of a run stands anywhere but in the keyring: not in journal, log,
// report or package, not in what is printed, not on the command line.
func TestSecretsLeaveNoTrace(t *testing.T) {
	slow(t)
	in := serve(t, t.TempDir(), "--users", "30", "--documents", "40", "--rows", "4000", "--missing", "3")
	const proxy = "Zugang-0815-proxy"
	secrets := map[string]string{"database password": in.DBPassword, "password": in.Password, "proxy password": proxy}
	config, err := os.ReadFile(filepath.Join(in.Config, "SuperOffice", "Customer Service", "config"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(config)) {
		if key, value, ok := strings.Cut(line, "="); ok && strings.HasSuffix(strings.ToLower(strings.TrimSpace(key)), "pass") {
			secrets["password of "+strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	if len(secrets) < 5 {
		t.Fatalf("too few secrets to look for: %d", len(secrets))
	}
	all, err := json.Marshal(map[string]string{"databasePassword": in.DBPassword, "userPassword": in.Password, "proxyUser": "leaver", "proxyPassword": proxy})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	cmd := program(t, in.args("run", p, "--remember", "--accept-terms")...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// It waits for the secrets, so it runs while its command line is read.
	leaks(t, "the command line", commandLine(t, cmd.Process.Pid), secrets)
	if _, err := stdin.Write(all); err != nil {
		t.Fatal(err)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	leaks(t, "standard output", out.Bytes(), secrets)
	leaks(t, "standard error", errs.Bytes(), secrets)
	// Runs that fail say what was wrong, and nothing more.
	for name, given := range map[string]map[string]string{
		"wrong database password": {"databasePassword": "Wrong-4711", "userPassword": in.Password},
		"wrong password":          {"databasePassword": in.DBPassword, "userPassword": "Wrong-4711"},
	} {
		b, err := json.Marshal(given)
		if err != nil {
			t.Fatal(err)
		}
		e := invoke(t, bytes.NewReader(b), in.args("run", newPlace(t), "--accept-terms")...)
		if e.code != exitFailed {
			t.Errorf("%s: exit code %d", name, e.code)
		}
		secrets[name] = "Wrong-4711"
		leaks(t, "the error of a "+name, []byte(e.stdout+e.stderr), secrets)
	}
	// A bundle that keeps names keeps no secret either.
	bundle := filepath.Join(t.TempDir(), "bundle.zip")
	e := invoke(t, strings.NewReader(""), "bundle", "--ticket", in.Ticket, "--state", p.state, "--out", bundle, "--unmasked", "--yes").mustSucceed(t)
	leaks(t, "the output of bundle", []byte(e.stdout+e.stderr), secrets)
	for name, text := range unzipped(t, bundle) {
		leaks(t, "bundle/"+name, []byte(text), secrets)
	}
	files := 0
	for _, dir := range []string{p.state, p.target} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			files++
			leaks(t, path, data, secrets)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 20 {
		t.Errorf("only %d files were looked at", files)
	}
}

// A line is read to its end and no further.
func TestReadLine(t *testing.T) {
	r := strings.NewReader(" DOMAIN\\anna \r\nsecret\n")
	for _, want := range []string{`DOMAIN\anna`, "secret", ""} {
		if got, err := readLine(iotest.OneByteReader(r)); got != want || err != nil {
			t.Errorf("%q %v, want %q", got, err, want)
		}
	}
	if _, err := readLine(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a terminal that went away: %v", err)
	}
}
