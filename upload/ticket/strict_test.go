package ticket_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/upload/ticket"
)

func TestStrictReading(t *testing.T) {
	good := string(sign(t, demo(), ticket.DemoKeyID, ticket.DemoKey()))
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("sample has no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct{ text, hint string }{
		"empty":              {"", "hint.ticket.syntax"},
		"list":               {"[]", "hint.ticket.syntax"},
		"cut off":            {good[:len(good)/2], "hint.ticket.syntax"},
		"two tickets":        {good + good, "hint.ticket.syntax"},
		"text after the end": {good + "x", "hint.ticket.syntax"},
		"byte order mark":    {"\ufeff" + good, "hint.ticket.syntax"},
		"invalid utf-8":      {swap("Fjordlys", "Fj\xf8rdlys"), "hint.ticket.syntax"},
		"lone surrogate":     {swap("Fjordlys", `Fj\ud800rdlys`), "hint.ticket.syntax"},
		"duplicate":          {swap(`"id":`, `"id": "x", "id":`), "hint.ticket.syntax"},
		"nested duplicate":   {swap(`"seats": 80`, `"seats": 80, "seats": 80`), "hint.ticket.syntax"},
		"escaped duplicate":  {swap(`"id":`, `"\u0069d": "x", "id":`), "hint.ticket.syntax"},
		"fraction":           {swap(`"seats": 80`, `"seats": 80.0`), "hint.ticket.syntax"},
		"exponent":           {swap(`"seats": 80`, `"seats": 8e1`), "hint.ticket.syntax"},
		"leading zero":       {swap(`"seats": 80`, `"seats": 080`), "hint.ticket.syntax"},
		"minus zero":         {swap(`"seats": 0`, `"seats": -0`), "hint.ticket.syntax"},
		"too large":          {swap(`"seats": 80`, `"seats": 9007199254740993`), "hint.ticket.syntax"},
		"null":               {swap(`"Cust10001"`, `null`), "hint.ticket.syntax"},
		"deep":               {strings.Repeat("[", 100000), "hint.ticket.size"},
		"nested":             {strings.Repeat("[", 1000), "hint.ticket.syntax"},
		"large":              {good + strings.Repeat(" ", ticket.MaxSize), "hint.ticket.size"},
		"unknown":            {swap(`"id":`, `"extra": 1, "id":`), "hint.ticket.unknown-field"},
		"nested unknown":     {swap(`"eventKey":`, `"extra": 1, "eventKey":`), "hint.ticket.unknown-field"},
		"internal field":     {swap(`"id":`, `"Demo": true, "id":`), "hint.ticket.unknown-field"},
		"other spelling":     {swap(`"tenant":`, `"Tenant":`), "hint.ticket.field"},
		"missing":            {swap(`"mailDomain": "cust10001.example.com",`, ``), "hint.ticket.field"},
		"wrong type":         {swap(`"seats": 80`, `"seats": "80"`), "hint.ticket.field"},
		"not a date":         {swap(`2026-12-01T00:00:00Z`, `1 December 2026`), "hint.ticket.field"},
		"later format":       {swap(`omt-ticket/1`, `omt-ticket/2`), "hint.ticket.format"},
		"not a ticket":       {`{"format":"omt-plan/1"}`, "hint.ticket.format"},
		"no signature":       {swap(`"signature": "`, `"signature": "AAAA`), "hint.ticket.signature"},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := ticket.Verify([]byte(c.text), release(t), now)
			refused(t, x, err, c.hint)
		})
	}
	// Order of fields and white space are free: the signature is over the
	// canonical form.
	if _, err := ticket.Verify([]byte(strings.ReplaceAll(good, "\n", "\r\n\t")), release(t), now); err != nil {
		t.Errorf("other white space: %v", err)
	}
}

