package onsite_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite/sample/mssql"
)

// TestAbandonSilentServer: a server that says nothing any more in the middle of a
// table does not hold up whoever abandons it, and is asked again afterwards. The
// driver alone would wait five seconds.
func TestAbandonSilentServer(t *testing.T) {
	s := newServer(t, nil)
	told := &teller{pipes: s.options.Dialer.(*pipes), wrote: make(chan struct{}, 1)}
	s.options.Dialer = told
	in := s.connect(t)
	c, err := in.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := c.Find(s.in.Schema, "document")
	release, reached := make(chan struct{}), make(chan struct{})
	defer close(release)
	s.srv.SetFaults(mssql.Faults{Hook: func(_ context.Context, name string, row int64) error {
		if name == table.FullName() && row == 100 {
			close(reached)
			<-release
		}
		return nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := in.Rows(ctx, table, migration.Range{})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := rows.Next(ctx); err != nil {
				ended <- errors.Join(err, rows.Close())
				return
			}
		}
	}()
	<-reached
	select {
	case <-told.wrote: // what was asked before
	default:
	}
	cancel()
	// Once the driver has told the server, it reads what still comes; whoever stops
	// a run gives it that time. Without, it leaves the goroutine that reads waiting.
	<-told.wrote
	in.Abandon()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the table ended")
		}
	case <-time.After(4 * time.Second):
		t.Error("not ended after four seconds")
	}
	s.srv.SetFaults(mssql.Faults{})
	if n, err := in.Count(t.Context(), table); err != nil || n == 0 {
		t.Errorf("asked again: %d, %v", n, err)
	}
}

// teller is a dialer whose connections tell when something was written.
type teller struct {
	*pipes
	wrote chan struct{}
}

func (d *teller) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := d.pipes.DialContext(ctx, network, addr)
	return tellingConn{c, d.wrote}, err
}

type tellingConn struct {
	net.Conn
	wrote chan struct{}
}

func (c tellingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	select {
	case c.wrote <- struct{}{}:
	default:
	}
	return n, err
}
