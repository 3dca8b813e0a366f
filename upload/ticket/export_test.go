package ticket

import "crypto/ed25519"

// WithKey returns Release's keys and one more. Only tests can do this.
func WithKey(id string, pub ed25519.PublicKey) Keys {
	k, err := Release()
	if err != nil {
		panic(err)
	}
	k.byID[id] = pub
	return k
}

// Canonical parses and canonicalises.
func Canonical(data []byte) ([]byte, error) {
	v, err := parse(data)
	if err != nil {
		return nil, err
	}
	return canonical(v), nil
}
