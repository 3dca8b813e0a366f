package ticket

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"omt/migration"
)

// Sign returns the ticket file: indented JSON with format, key id and
// signature set; t is not changed. A ticket that Verify would refuse for its
// content is not signed, whatever its dates.
func Sign(t *migration.Ticket, keyID string, priv ed25519.PrivateKey) ([]byte, error) {
	if len(priv) != ed25519.PrivateKeySize {
		return nil, errors.New("sign ticket: not a private key")
	}
	if (keyID == DemoKeyID) != priv.Equal(DemoKey()) {
		return nil, fmt.Errorf("sign ticket: the id %q and the demo key belong together", DemoKeyID)
	}
	if !keyIDs.MatchString(keyID) {
		return nil, fmt.Errorf("sign ticket: key id must match %s", keyIDs)
	}
	out := *t
	out.Format, out.Key, out.Signature = Format, keyID, ""
	if out.Languages == nil {
		out.Languages = []string{} // null is not allowed
	}
	if err := check(&out); err != nil {
		return nil, fmt.Errorf("sign ticket: %w", err)
	}
	unsigned, err := encode(&out)
	if err != nil {
		return nil, err
	}
	root, err := read(unsigned)
	if err != nil {
		return nil, fmt.Errorf("sign ticket: %w", err)
	}
	out.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(priv, signed(root)))
	return encode(&out)
}

func encode(t *migration.Ticket) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // the container address keeps its & readable
	if err := e.Encode(t); err != nil {
		return nil, fmt.Errorf("encode ticket: %w", err)
	}
	return b.Bytes(), nil
}
