package ticket

import (
	"crypto/ed25519"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
)

// The text forms of keys begin with these, so that nobody sends a private key
// where a public one is asked for.
const (
	publicPrefix  = "omt-ed25519-public:"
	privatePrefix = "omt-ed25519-private:"
)

// DemoKeyID is the id of the demo key in field "key" of a ticket.
const DemoKeyID = "demo"

// DemoKey is the private key of the demo. It is in the source and so known to
// everybody, which can do no harm: a ticket signed with it is accepted only
// for the company and serial number of the sample installation, the database's
// own company and serial number must equal the ticket's at login and at every
// resume, and the target must be a folder or an address of this computer. So it
// moves nobody's data but the sample's.
func DemoKey() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("omt demo key: public on purpose, protects nothing"))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Keys are the public keys that are trusted, by id. Outside this package there
// is no way to make a set or to add to one: a program that can be told to trust
// one more key can be told so by whoever sends a forged ticket.
type Keys struct {
	byID map[string]ed25519.PublicKey
}

//go:embed keys
var releaseKeys embed.FS

// Release returns the keys that were compiled in: Online Operations' keys from
// the folder keys of this package, and the demo key with its restrictions.
func Release() (Keys, error) {
	entries, err := releaseKeys.ReadDir("keys")
	if err != nil {
		return Keys{}, fmt.Errorf("read compiled-in keys: %w", err)
	}
	k := Keys{byID: map[string]ed25519.PublicKey{DemoKeyID: DemoKey().Public().(ed25519.PublicKey)}}
	for _, e := range entries {
		id, isKey := strings.CutSuffix(e.Name(), ".pub")
		if !isKey {
			continue
		}
		text, err := releaseKeys.ReadFile(path.Join("keys", e.Name()))
		if err != nil {
			return Keys{}, fmt.Errorf("read compiled-in key %s: %w", id, err)
		}
		if err := k.add(id, string(text)); err != nil {
			return Keys{}, err
		}
	}
	return k, nil
}

func (k Keys) add(id, text string) error {
	if !keyIDs.MatchString(id) {
		return fmt.Errorf("add key %q: id must match %s", id, keyIDs)
	}
	if _, twice := k.byID[id]; twice {
		return fmt.Errorf("add key %q: id is taken", id)
	}
	pub, err := ParsePublicKey(text)
	if err != nil {
		return fmt.Errorf("add key %q: %w", id, err)
	}
	k.byID[id] = pub
	return nil
}

// keyIDs is the form of key ids; they are file names and stand in tickets.
var keyIDs = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// GenerateKey makes a key pair. random is crypto/rand.Reader outside tests.
func GenerateKey(random io.Reader) (ed25519.PublicKey, ed25519.PrivateKey, error) {
	pub, priv, err := ed25519.GenerateKey(random)
	if err != nil {
		return nil, nil, fmt.Errorf("generate key: %w", err)
	}
	return pub, priv, nil
}

// FormatPublicKey writes a public key as one line of text without line break.
func FormatPublicKey(k ed25519.PublicKey) string {
	return publicPrefix + base64.StdEncoding.EncodeToString(k)
}

// FormatPrivateKey writes a private key as one line of text. The text is a
// secret.
func FormatPrivateKey(k ed25519.PrivateKey) string {
	return privatePrefix + base64.StdEncoding.EncodeToString(k.Seed())
}

// ParsePublicKey reads the text form of a public key.
func ParsePublicKey(text string) (ed25519.PublicKey, error) {
	b, err := parseKey(text, publicPrefix, ed25519.PublicKeySize)
	if err != nil {
		return nil, fmt.Errorf("parse public key: %w", err)
	}
	return ed25519.PublicKey(b), nil
}

// ParsePrivateKey reads the text form of a private key. Its errors hold
// nothing of the text.
func ParsePrivateKey(text string) (ed25519.PrivateKey, error) {
	b, err := parseKey(text, privatePrefix, ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("parse private key: %w", err)
	}
	return ed25519.NewKeyFromSeed(b), nil
}

func parseKey(text, prefix string, size int) ([]byte, error) {
	body, ok := strings.CutPrefix(strings.TrimSpace(text), prefix)
	if !ok {
		return nil, errors.New("does not begin with " + prefix)
	}
	b, err := base64.StdEncoding.Strict().DecodeString(body)
	if err != nil || len(b) != size {
		return nil, fmt.Errorf("want %d bytes in base64", size)
	}
	return b, nil
}
