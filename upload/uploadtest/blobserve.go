package uploadtest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Serve runs the server at a free port of this computer until the test ends
// and returns its address.
func (s *BlobServer) Serve(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.serve(t, l)
	return "http://" + l.Addr().String()
}

// ServePipe runs the server without a network, so that a test may let time pass
// (testing/synctest), and returns its address and a transport that reaches it.
func (s *BlobServer) ServePipe(t testing.TB) (string, *http.Transport) {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	s.serve(t, l)
	tr := &http.Transport{
		MaxIdleConnsPerHost: 64, DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return l.dial(ctx) },
	}
	t.Cleanup(tr.CloseIdleConnections)
	return "http://127.0.0.1:1", tr
}

func (s *BlobServer) serve(t testing.TB, l net.Listener) {
	srv := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan error)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		s.once.Do(func() { close(s.stop) })
		err := srv.Close()
		if serr := <-done; !errors.Is(serr, http.ErrServerClosed) {
			err = errors.Join(err, serr)
		}
		if err != nil {
			t.Error(err)
		}
	})
}

// stall waits until the client has gone. That is noticed only once its body was
// read; otherwise the end of the server ends it.
func (s *BlobServer) stall(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.stop:
	}
}

// pipeListener hands out connections within the process.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// Address makes an empty container and returns its address with a signature of
// these rights that lasts for an hour.
func (s *BlobServer) Address(base, container, rights string) string {
	s.Container(container)
	return base + "/" + container + "?" + s.SignedQuery(container, rights, s.opts.Now().Add(time.Hour))
}

// Save writes the objects of a container into a folder, as a receiver would.
func (s *BlobServer) Save(container, dir string) error {
	for path, data := range s.Objects(container) {
		file := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
