package journal

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// everything is all that can be read from a journal.
type everything struct {
	Runs    []Run
	Note    string
	Ranges  []Range
	Members []Member
	Objects []Object
	Claims  map[string]string
}

func readAll(t testing.TB, j *Journal) everything {
	t.Helper()
	e := everything{Ranges: ranges(t, j, "r"), Members: members(t, j, "r"), Objects: objects(t, j, ""), Claims: map[string]string{}}
	var err error
	e.Runs, err = j.Runs(context.Background())
	must(t, err)
	body, _, err := j.Note(context.Background(), "r", "plan")
	must(t, err)
	e.Note = string(body)
	must(t, j.scan(context.Background(), claimTable, "", nil, func(r record) error {
		e.Claims[r[0].(string)] = r[1].(string) + "/" + r[2].(string)
		return nil
	}))
	return e
}

// fillSome writes records of every table.
func fillSome(t testing.TB, j *Journal, n int) {
	t.Helper()
	ctx := context.Background()
	must(t, j.PutRun(ctx, Run{ID: "r", Mode: "test", State: "uploading"}))
	must(t, j.PutNote(ctx, "r", "plan", []byte(strings.Repeat("plan ", 3000)))) // on overflow pages
	must(t, j.PlanRanges(ctx, "r", []Range{{Table: "a"}, {Table: "b"}, {Table: "b", Seq: 1}}))
	j.AckMember(Member{Run: "r", Name: "m", Table: "a", SHA256: [32]byte{1}}, &Range{Run: "r", Table: "a"}, nil)
	for i := range n {
		j.Ack(sent(i), nil)
	}
	must(t, j.Flush(ctx))
}

// reopen opens a copy and returns what is in it, or the error of Open. A copy that
// is opened like a large journal must give the same answer.
func reopen(t testing.TB, dir string) (everything, error) {
	t.Helper()
	later, lerr := besideTheWork(t, dir)
	j, err := Open(context.Background(), dir, testKey, Options{})
	if errors.Is(err, ErrDamaged) != errors.Is(lerr, ErrDamaged) || (err == nil) != (lerr == nil) {
		t.Errorf("opened as a small journal: %v; as a large one: %v", err, lerr)
	}
	// Words for people name what is damaged.
	for _, err := range []error{err, lerr} {
		if d := (*DamagedError)(nil); errors.Is(err, ErrDamaged) && !errors.As(err, &d) {
			t.Errorf("%v names no record", err)
		}
	}
	if err != nil {
		return everything{}, err
	}
	defer func() {
		if e := readAll(t, j); lerr == nil && !reflect.DeepEqual(later, e) {
			t.Error("opened as a large journal it says something else")
		}
		must(t, j.Close())
	}()
	return readAll(t, j), nil
}

// TestFlippedBits flips one bit at a time, in every byte of the file's header
// and at random in the rest. Every flip is refused or without any effect.
func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 120)
	want := readAll(t, j)
	name := filepath.Base(j.Path())
	must(t, j.Close())
	whole, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	rnd := rand.New(rand.NewPCG(1, 2))
	var bits []int
	for b := range 100 {
		bits = append(bits, b*8+rnd.IntN(8))
	}
	for range 200 {
		bits = append(bits, rnd.IntN(len(whole)*8))
	}
	refused := 0
	for _, bit := range bits {
		broken := append([]byte(nil), whole...)
		broken[bit/8] ^= 1 << (bit % 8)
		to := t.TempDir()
		must(t, os.WriteFile(filepath.Join(to, name), broken, 0o600))
		must(t, os.WriteFile(filepath.Join(to, name+"-wal"), nil, 0o600))
		got, err := reopen(t, to)
		switch {
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrNewer):
			refused++
		case err != nil:
			t.Errorf("bit %d of byte %d: %v", bit%8, bit/8, err)
		case !reflect.DeepEqual(got, want):
			t.Errorf("bit %d of byte %d: accepted, and the journal says something else", bit%8, bit/8)
		}
	}
	t.Logf("%d of %d flips refused, the others fell on unused bytes", refused, len(bits))
	if refused < len(bits)/3 {
		t.Error("too few flips had an effect for the test to mean anything")
	}
}

