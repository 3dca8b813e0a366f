package onsite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
)

// fakeComputer is a computer of maps; its files are real.
type fakeComputer struct {
	env, shares map[string]string
	keys        map[string]map[string]string // by the key as regedit writes it
	denied      string                       // a key that may not be read
	run         func(ctx context.Context, program string, args ...string) error
	ran         []string
}

func (f *fakeComputer) Env(name string) string    { return f.env[name] }
func (f *fakeComputer) Share(drive string) string { return f.shares[drive] }

func (f *fakeComputer) Keys(v View, path string) ([]string, error) {
	var out []string
	for k := range f.keys {
		if rest, ok := strings.CutPrefix(k, v.key(path)+`\`); ok && !strings.Contains(rest, `\`) {
			out = append(out, rest)
		}
	}
	if out == nil {
		return nil, fs.ErrNotExist
	}
	slices.Sort(out)
	return out, nil
}

func (f *fakeComputer) Values(v View, path string) (map[string]string, error) {
	if v.key(path) == f.denied {
		return nil, fs.ErrPermission
	}
	for k, values := range f.keys {
		if strings.EqualFold(k, v.key(path)) {
			return values, nil
		}
	}
	return nil, fs.ErrNotExist
}

func (f *fakeComputer) Run(ctx context.Context, program string, args ...string) error {
	f.ran = append(f.ran, program+" "+strings.Join(args, " "))
	if f.run == nil {
		return errors.New("not to be run")
	}
	return f.run(ctx, program, args...)
}

const odbc32 = `HKLM\SOFTWARE\WOW6432Node\ODBC\ODBC.INI\`

func ini(archive, source string) string {
	return "[SuperOffice]\r\nArchivePath=" + archive + "\r\nDatapath=ODBC:" + source + "\r\n"
}

func dsnKey(server, database string) map[string]string {
	return map[string]string{"driver": `C:\WINDOWS\system32\SQLSRV32.dll`, "server": server, "database": database}
}

// described is what a person chooses by.
func described(f Finding) []string {
	var out []string
	for _, s := range f.Installations {
		out = append(out, s.serverName()+" "+s.Database+" "+strings.Join(s.ArchivePaths, ";"))
	}
	return out
}

func TestFindMergesClientAndServer(t *testing.T) {
	arc := root("arc")
	dir := put(t, map[string]string{
		"x86/SuperOffice/SuperOffice Windows/SuperOffice.ini":    ini(arc, "SO"),
		"x86/SuperOffice/SuperOffice Windows/SuperOffice.config": `<configuration><SuperOffice/></configuration>`,
		"pf/SuperOffice/SuperOffice Server/SuperOffice.ini":      ini(arc, "SO"),
		"pf/SuperOffice/SuperOffice Server/web/web.config":       xmlOf("MSSQL", "clear"),
		"cs/config": service,
	})
	c := &fakeComputer{
		env: map[string]string{"ProgramFiles(x86)": filepath.Join(dir, "x86"), "ProgramFiles": filepath.Join(dir, "pf")},
		keys: map[string]map[string]string{
			odbc32 + "so":                    dsnKey("tcp:other,1444", "Other"),
			`HKLM\SOFTWARE\ODBC\ODBC.INI\SO`: dsnKey("wrong", "Wrong"),
			`HKLM\SOFTWARE\WOW6432Node\SuperOffice Customer Service\crm.example`: {"config file": filepath.Join(dir, "cs", "config")},
		},
	}
	// web.config names the same server and another archive in its own words.
	text := strings.ReplaceAll(strings.Replace(xmlOf("MSSQL", "clear"), "/xml", arc, 1), `value="other"`, `value="other,1444"`)
	if err := os.WriteFile(filepath.Join(dir, "pf", "SuperOffice", "SuperOffice Server", "web", "web.config"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Find(t.Context(), c)
	if err != nil || !slices.Equal(described(f), []string{"other,1444 Other " + arc}) || len(f.Notes) > 0 {
		t.Fatalf("%v %v %v", described(f), f.Notes, err)
	}
	s := f.Installations[0]
	if s.Service.BasePath != filepath.Join(dir, "cs") || s.User != "fromxml" || s.NetServer.SOAP == "" || len(c.ran) > 0 {
		t.Errorf("%+v, ran %v", s.Service, c.ran)
	}
	if !slices.ContainsFunc(s.Found, func(o Origin) bool { return o.Field == "Server" && o.File == odbc32+"SO" }) {
		t.Errorf("the server was found in %v", s.Found)
	}
}

func TestFindSeveralInstallations(t *testing.T) {
	dir := put(t, map[string]string{
		"pf/SuperOffice/A/SuperOffice.ini":      ini(root("a"), "Live"),
		"pf/SuperOffice/B/SuperOffice.ini":      ini(root("b"), "Test"),
		"pf/SuperOffice/C/SuperOffice.ini":      "[SuperOffice\nbroken",
		"elsewhere/Main/SuperOffice.ini":        ini(root("c"), "Third"),
		"roaming/SuperOffice/SOUser.ini":        "[SuperOffice]\nArchivePath=" + root("mine") + "\nDatapath=ODBC:Live\n",
		"mail/SuperOffice.ini":                  ini(root("other"), "Live"),
		"pf/SuperOffice/Orphan/web.config":      `<configuration><SuperOffice/></configuration>`,
		"uninstalled/by/other/SuperOffice.ini":  ini(root("x"), "Live"),
		"pf/SuperOffice/D/SuperOffice.config":   xmlOf("Oracle", "x"),
		"pf/SuperOffice/E/SOCRM.EXE":            "MZ",
		"pf/SuperOffice/E/sub/readme/hello.txt": "",
	})
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	uninstall := `HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\`
	c := &fakeComputer{
		env: map[string]string{"ProgramFiles": at("pf"), "APPDATA": at("roaming")},
		keys: map[string]map[string]string{
			odbc32 + "Live": dsnKey(`SQL01\CRM`, "Live"), odbc32 + "Test": dsnKey("sql02", "Live"), odbc32 + "Third": dsnKey("sql03", "Third"),
			uninstall + "{1}":                        {"displayname": "SuperOffice Windows 10", "installlocation": `"` + at("elsewhere") + `"`},
			uninstall + "{2}":                        {"displayname": "Editor", "installlocation": at("uninstalled")},
			uninstall + "{3}":                        {"displayname": "SuperOffice Help", "installlocation": "relative"},
			`HKCU\SOFTWARE\SuperOffice\MailLink`:     {"useinipathforwindowsclient": at("mail/SuperOffice.ini")},
			`HKLM\SOFTWARE\ODBC\ODBC.INI\Live\Third`: {},
		},
	}
	f, err := Find(t.Context(), c)
	want := []string{`SQL01\CRM Live ` + root("a"), `SQL01\CRM Live ` + root("other"), "sql02 Live " + root("b"), "sql03 Third " + root("c")}
	if got := described(f); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, want %q: %v", got, want, err)
	}
	var ids []string
	for _, n := range f.Notes {
		ids = append(ids, n.ID)
	}
	if !slices.Contains(ids, "hint.config.broken") || !slices.Contains(ids, "hint.config.dbtype") {
		t.Errorf("notes %v", f.Notes)
	}
}

func TestFindNothing(t *testing.T) {
	empty := &fakeComputer{env: map[string]string{"ProgramFiles": t.TempDir()}}
	for _, c := range []Computer{nil, empty} {
		if _, err := Find(t.Context(), c); !errors.Is(err, migration.ErrNotFound) || migration.HintOf(err).ID != "hint.config.usual" {
			t.Errorf("%v", err)
		}
	}
	dir := put(t, map[string]string{"SuperOffice/SuperOffice.ini": ini(root("arc"), "SO")})
	c := &fakeComputer{env: map[string]string{"ProgramFiles": dir}}
	f, err := Find(t.Context(), c)
	if migration.HintOf(err).ID != "hint.config.dsn" || len(f.Installations) != 1 {
		t.Errorf("an unknown data source: %v, %v", described(f), err)
	}
	c.denied = odbc32 + "SO"
	if _, err := Find(t.Context(), c); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), c.denied) {
		t.Errorf("a data source that may not be read: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ended, c); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The registry of another computer is not here, but the client knows.
func TestFindAsksTheClient(t *testing.T) {
	dir := put(t, map[string]string{"SuperOffice/SuperOffice.ini": ini(root("arc"), "SO"), "SuperOffice/Socrm.exe": "MZ"})
	c := &fakeComputer{env: map[string]string{"ProgramFiles": dir}}
	var made string
	c.run = func(ctx context.Context, _ string, args ...string) error {
		made = strings.TrimPrefix(args[0], "/CONFIGTO=")
		if info, err := os.Stat(filepath.Dir(made)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("others can read the folder: %v %v", info.Mode(), err)
		}
		return os.WriteFile(made, []byte(xmlOf("MSSQL", "fromclient")), 0o600)
	}
	f, err := Find(t.Context(), c)
	client := filepath.Join(dir, "SuperOffice", "Socrm.exe")
	if err != nil || !slices.Equal(described(f), []string{"other Other " + root("arc")}) || f.Installations[0].Password != "fromclient" {
		t.Fatalf("%v %v", described(f), err)
	}
	if o := f.Installations[0].Found; !slices.ContainsFunc(o, func(o Origin) bool { return o.Field == "Password" && o.File == client }) {
		t.Errorf("origins %v", o)
	}
	if _, err := os.Stat(filepath.Dir(made)); !errors.Is(err, fs.ErrNotExist) || len(c.ran) != 1 {
		t.Errorf("its output is still there: %v; ran %v", err, c.ran)
	}
	c.run = func(context.Context, string, ...string) error { return nil } // writes nothing
	if _, err := Find(t.Context(), c); migration.HintOf(err).ID != "hint.config.dsn" {
		t.Errorf("a client that does not know the switch: %v", err)
	}
}

// A client that opens its window instead of answering is ended.
func TestClientThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c := &fakeComputer{run: func(ctx context.Context, _ string, args ...string) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		_, err := clientConfig(t.Context(), c, "SOCRM.EXE")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != clientLimit {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

// A share whose server is gone keeps the call, but not the person.
func TestNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, gone := time.Now(), make(chan struct{})
		_, err := within(t.Context(), answerLimit, `\\nowhere\SO_ARC`, func() (int, error) { <-gone; return 1, nil })
		if !errors.Is(err, errNoAnswer) || migration.HintOf(err).ID != "hint.config.slow" || !strings.Contains(err.Error(), `\\nowhere\SO_ARC`) {
			t.Errorf("%v", err)
		}
		if took := time.Since(begin); took > 15*time.Second {
			t.Errorf("took %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := within(ctx, answerLimit, "x", func() (int, error) { <-gone; return 1, nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		close(gone)
		if n, err := within(t.Context(), answerLimit, "x", func() (int, error) { return 7, nil }); n != 7 || err != nil {
			t.Errorf("%d %v", n, err)
		}
	})
}

func TestMappedDrives(t *testing.T) {
	c := &fakeComputer{
		shares: map[string]string{"S:": `\\files\SO`, "C:": ""},
		keys:   map[string]map[string]string{`HKCU\Network\T`: {"remotepath": `\\old\arc\`}},
	}
	for path, want := range map[string]string{
		`S:\SO_ARC`: `\\files\SO\SO_ARC`, `S:`: `\\files\SO`, `T:\x`: `\\old\arc\x`, `C:\SO_ARC`: `C:\SO_ARC`, `S:relative`: `S:relative`,
		`\\server\SO_ARC`: `\\server\SO_ARC`, `/arc`: `/arc`, "": "", `1:\x`: `1:\x`, `S:/x`: `\\files\SO/x`,
	} {
		if got := universal(c, path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
	s := Settings{ArchivePaths: []string{`S:\arc`, `C:\arc`}, TemplatePath: `T:\t`, Service: ServiceSettings{BasePath: `S:\cs`}}
	s.onShares(c)
	if s.ArchivePaths[0] != `\\files\SO\arc` || s.TemplatePath != `\\old\arc\t` || s.Service.BasePath != `\\files\SO\cs` {
		t.Errorf("%+v", s)
	}
}

// Files that would take the memory or the whole day of a careless reader.
func TestHostileConfigurations(t *testing.T) {
	laughs := "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY a \"lol\">"
	for c := 'b'; c <= 'j'; c++ {
		laughs += "<!ENTITY " + string(c) + " \"" + strings.Repeat("&"+string(c-1)+";", 10) + "\">"
	}
	laughs += "]>\n<configuration>&j;</configuration>"
	dir := put(t, map[string]string{"xml/SuperOffice.config": laughs, "ini/SuperOffice.ini": ""})
	huge := filepath.Join(dir, "ini", "SuperOffice.ini")
	if err := os.Truncate(huge, 1<<30); err != nil {
		t.Skip("no file of 1 GB can be made here: ", err)
	}
	for _, name := range []string{"xml", "ini"} {
		_, err := Discover(t.Context(), filepath.Join(dir, name))
		if !errors.Is(err, ErrConfiguration) || migration.HintOf(err).ID != "hint.config.broken" || !strings.Contains(err.Error(), filepath.Join(dir, name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzUniversal(f *testing.F) {
	for _, s := range []string{`S:\SO_ARC`, `S:`, `\\server\x`, "", `S:x`, `é:\`} {
		f.Add(s, `\\files\SO`)
	}
	f.Fuzz(func(t *testing.T, path, share string) {
		c := &fakeComputer{shares: map[string]string{"S:": share}}
		got := universal(c, path)
		if got != path && (!strings.HasPrefix(path, "S:") || !strings.HasPrefix(got, `\\`) || !strings.HasSuffix(got, path[2:])) {
			t.Fatalf("%q on %q is %q", path, share, got)
		}
	})
}

func FuzzDSN(f *testing.F) {
	f.Add([]byte(goodDSN), "SO")
	f.Add([]byte("[SO]\nServer=tcp:x\nPort=1433\nDriver=Oracle\n"), "so")
	f.Add(utf16LE(goodDSN), "SO")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		e, err := parseINI("f", data)
		if err != nil {
			return
		}
		d, ok, err := e.dsn(name)
		if err != nil && !errors.Is(err, ErrUnsupported) || ok && d.Origin.File != "f" {
			t.Fatalf("%+v %v %v", d, ok, err)
		}
	})
}