func TestRules(t *testing.T) {
	type change = func(*migration.Ticket)
	container := func(s string) change {
		return func(x *migration.Ticket) { x.Target.Container = s }
	}
	const sas = "?sr=c&sp=rcwl&se=2026-12-01T00:00:00Z&sig=" + secret
	_, priv := opsPair(t)
	for name, c := range map[string]struct {
		field  string
		change change
	}{
		"tenant":            {"tenant", func(x *migration.Ticket) { x.Tenant = "Cust1234" }},
		"tenant with more":  {"tenant", func(x *migration.Ticket) { x.Tenant = "Cust123456" }},
		"no id":             {"id", func(x *migration.Ticket) { x.ID = " " }},
		"no company":        {"company", func(x *migration.Ticket) { x.Company = "" }},
		"no serial":         {"serial", func(x *migration.Ticket) { x.Serial = "" }},
		"no environment":    {"environment", func(x *migration.Ticket) { x.Environment = "" }},
		"control character": {"company", func(x *migration.Ticket) { x.Company = "Nord\x1b[31m" }},
		"long":              {"plans[1].name", func(x *migration.Ticket) { x.Plans[1].Name = strings.Repeat("x", 301) }},
		"no plan":           {"plans", func(x *migration.Ticket) { x.Plans = nil }},
		"plan twice":        {"plans[1].id", func(x *migration.Ticket) { x.Plans[1].ID = x.Plans[0].ID }},
		"plan without name": {"plans[0].name", func(x *migration.Ticket) { x.Plans[0].Name = "" }},
		"plan without id":   {"plans[0].id", func(x *migration.Ticket) { x.Plans[0].ID = "" }},
		"negative seats":    {"plans[1].seats", func(x *migration.Ticket) { x.Plans[1].Seats = -1 }},
		"negative right":    {"confidentialSeats", func(x *migration.Ticket) { x.ConfidentialSeats = -1 }},
		"no mode":           {"modes", func(x *migration.Ticket) { x.Modes = nil }},
		"unknown mode":      {"modes[1]", func(x *migration.Ticket) { x.Modes[1] = "dry" }},
		"mode twice":        {"modes[1]", func(x *migration.Ticket) { x.Modes[1] = x.Modes[0] }},
		"language":          {"languages[0]", func(x *migration.Ticket) { x.Languages[0] = "../en" }},
		"terms":             {"termsUrl", func(x *migration.Ticket) { x.TermsURL = "javascript:alert(1)" }},
		"dates":             {"expires", func(x *migration.Ticket) { x.Expires = x.NotBefore }},
		"kind":              {"target.kind", func(x *migration.Ticket) { x.Target.Kind = "ftp" }},
		"folder with path":  {"target.container", func(x *migration.Ticket) { x.Target.Kind = ticket.TargetFolder }},
		"http":              {"target.container", container("http://account.example.com/cust10001" + sas)},
		"no container":      {"target.container", container("https://account.example.com/" + sas)},
		"blob level":        {"target.container", container("https://account.example.com/cust10001/x" + sas)},
		"no sas":            {"target.container", container("https://account.example.com/cust10001")},
		"no end":            {"target.container", container("https://account.example.com/cust10001?sr=c&sig=" + secret)},
		"bad end":           {"target.container", container("https://account.example.com/cust10001?sr=c&se=soon&sig=" + secret)},
		"blob signature":    {"target.container", container("https://account.example.com/cust10001?sr=b&se=2026-12-01&sig=" + secret)},
		"two ends":          {"target.container", container("https://account.example.com/cust10001" + sas + "&se=2030-01-01")},
		"password":          {"target.container", container("https://u:p@account.example.com/cust10001" + sas)},
		"fragment":          {"target.container", container("https://account.example.com/cust10001" + sas + "#x")},
		"no address":        {"target.container", container("https://account .example.com/%zz" + sas)},
	} {
		t.Run(name, func(t *testing.T) {
			x := customer()
			c.change(x)
			b, err := ticket.Sign(x, opsKey, priv)
			if err == nil {
				t.Fatalf("signed:\n%s", b)
			}
			if got := migration.HintOf(err).Args["Field"]; got != c.field {
				t.Errorf("error %q names field %v, want %s", err, got, c.field)
			}
			keepsSecret(t, err)
		})
	}
}

func TestFindAndLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with [brackets]")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := sign(t, demo(), ticket.DemoKeyID, ticket.DemoKey())
	for _, n := range []string{"b.omt-ticket", "A.OMT-TICKET", "c.txt", "omt-ticket"} {
		if err := os.WriteFile(filepath.Join(dir, n), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.omt-ticket"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := ticket.Find(dir)
	want := []string{filepath.Join(dir, "A.OMT-TICKET"), filepath.Join(dir, "b.omt-ticket")}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("found %v, %v; want %v", got, err, want)
	}
	if x, err := ticket.Load(got[0], release(t), now); err != nil || x.ID != "demo-0001" {
		t.Errorf("load: %v", err)
	}
	if x, err := ticket.Load(got[0], release(t), now.AddDate(1, 0, 0)); !errors.Is(err, migration.ErrExpired) || x == nil {
		t.Errorf("load expired: %v, %v", x != nil, err)
	}
	x, err := ticket.Load(filepath.Join(dir, "none"), release(t), now)
	refused(t, x, err, "hint.ticket.none")
	if !errors.Is(err, migration.ErrNotFound) {
		t.Errorf("missing file: %v", err)
	}
	x, err = ticket.Load(dir, release(t), now)
	refused(t, x, err, "hint.ticket.unreadable")
	if _, err := ticket.Find(filepath.Join(dir, "none")); migration.HintOf(err).ID != "hint.ticket.unreadable" {
		t.Errorf("missing folder: %v", err)
	}
}

func FuzzTicket(f *testing.F) {
	f.Add(sign(f, demo(), ticket.DemoKeyID, ticket.DemoKey()))
	f.Add([]byte(`{"format":"omt-ticket/1","plans":[{"id":"\ud83d\ude00"}],"seats":-9007199254740991,"x":true}`))
	f.Add([]byte(`{"a":{"a":[[],{}]},"a\u0000":"\\\/\b"}`))
	keys := release(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := ticket.Verify(data, keys, now)
		if (x == nil) != (err != nil && !errors.Is(err, migration.ErrExpired)) {
			t.Fatalf("ticket %v, error %v", x != nil, err)
		}
		if x != nil && (x.Serial != migration.DemoSerial || x.Expires.Before(time.Time{})) {
			t.Fatal("a ticket for somebody else was accepted")
		}
		once, err := ticket.Canonical(data)
		if err != nil {
			return
		}
		twice, err := ticket.Canonical(once)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("canonical form is not stable: %q, %q, %v", once, twice, err)
		}
	})
}
