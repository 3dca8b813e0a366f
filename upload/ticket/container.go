package ticket

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// containerAddress is what must be known of a container's address. The
// address itself is a bearer secret and stays where it is.
type containerAddress struct {
	tls      bool
	loopback bool // the host is a literal address of this computer
	expires  time.Time
}

// containerName is Azure's rule for the letters of a container's name, beside
// its length of 3 to 63.
var containerName = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`)

func isContainerName(s string) bool {
	return len(s) >= 3 && len(s) <= 63 && containerName.MatchString(s)
}

// The forms of a time in a shared access signature, as Azure documents them.
var sasTimes = []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02"}

// parseContainer reads the address of a container with its shared access
// signature. Errors are plain words: no piece of the address is repeated.
func parseContainer(s string) (containerAddress, error) {
	var c containerAddress
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Opaque != "" {
		// err holds the whole address and is dropped for that reason.
		return c, errors.New("is not an address")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return c, errors.New("is not an https address")
	case u.User != nil:
		return c, errors.New("holds a user name")
	case u.Fragment != "" || strings.Contains(s, "#"):
		return c, errors.New("holds a fragment")
	}
	c.tls = u.Scheme == "https"
	// A name such as localhost can be pointed elsewhere; a literal cannot.
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		c.loopback = ip.IsLoopback() && ip.Zone() == ""
	}
	if err := c.path(u); err != nil {
		return c, err
	}
	return c, c.signature(u)
}

// path demands exactly one container. Behind a literal address of this
// computer the account stands before it, as emulators have it.
func (c *containerAddress) path(u *url.URL) error {
	// One slash may stand at the end; another one would be an object without a
	// name to storage.
	path, rooted := strings.CutPrefix(u.EscapedPath(), "/")
	elements := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if c.loopback && len(elements) == 2 {
		elements = elements[1:]
	}
	if !rooted || len(elements) != 1 || !isContainerName(elements[0]) {
		return errors.New("must name one container and nothing below it")
	}
	return nil
}

// signature demands a shared access signature of container level with an end.
func (c *containerAddress) signature(u *url.URL) error {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("has a query that cannot be read")
	}
	for _, v := range q {
		if len(v) != 1 {
			return errors.New("has a query parameter twice")
		}
	}
	if !c.loopback && (q.Get("sig") == "" || q.Get("sr") != "c") {
		return errors.New("needs a shared access signature of the container (sr=c)")
	}
	for _, layout := range sasTimes {
		if at, err := time.Parse(layout, q.Get("se")); err == nil {
			c.expires = at
			return nil
		}
	}
	return errors.New("needs a shared access signature with an end (se)")
}