// TestFlippedBitInOpenJournal changes a record behind the journal's back: the
// reading call names it.
func TestFlippedBitInOpenJournal(t *testing.T) {
	j, err := Open(t.Context(), t.TempDir(), testKey, Options{})
	must(t, err)
	fillSome(t, j, 3)
	foreign(t, j.Path(), "UPDATE objects SET outcome='uploadee' WHERE key='doc-000001'")
	err = j.Objects(t.Context(), "", func(Object) error { return nil })
	var d *DamagedError
	if !errors.Is(err, ErrDamaged) || !errors.As(err, &d) || d.Record != "objects document doc-000001" {
		t.Errorf("Objects: %v", err)
	}
	if _, err := j.Totals(t.Context()); !errors.Is(err, ErrDamaged) {
		t.Errorf("Totals: %v", err)
	}
	if _, err := j.Plan(t.Context(), []Object{object(1)}); !errors.Is(err, ErrDamaged) {
		t.Errorf("Plan: %v", err)
	}
	if err := j.Close(); !errors.Is(err, ErrDamaged) {
		t.Errorf("Close: %v", err)
	}
	if doubt, err := suspected(j.Path()); err != nil || !doubt {
		t.Errorf("what was read is not kept for the next start: %v, %v", doubt, err)
	}
}

// foreign runs SQL as another program would.
func foreign(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := database(path, "_pragma=journal_mode(WAL)", 1)
	must(t, err)
	for _, s := range statements {
		_, err := db.Exec(s)
		must(t, err)
	}
	must(t, db.Close())
}

// TestRecordsOfAnotherMoment changes well-formed things whose checksums are
// right: only ledger, identity and schema show it.
func TestRecordsOfAnotherMoment(t *testing.T) {
	for name, statement := range map[string]string{
		"row lost":       "DELETE FROM objects WHERE key='doc-000002'",
		"claim lost":     "DELETE FROM claims WHERE key='doc-000002'",
		"range lost":     "DELETE FROM ranges WHERE seq=1",
		"old ledger":     "DELETE FROM ledger WHERE name='objects'",
		"row came back":  "REPLACE INTO members SELECT * FROM old",
		"other schema":   "CREATE INDEX more ON objects(outcome)",
		"other id":       "PRAGMA application_id=1",
		"no version":     "PRAGMA user_version=0",
		"tables gone":    "DROP TABLE runs",
		"meta gone":      "DELETE FROM meta WHERE name='serial'",
		"entire rewrite": "DELETE FROM objects",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openTest(t, dir, Options{})
			fillSome(t, j, 5)
			path := j.Path()
			must(t, j.Close())
			var steps []string
			if strings.Contains(statement, "FROM old") {
				foreign(t, path, "ATTACH '"+dir+"/old.db' AS o", "CREATE TABLE o.old AS SELECT * FROM members")
				j = openTest(t, dir, Options{})
				j.AckMember(Member{Run: "r", Name: "m", Table: "a", Rows: 5}, nil, nil)
				must(t, j.Close())
				steps = append(steps, "ATTACH '"+dir+"/old.db' AS o")
			}
			foreign(t, path, append(steps, statement)...)
			if _, err := reopen(t, dir); !errors.Is(err, ErrDamaged) {
				t.Errorf("accepted: %v", err)
			}
		})
	}
}

func TestEmptyAndForeignFiles(t *testing.T) {
	other := testKey
	other.Company = "Another AS"
	dir := t.TempDir()
	for name, content := range map[string][]byte{"empty": {}, "text": []byte(strings.Repeat("text ", 4000))} {
		must(t, os.WriteFile(filepath.Join(dir, testKey.fileName()), content, 0o600))
		must(t, os.WriteFile(filepath.Join(dir, testKey.fileName()+"-wal"), nil, 0o600))
		if _, err := reopen(t, dir); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s file: %v", name, err)
		}
	}
	foreignDir := t.TempDir()
	j, err := Open(t.Context(), foreignDir, other, Options{})
	must(t, err)
	must(t, j.Close())
	must(t, os.Rename(filepath.Join(foreignDir, other.fileName()), filepath.Join(dir, testKey.fileName())))
	if _, err := reopen(t, dir); !errors.Is(err, ErrDamaged) {
		t.Errorf("journal of another company: %v", err)
	}
}

