package onsite

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
)

// Protocols as a DSN writes them before the server's name.
const (
	protocolTCP    = "tcp"
	protocolPipe   = "np"  // named pipe
	protocolMemory = "lpc" // shared memory, on one computer
)

// pipeLimit bounds opening one pipe. Towards another computer Windows waits
// much longer where a firewall drops the packets.
const pipeLimit = 5 * time.Second

// pipePort stands for a port where there is none: without one the driver would
// ask the Browser first.
const pipePort = 1

// errNoPipes: this system has no named pipes of Windows.
var errNoPipes = errors.New("only programs on Windows can use it")

// Pipe is what a connection that is not TCP goes over. Name is its full name;
// Host and Instance are those of the settings.
type Pipe struct{ Protocol, Name, Host, Instance string }

// pipe is the pipe that SQL Server opens by itself for a protocol, under the
// name of its documentation, unless the settings name another.
func (s Settings) pipe(protocol string) Pipe {
	p := Pipe{Protocol: protocol, Name: s.Pipe, Host: s.Server, Instance: s.Instance}
	host := s.Server
	if host == "localhost" {
		host = "."
	}
	switch {
	case protocol == protocolMemory && s.Instance == "":
		p.Name = `\\.\pipe\SQLLocal\MSSQLSERVER`
	case protocol == protocolMemory:
		p.Name = `\\.\pipe\SQLLocal\` + s.Instance
	case p.Name != "":
	case s.Instance == "":
		p.Name = `\\` + host + `\pipe\sql\query`
	default:
		p.Name = `\\` + host + `\pipe\MSSQL$` + s.Instance + `\sql\query`
	}
	return p
}

// protocols are the ways to the server in the order in which they are tried: as
// the DSN says, then shared memory, named pipes and TCP. Towards another
// computer TCP comes before pipes: they are slower over a network, and a
// firewall that drops them costs pipeLimit. A port or a pipe of another name
// stands for one instance, and no other way leads to it for certain.
func (s Settings) protocols(local, pipes bool) []string {
	switch {
	case s.Port != 0:
		return []string{protocolTCP}
	case s.Pipe != "":
		return []string{protocolPipe}
	}
	var out []string
	if s.Protocol != "" {
		out = append(out, s.Protocol)
	}
	switch {
	case !pipes:
		out = append(out, protocolTCP)
	case local:
		out = append(out, protocolMemory, protocolPipe, protocolTCP)
	default:
		out = append(out, protocolTCP, protocolPipe)
	}
	var once []string
	for _, p := range out {
		if !slices.Contains(once, p) {
			once = append(once, p)
		}
	}
	return once
}

// way names a way as a DSN would, so that it can be tried with other programs.
func (s Settings) way(protocol string) string {
	if protocol == protocolTCP {
		return protocolTCP + ":" + s.serverName()
	}
	return protocol + ":" + s.pipe(protocol).Name
}

// isHere tells whether a host is this computer, of the name given.
func isHere(host, own string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	short, _, _ := strings.Cut(host, ".")
	return strings.EqualFold(host, "localhost") || own != "" && (strings.EqualFold(host, own) || strings.EqualFold(short, own))
}

// OtherThanTCP tells whether shared memory or a named pipe is tried before TCP.
func (s Settings) OtherThanTCP() bool {
	own, _ := os.Hostname() // without it only localhost is this computer
	return s.protocols(isHere(s.Server, own), systemPipes != nil)[0] != protocolTCP
}

// reacher is a driver.Connector that tries the protocols in turn. Once one has
// worked it comes first: the others cost time at every connection.
type reacher struct {
	ways []wayTo
	last atomic.Int32 // index of the way that worked
}

type wayTo struct {
	name string
	*connector
}

// TriedError is a server that no protocol reached.
type TriedError struct {
	Ways []string // as a DSN writes them, in the order of the attempts
	Errs []error  // why each failed
}

func (e *TriedError) Error() string {
	return "no protocol reached the server: " + e.list()
}

// list is each way with why it failed, in the words of the system.
func (e *TriedError) list() string {
	var out []string
	for i, w := range e.Ways {
		out = append(out, w+" ("+reason(e.Errs[i])+")")
	}
	return strings.Join(out, "; ")
}

// reason is why a way failed, without the address that is named before it.
func reason(err error) string {
	var d *dialError
	if errors.As(err, &d) {
		err = d.err
	}
	return strings.TrimRight(err.Error(), ".")
}

func (e *TriedError) Unwrap() []error { return e.Errs }

// newReacher makes a connector for each protocol.
func newReacher(s Settings, o ConnectOptions, t *trust) *reacher {
	own, _ := os.Hostname() // without it only localhost is this computer
	pipes := o.Pipes
	if pipes == nil {
		pipes = systemPipes
	}
	r := &reacher{}
	for _, p := range s.protocols(isHere(s.Server, own), pipes != nil) {
		cfg, dial := s.config(t), &loginDialer{host: s.Server, next: o.Dialer, lines: o.lines}
		if p != protocolTCP {
			cfg.Port, cfg.ServerSPN = pipePort, s.principal()
			dial.pipe, dial.pipes = s.pipe(p), pipes
		}
		c := &connector{Connector: mssql.NewConnectorConfig(cfg), timeout: o.Timeout}
		c.Dialer = dial
		r.ways = append(r.ways, wayTo{s.way(p), c})
	}
	return r
}

// principal is the server's name for Windows authentication over a pipe; the
// driver would put the port into it.
func (s Settings) principal() string {
	host := s.Server
	if isHere(host, "") {
		if own, err := os.Hostname(); err == nil {
			host = own
		}
	}
	if s.Instance == "" {
		return "MSSQLSvc/" + host
	}
	return "MSSQLSvc/" + host + ":" + s.Instance
}

// Connect implements driver.Connector. A server that said anything at all has
// been reached: what it refuses over one protocol it refuses over all.
func (r *reacher) Connect(ctx context.Context) (driver.Conn, error) {
	tried := &TriedError{}
	first := int(r.last.Load())
	for i := range r.ways {
		n := i
		switch {
		case i == 0:
			n = first
		case i <= first:
			n = i - 1
		}
		w := r.ways[n]
		conn, heard, err := w.login(ctx)
		if err == nil {
			r.last.Store(int32(n))
			return conn, nil
		}
		if heard || ctx.Err() != nil || len(r.ways) == 1 {
			return nil, err
		}
		tried.Ways, tried.Errs = append(tried.Ways, w.name), append(tried.Errs, err)
	}
	return nil, tried
}

// Driver implements driver.Connector.
func (r *reacher) Driver() driver.Driver { return r.ways[0].Driver() }

// way is the one that worked last.
func (r *reacher) way() string { return r.ways[r.last.Load()].name }

// dialPipe opens a pipe within pipeLimit. No system takes back a call to a
// computer that does not answer; one that ends later is closed.
func dialPipe(ctx context.Context, p Pipe, open func(context.Context, Pipe) (net.Conn, error)) (net.Conn, error) {
	if open == nil {
		return nil, errNoPipes
	}
	type opened struct {
		conn net.Conn
		err  error
	}
	ctx, cancel := context.WithTimeoutCause(ctx, pipeLimit, errNoAnswer)
	defer cancel()
	done := make(chan opened)
	go func() {
		conn, err := open(ctx, p)
		select {
		case done <- opened{conn, err}:
		case <-ctx.Done():
			if conn != nil {
				conn.Close()
			}
		}
	}()
	select {
	case o := <-done:
		return o.conn, o.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// isPipe tells whether the driver asks for the pipe, not for a server to which
// the first one sent it on.
func isPipe(addr string) bool {
	_, port, err := net.SplitHostPort(addr)
	return err == nil && port == strconv.Itoa(pipePort)
}
