package sample

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"omt/onsite/sample/mssql"
)

// ServeOptions say how the stand-ins behave. The zero value is a healthy
// installation on the ports of the last time, or free ones.
type ServeOptions struct {
	SQLPort, NetServerPort int              // 0: the port of the last time if it is free, else any
	Denied                 []string         // schema.table that the database login may not read
	NoWrite                bool             // the database login may not write
	Certificate            *tls.Certificate // of the database server; nil: the installation's own
	NoREST                 bool             // NetServer before 8.1: SOAP only
	AllowSnapshot          bool             // the database allows transactions of level SNAPSHOT
	NewestTLS              uint16           // newest version of TLS of the database server; 0: TLS 1.2
	Faults                 mssql.Faults     // failures that the database server makes on purpose
}

// Running is an installation whose stand-ins answer.
type Running struct {
	SQLAddr      string // 127.0.0.1:port
	Fingerprint  string // SHA-256 of the TLS certificate, hex
	NetServerURL string // http://127.0.0.1:port, without a path
	ConfigDir    string // where discovery starts

	cancel context.CancelFunc
	store  *mssql.Store
	web    *http.Server
	wg     sync.WaitGroup
	mu     sync.Mutex
	err    error
	once   sync.Once
}

const (
	portsFile = "ports.json"
	loopback  = "127.0.0.1"
)

// Serve starts the database and NetServer stand-ins on loopback and writes the
// configuration files with their ports. They run until Close, or until ctx ends.
func (in *Installation) Serve(ctx context.Context, o ServeOptions) (_ *Running, err error) {
	cert := o.Certificate
	if cert == nil {
		own, err := in.certificate()
		if err != nil {
			return nil, err
		}
		cert = &own
	}
	last, err := in.lastPorts()
	if err != nil {
		return nil, err
	}
	sqlListener, err := listen(ctx, o.SQLPort, last.SQL)
	if err != nil {
		return nil, fmt.Errorf("serve database: %w", err)
	}
	webListener, err := listen(ctx, o.NetServerPort, last.NetServer)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve NetServer: %w", err), sqlListener.Close())
	}
	r, err := in.start(ctx, o, *cert, sqlListener, webListener)
	if err != nil {
		return nil, errors.Join(err, sqlListener.Close(), webListener.Close())
	}
	now := ports{SQL: portOf(sqlListener), NetServer: portOf(webListener)}
	if err := errors.Join(in.writeConfig(now), in.savePorts(now)); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (in *Installation) start(ctx context.Context, o ServeOptions, cert tls.Certificate, sqlListener, webListener net.Listener) (*Running, error) {
	store, err := mssql.Open(ctx, filepath.Join(in.Dir, dataFolder, storeFile))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	n := &netServer{logins: in.Logins, noREST: o.NoREST}
	r := &Running{
		SQLAddr: sqlListener.Addr().String(), Fingerprint: fingerprint(cert),
		NetServerURL: netServerURL(portOf(webListener)), ConfigDir: in.ConfigDir,
		cancel: cancel, store: store,
		web: &http.Server{
			Handler: n.handler(), MaxHeaderBytes: maxRequest,
			ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
			WriteTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second,
		},
	}
	database := mssql.NewServer(store, mssql.Options{
		Login: dbLogin, Password: dbPassword, Cert: cert, NewestTLS: o.NewestTLS, Denied: o.Denied, NoWrite: o.NoWrite, AllowSnapshot: o.AllowSnapshot, Faults: o.Faults,
		// The store keeps its counters of modifications over a restart of the
		// stand-in, so its server has never restarted either.
		Started: lastDay,
	})
	r.wg.Go(func() { r.ended(database.Serve(ctx, sqlListener)) })
	r.wg.Go(func() { r.ended(r.web.Serve(webListener)) })
	r.wg.Go(func() {
		<-ctx.Done() // ends with Close at the latest
		r.ended(r.web.Close())
	})
	return r, nil
}

// ended keeps the first error of a server that was not asked to end.
func (r *Running) ended(err error) {
	if err == nil || errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// Close stops the stand-ins, waits for them and returns the error of a server
// that ended by itself. Calling it again does nothing.
func (r *Running) Close() error {
	r.once.Do(func() {
		r.cancel()
		r.ended(r.web.Close())
		r.wg.Wait()
		r.ended(r.store.Close())
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// listen takes the wanted port, which must be free, or the last one if it is.
func listen(ctx context.Context, want, last int) (net.Listener, error) {
	var config net.ListenConfig
	at := func(port int) (net.Listener, error) {
		return config.Listen(ctx, "tcp4", net.JoinHostPort(loopback, strconv.Itoa(port)))
	}
	if want != 0 {
		return at(want)
	}
	if last != 0 {
		if l, err := at(last); err == nil {
			return l, nil
		}
	}
	return at(0)
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func (in *Installation) lastPorts() (ports, error) {
	var p ports
	data, err := os.ReadFile(filepath.Join(in.Dir, dataFolder, portsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return p, fmt.Errorf("read last ports: %w", err)
	}
	return p, nil
}

func (in *Installation) savePorts(p ports) error {
	data, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(filepath.Join(in.Dir, dataFolder, portsFile), data, 0o644)
	}
	if err != nil {
		return fmt.Errorf("save ports: %w", err)
	}
	return nil
}
