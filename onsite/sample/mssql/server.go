package mssql

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"time"

	"omt/onsite/sample/tds"
)

// Options of a server.
type Options struct {
	Login, Password string // the one SQL login; its name compares without case
	// Cert offers TLS; without it clients that insist on TLS are refused.
	Cert tls.Certificate
	// ForceTLS encrypts everything even if the client asks for a safe login only.
	ForceTLS bool
	// NewestTLS is the newest version of TLS that the server speaks; 0 is 1.2.
	NewestTLS uint16
	// Denied are the tables, as schema.table, on which SELECT is denied.
	Denied []string
	// NoDefinition takes the right VIEW DEFINITION on the database from the
	// login: then the catalogue views do not show the Denied tables at all.
	NoDefinition bool
	// NoServerState and NoDatabaseState take the rights VIEW SERVER STATE and
	// VIEW DATABASE STATE from the login.
	NoServerState, NoDatabaseState bool
	// Version is the product version; empty is that of the store's catalogue.
	Version string
	// AutoClose and ReadOnly are the database options of these names.
	AutoClose, ReadOnly bool
	// NoWrite takes the rights to write from the login.
	NoWrite bool
	// OpenWrite shows a transaction that has written and is still open.
	OpenWrite bool
	// AllowSnapshot is the database option ALLOW_SNAPSHOT_ISOLATION, which is off
	// in a new database: transactions of level SNAPSHOT then fail with 3952.
	AllowSnapshot bool
	// NoCreate takes the right CREATE DATABASE from the login.
	NoCreate bool
	// OldEdition is one that has no database snapshots: SQL Server before 2016
	// SP1 other than Enterprise.
	OldEdition bool
	// Disks tells what each file takes on disk, and what is free beside it; nil is
	// 1 MiB and 400 GiB.
	Disks func() (file, free int64)
	// Started is the start of the server as sys.dm_os_sys_info tells it; zero
	// is the time of NewServer.
	Started time.Time
	Faults  Faults
	// Report is told why a connection ended otherwise than by the client. It
	// may be nil.
	Report func(error)
}

// Faults are the failures that a server makes on purpose.
type Faults struct {
	RefuseLogin bool
	// Rules are tried in their order; the first that fits is used.
	Rules []Fault
	// Hook runs before each row of a user table, with the number of rows sent
	// before it. It may block until ctx ends, which is how a slow server is
	// made. An *tds.Error is sent, any other error drops the connection.
	Hook func(ctx context.Context, table string, row int64) error
}

// Fault happens when a statement that reads the table has sent After rows.
type Fault struct {
	Table string // schema.table
	After int64
	// Err is sent to the client, e.g. Deadlock; nil drops the connection.
	Err *tds.Error
	// Times is how often it happens; 0 is once, a negative number always.
	Times int
}

// Deadlock is error 1205, after which a client may try again.
func Deadlock() *tds.Error {
	e := *errDeadlock
	return &e
}

// Server answers clients of SQL Server from a store.
type Server struct {
	store  *Store
	opts   Options
	rights *rights
	tds    *tds.Server

	mu     sync.Mutex
	faults Faults
	used   []int // how often each rule has happened
	snaps  []*snapshot
	made   int // snapshots
}

// NewServer makes a server. It does not listen by itself.
func NewServer(s *Store, o Options) *Server {
	if o.Started.IsZero() {
		o.Started = time.Now()
	}
	srv := &Server{store: s, opts: o}
	srv.rights = newRights(s, o)
	srv.rights.databases = srv.databases
	srv.SetFaults(o.Faults)
	srv.tds = tds.NewServer(srv, tds.Options{Cert: o.Cert, ForceTLS: o.ForceTLS, NewestTLS: o.NewestTLS, Report: o.Report})
	return srv
}

// SetFaults replaces the faults; their counts begin anew.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.used = f, make([]int, len(f.Rules))
}

// Serve accepts connections until ctx ends, Close is called or the listener
// fails. When it returns all its goroutines have ended; the first two give nil.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error { return s.tds.Serve(ctx, ln) }

// ServeConn answers one connection, e.g. an end of net.Pipe, until it ends.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn) { s.tds.ServeConn(ctx, conn) }

// Close ends Serve and all connections. Calling it again does nothing.
// Snapshots are gone with the server that holds them.
func (s *Server) Close() {
	s.tds.Close()
	s.dropAll()
}

// Info implements tds.Backend.
func (s *Server) Info() tds.Info {
	lcid, sort := collationOf(s.store.catalog, s.store.catalog.Collation)
	return tds.Info{Name: "SQLSERVER", Version: s.rights.version(), Collation: tds.Type{Name: "varchar", LCID: lcid, SortID: sort}}
}

// Login implements tds.Backend.
func (s *Server) Login(_ context.Context, l tds.Login) (tds.Session, error) {
	s.mu.Lock()
	refuse := s.faults.RefuseLogin
	s.mu.Unlock()
	good := strings.EqualFold(l.User, s.opts.Login) && subtle.ConstantTimeCompare([]byte(l.Password), []byte(s.opts.Password)) == 1
	if refuse || !good || s.opts.Login == "" {
		return nil, errLogin(l.User)
	}
	if l.Database != "" && !strings.EqualFold(l.Database, s.store.catalog.Database) {
		if snap := s.snapshot(l.Database); snap != nil {
			return &session{srv: s, store: snap.store, rights: snap.rights}, nil
		}
		return nil, errDatabase(l.Database, l.User)
	}
	return &session{srv: s, store: s.store, rights: s.rights}, nil
}

// fault finds what shall happen before the row of that number. The lock is
// held only to look, not while a hook blocks.
func (s *Server) fault(ctx context.Context, r *relation, row int64) error {
	s.mu.Lock()
	hook := s.faults.Hook
	var hit *Fault
	for i := range s.faults.Rules {
		f := &s.faults.Rules[i]
		if f.After == row && strings.EqualFold(f.Table, r.table.FullName()) && (f.Times < 0 || s.used[i] < max(1, f.Times)) {
			s.used[i]++
			hit = f
			break
		}
	}
	s.mu.Unlock()
	if hook != nil {
		if err := hook(ctx, r.table.FullName(), row); err != nil {
			return err
		}
	}
	switch {
	case hit == nil:
		return nil
	case hit.Err == nil:
		return errDropped
	}
	return hit.Err
}
