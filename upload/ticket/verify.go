package ticket

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"omt/migration"
)

// Format is the value of field "format" of the tickets of this version.
const Format = "omt-ticket/1"

// MaxSize bounds a ticket file in bytes; a real one has about 2,000.
const MaxSize = 64 << 10

// Verify reads a ticket and decides whether it is trusted at the moment now.
// All errors carry a hint. A ticket that is past its last day, or whose
// container address is, comes back together with an error that wraps
// migration.ErrExpired: the program still opens report and thaw with it but
// sends nothing. With every other error the ticket is nil.
func Verify(data []byte, keys Keys, now time.Time) (*migration.Ticket, error) {
	root, err := read(data)
	if err != nil {
		return nil, err
	}
	var t migration.Ticket
	if err := json.Unmarshal(data, &t); err != nil {
		// Only a date can still be wrong here; the error would repeat its text.
		return nil, migration.Fail("read ticket", "", errors.New("notBefore or expires is not a date"),
			migration.Msg("hint.ticket.field", "Field", "notBefore, expires"))
	}
	if err := verifySignature(root, &t, keys); err != nil {
		return nil, err
	}
	if err := check(&t); err != nil {
		return nil, err
	}
	return inTime(&t, now)
}

// read parses the file and compares it with the fields of a ticket.
func read(data []byte) (object, error) {
	if len(data) > MaxSize {
		return nil, migration.Fail("read ticket", "", fmt.Errorf("larger than %d bytes", MaxSize), migration.Msg("hint.ticket.size"))
	}
	v, err := parse(data)
	if err != nil {
		return nil, migration.Fail("read ticket", "", err, migration.Msg("hint.ticket.syntax"))
	}
	root, ok := v.(object)
	if !ok {
		return nil, migration.Fail("read ticket", "", errors.New("is not an object"), migration.Msg("hint.ticket.syntax"))
	}
	// The format stands first: a later one may have fields that are unknown here.
	if f, _ := root.get("format"); f != Format {
		return nil, migration.Fail("read ticket", "", fmt.Errorf("format is not %s", Format),
			migration.Msg("hint.ticket.format", "Want", Format))
	}
	return root, shape(root, reflect.TypeFor[migration.Ticket](), "")
}

// verifySignature looks the key up and checks the signature over the canonical
// form. It sets Demo.
func verifySignature(root object, t *migration.Ticket, keys Keys) error {
	pub, known := keys.byID[t.Key]
	if !known {
		return migration.Fail("verify ticket", "", errors.New("signed with a key that this program does not know"),
			migration.Msg("hint.ticket.key"))
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(t.Signature)
	if err != nil || len(sig) != ed25519.SignatureSize || !ed25519.Verify(pub, signed(root), sig) {
		return migration.Fail("verify ticket", "", errors.New("signature does not fit the content"),
			migration.Msg("hint.ticket.signature"))
	}
	t.Demo = t.Key == DemoKeyID
	return nil
}

// inTime compares the dates of ticket and container address with now.
func inTime(t *migration.Ticket, now time.Time) (*migration.Ticket, error) {
	if now.Before(t.NotBefore) {
		return nil, migration.Fail("verify ticket", "", errors.New("not valid yet"),
			migration.Msg("hint.ticket.not-yet", "From", day(t.NotBefore)))
	}
	end := t.Expires
	if t.Target.Kind == TargetBlob {
		// check has read the address already, so this cannot fail.
		if c, err := parseContainer(t.Target.Container); err == nil && c.expires.Before(end) {
			end = c.expires
		}
	}
	if !now.Before(end) {
		return t, migration.Fail("verify ticket", "", migration.ErrExpired,
			migration.Msg("hint.ticket.expired", "Until", day(end)))
	}
	return t, nil
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
