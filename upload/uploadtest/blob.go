package uploadtest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// BlobOp names a request of the blob dialect in a log and in faults.
type BlobOp string

// The requests that a BlobServer understands.
const (
	BlobPut       BlobOp = "put"       // Put Blob
	BlobBlock     BlobOp = "block"     // Put Block
	BlobCommit    BlobOp = "blocklist" // Put Block List
	BlobBlocks    BlobOp = "blocks"    // Get Block List
	BlobGet       BlobOp = "get"       // Get Blob
	BlobHead      BlobOp = "head"      // Get Blob Properties
	BlobList      BlobOp = "list"      // List Blobs
	BlobDelete    BlobOp = "delete"    // Delete Blob
	BlobLease     BlobOp = "lease"     // Lease Blob, see BlobRequest.Lease
	BlobUndefined BlobOp = "undefined" // anything else
)

// BlobRequest is one request as the server has logged it.
type BlobRequest struct {
	Op     BlobOp
	Path   string // of the object, unescaped; the prefix of List
	Lease  string // acquire, renew, change, release, break; for BlobLease only
	Block  string // id of a block, decoded
	Size   int64  // length of the body that was announced, -1 if unknown
	N      int    // which request of this Op it is, from 1
	Nth    int    // which request of this Op, Path and Block it is, from 1
	Header http.Header

	// What came of it; not known yet when faults are chosen.
	Received int64 // bytes of the body that arrived
	Worked   bool  // the work was done, whether the answer arrived or not
	Status   int   // 0: there was no answer
	Code     string
	Ended    bool
}

// BlobOptions are what a BlobServer takes from outside. The zero value is for use.
type BlobOptions struct {
	// Now is the clock of signatures and leases; nil: time.Now.
	Now func() time.Time
	// Sleep lets time pass for Line; nil: real time. It returns early with the
	// error of a context that ends.
	Sleep func(context.Context, time.Duration) error
	// Fault chooses what goes wrong with a request; nil: nothing ever does. It
	// runs in the request's goroutine and without a lock, so it may block,
	// cancel or change the server.
	Fault func(BlobRequest) BlobFault
	// Line is what lies between client and server.
	Line Line
	// Forget says which objects are hashed and compared but not kept, so that a
	// large load needs no memory; nil: everything is kept.
	Forget func(path string) bool
}

// BlobServer is a storage service in memory that speaks as much of the dialect
// of Azure Blob Storage as a migration needs, fails on demand, and logs what it
// is asked. Where the service and its emulator differ it does as the service
// documents. It is an http.Handler; Serve and ServePipe run it.
type BlobServer struct {
	opts BlobOptions
	line *line
	stop chan struct{} // closed when the server is
	once sync.Once

	mu         sync.Mutex
	containers map[string]*blobContainer
	log        []*BlobRequest
	ops        map[string]int
	etags      int
}

// blobContainer is guarded by the mutex of its server.
type blobContainer struct {
	objects map[string]*blobObject
}

// blobObject is an object, or what was staged for one that is not there yet.
type blobObject struct {
	committed bool
	data      []byte
	size      int64
	md5       []byte // as the client has set it, or nil
	etag      string
	modified  time.Time
	blocks    []blobBlock // it was made of, or nil after Put Blob
	staged    []blobBlock
	lease     blobLease
}

type blobBlock struct {
	id   string
	data []byte
	size int64
}

type blobLease struct {
	id     string
	until  time.Time // zero: there is none
	broken bool
}

// NewBlobServer makes a server without containers.
func NewBlobServer(o BlobOptions) *BlobServer {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &BlobServer{opts: o, line: newLine(o.Line, o.Now, o.Sleep), stop: make(chan struct{}), containers: map[string]*blobContainer{}, ops: map[string]int{}}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Container makes an empty container; one that is there stays as it is.
func (s *BlobServer) Container(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.containers[name] == nil {
		s.containers[name] = &blobContainer{objects: map[string]*blobObject{}}
	}
}

// Requests returns the log in the order of arrival.
func (s *BlobServer) Requests() []BlobRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]BlobRequest, len(s.log))
	for i, r := range s.log {
		out[i] = *r
	}
	return out
}

// RequestsOf returns the logged requests of one kind.
func (s *BlobServer) RequestsOf(op BlobOp) []BlobRequest {
	return slices.DeleteFunc(s.Requests(), func(r BlobRequest) bool { return r.Op != op })
}

// BreakLease ends the lease of an object as the owner of the container can.
func (s *BlobServer) BreakLease(name, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.containers[name]; c != nil && c.objects[path] != nil {
		c.objects[path].lease = blobLease{id: c.objects[path].lease.id, broken: true}
	}
}

// DropStaged forgets uncommitted blocks of an object, as the service does with
// all of them a week after the last one; gone chooses by id which, nil all. It
// returns how many there were of those.
func (s *BlobServer) DropStaged(name, path string, gone func(id string) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.containers[name]
	if c == nil || c.objects[path] == nil {
		return 0
	}
	o := c.objects[path]
	before := len(o.staged)
	o.staged = slices.DeleteFunc(o.staged, func(b blobBlock) bool { return gone == nil || gone(b.id) })
	if len(o.staged) == 0 && !o.committed {
		delete(c.objects, path)
	}
	return before - len(o.staged)
}

// Objects returns the committed objects of a container by path.
func (s *BlobServer) Objects(name string) map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string][]byte{}
	if c := s.containers[name]; c != nil {
		for path, o := range c.objects {
			if o.committed {
				out[path] = o.data
			}
		}
	}
	return out
}

// describe reads what a request asks for and counts it.
func (s *BlobServer) describe(r *http.Request) (container string, req *BlobRequest) {
	container, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	req = &BlobRequest{Op: opOf(r, q), Path: path, Size: r.ContentLength, Header: r.Header.Clone()}
	switch req.Op {
	case BlobLease:
		req.Lease = r.Header.Get("x-ms-lease-action")
	case BlobBlock:
		req.Block = decodeID(q.Get("blockid"))
	case BlobList:
		req.Path = q.Get("prefix")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	nth := string(req.Op) + "\x00" + req.Path + "\x00" + req.Block
	s.ops[string(req.Op)]++
	s.ops[nth]++
	req.N, req.Nth = s.ops[string(req.Op)], s.ops[nth]
	s.log = append(s.log, req)
	return container, req
}

func opOf(r *http.Request, q url.Values) BlobOp {
	comp := q.Get("comp")
	switch r.Method + " " + comp {
	case "PUT ":
		return BlobPut
	case "PUT block":
		return BlobBlock
	case "PUT blocklist":
		return BlobCommit
	case "PUT lease":
		return BlobLease
	case "GET blocklist":
		return BlobBlocks
	case "GET ":
		return BlobGet
	case "HEAD ":
		return BlobHead
	case "DELETE ":
		return BlobDelete
	case "GET list":
		if q.Get("restype") == "container" {
			return BlobList
		}
	}
	return BlobUndefined
}
