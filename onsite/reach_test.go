package onsite_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample/mssql"
)

// roads reaches a server over what is open and notes what was asked for.
type roads struct {
	pipes
	mu    sync.Mutex
	open  map[string]bool // protocols
	asked []string
}

func (r *roads) take(way, protocol string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, way)
	return r.open[protocol]
}

func (r *roads) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if !r.take(network+" "+addr, network) {
		return nil, errors.New("connection refused")
	}
	return r.pipes.DialContext(ctx, network, addr)
}

func (r *roads) pipe(ctx context.Context, p onsite.Pipe) (net.Conn, error) {
	if !r.take(p.Protocol+" "+p.Name, p.Protocol) {
		return nil, errors.New("the system cannot find the file specified")
	}
	return r.pipes.DialContext(ctx, "", "")
}

// byRoads lets a server be reached over the protocols only.
func byRoads(s *server, protocols ...string) *roads {
	r := &roads{pipes: pipes{srv: s.srv, ctx: context.Background()}, open: map[string]bool{}}
	for _, p := range protocols {
		r.open[p] = true
	}
	s.settings.Server = "localhost"
	s.options.Dialer, s.options.Pipes = r, r.pipe
	return r
}

func TestReach(t *testing.T) {
	s := newServer(t, nil)
	memory, pipe, tcp := `lpc \\.\pipe\SQLLocal\MSSQLSERVER`, `np \\.\pipe\sql\query`, "tcp localhost:1433"
	for open, want := range map[string][]string{"lpc": {memory}, "np": {memory, pipe}, "tcp": {memory, pipe, tcp}} {
		r := byRoads(&s, open)
		in := s.connect(t)
		if !slices.Equal(r.asked, want) || !strings.HasPrefix(in.Way(), open+":") {
			t.Errorf("%s: asked %v, way %s", open, r.asked, in.Way())
		}
		if _, err := in.Identity(t.Context()); err != nil {
			t.Errorf("%s: %v", open, err)
		}
	}
}

func TestReachedBySecond(t *testing.T) {
	s := newServer(t, nil)
	r := byRoads(&s, "np")
	in := s.connect(t)
	r.asked = nil
	in.Drop() // each statement now needs a connection of its own
	other := func(way string) bool { return !strings.HasPrefix(way, "np ") }
	if _, err := in.Identity(t.Context()); err != nil || len(r.asked) == 0 || slices.ContainsFunc(r.asked, other) {
		t.Errorf("asked %v, %v", r.asked, err)
	}
}

func TestReachedByNone(t *testing.T) {
	s := newServer(t, nil)
	byRoads(&s)
	_, err := onsite.Connect(t.Context(), s.settings, s.options)
	var tried *onsite.TriedError
	hint := migration.HintOf(err)
	if !errors.As(err, &tried) || hint.ID != "hint.sql.tried" {
		t.Fatalf("%v, hint %v", err, hint)
	}
	want := `lpc:\\.\pipe\SQLLocal\MSSQLSERVER (the system cannot find the file specified); np:\\.\pipe\sql\query (the system cannot find the file specified); tcp:localhost (connection refused)`
	if got := hint.Args["Ways"]; got != want {
		t.Errorf("ways %v, want %s", got, want)
	}
	// A pipe that answers nothing but ends is no server of ours.
	s.options.Pipes = func(context.Context, onsite.Pipe) (net.Conn, error) {
		client, server := net.Pipe()
		go func() { _, _ = io.ReadFull(server, make([]byte, 8)); server.Close() }()
		return client, nil
	}
	if _, err := onsite.Connect(t.Context(), s.settings, s.options); !errors.As(err, &tried) || len(tried.Ways) != 3 {
		t.Errorf("pipes that end: %v", err)
	}
}

// A server that answers is the one; what it refuses is not tried elsewhere.
func TestRefusedOnce(t *testing.T) {
	s := newServer(t, nil)
	r := byRoads(&s, "lpc", "np", "tcp")
	s.settings.Password = "wrong-one"
	if _, err := onsite.Connect(t.Context(), s.settings, s.options); !errors.Is(err, migration.ErrBadCredentials) || len(r.asked) != 1 {
		t.Errorf("asked %v, %v", r.asked, err)
	}
}

