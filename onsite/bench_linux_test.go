package onsite_test

import (
	"context"
	"crypto/md5"
	"database/sql"
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample"
	standin "omt/onsite/sample/mssql"
	"omt/upload/bacpac"
)

// dialer makes the connections of a benchmark.
type dialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// export is what was recorded once of a database and is read again and again.
type export struct {
	tables []*migration.Table
	open   func() *sql.DB
	in     onsite.Settings
}

// benchRows is the size from which on a table of the sample is read.
const benchRows = 20_000

// plain is the statement of a bare loop.
func plainly(t *migration.Table) string {
	list := ""
	for _, c := range t.Data() {
		list += ", [" + c.Name + "]"
	}
	return "SELECT " + list[2:] + " FROM [" + t.Schema + "].[" + t.Name + "]"
}

func recorded(b *testing.B) export {
	b.Helper()
	in, err := sample.Build(b.Context(), filepath.Join(b.TempDir(), "sample"), sample.Options{Users: 20, Documents: 50, Rows: 300_000, Seed: 5})
	if err != nil {
		b.Fatal(err)
	}
	store, err := standin.Open(b.Context(), filepath.Join(in.Dir, "database", "superoffice.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	const login, password = "omt", "stands in"
	srv := standin.NewServer(store, standin.Options{Login: login, Password: password})
	defer srv.Close()
	p := &pipes{srv: srv, ctx: b.Context()}
	rec := &recording{answers: map[[32]byte][]byte{}}
	open := func(d dialer) *sql.DB {
		c := mssql.NewConnectorConfig(msdsn.Config{
			Host: "192.0.2.7", Port: 1433, Database: store.Catalog().Database, User: login, Password: password, Encryption: msdsn.EncryptionDisabled,
			AppName: "omt", PacketSize: 16383, Protocols: []string{"tcp"}, Encoding: msdsn.EncodeParameters{Timezone: time.UTC},
		})
		c.Dialer = d
		return sql.OpenDB(c)
	}
	e := export{in: onsite.Settings{Database: store.Catalog().Database, Schema: "CRM7"}}
	live := open(record{p, rec})
	for _, t := range store.Catalog().Tables {
		if in.Expect().Rows[t.FullName()] < benchRows {
			continue
		}
		t.DataBytes = 1 // no cell can be large, so nothing else is asked
		e.tables = append(e.tables, t)
		b.Logf("%s: %d columns, %d rows", t.FullName(), len(t.Data()), in.Expect().Rows[t.FullName()])
	}
	if _, err := e.each(b.Context(), func(ctx context.Context, t *migration.Table) (int64, error) { return bare(ctx, live, t) }); err != nil {
		b.Fatal(err)
	}
	over := onsite.Over(live, e.in)
	if _, err := e.each(b.Context(), func(ctx context.Context, t *migration.Table) (int64, error) { return packed(ctx, over, t) }); err != nil {
		b.Fatal(err)
	}
	if err := live.Close(); err != nil {
		b.Fatal(err)
	}
	p.conns.Wait()
	conns := &sync.WaitGroup{}
	e.open = func() *sql.DB { return open(replay{rec, conns}) }
	b.Cleanup(conns.Wait)
	return e
}

// each adds the rows that read gives of each table.
func (e export) each(ctx context.Context, read func(context.Context, *migration.Table) (int64, error)) (int64, error) {
	var sum int64
	for _, t := range e.tables {
		n, err := read(ctx, t)
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}

// bare reads all rows and does nothing with them.
func bare(ctx context.Context, db *sql.DB, t *migration.Table) (n int64, err error) {
	rows, err := db.QueryContext(ctx, plainly(t))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	values, to := make([]any, len(t.Data())), make([]any, len(t.Data()))
	for i := range values {
		to[i] = &values[i]
	}
	for ; rows.Next(); n++ {
		if err := rows.Scan(to...); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// packed reads all rows as a migration does: digest, encoding, compression, and
// the sums of the block.
func packed(ctx context.Context, in *onsite.Installation, t *migration.Table) (n int64, err error) {
	rows, err := in.Rows(ctx, t, migration.Range{})
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var cols []migration.DigestColumn
	for _, c := range t.Data() {
		cols = append(cols, migration.DigestColumn{Name: c.Name, Type: c.Type, Precision: int(c.Precision), Scale: int(c.Scale)})
	}
	digest, err := migration.NewRowDigest(cols)
	if err != nil {
		return 0, err
	}
	part, err := bacpac.New().Part(t, 0)
	if err != nil {
		return 0, err
	}
	for {
		row, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return n, err
		}
		if err := errors.Join(digest.Row(row), part.Row(row)); err != nil {
			return n, err
		}
		n++
	}
	m, err := part.Finish()
	md5.Sum(m.Data)
	sizes[0] += m.RawSize
	sizes[1] += m.PackedSize
	return n, err
}

var sizes [2]int64

// cost is what a run took of processor and memory.
type cost struct {
	cpu    time.Duration
	wall   time.Duration
	allocs uint64
	rows   int64
}

func (c *cost) measure(b *testing.B, run func() (int64, error)) {
	var before, after syscall.Rusage
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	was, start := mem.Mallocs, time.Now()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	n, err := run()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	c.wall += time.Since(start)
	runtime.ReadMemStats(&mem)
	if err != nil {
		b.Fatal(err)
	}
	c.cpu += time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	c.allocs += mem.Mallocs - was
	c.rows += n
}

// BenchmarkExport compares reading, digesting and packing a table with a loop
// that only reads it, in turns. Both are fed from the same recording.
func BenchmarkExport(b *testing.B) {
	e := recorded(b)
	db := e.open()
	defer db.Close()
	in := onsite.Over(db, e.in)
	loopOver := func(ctx context.Context, t *migration.Table) (int64, error) { return bare(ctx, db, t) }
	pack := func(ctx context.Context, t *migration.Table) (int64, error) { return packed(ctx, in, t) }
	var loop, one cost
	for b.Loop() {
		loop.measure(b, func() (int64, error) { return e.each(b.Context(), loopOver) })
		one.measure(b, func() (int64, error) { return e.each(b.Context(), pack) })
	}
	if loop.rows != one.rows || loop.rows == 0 {
		b.Fatalf("%d rows and %d", loop.rows, one.rows)
	}
	b.ReportMetric(float64(sizes[0])/float64(sizes[1]), "compression")
	b.ReportMetric(float64(loop.cpu)/float64(loop.rows), "bare-cpu-ns/row")
	b.ReportMetric(float64(one.cpu)/float64(one.rows), "export-cpu-ns/row")
	b.ReportMetric(float64(one.cpu)/float64(loop.cpu), "cpu-ratio")
	b.ReportMetric(float64(one.allocs)/float64(loop.allocs), "allocs-ratio")
	b.ReportMetric(float64(loop.allocs)/float64(loop.rows), "bare-allocs/row")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTwoConnections compares two readers with one, in turns.
func BenchmarkTwoConnections(b *testing.B) {
	e := recorded(b)
	db := e.open()
	defer db.Close()
	in := onsite.Over(db, e.in)
	pack := func(ctx context.Context, t *migration.Table) (int64, error) { return packed(ctx, in, t) }
	var one, two cost
	for b.Loop() {
		one.measure(b, func() (int64, error) { return e.each(b.Context(), pack) })
		two.measure(b, func() (int64, error) {
			var wg sync.WaitGroup
			var rows [2]int64
			var errs [2]error
			for i := range rows {
				wg.Go(func() { rows[i], errs[i] = e.each(b.Context(), pack) })
			}
			wg.Wait()
			return rows[0] + rows[1], errors.Join(errs[:]...)
		})
	}
	b.ReportMetric(float64(two.rows)/float64(two.wall)/(float64(one.rows)/float64(one.wall)), "speedup")
	b.ReportMetric(0, "ns/op")
}
