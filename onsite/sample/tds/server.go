package tds

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
)

// Server accepts connections and answers them from a Backend.
type Server struct {
	backend Backend
	opts    Options

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
}

// Options of a server. The zero value offers no TLS.
type Options struct {
	// Cert is the server's certificate; without one TLS is refused.
	Cert tls.Certificate
	// ForceTLS encrypts everything even if the client only asks for a safe login.
	ForceTLS bool
	// NewestTLS is the newest version that the server speaks, e.g.
	// tls.VersionTLS10 for one without updates; 0 is TLS 1.2.
	NewestTLS uint16
	// Report is told why a connection ended, other than by the client's own
	// leaving or the end of the server. It may be nil.
	Report func(error)
}

func (o Options) newest() uint16 {
	if o.NewestTLS != 0 {
		return o.NewestTLS
	}
	return tls.VersionTLS12
}

// NewServer makes a server. Close ends it.
func NewServer(b Backend, o Options) *Server {
	s := &Server{backend: b, opts: o}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close ends Serve and all connections. Calling it again does nothing.
func (s *Server) Close() { s.cancel() }

// Serve accepts until ctx ends, Close is called or the listener fails, then
// closes the listener and waits for its connections. The first two give nil.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	ctx, cancel := s.merge(ctx)
	defer cancel()
	var conns sync.WaitGroup
	defer conns.Wait()
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	for {
		conn, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			cancel()
			return errors.Join(fmt.Errorf("accept connection: %w", err), ln.Close())
		}
		conns.Go(func() { s.ServeConn(ctx, conn) })
	}
}

// ServeConn answers one connection and closes it. It returns when the client
// leaves, ctx ends or Close is called; all its goroutines have ended then.
func (s *Server) ServeConn(ctx context.Context, nc net.Conn) {
	ctx, cancel := s.merge(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = nc.Close() })
	defer stop()
	c := &conn{server: s, raw: nc, rw: nc, info: s.backend.Info()}
	err := c.serve(ctx)
	// The client learns of the end by this; there is nobody left to tell of a
	// failure to close.
	_ = nc.Close()
	if err != nil && ctx.Err() == nil && s.opts.Report != nil {
		s.opts.Report(err)
	}
}

// merge gives a context that also ends with the server.
func (s *Server) merge(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