// TestOldTLS: SQL Server without updates speaks TLS 1.0.
func TestOldTLS(t *testing.T) {
	for version, name := range map[uint16]string{tls.VersionTLS10: "TLS 1.0", tls.VersionTLS11: "TLS 1.1"} {
		s := newServer(t, func(o *mssql.Options) { o.NewestTLS = version })
		_, err := onsite.Connect(t.Context(), s.settings, s.options)
		if !errors.Is(err, onsite.ErrOldTLS) || migration.HintOf(err).ID != "hint.sql.tls.old" {
			t.Errorf("%s: %v", name, err)
		}
		s.options.OldTLS = true
		id, err := s.connect(t).Identity(t.Context())
		if err != nil || id.OldTLS != name {
			t.Errorf("%s allowed: %q, %v", name, id.OldTLS, err)
		}
		// The certificate is looked at all the same.
		s.options.Fingerprint = ""
		var cert *onsite.CertificateError
		if _, err := onsite.Connect(t.Context(), s.settings, s.options); !errors.As(err, &cert) {
			t.Errorf("%s with a certificate that nobody knows: %v", name, err)
		}
	}
	s := newServer(t, nil)
	s.options.OldTLS = true
	if id, err := s.connect(t).Identity(t.Context()); err != nil || id.OldTLS != "" {
		t.Errorf("allowed, but not needed: %q, %v", id.OldTLS, err)
	}
}

// oldServer answers the first message as a SQL Server with encryption does, and
// the hello of the client with hello; without one it hangs up or says nothing.
type oldServer struct {
	hello  []byte
	silent bool
	conns  sync.WaitGroup
}

func (s *oldServer) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	s.conns.Go(func() {
		defer server.Close()
		message := make([]byte, 4096)
		if _, err := server.Read(message); err != nil {
			return
		}
		_, _ = server.Write(packet([]byte{0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 11, 0, 12, 56, 0, 0, 1}))
		if _, err := server.Read(message); err != nil {
			return
		}
		switch {
		case s.hello != nil:
			_, _ = server.Write(packet(s.hello))
			_, _ = io.Copy(io.Discard, server)
		case s.silent:
			_, _ = io.Copy(io.Discard, server)
		}
	})
	return client, nil
}

// packet is one message of TDS with the type of an answer.
func packet(data []byte) []byte {
	return append([]byte{4, 1, 0, byte(8 + len(data)), 0, 0, 1, 0}, data...)
}

// TestOldServers: Windows of that time does not look at the versions that the
// client lists and selects its own, others hang up.
func TestOldServers(t *testing.T) {
	s := newServer(t, nil)
	s.settings.Port = 1433
	// ServerHello of TLS 1.0 with TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA (RFC 2246, 7.4.1.3).
	body := append(append([]byte{2, 0, 0, 38, 3, 1}, make([]byte, 32)...), 0, 0xc0, 0x14, 0)
	hello := append([]byte{22, 3, 1, 0, byte(len(body))}, body...)
	for name, c := range map[string]struct {
		server *oldServer
		hint   string
		old    bool
	}{
		"selects 1.0": {&oldServer{hello: hello}, "hint.sql.tls.old", true},
		"hangs up":    {&oldServer{}, "hint.sql.tls.ended", false},
		"is silent":   {&oldServer{silent: true}, "hint.sql.tls.ended", false},
	} {
		s.options.Dialer, s.options.Timeout = c.server, 2*time.Second
		_, err := onsite.Connect(t.Context(), s.settings, s.options)
		if migration.HintOf(err).ID != c.hint || errors.Is(err, onsite.ErrOldTLS) != c.old {
			t.Errorf("%s: %v, hint %s", name, err, migration.HintOf(err).ID)
		}
		c.server.conns.Wait()
	}
}
