package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omt/migration"
	"omt/upload/ticket"
)

// inProcess runs a command in this process, for what needs no killing.
func inProcess(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, console{in: strings.NewReader(""), out: &out, err: &errs})
	return code, out.String(), errs.String()
}

func TestUsage(t *testing.T) {
	for _, tc := range []struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{nil, exitUsage, "", "omtctl resume"},
		{[]string{"fly"}, exitUsage, "", "omtctl resume"},
		{[]string{"--version"}, exitOK, "omt 0", ""},
		{[]string{"run", "--help"}, exitOK, "", "--secrets-stdin"[1:]},
		{[]string{"run", "--password", "x"}, exitUsage, "", "password"},
		{[]string{"run", "extra"}, exitUsage, "", "extra"},
		{[]string{"sample"}, exitUsage, "", "--dir"},
		{[]string{"ticket"}, exitUsage, "", "keygen"},
		{[]string{"ticket", "burn"}, exitUsage, "", "keygen"},
		{[]string{"ticket", "sign", "--in", "x"}, exitUsage, "", "keygen"},
	} {
		code, out, errs := inProcess(tc.args...)
		if code != tc.code || !strings.Contains(out, tc.stdout) || !strings.Contains(errs, tc.stderr) {
			t.Errorf("omtctl %v: code %d, stdout %q, stderr %q", tc.args, code, out, errs)
		}
	}
}

// A ticket as Operations make it: key, signature, and what show prints of it.
func TestTicketCommands(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if code, _, errs := inProcess("ticket", "keygen", "--out", key); code != exitOK {
		t.Fatal(errs)
	}
	old, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(key); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("private key: %v, %v", st.Mode(), err)
	}
	if code, _, _ := inProcess("ticket", "keygen", "--out", key); code != exitFailed {
		t.Errorf("a key was overwritten: exit code %d", code)
	}
	if again, _ := os.ReadFile(key); !bytes.Equal(again, old) {
		t.Error("the key was changed")
	}
	unsigned := filepath.Join(dir, "unsigned.json")
	b, err := json.Marshal(migration.Ticket{
		ID: "t-1", Tenant: "Cust12345", Environment: "production", Company: "Kunde AS", Serial: "123",
		Plans: []migration.TicketPlan{{ID: "a", Name: "A", Seats: 3}}, Modes: []migration.Mode{migration.ModeTest},
		Target:     migration.TargetSpec{Kind: "azureblob", Container: "https://account.blob.example/container?sv=2024-11-04&sr=c&sp=rcwl&se=2031-01-01T00:00:00Z&sig=hushhush"},
		MailDomain: "kunde.example", Languages: []string{"nb"}, TermsURL: "https://terms.example/",
		NotBefore: when("2026-01-01T00:00:00Z"), Expires: when("2030-01-01T00:00:00Z"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(unsigned, b, 0o600); err != nil {
		t.Fatal(err)
	}
	signed := filepath.Join(dir, "kunde"+ticket.Extension)
	if code, _, errs := inProcess("ticket", "sign", "--in", unsigned, "--out", signed, "--key", key, "--key-id", "operations-1"); code != exitOK {
		t.Fatal(errs)
	}
	// The key is not one of those that are compiled in.
	code, out, errs := inProcess("ticket", "show", "--ticket", signed)
	if code != exitFailed || !strings.Contains(errs, "does not know") || strings.Contains(out+errs, "hushhush") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, out, errs)
	}
}

func TestShowHidesSecrets(t *testing.T) {
	shown := shownTicket(&migration.Ticket{
		Signature: "abc", Freeze: migration.FreezeSpec{EventKey: "evkey"}, Target: migration.TargetSpec{Kind: "azureblob", Container: "https://u:pw@account.blob.example/c?sig=hushhush"},
	})
	b, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); strings.Contains(s, "hushhush") || strings.Contains(s, "pw") || strings.Contains(s, "abc") || strings.Contains(s, "evkey") || !strings.Contains(s, "account.blob.example/c") {
		t.Errorf("shown is %s", s)
	}
}

// What stands on standard input may be a password and is never repeated.
func TestSecretsAreNotEchoed(t *testing.T) {
	var out, errs bytes.Buffer
	code := run(context.Background(), []string{"run", "--secrets-stdin", "--json"}, console{in: strings.NewReader("TopSecret-1"), out: &out, err: &errs})
	if code != exitFailed || strings.Contains(out.String()+errs.String(), "TopSecret") || !strings.Contains(errs.String(), "userPassword") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, out.String(), errs.String())
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"SuperOffice.ini": "[SuperOffice]\nArchivePath=" + dir + "\nDatapath=ODBC:SO\n", "odbc.ini": "[SO]\nServer=127.0.0.1,1\nDatabase=SO\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, errs := inProcess("check", "--config", dir, "--user", "ADM0"); code != exitFailed || !strings.Contains(errs, "--secrets-stdin") {
		t.Errorf("without a terminal: exit code %d, %q", code, errs)
	}
}
