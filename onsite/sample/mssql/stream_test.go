package mssql

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	mssqldb "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"omt/migration"
	"omt/onsite/sample/tds"
)

const manyRows = 20_000

// manyStore has one table of many rows.
func manyStore(t *testing.T) *Store {
	s := newStore(t, smallCatalog())
	l, err := s.Loader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range manyRows {
		if err := l.Insert(s.Catalog().Tables[0], []any{i, fmt.Sprintf("%040d", i), time.Unix(0, 0), nil}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

const allContacts = "SELECT [id], [name], [registered], [note] FROM [CRM7].[CONTACT] ORDER BY [id]"

// read reads up to limit rows and returns how many came.
func read(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, limit int, during func(int)) (n int, err error) {
	rows, err := q.QueryContext(ctx, allContacts)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for n < limit && rows.Next() {
		var id int64
		var name string
		var at time.Time
		var note sql.NullString
		if err := rows.Scan(&id, &name, &at, &note); err != nil {
			return n, err
		}
		if id != int64(n) || name != fmt.Sprintf("%040d", n) {
			return n, fmt.Errorf("row %d is %d %s", n, id, name)
		}
		n++
		if during != nil {
			during(n)
		}
	}
	return n, rows.Err()
}

func TestPacketSizesAndTLS(t *testing.T) {
	s := manyStore(t)
	cert := newCert(t)
	for _, size := range []uint16{512, 4096, 32767} {
		for _, x := range []struct {
			name   string
			o      Options
			change func(*msdsn.Config)
		}{
			{"disable", Options{}, func(*msdsn.Config) {}},
			{"disable with certificate", Options{Cert: cert}, func(*msdsn.Config) {}},
			{"login only", Options{Cert: cert}, encrypted(cert, msdsn.EncryptionOff)},
			{"forced", Options{Cert: cert, ForceTLS: true}, encrypted(cert, msdsn.EncryptionOff)},
			{"required", Options{Cert: cert}, encrypted(cert, msdsn.EncryptionRequired)},
		} {
			if size == 512 && x.change != nil && strings.Contains("login only forced required", x.name) {
				continue // the handshake comes in packets of 4096 before the size is agreed on
			}
			db, _ := open(t, s, x.o, x.change, func(c *msdsn.Config) { c.PacketSize = size })
			if n, err := read(t.Context(), db, manyRows+1, nil); err != nil || n != manyRows {
				t.Errorf("%s with packets of %d: %d rows, %v", x.name, size, n, err)
			}
		}
	}
}

func TestTLSRefusals(t *testing.T) {
	s := newStore(t, smallCatalog())
	cert, other := newCert(t), newCert(t)
	db, _ := open(t, s, Options{}, encrypted(cert, msdsn.EncryptionRequired))
	if err := db.Ping(); err == nil || !strings.Contains(err.Error(), "does not support encryption") {
		t.Errorf("server without certificate: %v", err)
	}
	db, _ = open(t, s, Options{Cert: other}, encrypted(cert, msdsn.EncryptionRequired))
	if err := db.Ping(); err == nil || !strings.Contains(err.Error(), "x509") {
		t.Errorf("unknown certificate: %v", err)
	}
	want := sha256.Sum256(cert.Certificate[0])
	var seen bool
	db, _ = open(t, s, Options{Cert: cert}, encrypted(cert, msdsn.EncryptionRequired), func(c *msdsn.Config) {
		c.TLSConfig = &tls.Config{InsecureSkipVerify: true, VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			seen = sha256.Sum256(raw[0]) == want
			if !seen {
				return errors.New("fingerprint differs")
			}
			return nil
		}}
	})
	if err := db.Ping(); err != nil || !seen {
		t.Errorf("by fingerprint: %v", err)
	}
}

// TestTCP goes through a listener, by connection strings as the product builds
// them, and sees that Serve ends with all connections.
func TestTCP(t *testing.T) {
	s := manyStore(t)
	cert := newCert(t)
	srv := NewServer(s, Options{Login: testLogin, Password: testPassword, Cert: cert})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ctx, ln) }()
	for _, mode := range []msdsn.Encryption{msdsn.EncryptionDisabled, msdsn.EncryptionOff, msdsn.EncryptionRequired} {
		cfg := msdsn.Config{Host: "127.0.0.1", Port: uint64(ln.Addr().(*net.TCPAddr).Port), User: testLogin, Password: testPassword,
			Database: "superoffice", Encryption: mode, TLSConfig: trust(cert), PacketSize: 32767, Protocols: []string{"tcp"}}
		db := sql.OpenDB(mssqldb.NewConnectorConfig(cfg))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if n, err := read(t.Context(), db, manyRows+1, nil); err != nil || n != manyRows {
					t.Errorf("encryption %d: %d rows, %v", mode, n, err)
				}
			})
		}
		wg.Wait()
		if mode == msdsn.EncryptionRequired {
			defer func() { _ = db.Close() }() // open while the server ends
			continue
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServeEndsByClose(t *testing.T) {
	srv := NewServer(newStore(t, smallCatalog()), Options{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(t.Context(), ln) }()
	srv.Close()
	srv.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	if err := NewServer(newStore(t, smallCatalog()), Options{}).Serve(t.Context(), dead); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dead listener: %v", err)
	}
}

// TestCancel: a context that ends while rows come in leaves the connection
// usable, which needs the server to confirm the cancellation.
func TestCancel(t *testing.T) {
	s := manyStore(t)
	cert := newCert(t)
	for _, mode := range []msdsn.Encryption{msdsn.EncryptionDisabled, msdsn.EncryptionRequired} {
		db, _ := open(t, s, Options{Cert: cert}, encrypted(cert, mode))
		db.SetMaxOpenConns(1)
		ctx, cancel := context.WithCancel(t.Context())
		conn, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			reading, stop := context.WithCancel(ctx)
			n, err := read(reading, conn, manyRows, func(n int) {
				if n == 100 {
					stop()
				}
			})
			if n >= manyRows || !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled after %d rows: %v", n, err)
			}
			stop()
			// The same connection answers: conn would be bad otherwise.
			if n, err := read(ctx, conn, 50, nil); n != 50 || err != nil {
				t.Errorf("closed after 50: %d rows, %v", n, err)
			}
			var count int64
			if err := conn.QueryRowContext(ctx, "SELECT COUNT_BIG(*) FROM CRM7.contact").Scan(&count); err != nil || count != manyRows {
				t.Errorf("after cancelling: %d, %v", count, err)
			}
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		cancel()
	}
}

