package azure

import (
	"net/url"
	"regexp"
	"strings"
)

// removed stands where a secret was.
const removed = "(removed)"

var (
	// queryOf is the query of an address in a text.
	queryOf = regexp.MustCompile(`(://[^\s"'?]*)\?[^\s"']*`)
	// userOf is what stands before the host of an address, such as the password
	// of a proxy.
	userOf = regexp.MustCompile(`(://)[^\s"'/@]*@`)
	// plain is what may be repeated of an answer of the service.
	plain = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
)

// cleaner takes secrets out of texts. It knows those of the address in every
// spelling, and queries and passwords of other addresses by their look.
type cleaner struct {
	secrets []string
}

func newCleaner(u *url.URL) cleaner {
	var c cleaner
	q := u.Query()
	for _, s := range []string{u.RawQuery, q.Get("sig"), url.QueryEscape(q.Get("sig")), url.PathEscape(q.Get("sig"))} {
		if s != "" {
			c.secrets = append(c.secrets, s)
		}
	}
	return c
}

func (c cleaner) text(s string) string {
	s = queryOf.ReplaceAllString(s, "$1")
	s = userOf.ReplaceAllString(s, "$1")
	for _, secret := range c.secrets {
		s = strings.ReplaceAll(s, secret, removed)
	}
	return s
}

// word passes a short code or id of an answer, and nothing else: whoever
// answers may be a proxy that repeats the request.
func (c cleaner) word(s string) string {
	if !plain.MatchString(s) || c.text(s) != s {
		return ""
	}
	return s
}
