package network

import (
	"bytes"
	"testing"
)

// Windows gives a token for the person who runs the test: NTLM's, or one of
// SPNEGO (RFC 4178, an ASN.1 application tag). Wine may have nothing to give,
// which is said.
func TestProxyOfWindows(t *testing.T) {
	talk, err := systemNegotiate("127.0.0.1")
	if err != nil {
		t.Skip("no sign-in by the system here: ", err)
	}
	defer func() {
		if err := talk.Close(); err != nil {
			t.Error(err)
		}
	}()
	first, err := talk.Next(nil)
	if err != nil {
		t.Skip("no token of the system here: ", err)
	}
	if !bytes.HasPrefix(first, []byte("NTLMSSP\x00\x01")) && first[0] != 0x60 {
		t.Errorf("the token begins with %x", first[:min(len(first), 16)])
	}
	// What no proxy would say ends the talk, and nothing else.
	if token, err := talk.Next([]byte("no token")); err == nil {
		t.Errorf("nonsense is answered by %x", token)
	}
}
