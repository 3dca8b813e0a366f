package journal

import (
	"context"
	"errors"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestExistsAndFile(t *testing.T) {
	dir := t.TempDir() + "/a #?% b/state"
	for _, want := range []bool{false, true} {
		found, err := Exists(dir, testKey)
		must(t, err)
		if found != want {
			t.Fatalf("Exists = %v, want %v", found, want)
		}
		j, err := Open(t.Context(), dir, testKey, Options{})
		must(t, err)
		must(t, j.Close())
		must(t, j.Close())
		if runtime.GOOS != "windows" {
			for path, perm := range map[string]os.FileMode{dir: 0o700, j.Path(): 0o600} {
				st, err := os.Stat(path)
				must(t, err)
				if st.Mode().Perm() != perm {
					t.Errorf("%s has mode %v", path, st.Mode())
				}
			}
		}
	}
	other := testKey
	other.Serial += "1"
	if found, err := Exists(dir, other); err != nil || found {
		t.Errorf("another serial: %v, %v", found, err)
	}
}

func TestFileNameIsSafeAndDistinct(t *testing.T) {
	seen := map[string]Key{}
	for _, k := range []Key{
		{}, {Environment: "a", Tenant: "b"}, {Environment: "ab"}, {Environment: "a-b"}, {Tenant: "../../etc"},
		{Company: "x"}, {Company: "X"}, {Serial: `C:\con?*|"`}, {Environment: "nul", Tenant: strings.Repeat("ø", 500)},
	} {
		name := k.fileName()
		if old, ok := seen[name]; ok {
			t.Errorf("%v and %v share %s", old, k, name)
		}
		seen[name] = k
		if len(name) > 80 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || !strings.HasPrefix(name, "omt-") {
			t.Errorf("unsafe name %q", name)
		}
	}
}

func TestRunsKeepTheirOrder(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	if _, found, err := j.LastRun(t.Context()); err != nil || found {
		t.Fatalf("empty journal: %v, %v", found, err)
	}
	started := time.Date(2026, 5, 1, 8, 0, 0, 123456789, time.FixedZone("CEST", 7200))
	a := Run{ID: "a", Mode: "test", State: "uploading", TicketID: "t1", Host: "CRM01", Tool: "omt 1", Target: "folder", Started: started, Settings: []byte(`{"x":1}`)}
	b := Run{ID: "b", Mode: "live", State: "preparing", Started: started.Add(-time.Hour)} // the clock was set back
	must(t, j.PutRun(t.Context(), a))
	must(t, j.PutRun(t.Context(), b))
	a.State, a.Reason, a.Ended = "failed", `{"id":"x"}`, started.Add(time.Minute)
	must(t, j.PutRun(t.Context(), a))
	must(t, j.Close())

	j = openTest(t, dir, Options{})
	last, found, err := j.LastRun(t.Context())
	if err != nil || !found || last.ID != "b" {
		t.Fatalf("LastRun = %v, %v, %v", last, found, err)
	}
	rs, err := j.Runs(t.Context())
	must(t, err)
	a.Started, a.Ended = a.Started.UTC(), a.Ended.UTC()
	b.Started = b.Started.UTC()
	if !reflect.DeepEqual(rs, []Run{a, b}) {
		t.Fatalf("got %+v", rs)
	}
	if err := j.PutRun(t.Context(), Run{}); err == nil {
		t.Error("a run without id was taken")
	}
}

func TestNotes(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	if _, found, err := j.Note(t.Context(), "r", "plan"); err != nil || found {
		t.Fatalf("unknown note: %v, %v", found, err)
	}
	for _, body := range []string{"first", "", "third\x00\xff"} {
		must(t, j.PutNote(t.Context(), "r", "plan", []byte(body)))
		got, found, err := j.Note(t.Context(), "r", "plan")
		if err != nil || !found || string(got) != body {
			t.Fatalf("got %q, %v, %v, want %q", got, found, err, body)
		}
	}
}

func TestPartsPlanAckDrop(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	p := func(v int64) *int64 { return &v }
	plan := []Range{
		{Run: "r", Table: "CRM7.contact", Seq: 0, Hi: p(10)},
		{Run: "r", Table: "CRM7.contact", Seq: 1, Lo: p(10), Hi: p(-5)},
		{Run: "r", Table: "CRM7.appointment", Seq: 2, Lo: p(0)},
	}
	must(t, j.PlanRanges(t.Context(), "r", append(plan, Range{Table: "gone"})))
	must(t, j.PlanRanges(t.Context(), "r", plan))
	must(t, j.PlanRanges(t.Context(), "other", plan[:1]))
	m := Member{Run: "r", Name: "Data/CRM7.contact/TableData-000-00000.BCP", Table: "CRM7.contact", Rows: 9, CRC32: 0xffffffff,
		RawSize: 1 << 40, PackedSize: 2, Size: 3, Method: 8, SHA256: [32]byte{31: 1}, BlockID: "b", Offset: 700, At: time.Unix(5, 6).UTC()}
	m2 := m
	m2.Name, m2.Offset, m2.Part = "second", 0, 1
	done := plan[0]
	done.Rows = 9
	var order []string
	j.AckMember(m, nil, func(err error) { order = append(order, "m") })
	j.AckMember(m2, &done, func(err error) { order = append(order, "m2") })
	must(t, j.Flush(t.Context()))
	if !reflect.DeepEqual(order, []string{"m", "m2"}) {
		t.Errorf("done functions ran as %v", order)
	}
	must(t, j.Close())

	j = openTest(t, dir, Options{})
	if got := members(t, j, "r"); !reflect.DeepEqual(got, []Member{m2, m}) {
		t.Errorf("members by offset: %+v", got)
	}
	done.Done = true
	if got := ranges(t, j, "r"); !reflect.DeepEqual(got, []Range{plan[2], done, plan[1]}) {
		t.Errorf("ranges: %+v", got)
	}
	must(t, j.DropParts(t.Context(), "r"))
	if n := len(members(t, j, "r")) + len(ranges(t, j, "r")); n != 0 {
		t.Errorf("%d parts survive DropParts", n)
	}
	if n := len(ranges(t, j, "other")); n != 1 {
		t.Errorf("another run lost its plan: %d ranges", n)
	}
}

func TestPlanReturnsWhatStands(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	first, second := object(1), object(2)
	second.Folded = first.Folded
	plain := object(3)
	plain.Folded = ""
	known, err := j.Plan(t.Context(), []Object{first, second, plain, first})
	must(t, err)
	for i, want := range []Known{{first, "document", first.Key}, {second, "document", first.Key}, {Object: plain}, {first, "document", first.Key}} {
		if !reflect.DeepEqual(known[i], want) {
			t.Errorf("%d: got %+v, want %+v", i, known[i], want)
		}
	}
	s := sent(1)
	s.Reason = []byte(`{"id":"r"}`)
	j.Ack(s, nil)
	changed := object(1)
	changed.Size, changed.Outcome = 5, "nonsense"
	known, err = j.Plan(t.Context(), []Object{changed})
	must(t, err)
	if !reflect.DeepEqual(known[0], Known{s, "document", s.Key}) {
		t.Errorf("known object: %+v", known[0])
	}
	fresh := object(9)
	fresh.Outcome, fresh.Reason = "uploaded", []byte("{}")
	known, err = j.Plan(t.Context(), []Object{fresh})
	must(t, err)
	if known[0].Outcome != "" || known[0].Reason != nil {
		t.Errorf("a new object must be planned only: %+v", known[0])
	}
	if _, err := j.Plan(t.Context(), []Object{{Kind: "document"}}); err == nil {
		t.Error("an object without key was taken")
	}
}

func TestClaimGoesToTheFirst(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	o := sent(1)
	o.Folded = "documents/x~1"
	j.Ack(o, nil)
	_, key, err := j.Claim(t.Context(), "documents/x~1", "document", "later")
	if err != nil || key != o.Key {
		t.Fatalf("claim of an acknowledged path went to %q, %v", key, err)
	}
	_, key, err = j.Claim(t.Context(), "documents/y", "document", "later")
	if err != nil || key != "later" {
		t.Fatalf("free path went to %q, %v", key, err)
	}
}

func TestObjectsStreamWhileWriting(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	var batch []Object
	const n = 2*page + 7
	for i := range n {
		o := object(i)
		o.Row = int64(-i / 3) // several keys share a row, rows are negative
		batch = append(batch, o)
	}
	batch = append(batch, Object{Kind: "attachment", Key: "a", Row: 5}, Object{Kind: "template", Key: "t"})
	_, err := j.Plan(t.Context(), batch)
	must(t, err)
	var last *Object
	count := 0
	must(t, j.Objects(t.Context(), "", func(o Object) error {
		if last != nil && !(last.Kind < o.Kind || last.Kind == o.Kind && (last.Row < o.Row || last.Row == o.Row && last.Key < o.Key)) {
			t.Fatalf("%v before %v", last, o)
		}
		last = &o
		count++
		if count%100 == 0 {
			_, err := j.Plan(context.Background(), []Object{o})
			return err
		}
		return nil
	}))
	if count != n+2 {
		t.Errorf("%d objects, want %d", count, n+2)
	}
	if got := len(objects(t, j, "document")); got != n {
		t.Errorf("%d documents, want %d", got, n)
	}
	stop := errors.New("enough")
	if err := j.Objects(t.Context(), "", func(Object) error { return stop }); err != stop {
		t.Errorf("yield's error came back as %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Objects(ctx, "", func(Object) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestTotalsAndOwners(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	a, b, c, d := sent(1), sent(2), sent(3), object(4)
	b.SharedKind, b.SharedKey = a.Kind, a.Key
	c.SharedKind, c.SharedKey = c.Kind, c.Key
	d.Outcome, d.Owner = "missing", ""
	for _, o := range []Object{a, b, c, d} {
		j.Ack(o, nil)
	}
	must(t, j.Flush(t.Context()))
	totals, err := j.Totals(t.Context())
	must(t, err)
	want := map[string]map[string]Total{"document": {"uploaded": {3, 1001 + 1003}, "missing": {1, 1004}}}
	if !reflect.DeepEqual(totals, want) {
		t.Errorf("totals %v, want %v", totals, want)
	}
	owners, err := j.Owners(t.Context())
	must(t, err)
	wantOwners := []OwnerTotal{{"ANNE", "document", "uploaded", Total{1, 0}}, {"ØYVIND", "document", "uploaded", Total{2, 2004}}}
	if !reflect.DeepEqual(owners, wantOwners) {
		t.Errorf("owners %v, want %v", owners, wantOwners)
	}
}

func TestTimesSurvive(t *testing.T) {
	for _, want := range []time.Time{
		{}, time.Date(1601, 1, 1, 0, 0, 0, 100, time.UTC), time.Date(1760, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(30828, 9, 14, 2, 48, 5, 477580700, time.UTC),
		time.Date(-4713, 1, 1, 0, 0, 0, 1, time.UTC),
	} {
		got, err := decodeTime(encodeTime(want.In(time.FixedZone("x", 3600))))
		if err != nil || !got.Equal(want) || got.IsZero() != want.IsZero() {
			t.Errorf("%v came back as %v, %v", want, got, err)
		}
	}
}

func TestCancelledOpenAndScan(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 300)
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := j.Ranges(ctx, "r", func(Range) error {
		seen++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen != 1 {
		t.Errorf("cancelled after %d: %v", seen, err)
	}
	if err := j.PutRun(ctx, Run{ID: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("PutRun: %v", err)
	}
	must(t, j.Close())
	if _, err := Open(ctx, dir, testKey, Options{}); !errors.Is(err, context.Canceled) || errors.Is(err, ErrDamaged) {
		t.Errorf("Open: %v", err)
	}
	openTest(t, dir, Options{}) // and the lock is free again
}

func TestWriterFlushesEveryCommit(t *testing.T) {
	j := openTest(t, t.TempDir(), Options{})
	var mode string
	must(t, j.store.conn.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode))
	sync, err := pragma(t.Context(), j.store.conn, "synchronous")
	if must(t, err); mode != "wal" || sync != 2 {
		t.Errorf("journal_mode %s, synchronous %d: want wal and FULL (2)", mode, sync)
	}
	if _, err := j.read.Exec("DELETE FROM runs"); err == nil {
		t.Error("a read connection can write")
	}
}
