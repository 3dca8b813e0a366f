package tds

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// endless is a backend whose one statement gives rows until it is cancelled.
type endless struct {
	mu     sync.Mutex
	closed int
	resets int
}

func (e *endless) Info() Info { return Info{Name: "TEST", Version: "15.0.2000.5"} }

func (e *endless) Login(_ context.Context, l Login) (Session, error) {
	if l.User != "sa" {
		return nil, &Error{Number: 18456, Class: 14, State: 1, Message: "Login failed."}
	}
	return &endlessSession{e}, nil
}

type endlessSession struct{ *endless }

func (s *endlessSession) Database() string                       { return "db" }
func (s *endlessSession) Begin(context.Context, Isolation) error { return nil }
func (s *endlessSession) Commit(context.Context) error           { return nil }
func (s *endlessSession) Rollback(context.Context) error         { return nil }
func (s *endlessSession) Next(ctx context.Context, row []any) error {
	row[0] = int64(1)
	return ctx.Err()
}
func (s *endlessSession) Reset(context.Context) error { s.resets++; return nil }
func (s *endlessSession) Close() error                { s.mu.Lock(); defer s.mu.Unlock(); s.closed++; return nil }
func (s *endlessSession) Execute(context.Context, Statement) (Result, error) {
	return Result{Columns: []Column{{Name: "n", Type: Type{Name: "int"}}}, Rows: endlessRows{s}}, nil
}

type endlessRows struct{ s *endlessSession }

func (r endlessRows) Next(ctx context.Context, row []any) error { return r.s.Next(ctx, row) }
func (r endlessRows) Close() error                              { return nil }

// client speaks to a server by hand.
type client struct {
	t testing.TB
	c net.Conn
}

func (c client) send(kind, status byte, data []byte) {
	w := newWriter(c.c, defaultPacketSize)
	w.kind = kind
	if err := w.write(data); err != nil {
		c.t.Fatal(err)
	}
	if err := w.flush(statusEOM | status); err != nil {
		c.t.Fatal(err)
	}
}

func (c client) reply() []byte {
	m, err := readMessage(c.c, 1<<30)
	if err != nil || m.kind != packReply && m.kind != packPrelogin {
		c.t.Fatalf("reply of type %d: %v", m.kind, err)
	}
	return m.data
}

// done is the status of the last token.
func done(reply []byte) uint16 {
	if len(reply) < 13 {
		return 0xffff
	}
	return binary.LittleEndian.Uint16(reply[len(reply)-12:])
}

func dial(t *testing.T, b *endless) (client, func()) {
	t.Helper()
	near, far := net.Pipe()
	srv := NewServer(b, Options{Report: func(err error) { t.Errorf("report: %v", err) }})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		srv.ServeConn(context.Background(), far)
	}()
	c := client{t, near}
	c.send(packPrelogin, 0, payloadOf(t, examplePrelogin, packPrelogin))
	if enc := c.reply(); enc[len(enc)-2] != encryptNotSupported {
		t.Errorf("encryption offered without a certificate: %x", enc)
	}
	login := payloadOf(t, exampleLogin, packLogin)
	c.send(packLogin, 0, login)
	if s := done(c.reply()); s != 0 {
		t.Errorf("login: status %x", s)
	}
	return c, func() {
		if err := near.Close(); err != nil {
			t.Error(err)
		}
		<-ended
		srv.Close()
	}
}

// TestAttention: one confirmation for one cancellation, in the answer that it
// cancels or, if that is over, in one of its own.
func TestAttention(t *testing.T) {
	b := &endless{}
	c, end := dial(t, b)
	batch := payloadOf(t, exampleBatch, packBatch)
	for range 20 {
		c.send(packBatch, 0, batch)
		c.send(packAttention, 0, nil)
		if s := done(c.reply()); s != doneAttn {
			t.Fatalf("cancelled: status %x", s)
		}
	}
	c.send(packAttention, 0, nil)
	if s := done(c.reply()); s != doneAttn {
		t.Errorf("nothing to cancel: status %x", s)
	}
	c.send(packBatch, statusReset, batch)
	c.send(packAttention, 0, nil)
	if r := c.reply(); r[0] != tokenEnvChange || r[3] != envReset || b.resets != 1 {
		t.Errorf("reset: %x, %d", r[:4], b.resets)
	}
	end()
	if b.closed != 1 {
		t.Errorf("session closed %d times", b.closed)
	}
}

// TestLeaving: a client that goes away in the middle of an answer ends it.
func TestLeaving(t *testing.T) {
	b := &endless{}
	near, far := net.Pipe()
	var reported []error
	srv := NewServer(b, Options{Report: func(err error) { reported = append(reported, err) }})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		srv.ServeConn(context.Background(), far)
	}()
	c := client{t, near}
	c.send(packPrelogin, 0, payloadOf(t, examplePrelogin, packPrelogin))
	c.reply()
	c.send(packLogin, 0, payloadOf(t, exampleLogin, packLogin))
	c.reply()
	c.send(packBatch, 0, payloadOf(t, exampleBatch, packBatch))
	var head [1000]byte
	if _, err := io.ReadFull(near, head[:]); err != nil {
		t.Fatal(err)
	}
	if err := near.Close(); err != nil {
		t.Fatal(err)
	}
	<-ended
	srv.Close()
	if b.closed != 1 {
		t.Errorf("session closed %d times", b.closed)
	}
	for _, err := range reported {
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("report: %v", err)
		}
	}
}