// TestCancelWhileBlocked: the server hangs before a row; the cancellation ends it.
func TestCancelWhileBlocked(t *testing.T) {
	s := manyStore(t)
	blocked := make(chan struct{}, 1)
	db, _ := open(t, s, Options{Faults: Faults{Hook: func(ctx context.Context, table string, row int64) error {
		if row != 10 {
			return nil
		}
		blocked <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}}})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-blocked
		cancel()
	}()
	if n, err := read(ctx, db, manyRows, nil); n > 10 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
}

func TestFaults(t *testing.T) {
	s := manyStore(t)
	db, srv := open(t, s, Options{Faults: Faults{Rules: []Fault{{Table: "crm7.contact", After: 1000}}}})
	n, err := read(t.Context(), db, manyRows, nil)
	var stream mssqldb.StreamError
	if n > 1000 || !errors.As(err, &stream) && !errors.Is(err, io.EOF) {
		t.Errorf("dropped after %d rows: %T %v", n, err, err)
	}
	if n, err := read(t.Context(), db, manyRows, nil); n != manyRows || err != nil {
		t.Errorf("second reading: %d rows, %v", n, err)
	}
	srv.SetFaults(Faults{Rules: []Fault{{Table: "CRM7.CONTACT", Err: Deadlock()}}})
	_, err = read(t.Context(), db, manyRows, nil)
	wantNumbers(t, "deadlock", err, 1205)
	if _, err := read(t.Context(), db, 10, nil); err != nil {
		t.Errorf("after the deadlock: %v", err)
	}
	broken := &tds.Error{Number: 605, Class: 21, State: 3, Message: "Attempt to fetch logical page failed."}
	srv.SetFaults(Faults{Rules: []Fault{{Table: "CRM7.contact", After: 5, Err: broken, Times: -1}}})
	for range 2 {
		n, err = read(t.Context(), db, manyRows, nil)
		wantNumbers(t, "in mid-stream", err, 605)
		if n != 5 {
			t.Errorf("%d rows before the error", n)
		}
	}
}

func TestTransactions(t *testing.T) {
	s := manyStore(t)
	db, _ := open(t, s, Options{AllowSnapshot: true})
	count := func(q interface {
		QueryRow(string, ...any) *sql.Row
	}) int64 {
		var n int64
		if err := q.QueryRow("SELECT COUNT_BIG(*) FROM CRM7.contact").Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	snap, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelSnapshot})
	if err != nil {
		t.Fatal(err)
	}
	live, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		t.Fatal(err)
	}
	if count(snap) != manyRows || count(live) != manyRows {
		t.Error("count before the change")
	}
	if err := s.Exec(t.Context(), "DELETE FROM CRM7.contact WHERE id < ?", 100); err != nil {
		t.Fatal(err)
	}
	if a, b := count(snap), count(live); a != manyRows || b != manyRows-100 {
		t.Errorf("snapshot sees %d, read committed %d", a, b)
	}
	if err := errors.Join(snap.Commit(), live.Rollback()); err != nil {
		t.Error(err)
	}
	if n := count(db); n != manyRows-100 {
		t.Errorf("%d after the transactions", n)
	}
}

