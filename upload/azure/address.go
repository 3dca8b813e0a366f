package azure

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// address is a container's address, taken apart.
type address struct {
	full    string // with the signature; never shown
	shown   string // without query
	expires time.Time
	clean   cleaner
}

// parseAddress reads the address of a container. Its errors are plain words:
// those of net/url repeat the whole address.
func parseAddress(s string) (address, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return address{}, errors.New("is not an address")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return address{}, errors.New("must be https")
	case u.User != nil:
		return address{}, errors.New("holds a user name")
	case u.Fragment != "":
		return address{}, errors.New("holds a fragment")
	case strings.Trim(u.Path, "/") == "":
		return address{}, errors.New("names no container")
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return address{}, errors.New("has a query that cannot be read")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	a := address{full: u.String(), expires: sasEnd(q.Get("se")), clean: newCleaner(u)}
	u.RawQuery = ""
	a.shown = u.String()
	return a, nil
}

// loopback demands a literal: a name such as localhost can be pointed elsewhere.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() && ip.Zone() == ""
}

// sasEnd reads the end of a signature in the forms that Azure documents; the
// zero time if there is none.
func sasEnd(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	return time.Time{}
}
