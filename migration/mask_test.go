package migration_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"omt/migration"
)

// TestMaskedTexts: what names somebody or something of the customer is taken out,
// whatever form it has; what omt and the systems below it say themselves stays.
func TestMaskedTexts(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"connection refused":   "connection refused",
		"read 17 of 4711 rows": "read 17 of 4711 rows",
		"open C:\\SO_ARC\\HH\\2020.1\\Brev til Åse.docx: permission denied": "open path-1: permission denied",
		`open \\crm01\SO_ARC\HH\2020.1\a.doc: file not found`:               "open path-1: file not found",
		"open /srv/so_arc/HH/brev.docx: permission denied":                  "open path-1: permission denied",
		"mail to hanna@fjordlys.no failed":                                  "mail to mail-1 failed",
		`login failed for user "Hanna Berg"`:                                "login failed for user value-1",
		"login failed for user 'SalesDept'":                                 "login failed for user value-1",
		"dial tcp crm01.fjordlys.local":                                     "dial word-1 file-1",
		"https://fjordlys.blob.example/c?sig=abc refused":                   "host-1 refused",
		"call +47 22 00 00 00":                                              "word-1 phone-1",
		"dial tcp 10.20.30.40:1433: refused":                                "dial word-1 ip-1:1433: refused",
		"dial tcp [fe80::1:2:3:4]:1433":                                     "dial word-1 [ip-1]:1433",
		"rows 123456 of 7654321":                                            "rows 123456 of word-1",
		"version 15.0.2000.5":                                               "version 15.0.2000.5",
		"serial 9900000042":                                                 "serial word-1",
	} {
		if got := migration.NewMasker().Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	m := migration.NewMasker("Archive AS", "Read")
	if got := m.Text("read the archive of Kari"); strings.Contains(got, "archive") || strings.HasPrefix(got, "read") {
		t.Errorf("a company that is called like a word of omt: %q", got)
	}
	// One name, one pseudonym, so that a reader can follow it; another one, another.
	a, b := m.Text("Kari met Ola"), m.Text("Ola met Kari")
	if x, y := strings.Fields(a), strings.Fields(b); x[0] != y[2] || x[2] != y[0] || x[0] == x[2] {
		t.Errorf("%q and %q", a, b)
	}
}

// TestMaskedLogLines: of a line of the log only what omt chooses itself stays, also
// in a line that is none, and a name that looks like a level does not pass.
func TestMaskedLogLines(t *testing.T) {
	m := migration.NewMasker("warn")
	line := `{"level":"info","ts":"2026-11-20T08:00:00.1Z","msg":"try again","what":"read mem/Brev.docx","mode":"Kari","run":"abc123","rows":12,"names":["Ola",{"Kari":"x"}],"begin":"warn"}`
	var got map[string]any
	if err := json.Unmarshal(m.LogLine([]byte(line)), &got); err != nil {
		t.Fatal(err)
	}
	if got["level"] != "info" || got["ts"] != "2026-11-20T08:00:00.1Z" || got["msg"] != "try again" || got["run"] != "abc123" || got["rows"] != 12.0 {
		t.Errorf("lost: %v", got)
	}
	if s := fmt.Sprint(got); strings.Contains(s, "Kari") || strings.Contains(s, "Ola") || strings.Contains(s, "Brev") || got["begin"] == "warn" {
		t.Errorf("left: %v", got)
	}
	if s := string(m.LogLine([]byte("panic: Kari at /home/kari/x"))); strings.Contains(strings.ToLower(s), "kari") {
		t.Errorf("a line that is no JSON: %q", s)
	}
}

// TestNoNamePassesTheMask: whatever stands around a name, and however it is written,
// it is not in what is given away.
func TestNoNamePassesTheMask(t *testing.T) {
	name := rapid.StringMatching(`[A-ZÅÆØ][a-zåæø]{3,8}zq`)
	around := rapid.SampledFrom([]string{
		"%s", "read %s", `open "%s"`, "open C:\\SO_ARC\\%s\\2020.1: permission denied", `\\srv\%s`, "/srv/%s/a", "%s@example.com", "user '%s' is locked", "%s.docx", "a-%s_1 failed",
		`{"msg":"%s","level":"info"}`, "https://%s.example/x", "%s: %s", "x%sx", "=%s;", "(%s)", "\t%s\r\n", "\u00a0%s\u3000",
	})
	rapid.Check(t, func(t *rapid.T) {
		n, form := name.Draw(t, "name"), around.Draw(t, "form")
		text := strings.ReplaceAll(form, "%s", n)
		m := migration.NewMasker()
		for _, got := range []string{m.Text(text), string(m.LogLine([]byte(text))), m.Name("word", text)} {
			if strings.Contains(strings.ToLower(got), strings.ToLower(n)) {
				t.Fatalf("%q became %q", text, got)
			}
		}
	})
}
