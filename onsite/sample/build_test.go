package sample

import (
	"context"
	"encoding/xml"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var small = Options{Users: 25, Documents: 60, Missing: 10, Rows: 5000}

func build(t *testing.T, dir string, o Options) *Installation {
	t.Helper()
	in, err := Build(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestBuildAgainOpens(t *testing.T) {
	dir := t.TempDir()
	first := build(t, dir, small)
	canary := filepath.Join(first.ArchivePath, "canary.txt")
	if err := os.WriteFile(canary, []byte("still here"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := build(t, dir, small)
	if _, err := os.Stat(canary); err != nil {
		t.Error("the same options built the installation anew")
	}
	if again.Expect().Total != first.Expect().Total || again.Expect().Total == 0 {
		t.Errorf("opened says %d rows, built %d", again.Expect().Total, first.Expect().Total)
	}
	other := small
	other.Seed = 7
	if build(t, dir, other).Options().Seed != 7 {
		t.Error("other options were not built")
	}
	if _, err := os.Stat(canary); !errors.Is(err, fs.ErrNotExist) {
		t.Error("other options kept the old archive")
	}
}

func TestHalfBuiltIsRebuilt(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, dir, small); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled build: %v", err)
	}
	if _, err := Load(t.Context(), dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half-built installation opened: %v", err)
	}
	leftover := filepath.Join(dir, archiveFolder, "half")
	if err := os.MkdirAll(leftover, 0o755); err != nil {
		t.Fatal(err)
	}
	build(t, dir, small)
	if _, err := os.Stat(leftover); !errors.Is(err, fs.ErrNotExist) {
		t.Error("leftovers of the half-built installation stayed")
	}
	if _, err := Load(t.Context(), dir); err != nil {
		t.Error(err)
	}
}

func TestForeignFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, archiveFolder, "mine.txt")
	if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Build(t.Context(), dir, small); !errors.Is(err, fs.ErrExist) {
		t.Errorf("foreign folder: %v", err)
	}
	if data, err := os.ReadFile(own); err != nil || string(data) != "mine" {
		t.Errorf("a foreign file was touched: %q %v", data, err)
	}
}

// TestNamesakesAreRefused: files that are only called like ours do not make a
// folder ours.
func TestNamesakesAreRefused(t *testing.T) {
	for name, text := range map[string]string{markerFile: `{"colour": "red"}`, markerFile + " ": "", buildingFile: "half a house"} {
		dir := t.TempDir()
		own := filepath.Join(dir, archiveFolder, "mine.txt")
		if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
			t.Fatal(err)
		}
		for path, data := range map[string]string{own: "mine", filepath.Join(dir, strings.TrimSpace(name)): text} {
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Build(t.Context(), dir, small); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
		if data, err := os.ReadFile(own); err != nil || string(data) != "mine" {
			t.Errorf("%s: a foreign file was touched: %q %v", name, data, err)
		}
	}
}

func TestOptionsOutOfRange(t *testing.T) {
	for _, o := range []Options{{Users: 5}, {Documents: 3}, {Documents: 100, Missing: 90}, {Rows: -1}, {Users: 100_000}} {
		if _, err := Build(t.Context(), t.TempDir(), o); !errors.Is(err, ErrOptions) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestNothingMissing(t *testing.T) {
	o := small
	o.Missing = -1
	e := record(t, o, &recorder{})
	if e.Documents["missing"]+e.Documents["without-path"] != 0 || e.Documents["uploaded"] == 0 {
		t.Errorf("documents: %v", e.Documents)
	}
}

// keys reads key = value lines the way Windows does, sections before the key.
func keys(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out, section := map[string]string{}, ""
	for _, line := range strings.Split(string(data), "\r\n") {
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]") + "/"
		} else if k, v, ok := strings.Cut(line, "="); ok {
			out[section+strings.TrimSpace(k)] = strings.TrimSpace(v)
		} else if line != "" {
			out[section+line] = ""
		}
	}
	return out
}

func TestConfigurationFiles(t *testing.T) {
	in := shared(t)
	if err := in.writeConfig(ports{SQL: 14330, NetServer: 8088}); err != nil {
		t.Fatal(err)
	}
	ini := keys(t, filepath.Join(in.ConfigDir, "Program Files (x86)", "SuperOffice", "SuperOffice Windows", "SuperOffice.ini"))
	if ini["SuperOffice/ArchivePath"] != filepath.Join(in.Dir, "so_arc") || ini["SuperOffice/ArchivePath2"] != filepath.Join(in.Dir, "so_arc_old") || ini["SuperOffice/Datapath"] != "ODBC:SuperOffice" {
		t.Errorf("SuperOffice.ini: %v", ini)
	}
	for _, k := range []string{"SuperOffice/ArchivePath", "SuperOffice/ArchivePath2", "SuperOffice/TemplatePath"} {
		if info, err := os.Stat(ini[k]); err != nil || !info.IsDir() {
			t.Errorf("%s = %s: %v", k, ini[k], err)
		}
	}
	odbc := keys(t, filepath.Join(in.ConfigDir, "odbc.ini"))
	if odbc["SuperOffice/Server"] != "127.0.0.1,14330" || odbc["SuperOffice/Database"] != "SuperOffice" {
		t.Errorf("odbc.ini: %v", odbc)
	}
	service := keys(t, filepath.Join(in.ServiceDir, "config"))
	if service["dbPassword"] != in.DBPassword || service["dbUsername"] != in.DBLogin || service["nsEndPoint"] != "http://127.0.0.1:8088/NetServer/Services88" {
		t.Errorf("config: %v", service)
	}
	if _, ok := service["#frozen"]; !ok {
		t.Errorf("config lacks the #frozen line: %v", service)
	}
	type add struct {
		Key   string `xml:"key,attr"`
		Value string `xml:"value,attr"`
	}
	var config struct {
		XMLName  xml.Name `xml:"configuration"`
		Database []add    `xml:"SuperOffice>Data>Database>add"`
		Explicit []add    `xml:"SuperOffice>Data>Explicit>add"`
	}
	for _, program := range []string{"Program Files (x86)/SuperOffice/SuperOffice Windows", "Program Files/SuperOffice/SuperOffice Server"} {
		data, err := os.ReadFile(filepath.Join(in.ConfigDir, program, "SuperOffice.config"))
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(data, &config); err != nil {
			t.Fatalf("%s: %v", program, err)
		}
		if strings.Contains(string(data), in.DBPassword) {
			t.Errorf("%s has the password in clear", program)
		}
	}
	values := map[string]string{}
	for _, a := range append(config.Database, config.Explicit...) {
		values[a.Key] = a.Value
	}
	if values["DatabaseMajor"] != "MSSQL" || values["TablePrefix"] != "CRM7" || values["DBUser"] != in.DBLogin || len(values["DBPassword"]) < 24 {
		t.Errorf("SuperOffice.config: %v", values)
	}
}

// A frozen installation stays frozen when the stand-ins start again.
func TestFrozenStays(t *testing.T) {
	in := shared(t)
	path := filepath.Join(in.ServiceDir, "config")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(string(data)+"frozen\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := in.writeConfig(ports{SQL: 1, NetServer: 2}); err != nil {
		t.Fatal(err)
	}
	if _, ok := keys(t, path)["frozen"]; !ok {
		t.Error("a restart thawed the installation")
	}
	if err := os.WriteFile(path, data, 0o600); err != nil { // the other tests share it
		t.Fatal(err)
	}
}
