package onsite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
)

// dialer is what makes connections: net.Dialer, or one end of a pipe in tests.
type dialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// connector bounds every login. The driver reads a server's answers to a login
// without looking at the context, so one that says nothing would hang for ever:
// the connection is closed when the context ends before the login does.
type connector struct {
	*mssql.Connector
	timeout time.Duration
}

type guardKey struct{}

// guard holds the connections of one login.
type guard struct {
	heard atomic.Bool // something was read from one
	mu    sync.Mutex
	conns []net.Conn
	ended bool
}

// heardConn notes that the other side speaks.
type heardConn struct {
	net.Conn
	heard *atomic.Bool
}

func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard.Load() {
		c.heard.Store(true)
	}
	return n, err
}

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, _, err := c.login(ctx)
	return conn, err
}

// login also tells whether the server has said anything.
func (c *connector) login(caller context.Context) (_ driver.Conn, heard bool, _ error) {
	ctx, cancel := context.WithTimeout(caller, c.timeout)
	defer cancel()
	g := &guard{}
	stop := context.AfterFunc(ctx, g.close)
	defer stop() // before cancel: a login that is over keeps its connection
	conn, err := c.Connector.Connect(context.WithValue(ctx, guardKey{}, g))
	switch {
	case err == nil:
		return conn, true, nil
	case caller.Err() != nil:
		return nil, g.heard.Load(), fmt.Errorf("log in to database: %w", caller.Err())
	case ctx.Err() != nil:
		return nil, g.heard.Load(), fmt.Errorf("log in to database: %w: %w", errSilent, err)
	}
	return nil, g.heard.Load(), err
}

// errSilent: the server took the connection and did not answer in time.
var errSilent = errors.New("no answer to the login")

func (g *guard) add(conn net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		conn.Close()
	}
	g.conns = append(g.conns, conn)
}

func (g *guard) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
	for _, c := range g.conns {
		c.Close()
	}
}

// loginDialer marks what failed while dialling. Being a HostDialer it also
// resolves names itself, under the context; the driver would not.
type loginDialer struct {
	host string
	next dialer
	// pipe is opened by pipes instead of a port; its Name is empty for TCP.
	pipe  Pipe
	pipes func(context.Context, Pipe) (net.Conn, error)
	lines *lines
}

func (d *loginDialer) HostName() string { return d.host }

func (d *loginDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if network != "udp" {
		conn = d.lines.add(conn)
	}
	if g, ok := ctx.Value(guardKey{}).(*guard); ok {
		g.add(conn)
		if network != "udp" { // the Browser is not the server
			conn = &heardConn{conn, &g.heard}
		}
	}
	return conn, nil
}

func (d *loginDialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if d.pipe.Name != "" && isPipe(addr) {
		conn, err := dialPipe(ctx, d.pipe, d.pipes)
		if err != nil {
			return nil, &dialError{d.pipe.Name, err}
		}
		return conn, nil
	}
	next := d.next
	if next == nil {
		next = &net.Dialer{KeepAlive: 30 * time.Second}
	}
	conn, err := next.DialContext(ctx, network, addr)
	if err != nil {
		return nil, &dialError{addr, err}
	}
	return conn, nil
}

// dialError tells a server that cannot be reached from one that refuses.
type dialError struct {
	addr string
	err  error
}

func (e *dialError) Error() string { return "dial " + e.addr + ": " + e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }
