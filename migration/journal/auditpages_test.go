package journal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// openAudited opens a journal as a large one; during is called in each reading of
// its audit, the first of which is that of the structure.
func openAudited(t testing.TB, dir string, o auditOptions, during func(j *Journal)) *Journal {
	t.Helper()
	j, err := auditedJournal(dir, o, during)
	must(t, err)
	return j
}

func auditedJournal(dir string, o auditOptions, during func(j *Journal)) (*Journal, error) {
	var j *Journal
	opened := make(chan struct{})
	o.during = func() { during(j) }
	got, err := Open(context.Background(), dir, testKey, Options{AuditFrom: 1, BeforeAudit: func() { <-opened }, audit: o})
	j = got
	close(opened)
	return got, err
}

// TestAuditJudgesWhileOthersWrite: whatever is written between and during its
// pages, before or behind where it reads, an audit neither feigns a damage nor
// misses a record that is gone or of another moment.
func TestAuditJudgesWhileOthersWrite(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(base, "")
		must(t, err)
		j, err := Open(t.Context(), dir, testKey, Options{})
		must(t, err)
		n := rapid.IntRange(1, 30).Draw(rt, "objects")
		for i := range n {
			j.Ack(sent(i), nil)
		}
		must(t, j.PutEarlier(t.Context(), []Object{sent(100), sent(101), sent(102)}))
		must(t, j.Close())
		lost := rapid.SampledFrom([]string{"", "", "objects", "claims", "earlier", "changed"}).Draw(rt, "lost")
		if lost == "changed" { // into one that was right at another moment
			o := sent(rapid.IntRange(0, n-1).Draw(rt, "which"))
			o.Outcome = "missing"
			foreign(t, j.Path(), fmt.Sprintf("UPDATE objects SET outcome='missing', crc=%d WHERE key='%s'", objectTable.sum(o.record()), o.Key))
		} else if lost != "" {
			foreign(t, j.Path(), fmt.Sprintf("DELETE FROM %s WHERE key IN (SELECT key FROM %[1]s ORDER BY key LIMIT 1 OFFSET %d)", lost, rapid.IntRange(0, min(n, 3)-1).Draw(rt, "which")))
		}
		seed := rapid.Uint64().Draw(rt, "writes")
		rnd := rand.New(rand.NewPCG(seed, 0))
		j, err = auditedJournal(dir, auditOptions{page: rapid.IntRange(1, 12).Draw(rt, "page")}, func(j *Journal) {
			for range rnd.IntN(4) {
				o := sent(rnd.IntN(40))
				switch rnd.IntN(6) {
				case 0:
					_, err := j.Plan(t.Context(), []Object{o})
					must(t, err)
				case 1:
					o.Row = int64(rnd.IntN(60)) // to another place in the order of reading
					j.Ack(o, nil)
				case 2:
					must(t, j.PutEarlier(t.Context(), []Object{sent(95 + rnd.IntN(10))}))
				case 3:
					_, _, err := j.Claim(t.Context(), fmt.Sprint("path ", rnd.IntN(50)), o.Kind, o.Key)
					must(t, err)
				case 4:
					o.Kind = "template"
					j.Ack(o, nil)
				default:
					o.Reason = []byte(`{"id":"again"}`)
					j.Ack(o, nil)
				}
			}
			if rnd.IntN(2) == 0 {
				must(t, j.Flush(t.Context()))
			}
		})
		must(t, err)
		verdict := j.Whole(t.Context())
		if errors.Is(verdict, ErrDamaged) != (lost != "") || verdict != nil && lost == "" {
			rt.Errorf("lost a record of %q: %v", lost, verdict)
		}
		if err := j.Close(); errors.Is(err, ErrDamaged) != (lost != "") {
			rt.Errorf("Close: %v", err)
		}
		if lost != "" {
			return
		}
		// The next start, which reads one moment, agrees.
		j, err = Open(t.Context(), dir, testKey, Options{})
		must(t, err)
		must(t, j.Close())
	})
}

