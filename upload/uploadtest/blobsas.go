package uploadtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// sasKey signs the addresses of every BlobServer. It guards nothing but the
// memory of a test.
const sasKey = "the key of a server that exists for a test"

// SignedQuery is the shared access signature of a container with these rights,
// of the letters r, c, w, d and l, and this end.
func (s *BlobServer) SignedQuery(container, rights string, end time.Time) string {
	q := url.Values{"sv": {"2025-01-05"}, "sr": {"c"}, "sp": {rights}, "se": {end.UTC().Format(time.RFC3339)}}
	q.Set("sig", signSAS(container, q))
	return q.Encode()
}

// signSAS signs the fields that say what is permitted. It is not the service's
// scheme: clients pass the signature on as they got it.
func signSAS(container string, q url.Values) string {
	m := hmac.New(sha256.New, []byte(sasKey))
	m.Write([]byte(strings.Join([]string{container, q.Get("sv"), q.Get("sr"), q.Get("sp"), q.Get("se")}, "\n")))
	// Characters that are written differently in an address, as real ones have.
	return "+/" + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// refusal is an answer with an error; the zero value is none.
type refusal struct {
	status int
	code   string
}

var (
	badSignature = refusal{http.StatusForbidden, "AuthenticationFailed"}
	noRight      = refusal{http.StatusForbidden, "AuthorizationPermissionMismatch"}
	noContainer  = refusal{http.StatusNotFound, "ContainerNotFound"}
	noBlob       = refusal{http.StatusNotFound, "BlobNotFound"}
)

// permit checks signature, end and right. A new object may be put with the
// right to create; all else that writes needs the right to write.
func (s *BlobServer) permit(container string, req *BlobRequest, q url.Values) refusal {
	if !hmac.Equal([]byte(q.Get("sig")), []byte(signSAS(container, q))) {
		return badSignature
	}
	end, err := time.Parse(time.RFC3339, q.Get("se"))
	if err != nil || !s.opts.Now().Before(end) {
		return badSignature
	}
	s.mu.Lock()
	c := s.containers[container]
	s.mu.Unlock()
	if c == nil {
		return noContainer
	}
	need := map[BlobOp]string{
		BlobPut: "w", BlobBlock: "w", BlobCommit: "w", BlobLease: "w", BlobDelete: "d",
		BlobGet: "r", BlobHead: "r", BlobBlocks: "r", BlobList: "l",
	}[req.Op]
	has := func(right string) bool { return strings.Contains(q.Get("sp"), right) }
	switch {
	case need == "":
		return refusal{http.StatusBadRequest, "InvalidQueryParameterValue"}
	case has(need), req.Op == BlobPut && has("c") && s.find(container, req.Path) == nil:
		return refusal{}
	}
	return noRight
}

// find returns a committed object or nil.
func (s *BlobServer) find(container, path string) *blobObject {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.containers[container].objects[path]; o != nil && o.committed {
		return o
	}
	return nil
}