// TestAllowSnapshot: the view says what transactions of level SNAPSHOT may do, and
// @@TRANCOUNT whether one is open. The client is told when the server ends one.
func TestAllowSnapshot(t *testing.T) {
	s := manyStore(t)
	const state = "SELECT d.snapshot_isolation_state FROM sys.databases AS d WHERE d.database_id = DB_ID()"
	off, _ := open(t, s, Options{})
	equal(t, "off", collect(t, off, state), "0")
	db, _ := open(t, s, Options{AllowSnapshot: true, Faults: Faults{Rules: []Fault{{Table: "CRM7.contact", After: 3, Err: Deadlock()}}}})
	equal(t, "on", collect(t, db, state), "1")
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = c.Raw(func(c any) error {
		_, err := c.(driver.ConnBeginTx).BeginTx(t.Context(), driver.TxOptions{Isolation: driver.IsolationLevel(sql.LevelSnapshot)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := c.QueryRowContext(t.Context(), "SELECT @@TRANCOUNT").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d transactions, %v", n, err)
	}
	rows, err := c.QueryContext(t.Context(), "SELECT c.id FROM CRM7.contact AS c")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	wantNumbers(t, "deadlock", rows.Err(), 1205)
	// The driver was told, and lets nothing run outside of the transaction.
	if err := c.QueryRowContext(t.Context(), "SELECT @@TRANCOUNT").Scan(&n); err == nil || !strings.Contains(err.Error(), "active transaction") {
		t.Errorf("%d transactions after the deadlock, %v", n, err)
	}
}

func TestCounters(t *testing.T) {
	s := manyStore(t)
	path := s.tables.user[0]
	db, _ := open(t, s, Options{})
	const rows = "SELECT p.object_id, SUM(p.row_count), SUM(p.used_page_count) FROM sys.dm_db_partition_stats AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id"
	const usage = "SELECT u.object_id, SUM(u.user_updates) FROM sys.dm_db_index_usage_stats AS u WHERE u.database_id = DB_ID() GROUP BY u.object_id"
	// 20,000 rows of 8+82+8+1 bytes over pages of 8,060.
	equal(t, "sizes", collect(t, db, rows), fmt.Sprintf("%d|20000|247", path.objectID), fmt.Sprintf("%d|0|1", path.objectID+objectBlock))
	equal(t, "usage", collect(t, db, usage), fmt.Sprintf("%d|20000", path.objectID))
	for _, q := range []string{"DELETE FROM CRM7.CONTACT WHERE id >= 19990", "UPDATE CRM7.contact SET name = 'x' WHERE id = 1", "INSERT INTO CRM7.person (id) VALUES (1)", "DELETE FROM CRM7.person"} {
		if err := s.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	got := collect(t, db, rows)
	if !strings.HasPrefix(got[0], fmt.Sprintf("%d|19990|", path.objectID)) || got[1] != fmt.Sprintf("%d|0|1", path.objectID+objectBlock) {
		t.Errorf("sizes after changes: %v", got)
	}
	equal(t, "usage after changes", collect(t, db, usage), fmt.Sprintf("%d|20002", path.objectID), fmt.Sprintf("%d|2", path.objectID+objectBlock))
	if err := s.Exec(t.Context(), "UPDATE CRM7.nowhere SET x = 1"); err == nil {
		t.Error("no error for a missing table")
	}
}

func TestLoaderRefusals(t *testing.T) {
	s := newStore(t, smallCatalog())
	table := s.Catalog().Tables[0]
	for name, row := range map[string][]any{
		"too few": {1}, "null key": {nil, "x", nil, nil}, "too long": {1, strings.Repeat("x", 41), nil, nil},
		"overflow": {1 << 31, "x", nil, nil}, "type": {1, 5, nil, nil}, "no time": {1, "x", "2020-01-01", nil},
	} {
		l, err := s.Loader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Insert(table, row); err == nil {
			t.Errorf("%s: taken", name)
		}
		if err := l.Insert(table, []any{2, "x", nil, nil}); err == nil {
			t.Errorf("%s: goes on", name)
		}
		if err := l.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	l, err := s.Loader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Insert(&migration.Table{Schema: "CRM7", Name: "gone"}, nil); err == nil {
		t.Error("unknown table taken")
	}
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Error(err)
	}
}
