package ticket_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"

	"omt/upload/ticket"
)

// The vectors are those of RFC 8785 (sections 3.2.2 to 3.2.4) and of the test
// data that its author published with it (structures, weird), each without the
// values that a ticket cannot hold: null and fractions.
func TestCanonicalVectors(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"rfc 3.2.2": {
			`{"numbers":[333333333, 4, 2, 0], "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals":[true, false]}`,
			`{"literals":[true,false],"numbers":[333333333,4,2,0],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		"rfc 3.2.3": {
			`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			`{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
		},
		"structures": {
			`{"1": {"f": {"f": "hi","F": 5} ,"\n": 56}, "10": { }, "": "empty", "a": { }, "111": [ {"e": "yes","E": "no" } ], "A": { }}`,
			`{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}`,
		},
		"weird": {
			`{"\u20ac": "Euro Sign","\r": "Carriage Return","\u000a": "Newline","1": "One","\u0080": "Control\u007f","\ud83d\ude02": "Smiley","\u00f6": "Latin Small Letter O With Diaeresis","\ufb33": "Hebrew Letter Dalet With Dagesh","</script>": "Browser Challenge"}`,
			`{"\n":"Newline","\r":"Carriage Return","1":"One","</script>":"Browser Challenge","` + "\u0080" + `":"Control` + "\u007f" + `","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😂":"Smiley","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
		},
	} {
		got, err := ticket.Canonical([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, c.want)
		}
	}
}

// The key pair is test 1 of RFC 8032 section 7.1.
func TestKeyTexts(t *testing.T) {
	seed, err := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	if err != nil {
		t.Fatal(err)
	}
	pub, priv, err := ticket.GenerateKey(bytes.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(pub); got != "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" {
		t.Errorf("public key %s is not that of RFC 8032", got)
	}
	p, err := ticket.ParsePublicKey(" " + ticket.FormatPublicKey(pub) + "\r\n")
	if err != nil || !p.Equal(pub) {
		t.Errorf("public key does not come back: %v", err)
	}
	s, err := ticket.ParsePrivateKey(ticket.FormatPrivateKey(priv))
	if err != nil || !s.Equal(priv) {
		t.Errorf("private key does not come back: %v", err)
	}
	text := ticket.FormatPrivateKey(priv)
	for _, bad := range []string{"", text[:len(text)-1], strings.ToUpper(text), ticket.FormatPublicKey(pub)} {
		if _, err := ticket.ParsePrivateKey(bad); err == nil || (len(bad) > 30 && strings.Contains(err.Error(), bad[25:])) {
			t.Errorf("private key %d: %v", len(bad), err)
		}
	}
	if _, err := ticket.ParsePublicKey(text); err == nil {
		t.Error("a private key was read as a public one")
	}
	if _, _, err := ticket.GenerateKey(strings.NewReader("short")); err == nil {
		t.Error("a key was made of too little randomness")
	}
}

func TestSignRefuses(t *testing.T) {
	_, priv := opsPair(t)
	for name, c := range map[string]struct {
		id   string
		priv ed25519.PrivateKey
	}{
		"demo id with another key": {ticket.DemoKeyID, priv},
		"demo key, another id":     {opsKey, ticket.DemoKey()},
		"bad id":                   {"Ops 1", priv},
		"no key":                   {opsKey, nil},
	} {
		if _, err := ticket.Sign(customer(), c.id, c.priv); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}
