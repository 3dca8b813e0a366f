package migration_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"omt/upload/uploadtest"
)

// loadEnv gives the test binary the role of one process of a load run, so that
// processor time and memory of client and server are told apart.
const loadEnv = "OMT_LOAD"

// loadRole is what such a process is to do.
type loadRole struct {
	Serve bool // be the server; otherwise migrate

	// Of the server.
	Line uploadtest.Line
	Sink bool // documents are read and thrown away, and their names too
	Runs int  // containers to make

	// Of the client.
	Address, State string
	Corpus         string // a folder of documents
	Items          int    // documents made up instead
	Size           int    // of a made up document, in bytes
}

// loadChild is the test binary as server or client of a load run.
func loadChild(spec string) int {
	var role loadRole
	err := json.Unmarshal([]byte(spec), &role)
	if err == nil {
		if role.Serve {
			err = serveLoad(role)
		} else {
			err = migrateLoad(role)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	return 0
}

// loadStats is what the server has counted since the last reset.
type loadStats struct {
	Requests    int       // about documents, of whatever kind
	Objects     int       // documents that arrived
	Connections int       // the most that carried documents at once
	First, Last time.Time // documents
	Seconds     []int64   // bytes of documents by second since First
}

// loadServer counts what is asked of the scripted server.
type loadServer struct {
	inner *uploadtest.BlobServer
	sink  bool
	runs  int
	mu    sync.Mutex
	stats loadStats
	under int // documents under way
}

// serveLoad tells the address of each container, a line each, and works until
// its input ends.
func serveLoad(role loadRole) error {
	s := uploadtest.NewBlobServer(uploadtest.BlobOptions{Line: role.Line, Forget: isDocument})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h := &loadServer{inner: s, sink: role.Sink, runs: max(role.Runs, 1)}
	srv := &http.Server{Handler: h}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for i := range h.runs {
		fmt.Println(s.Address("http://127.0.0.1:"+port, "c"+strconv.Itoa(i), "rcwl"))
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = srv.Close()
	<-done
	return nil
}

func isDocument(path string) bool { return strings.HasPrefix(path, "documents/") }

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
		h.stats = loadStats{}
		return
	case "/free":
		// A process that was killed holds its lease for up to a minute.
		for i := range h.runs {
			h.inner.BreakLease("c"+strconv.Itoa(i), "session.lock")
		}
		return
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !isDocument(path) {
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
