package onsite

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"omt/migration"
)

func utf16LE(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func TestParseINI(t *testing.T) {
	const text = "[SuperOffice]\r\nArchivePath=\\\\server\\SO_ARC\r\n; comment=1\r\n#also=1\r\nDatapath = \"ODBC:SuperOffice\"\r\n" +
		"TemplatePath='C:\\a;b #c'\r\nX=C:\\a;b\t; said somebody\r\narchivepath=second\r\nnonsense\r\nBlåbær=ø\r\n"
	latin := []byte(strings.NewReplacer("å", "\xe5", "æ", "\xe6", "ø", "\xf8").Replace(text))
	for name, data := range map[string][]byte{
		"utf-8": []byte(text), "mark": append([]byte{0xef, 0xbb, 0xbf}, text...), "utf-16": utf16LE(text), "windows-1252": latin,
	} {
		e, err := parseINI("x.ini", data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, want := range map[string]string{
			"ARCHIVEPATH": `\\server\SO_ARC`, "Datapath": "ODBC:SuperOffice", "TemplatePath": `C:\a;b #c`, "x": `C:\a;b`, "Blåbær": "ø",
		} {
			if x, ok := e.get("superoffice", key); !ok || x.value != want {
				t.Errorf("%s: %s is %q, want %q", name, key, x.value, want)
			}
		}
		if x, _ := e.get("SuperOffice", "Datapath"); x.line != 5 {
			t.Errorf("%s: Datapath in line %d, want 5", name, x.line)
		}
		if _, ok := e.get("SuperOffice", "also"); ok {
			t.Errorf("%s: a comment became a key", name)
		}
	}
}

func TestParseBroken(t *testing.T) {
	big := make([]byte, maxConfigBytes+1)
	for _, c := range []struct {
		name  string
		parse func(string, []byte) (entries, error)
		data  string
		where string
	}{
		{"binary", parseINI, "a=1\nb=\x00\x01", "f:2"},
		{"section", parseINI, "a=1\n[open\n", "f:2"},
		{"large", parseService, string(big), "f"},
		{"not xml", parseConfig, "[SuperOffice]\nArchivePath=x\n", "f"},
		{"unclosed", parseConfig, "<configuration>\n<SuperOffice>\n</configuration>", "f:3"},
		{"entity", parseConfig, "<configuration>\n<SuperOffice>&secret;</SuperOffice></configuration>", "f:2"},
		{"document type", parseConfig, "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><configuration/>", "f:"},
		{"root", parseConfig, "<html></html>", "f:1"},
		{"deep", parseConfig, strings.Repeat("<a>", 100), "f:1"},
	} {
		_, err := c.parse("f", []byte(c.data))
		if !errors.Is(err, ErrConfiguration) || !strings.Contains(err.Error(), c.where) {
			t.Errorf("%s: %v, want a broken configuration at %s", c.name, err, c.where)
		}
		if migration.HintOf(err).ID != "hint.config.broken" {
			t.Errorf("%s: hint %v", c.name, migration.HintOf(err))
		}
	}
}

func TestEncrypted(t *testing.T) {
	for password, want := range map[string]bool{
		"": false, "hunter2": false, "correct horse battery": false, "password": false,
		"q83vq83vq83vq83vq83vqw==": true, "0123456789abcdef0123456789abcdef": true,
	} {
		if encrypted(password) != want {
			t.Errorf("encrypted(%q) is %v", password, !want)
		}
	}
}

func TestSetServer(t *testing.T) {
	for in, want := range map[string]string{
		"crm01": "crm01", "tcp:crm01,1444": "crm01,1444", `crm01\SUPER`: `crm01\SUPER`, `(local)\SUPER`: `localhost\SUPER`,
		".": "localhost", `np:\\crm01\pipe\MSSQL$SUPER\sql\query`: `crm01\SUPER`, `\\crm01\pipe\sql\query`: "crm01",
		`crm01\SUPER,1500`: "crm01,1500", "tcp:::1,1444": "::1,1444", "fe80::1": "fe80::1", `crm01\MSSQLSERVER`: "crm01", "lpc:crm01": "crm01",
	} {
		var s Settings
		if err := s.SetServer(in); err != nil || s.serverName() != want {
			t.Errorf("SetServer(%q) = %q, %v, want %q", in, s.serverName(), err, want)
		}
	}
	for _, in := range []string{"", "crm01,", "crm01,99999", "a;Password=x", "tcp:", "tcp:np:crm01", "http:crm01"} {
		var s Settings
		if err := s.SetServer(in); !errors.Is(err, ErrConfiguration) {
			t.Errorf("SetServer(%q): %v", in, err)
		}
	}
}

// put writes the files of a tree and returns its folder.
func put(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	goodINI = "[SuperOffice]\nArchivePath=/arc\nArchivePath2=/arc2\nDatapath=ODBC:SO\n"
	goodDSN = "[SO]\nDriver=SQL Server\nServer=crm01,1444\nDatabase=Super\n"
	service = "dbHost = localhost\ndbUsername = crm7\ndbPassword = clear;text\ndbDatabase = SO\ndbType = mssql\n" +
		"nsEndPoint = http://web/NetServer/Services88\n#frozen\n"
)

func xmlOf(major, password string) string {
	return `<?xml version="1.0" encoding="utf-8"?><configuration><SuperOffice><Data><Database>
<add key="DatabaseMajor" value="` + major + `"/><add key="Server" value="other"/><add key="Database" value="Other"/>
<add key="TablePrefix" value="crm8"/></Database><Explicit><add key="DBUser" value="fromxml"/>
<add key="DBPassword" value="` + password + `"/></Explicit></Data><Documents><add key="ArchivePath" value="/xml"/>
</Documents></SuperOffice></configuration>`
}

func TestDiscover(t *testing.T) {
	dir := put(t, map[string]string{
		"Program Files/SuperOffice/SuperOffice.ini":    goodINI + "[DocPlugin_SoArc]\nArchivePath=/plugin\n",
		"Program Files/SuperOffice/SuperOffice.config": xmlOf("MSSQL", "q83vq83vq83vq83vq83vqw=="),
		"SuperOffice/Customer Service/config":          service,
		"odbc.ini":                                     goodDSN,
		"home/git/config":                              "[core]\nbare = false\n",
	})
	s, err := Discover(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.serverName() != "crm01,1444" || s.Database != "Super" || s.Schema != "crm8" {
		t.Errorf("database: %v", s)
	}
	if s.User != "crm7" || s.Password != "clear;text" || s.PasswordEncrypted {
		t.Errorf("credentials: %s, encrypted %v", s.User, s.PasswordEncrypted)
	}
	if strings.Join(s.ArchivePaths, " ") != "/plugin /arc2" {
		t.Errorf("archive: %v", s.ArchivePaths)
	}
	if s.NetServer.SOAP != "http://web/NetServer/Services88" || s.NetServer.REST != "http://web/SuperOffice" {
		t.Errorf("NetServer: %v", s.NetServer)
	}
	if s.Service.BasePath != filepath.Join(dir, "SuperOffice", "Customer Service") {
		t.Errorf("service: %v", s.Service)
	}
	if len(s.Missing()) != 0 {
		t.Errorf("missing: %v", s.Missing())
	}
	for _, field := range []string{"Server", "Password", "ArchivePath2"} {
		found := false
		for _, o := range s.Found {
			found = found || o.Field == field && o.File != "" && o.Line > 0
		}
		if !found {
			t.Errorf("%s has no origin in %v", field, s.Found)
		}
	}
}

func TestDiscoverWithoutPassword(t *testing.T) {
	dir := put(t, map[string]string{"SuperOffice.ini": goodINI, "SuperOffice.config": xmlOf("MSSQL", "q83vq83vq83vq83vq83vqw=="), "odbc.ini": goodDSN})
	s, err := Discover(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if !s.PasswordEncrypted || strings.Join(s.Missing(), " ") != "User Password" {
		t.Errorf("encrypted %v, missing %v", s.PasswordEncrypted, s.Missing())
	}
}

func TestDiscoverRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		is    error
		hint  string
		text  string
	}{
		{"nothing", map[string]string{"readme.txt": "x"}, migration.ErrNotFound, "hint.config.none", ""},
		{"oracle", map[string]string{"SuperOffice.config": xmlOf("Oracle", "x")}, ErrUnsupported, "hint.config.dbtype", "Oracle"},
		{"oracle service", map[string]string{"config": strings.Replace(service, "mssql", "oracle", 1)}, ErrUnsupported, "hint.config.dbtype", "config:5"},
		{"oracle driver", map[string]string{"SuperOffice.ini": goodINI, "odbc.ini": "[SO]\nDriver=Oracle in client\nServer=x\n"}, ErrUnsupported, "hint.config.dbtype", "odbc.ini:2"},
		{"not xml", map[string]string{"SuperOffice.ini": goodINI, "SuperOffice.config": "ArchivePath=x"}, ErrConfiguration, "hint.config.broken", "SuperOffice.config:1"},
		{"no archive", map[string]string{"SuperOffice.ini": "[SuperOffice]\nDatapath=ODBC:SO\n", "odbc.ini": goodDSN}, ErrConfiguration, "hint.config.missing", "ArchivePath"},
		{"no datapath", map[string]string{"SuperOffice.ini": "[SuperOffice]\nArchivePath=/a\n"}, ErrConfiguration, "hint.config.missing", "Datapath"},
		{"datapath", map[string]string{"SuperOffice.ini": "[SuperOffice]\nArchivePath=/a\nDatapath=C:\\x\n"}, ErrConfiguration, "hint.config.broken", "SuperOffice.ini:3"},
		{"dsn", map[string]string{"SuperOffice.ini": goodINI}, migration.ErrNotFound, "hint.config.dsn", "SO"},
		{"two", map[string]string{"a/SuperOffice.ini": goodINI, "b/SuperOffice.ini": strings.Replace(goodINI, "ODBC:SO", "ODBC:Test", 1), "odbc.ini": goodDSN}, ErrConfiguration, "hint.config.conflict", "Datapath"},
		{"two services", map[string]string{"SuperOffice.ini": goodINI, "odbc.ini": goodDSN, "a/config": service, "b/config": strings.Replace(service, "http://web", "http://test", 1)}, ErrConfiguration, "hint.config.conflict", "nsEndPoint"},
		{"two passwords", map[string]string{"SuperOffice.ini": goodINI, "odbc.ini": goodDSN, "a/config": service, "b/config": strings.Replace(service, "clear;text", "Clear;text", 1)}, ErrConfiguration, "hint.config.conflict", "dbPassword"},
		{"web.config against SuperOffice.config", map[string]string{"SuperOffice.config": xmlOf("MSSQL", "x"), "web/web.config": strings.Replace(xmlOf("MSSQL", "x"), "/xml", "/test", 1)}, ErrConfiguration, "hint.config.conflict", "ArchivePath"},
		{"endpoint", map[string]string{"SuperOffice.ini": goodINI, "odbc.ini": goodDSN, "config": strings.Replace(service, "http://web", "web", 1)}, ErrConfiguration, "hint.config.endpoint", "config:6"},
	} {
		_, err := Discover(t.Context(), put(t, c.files))
		if !errors.Is(err, c.is) || migration.HintOf(err).ID != c.hint || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, hint %s; want %v, %s, %q", c.name, err, migration.HintOf(err).ID, c.is, c.hint, c.text)
		}
		if err != nil && strings.Contains(err.Error(), "clear;text") {
			t.Errorf("%s: error has the password", c.name)
		}
	}
}

// TestDiscoverStrangers: files of other programs with the names of ours.
func TestDiscoverStrangers(t *testing.T) {
	dir := put(t, map[string]string{
		"SuperOffice.ini": goodINI, "odbc.ini": goodDSN, "config": service, "a/.ssh/config": strings.Repeat("dbDatabase", maxConfigBytes/10+1),
		"b/web.config": "<html>broken", "copy/config": service,
	})
	for _, name := range []string{"c/config", "d/web.config"} { // links to nothing cannot be read
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("nowhere", path); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	if s, err := Discover(t.Context(), dir); err != nil || s.Service.BasePath != dir {
		t.Errorf("%v, %+v", err, s.Service)
	}
	if _, err := searchConfig(t.Context(), dir, maxSearchDepth, 5); migration.HintOf(err).ID != "hint.config.search" {
		t.Errorf("a search that is cut short: %v", err)
	}
}

func TestDiscoverWebConfig(t *testing.T) {
	text := strings.Replace(xmlOf("MSSQL", "clear"), `<add key="ArchivePath" value="/xml"/>`,
		`<add key="ArchivePath10" value="/ten"/><add key="ArchivePath1" value="/xml/"/><add key="archivepath" value="/xml"/><add key="ArchivePath2" value="/two"/>`, 1)
	s, err := Discover(t.Context(), put(t, map[string]string{"inetpub/NetServer/Web.config": text}))
	if err != nil || strings.Join(s.ArchivePaths, " ") != "/xml /two /ten" || s.User != "fromxml" || s.Database != "Other" {
		t.Errorf("%v, archive %v, %v", err, s.ArchivePaths, s)
	}
	numbered := strings.Replace(text, `<add key="archivepath" value="/xml"/>`, "", 1)
	if s, err = Discover(t.Context(), put(t, map[string]string{"web.config": numbered})); err != nil || strings.Join(s.ArchivePaths, " ") != "/xml/ /two /ten" {
		t.Errorf("numbered from one: %v %v", err, s.ArchivePaths)
	}
}

// fuzzParser holds one parser to what all promise: an error that says that the
// configuration is at fault, or entries whose places exist.
func fuzzParser(f *testing.F, parse func(string, []byte) (entries, error), seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
		f.Add([]byte("\xef\xbb\xbf" + s))
		f.Add(utf16LE(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := parse("f", data)
		if err != nil && !errors.Is(err, ErrConfiguration) {
			t.Fatalf("not a configuration error: %v", err)
		}
		for _, x := range e.list {
			if x.line < 1 || x.line > len(data)+1 || strings.ContainsAny(x.section, "\n") {
				t.Fatalf("entry %+v", x)
			}
		}
	})
}

func FuzzINI(f *testing.F) {
	fuzzParser(f, parseINI, goodINI, goodDSN, "[a]\n=\n\"='\n[\n",
		"[SuperOffice]\nArchivePath=\\\\nowhere\\SO_ARC\nTemplatePath=\"C:\\a;b\" ; said\n", "[SuperOffice]\r\nArchivePath=C:\\\x80\xe6\r\n")
}

func FuzzService(f *testing.F) {
	fuzzParser(f, parseService, service, "frozen", "dbPassword = a = b # c\n#frozen\n frozen \r\n", "=\n\x00")
}

func FuzzConfigXML(f *testing.F) {
	fuzzParser(f, parseConfig, xmlOf("MSSQL", "x"), "<!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY d \"&b;&b;\">]><configuration>&d;</configuration>",
		"<?xml version=\"1.0\" encoding=\"utf-16\"?><configuration><a><add key='x' value='&#65;'/></a></configuration>",
		strings.Repeat("<configuration>", 70), "<configuration><!-- </configuration>", "<configuration xmlns:a='b'><a:add key='1'/></configuration>")
}

func FuzzServer(f *testing.F) {
	for _, s := range []string{`tcp:crm01,1444`, `np:\\crm01\pipe\MSSQL$X\sql\query`, `.\X`, ",", `\\`, `lpc:(local)`, `NP: \\.\pipe\own`, "admin:tcp:x", "tcp:np:x", "\\\\\\\xa7MSSQL$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var s Settings
		if err := s.SetServer(in); err == nil && (s.Server == "" || s.Port < 0 || s.Port > 65535) {
			t.Fatalf("%q gave %+v", in, s.serverName())
		} else if err != nil {
			return
		}
		// What is shown, exported and read again is the same server.
		var again Settings
		if err := again.SetServer(s.dsnName()); err != nil || again.dsnName() != s.dsnName() || again.Protocol != s.Protocol || again.Pipe != s.Pipe {
			t.Fatalf("%q is %q, and %q when it is read again: %v", in, s.dsnName(), again.dsnName(), err)
		}
		if ways := s.protocols(true, true); len(ways) == 0 || s.way(ways[0]) == "" {
			t.Fatalf("no way to %q", in)
		}
	})
}
