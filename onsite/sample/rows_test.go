package sample

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/mail"
	"runtime"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

// recorder is a loader that digests rows and checks what a database would
// check: types, lengths, NULL and unique indexes.
type recorder struct {
	t      *testing.T
	sum    hash.Hash
	rows   int64
	unique map[string]bool // nil: not looked at
	keep   map[string][][]any
	peak   uint64
}

func (r *recorder) Insert(table *migration.Table, values []any) error {
	r.rows++
	if r.sum != nil {
		fmt.Fprintf(r.sum, "\n%s", table.FullName())
		for _, v := range values {
			if b, ok := v.([]byte); ok { // megabytes that %v would spell out
				r.sum.Write(b)
				continue
			}
			fmt.Fprintf(r.sum, "|%v", v)
		}
	}
	if r.rows%20_000 == 0 && r.peak > 0 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		r.peak = max(r.peak, m.HeapAlloc)
	}
	if r.unique != nil {
		r.check(table, values)
	}
	if rows, ok := r.keep[table.Name]; ok {
		r.keep[table.Name] = append(rows, append([]any(nil), values...))
	}
	return nil
}

func (r *recorder) check(table *migration.Table, values []any) {
	for i, c := range table.Data() {
		v := values[i]
		switch x := v.(type) {
		case nil:
			if !c.Nullable {
				r.t.Errorf("%s.%s: NULL", table.FullName(), c.Name)
			}
		case string:
			if c.Type == "nvarchar" && c.MaxLength > 0 && 2*len([]rune(x)) > c.MaxLength {
				r.t.Errorf("%s.%s: %d characters in nvarchar(%d)", table.FullName(), c.Name, len([]rune(x)), c.MaxLength/2)
			}
		case int64:
			if c.Type == "smallint" && x != int64(int16(x)) {
				r.t.Errorf("%s.%s: %d in smallint", table.FullName(), c.Name, x)
			}
		}
	}
	for _, ix := range table.Indexes {
		if !ix.Unique {
			continue
		}
		key := table.FullName() + "/" + ix.Name
		for _, col := range ix.Columns {
			for i, c := range table.Data() {
				if c.Name == col.Name {
					key += "|" + strings.ToLower(strings.TrimRight(fmt.Sprint(values[i]), " "))
				}
			}
		}
		if r.unique[key] {
			r.t.Errorf("%s: duplicate key %s", table.FullName(), key)
		}
		r.unique[key] = true
	}
}

func record(t *testing.T, o Options, r *recorder) *Expect {
	t.Helper()
	o, err := o.filled()
	if err != nil {
		t.Fatal(err)
	}
	c, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	e := newExpect()
	r.t = t
	if err := fillRows(context.Background(), "/sample", o, newWorld(o.Seed, o.Users), c, r, e); err != nil {
		t.Fatal(err)
	}
	if e.Total != r.rows {
		t.Errorf("builder counted %d rows, loader got %d", e.Total, r.rows)
	}
	return e
}

func TestRowsFitTheSchema(t *testing.T) {
	r := &recorder{unique: map[string]bool{}}
	e := record(t, Options{}, r)
	if e.Total != 60_000 {
		t.Errorf("rows: got %d, want 60000", e.Total)
	}
	empty := 0
	for _, n := range e.Rows {
		if n == 0 {
			empty++
		}
	}
	if empty > 120 {
		t.Errorf("%d tables are empty", empty)
	}
	for table := range emptyTables {
		if n := e.Rows["CRM7."+table]; n != 0 && table != "sequence" && table != "traveltransactionlog" {
			t.Errorf("table %s has %d rows and would stop a migration", table, n)
		}
	}
}

func TestRowsFollowFromSeed(t *testing.T) {
	digest := func(seed int64) string {
		r := &recorder{sum: sha256.New()}
		record(t, Options{Users: 40, Documents: 200, Rows: 6000, Seed: seed}, r)
		return hex.EncodeToString(r.sum.Sum(nil))
	}
	one := digest(1)
	if again := digest(1); again != one {
		t.Error("the same seed gave other rows")
	}
	if other := digest(2); other == one {
		t.Error("another seed gave the same rows")
	}
}