// TestBrokenLog cuts and flips the write-ahead log that a crash left behind.
// What opens is the state after one of the commits, never a mixture.
func TestBrokenLog(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	states := []everything{readAll(t, j)}
	for i := range 12 {
		for k := range 5 {
			j.Ack(sent(i*3+k), nil) // some are new, some replace
		}
		must(t, j.PutNote(t.Context(), "r", "plan", []byte(strconv.Itoa(i))))
		states = append(states, readAll(t, j))
	}
	crashed := copyDir(t, dir)
	name := filepath.Base(j.Path()) + "-wal"
	log, err := os.ReadFile(filepath.Join(crashed, name))
	must(t, err)
	if len(log) < 50_000 {
		t.Fatalf("log of %d bytes", len(log))
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	seen := map[int]bool{}
	try := func(what string, at int, broken []byte) {
		to := copyDir(t, crashed)
		must(t, os.WriteFile(filepath.Join(to, name), broken, 0o600))
		got, err := reopen(t, to)
		if errors.Is(err, ErrDamaged) {
			return
		}
		must(t, err)
		for i, s := range states {
			if reflect.DeepEqual(got, s) {
				seen[i] = true
				return
			}
		}
		t.Errorf("%s at %d: a state that never was", what, at)
	}
	for range 60 {
		at := rnd.IntN(len(log))
		try("cut", at, log[:at])
		flipped := append([]byte(nil), log...)
		flipped[at] ^= 1 << rnd.IntN(8)
		try("flip", at, flipped)
	}
	try("whole", len(log), log)
	if !seen[len(states)-1] || len(seen) < 6 {
		t.Errorf("states seen: %v", seen)
	}
}

// TestLogAndFileOfDifferentMoments puts an older log beside a file that has
// moved on since: every page is sound, every record has its checksum.
func TestLogAndFileOfDifferentMoments(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 200)
	must(t, j.Close())
	change := func(n int) *Journal {
		j := openTest(t, dir, Options{})
		for i := range n {
			o := sent(i)
			o.Outcome = "vanished" // as long as before, so that no page splits
			j.Ack(o, nil)
		}
		must(t, j.Flush(t.Context()))
		return j
	}
	j = change(3)
	early := copyDir(t, dir)
	if got, err := reopen(t, copyDir(t, early)); err != nil || got.Objects[2].Outcome != "vanished" || got.Objects[3].Outcome != "uploaded" {
		t.Fatalf("file and log of one moment: %v", err)
	}
	must(t, j.Close())
	must(t, change(200).Close())
	mixed := copyDir(t, dir)
	log, err := os.ReadFile(filepath.Join(early, filepath.Base(j.Path())+"-wal"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(mixed, filepath.Base(j.Path())+"-wal"), log, 0o600))
	_, err = reopen(t, mixed)
	var d *DamagedError
	if !errors.As(err, &d) || d.Record != "ledger objects" {
		t.Errorf("a mixture: %v", err)
	}
}

func TestMissingLogIsDamage(t *testing.T) {
	dir := t.TempDir()
	j := openTest(t, dir, Options{})
	fillSome(t, j, 3)
	crashed := copyDir(t, dir)
	must(t, os.Remove(filepath.Join(crashed, filepath.Base(j.Path())+"-wal")))
	if _, err := reopen(t, crashed); !errors.Is(err, ErrDamaged) {
		t.Errorf("without its log: %v", err)
	}
	must(t, j.Close())
	if _, err := os.Stat(j.Path() + "-wal"); err != nil {
		t.Errorf("a closed journal keeps its log: %v", err)
	}
}