// TestLogStaysBounded: while a writer goes on in every reading, the log grows no
// further than what is written in one of them, however many there are; the
// structure, which cannot be read in pieces, is left for later when it does.
func TestLogStaysBounded(t *testing.T) {
	const megabyte, limit = 1 << 20, 6 << 20
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 200)
	must(t, j.Close())
	readings, most, written := 0, int64(0), 0
	write := func(j *Journal) {
		for range 10 {
			o := sent(rand.IntN(200)) // also such as are still to be read
			o.Reason = make([]byte, megabyte/10)
			j.Ack(o, nil)
		}
		must(t, j.Flush(context.Background()))
		written += megabyte
		most = max(most, fileSize(t, j.Path()+"-wal"))
	}
	j = openAudited(t, dir, auditOptions{page: 10, log: limit}, func(j *Journal) {
		readings++
		write(j)
		for readings == 1 && fileSize(t, j.Path()+"-wal") <= limit {
			write(j)
		}
	})
	must(t, j.Whole(t.Context()))
	must(t, j.Close())
	// The structure at the beginning and at the end, 21 pages of objects (whose
	// last is empty) and of claims, one of nothing.
	if readings != 45 || written < 45*megabyte {
		t.Errorf("%d readings, %d bytes written in them", readings, written)
	}
	if most > limit+2*megabyte+checkpointFrom {
		t.Errorf("the log grew to %d bytes", most)
	}
	t.Logf("%d MB written in %d readings, log %d MB at most", written/megabyte, readings, most/megabyte)
}

// TestStructureReadInTheEnd: what only the structure shows is found although its
// reading was broken off, before anybody relies on it, and not before.
func TestStructureReadInTheEnd(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 50)
	must(t, j.Close())
	f, err := os.OpenFile(j.Path(), os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt([]byte{0, 0, 0, 9}, 36) // the header tells of free pages that are not there
	must(t, firstError(err, f.Close()))
	if _, err := reopen(t, dir); !errors.Is(err, ErrDamaged) {
		t.Fatalf("the structure is sound: %v", err)
	}
	must(t, acquit(j.Path()))
	structures := 0
	pages := make(chan struct{})
	j = openAudited(t, dir, auditOptions{page: 1000, log: 1}, func(j *Journal) {
		if structures++; structures == 1 {
			o := sent(3)
			j.Ack(o, nil)
			_ = j.Flush(context.Background())
		}
		if structures == 4 { // a page for each of the tables
			close(pages)
		}
	})
	<-pages
	select {
	case <-j.audit.done:
		t.Fatalf("it has ended: %v", j.audit.err)
	default:
	}
	if err := j.usable(); err != nil {
		t.Errorf("before it was asked: %v", err)
	}
	if err := j.Whole(t.Context()); !errors.Is(err, ErrDamaged) {
		t.Errorf("Whole: %v", err)
	}
	if err := j.Close(); !errors.Is(err, ErrDamaged) {
		t.Errorf("Close: %v", err)
	}
}

// TestFailedCommitIsNoDamage: of a commit that failed nobody knows what is in the
// file; the audit then says nothing of it.
func TestFailedCommitIsNoDamage(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 20)
	must(t, j.Close())
	broken := errors.New("broken commit")
	opened := make(chan struct{})
	j, err := Open(t.Context(), dir, testKey, Options{
		AuditFrom: 1, FailPoint: failAt(PointGroupBefore, 1, broken), BeforeAudit: func() { <-opened }, audit: auditOptions{page: 3},
	})
	must(t, err)
	j.Ack(sent(30), nil)
	if err := j.Flush(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("the commit ended with %v", err)
	}
	close(opened)
	if err := j.Whole(t.Context()); !errors.Is(err, broken) || errors.Is(err, ErrDamaged) {
		t.Errorf("Whole: %v", err)
	}
	if err := j.Close(); !errors.Is(err, broken) {
		t.Errorf("Close: %v", err)
	}
	if doubt, err := suspected(j.Path()); err != nil || doubt {
		t.Errorf("suspect: %v, %v", doubt, err)
	}
}

// TestPlacesAreInSQLitesOrder: a place comes before another one exactly if SQLite
// reads it earlier.
func TestPlacesAreInSQLitesOrder(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	for i, key := range []string{"a", "B", "ø", "Ø", "a\x00b", "\xff", "日本", "aa", "", "😀", "\uffff"} {
		for _, row := range []int64{-5, 0, int64(i), 1 << 40} {
			for _, kind := range []string{"document", "Document"} {
				o := Object{Kind: kind, Key: key + fmt.Sprint(row), Row: row, Folded: key + fmt.Sprint(kind, row)}
				j.Ack(o, nil)
			}
		}
	}
	must(t, j.Flush(t.Context()))
	must(t, j.PutEarlier(t.Context(), objects(t, j, "")))
	for _, table := range large {
		var last place
		n := 0
		must(t, j.scan(t.Context(), table, table.walk(), nil, func(r record) error {
			at := table.place(r)
			if !last.before(at) || n > 0 && at.before(last) || at.before(at) {
				t.Errorf("%s: %q is read after %q", table.name, at, last)
			}
			if beyond.before(at) {
				t.Errorf("%q is beyond the end", at)
			}
			last = at
			n++
			return nil
		}))
		if n != 86 {
			t.Errorf("%s: %d records", table.name, n)
		}
	}
}
