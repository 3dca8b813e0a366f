package network

import (
	"errors"
	"fmt"

	"github.com/alexbrainman/sspi"
	"github.com/alexbrainman/sspi/negotiate"
)

// systemNegotiate lets Windows sign in as the person who runs the program, with
// Kerberos in a domain, else with NTLM, as its browsers do.
var systemNegotiate = func(host string) (Negotiation, error) {
	person, err := negotiate.AcquireCurrentUserCredentials()
	if err != nil {
		return nil, fmt.Errorf("ask Windows who runs this program: %w", err)
	}
	return &sspiTalk{person: person, proxy: "HTTP/" + host}, nil
}

type sspiTalk struct {
	person *sspi.Credentials
	proxy  string                   // its name in the domain (RFC 4559, section 4)
	begun  *negotiate.ClientContext // nil before the first token
}

func (s *sspiTalk) Next(challenge []byte) (token []byte, err error) {
	if s.begun == nil {
		s.begun, token, err = negotiate.NewClientContext(s.person, s.proxy)
	} else {
		_, token, err = s.begun.Update(challenge)
	}
	if err != nil {
		return nil, fmt.Errorf("sign in by Windows as %s: %w", s.proxy, err)
	}
	return token, nil
}

func (s *sspiTalk) Close() error {
	var err error
	if s.begun != nil {
		err = s.begun.Release()
	}
	return errors.Join(err, s.person.Release())
}
