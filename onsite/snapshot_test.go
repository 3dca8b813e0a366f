package onsite_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite"
	"omt/onsite/sample/mssql"
)

func snapshotRequest() migration.FreezeRequest {
	return migration.FreezeRequest{Snapshot: "omt_20261102-]x", Associate: 1, At: time.Unix(1_800_000_000, 0)}
}

// TestSnapshot: the snapshot keeps its rows whatever is written, tells the
// database's own name, is made once and is gone when it is dropped.
func TestSnapshot(t *testing.T) {
	s := old(t, func(c *migration.Catalog) {
		c.Modules, c.Sequences, c.Types = nil, nil, nil
		c.Tables = slices.DeleteFunc(c.Tables, func(t *migration.Table) bool {
			return t.Schema != "CRM7" || t.Name != "company" && t.Name != "text"
		})
		for _, table := range c.Tables {
			for i := range table.Columns {
				table.Columns[i].Nullable = i > 0
			}
		}
	})
	for i := range 5 {
		s.exec(t, "INSERT INTO CRM7.text (text_id, text) VALUES (?, 'before')", i)
	}
	in := s.connect(t)
	f := onsite.NewFreezer(in)
	r := snapshotRequest()
	if err := f.CanFreeze(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	rec, err := f.Prepare(t.Context(), r)
	if err != nil || rec.Snapshot == nil || len(rec.Snapshot.Files) != 2 {
		t.Fatalf("%+v, %v", rec.Snapshot, err)
	}
	for _, x := range rec.Snapshot.Files {
		// Beside the data file, under a name of its own.
		if !strings.Contains(x.Path, `\omt_20261102-]x_`) || !strings.HasSuffix(x.Path, ".ss") {
			t.Errorf("%s lies at %s", x.Name, x.Path)
		}
	}
	rec.Config = nil // Customer Service has tests of its own
	for range 2 {    // the second finds it made
		if err := f.Freeze(t.Context(), rec, r); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.srv.Snapshots(); !slices.Equal(got, []string{r.Snapshot}) {
		t.Errorf("snapshots %v", got)
	}
	if held, err := f.Held(t.Context(), rec); err != nil || !held.Snapshot {
		t.Errorf("held %+v, %v", held, err)
	}
	snap, err := f.OpenSnapshot(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	c, err := snap.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	live, err := in.Catalog(t.Context())
	if err != nil || c.Database != live.Database || len(c.Tables) != len(live.Tables) {
		t.Errorf("database %s with %d tables, that of the server is %s with %d: %v", c.Database, len(c.Tables), live.Database, len(live.Tables), err)
	}
	table := c.Find("CRM7", "text")
	before, err := snap.Count(t.Context(), table)
	if err != nil || before != 5 {
		t.Fatalf("%d rows, %v", before, err)
	}
	s.exec(t, "DELETE FROM CRM7.text")
	if n, err := snap.Count(t.Context(), table); err != nil || n != before {
		t.Errorf("%d rows of %d after they were deleted in the database, %v", n, before, err)
	}
	if n, err := in.Count(t.Context(), table); err != nil || n != 0 {
		t.Errorf("%d rows in the database, %v", n, err)
	}
	if p, err := snap.Proof(t.Context()); err != nil || p.Snapshot != r.Snapshot || p.Usage != nil {
		t.Errorf("proof of %q with %d counters, %v", p.Snapshot, len(p.Usage), err)
	}
	if err := snap.Close(); err != nil {
		t.Error(err)
	}
	for range 2 { // the second finds nothing
		if err := f.DropSnapshot(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
	}
	if held, err := f.Held(t.Context(), rec); err != nil || held.Snapshot || len(s.srv.Snapshots()) != 0 {
		t.Errorf("held %+v, %v, %v", held, s.srv.Snapshots(), err)
	}
	if _, err := f.OpenSnapshot(t.Context(), rec); !errors.Is(err, migration.ErrNotFound) {
		t.Errorf("opened after it was dropped: %v", err)
	}
}

// TestSnapshotFaults: what a server lacks is said with what to do.
func TestSnapshotFaults(t *testing.T) {
	freeze := func(t *testing.T, o func(*mssql.Options), change func(*migration.FreezeRecord)) (*onsite.Freezer, migration.FreezeRecord, error) {
		f := onsite.NewFreezer(newServer(t, o).connect(t))
		rec, err := f.Prepare(context.Background(), snapshotRequest())
		if err != nil {
			t.Fatal(err)
		}
		rec.Config = nil
		change(&rec)
		return f, rec, f.Freeze(t.Context(), rec, snapshotRequest())
	}
	same := func(*migration.FreezeRecord) {}
	noRight := func(o *mssql.Options) { o.NoCreate = true }
	f, _, err := freeze(t, noRight, same)
	if may := f.CanFreeze(t.Context(), snapshotRequest()); !errors.Is(may, migration.ErrForbidden) || migration.HintOf(may).ID != "hint.snapshot.right" {
		t.Errorf("asked before: %v", may)
	}
	if !errors.Is(err, migration.ErrForbidden) || migration.HintOf(err).ID != "hint.snapshot.right" {
		t.Errorf("without the right: %v", err)
	}
	if _, _, err = freeze(t, func(o *mssql.Options) { o.OldEdition = true }, same); migration.HintOf(err).ID != "hint.snapshot.edition" {
		t.Errorf("edition without snapshots: %v", err)
	}
	for name, change := range map[string]func(*migration.FreezeRecord){
		"a file that is there":  func(r *migration.FreezeRecord) { r.Snapshot.Files[0].Path = `D:\SQL data\SuperOffice.mdf` },
		"a file that lacks":     func(r *migration.FreezeRecord) { r.Snapshot.Files = r.Snapshot.Files[:1] },
		"a file of another":     func(r *migration.FreezeRecord) { r.Snapshot.Files[1].Name = "other" },
		"a name that is in use": func(r *migration.FreezeRecord) { r.Snapshot.Name = "SuperOffice" },
	} {
		f, rec, err := freeze(t, nil, change)
		if migration.HintOf(err).ID != "hint.snapshot.failed" {
			t.Errorf("%s: %v", name, err)
		}
		// What is no snapshot of this database is never dropped.
		if err := f.DropSnapshot(t.Context(), rec); err != nil {
			t.Errorf("%s: drop: %v", name, err)
		}
	}
}

// TestSnapshotGrowth: the files of the snapshot are added up, and the volume with
// the least room is named; a login that may not ask is told nothing.
func TestSnapshotGrowth(t *testing.T) {
	for _, may := range []bool{true, false} {
		s := newServer(t, func(o *mssql.Options) {
			o.NoServerState = !may
			o.Disks = func() (file, free int64) { return 7 << 20, 3 << 30 }
		})
		f := onsite.NewFreezer(s.connect(t))
		rec, err := f.Prepare(t.Context(), snapshotRequest())
		if err != nil {
			t.Fatal(err)
		}
		rec.Config = nil
		if err := f.Freeze(t.Context(), rec, snapshotRequest()); err != nil {
			t.Fatal(err)
		}
		snap, err := f.OpenSnapshot(t.Context(), rec)
		if err != nil {
			t.Fatal(err)
		}
		want := migration.SnapshotGrowth{}
		if may {
			want = migration.SnapshotGrowth{Bytes: 14 << 20, Volume: `D:\`, Free: 3 << 30}
		}
		if g, err := snap.(migration.SnapshotGauge).Growth(t.Context()); err != nil || g != want {
			t.Errorf("may ask %v: %+v, %v", may, g, err)
		}
		if err := errors.Join(snap.Close(), f.DropSnapshot(t.Context(), rec)); err != nil {
			t.Error(err)
		}
	}
}
