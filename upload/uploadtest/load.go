package uploadtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// LoadStats is what the server has counted since the last reset.
type LoadStats struct {
	Requests    int       // about documents, of whatever kind
	Objects     int       // documents that arrived
	Connections int       // the most that carried documents at once
	First, Last time.Time // documents
	Seconds     []int64   // bytes of documents by second since First
}

// loadServer counts what is asked of the scripted server.
type loadServer struct {
	inner *BlobServer
	sink  bool
	runs  int
	mu    sync.Mutex
	stats LoadStats
	under int // documents under way
}

// LoadOptions are what the server of a load run takes from outside.
type LoadOptions struct {
	Line Line
	Sink bool // documents are read and thrown away, and their names too
	Runs int  // containers to make, at least one
}

// ServeLoad is the server of a load run: a BlobServer in a process of its own,
// which keeps no document and counts. It tells the address of each container, a
// line each, and works until its input ends.
func ServeLoad(in io.Reader, out io.Writer, o LoadOptions) error {
	s := NewBlobServer(BlobOptions{Line: o.Line, Forget: IsDocument})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h := &loadServer{inner: s, sink: o.Sink, runs: max(o.Runs, 1)}
	srv := &http.Server{Handler: h}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	rights := "rcwl"
	if o.Sink {
		rights = "rcw" // a list without what was thrown away would have it sent again
	}
	for i := range h.runs {
		fmt.Fprintln(out, s.Address("http://127.0.0.1:"+port, "c"+strconv.Itoa(i), rights))
	}
	_, _ = io.Copy(io.Discard, in)
	_ = srv.Close()
	<-done
	return nil
}

// IsDocument tells whether an object is a document of the archive.
func IsDocument(path string) bool { return strings.HasPrefix(path, "documents/") }

func (h *loadServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/stats":
		h.mu.Lock()
		defer h.mu.Unlock()
		_ = json.NewEncoder(w).Encode(h.stats)
		return
	case "/reset":
		h.mu.Lock()
		defer h.mu.Unlock()
		h.stats = LoadStats{}
		return
	case "/free":
		// A process that was killed holds its lease for up to a minute.
		for i := range h.runs {
			h.inner.BreakLease("c"+strconv.Itoa(i), "session.lock")
		}
		return
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !IsDocument(path) {
		h.inner.ServeHTTP(w, r)
		return
	}
	h.mu.Lock()
	if h.stats.Requests++; h.stats.Requests == 1 {
		h.stats.First = time.Now()
	}
	h.under++
	h.stats.Connections = max(h.stats.Connections, h.under)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.under--
	}()
	r.Body = &countedBody{ReadCloser: r.Body, h: h}
	if h.sink && r.Method == http.MethodPut {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
	} else {
		h.inner.ServeHTTP(w, r)
	}
	if r.Method == http.MethodPut && !r.URL.Query().Has("comp") {
		h.mu.Lock()
		h.stats.Objects++
		h.stats.Last = time.Now()
		h.mu.Unlock()
	}
}

// countedBody books bytes under the second in which they were asked for: the
// line gives them out at its rate.
type countedBody struct {
	io.ReadCloser
	h *loadServer
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.h.mu.Lock()
	defer b.h.mu.Unlock()
	second := int(time.Since(b.h.stats.First) / time.Second)
	for len(b.h.stats.Seconds) <= second {
		b.h.stats.Seconds = append(b.h.stats.Seconds, 0)
	}
	b.h.stats.Seconds[second] += int64(n)
	return n, err
}

// LoadServer asks the server of a load run, by its address without a path.
type LoadServer string

// Stats is what was counted since the last Reset.
func (s LoadServer) Stats() (st LoadStats, err error) { return st, s.ask("/stats", &st) }

// Reset begins to count anew.
func (s LoadServer) Reset() error { return s.ask("/reset", nil) }

// Free breaks the leases that a killed process has left.
func (s LoadServer) Free() error { return s.ask("/free", nil) }

func (s LoadServer) ask(path string, into any) error {
	resp, err := http.Get(string(s) + path)
	if err != nil {
		return err
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