// More rows must not mean more memory: 60,000 rows more may cost less than a
// tenth of what holding them would.
func TestMemoryDoesNotGrowWithRows(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	peak := func(rows int64) uint64 {
		r := &recorder{peak: 1}
		record(t, Options{Users: 30, Documents: 60, Rows: rows}, r)
		return r.peak
	}
	small, large := peak(20_000), peak(80_000)
	if large > small+3<<20 {
		t.Errorf("heap grew from %d to %d bytes with 60,000 rows more", small, large)
	}
}

func TestSequenceSaysNextID(t *testing.T) {
	r := &recorder{keep: map[string][][]any{"sequence": nil, "contact": nil, "document": nil}}
	record(t, Options{Users: 30, Documents: 100, Rows: 6000}, r)
	next := map[string]int64{}
	for _, row := range r.keep["sequence"] {
		if row[0].(int64) != row[3].(int64)+10 {
			t.Errorf("sequence row %v: id is not the table number + 10", row)
		}
		next[row[2].(string)] = row[1].(int64)
	}
	for _, table := range []string{"contact", "document"} {
		highest := int64(0)
		for _, row := range r.keep[table] {
			highest = max(highest, row[0].(int64))
		}
		if next[table] != highest+1 {
			t.Errorf("sequence of %s: next id %d after %d", table, next[table], highest)
		}
	}
	if len(next) != 538 {
		t.Errorf("sequence has %d rows, want one for each of 538 tables", len(next))
	}
}

// Every licensed user has an address of its own that can be a user name; so a
// demo plan is always possible, although addresses repeat and some are invalid.
func TestUsersCanBePlanned(t *testing.T) {
	for _, n := range []int{20, 120, 2000} {
		w := newWorld(1, n)
		if len(w.users) != n {
			t.Errorf("%d users wanted, %d made", n, len(w.users))
		}
		names, shared, invalid, none := map[string]bool{}, 0, 0, 0
		first := map[string]bool{}
		for _, u := range w.employees {
			if names[strings.ToLower(u.name)] {
				t.Errorf("initials %s repeat", u.name)
			}
			names[strings.ToLower(u.name)] = true
			if len(u.emails) == 0 {
				none++
				continue
			}
			if _, err := mail.ParseAddress(u.emails[0]); err != nil || strings.ContainsAny(u.emails[0], " <") {
				invalid++
			}
			if first[strings.ToLower(u.emails[0])] {
				shared++
			}
			first[strings.ToLower(u.emails[0])] = true
		}
		if n >= 120 && (shared == 0 || invalid == 0 || none == 0) {
			t.Errorf("%d users: %d shared, %d invalid, %d without address; want some of each", n, shared, invalid, none)
		}
		own := map[string]string{}
		for _, u := range w.active {
			if u.plan == "" {
				continue
			}
			free := ""
			for _, a := range u.emails {
				if _, err := mail.ParseAddress(a); err == nil && strings.HasSuffix(a, "@"+mailDomain) && !strings.HasPrefix(a, "salg@") && !strings.ContainsAny(a, "< ") && strings.Contains(a, ".") {
					free = a
				}
			}
			if free == "" {
				t.Errorf("%s has a plan and no usable address: %q", u.name, u.emails)
			}
			if other := own[free]; other != "" {
				t.Errorf("%s and %s have the same last resort %s", u.name, other, free)
			}
			own[free] = u.name
		}
	}
}

func BenchmarkRows(b *testing.B) {
	o, err := Options{Rows: 60_000}.filled()
	if err != nil {
		b.Fatal(err)
	}
	c, err := Schema()
	if err != nil {
		b.Fatal(err)
	}
	w := newWorld(o.Seed, o.Users)
	start := time.Now()
	rows := int64(0)
	for b.Loop() {
		r := &recorder{}
		if err := fillRows(context.Background(), "/sample", o, w, c, r, newExpect()); err != nil {
			b.Fatal(err)
		}
		rows += r.rows
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
}
