package ticket_test

import (
	"strings"
	"testing"

	"omt/migration"
	"omt/upload/ticket"
)

// The limits of a container's name are those of the storage service: 3 to 63
// characters, hyphens between letters and digits only.
func TestContainerNames(t *testing.T) {
	_, priv := opsPair(t)
	for path, good := range map[string]bool{
		"/abc": true, "/abc/": true, "/a-b": true, "/a-b-c-9": true,
		"/" + strings.Repeat("a", 63): true, "/" + strings.Repeat("a-", 31) + "a": true,
		"/ab": false, "/a": false, "/": false, "": false,
		"/" + strings.Repeat("a", 64): false, "/" + strings.Repeat("a-", 32) + "a": false,
		"//abc": false, "/abc//": false, "/abc/x": false, "/a--b": false, "/-ab": false, "/ab-": false, "/Abc": false,
	} {
		x := customer()
		x.Target.Container = "https://account.blob.core.windows.net" + path + "?sr=c&se=2026-12-01T00:00:00Z&sig=" + secret
		_, err := ticket.Sign(x, opsKey, priv)
		if (err == nil) != good {
			t.Errorf("%q: %v, want accepted %v", path, err, good)
		}
	}
}

// Characters that nobody sees, or that turn the direction of writing, make a
// name look like another one.
func TestInvisibleCharacters(t *testing.T) {
	_, priv := opsPair(t)
	for _, r := range "\u202e\u202d\u2066\u2069\u200e\u200f\u061c\u200b\u200d\u2060\ufeff\u00ad\x07\u0085" {
		x := customer()
		x.Company = "Nord" + string(r) + "avind"
		if _, err := ticket.Sign(x, opsKey, priv); migration.HintOf(err).ID != "hint.ticket.field" {
			t.Errorf("%U in the company: %v", r, err)
		}
	}
	x := customer()
	x.Company = "Nordavind Skog \u00e6\u00f8\u00e5 \u65e5\u672c \u0627\u0628 AS"
	if _, err := ticket.Sign(x, opsKey, priv); err != nil {
		t.Errorf("letters of other scripts: %v", err)
	}
}
