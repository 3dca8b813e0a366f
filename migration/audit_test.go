package migration_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"omt/migration"
	"omt/migration/journal"
)

// spoil changes the journal as another program would. The driver is that of the
// journal itself.
func (w *world) spoil(statement string) {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.state, "*.db"))
	if err != nil || len(files) != 1 {
		w.t.Fatalf("journals are %v, %v", files, err)
	}
	db, err := sql.Open("sqlite", files[0])
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		w.t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		w.t.Fatal(err)
	}
	// The log, which a journal never is without, went with the connection.
	if err := os.WriteFile(files[0]+"-wal", nil, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// TestLostRecordStopsTheRun: a record that is gone from the journal contradicts
// nothing that the run reads. Only all records together show it: the run stops,
// has not said that all is there, and the next start does not begin with that
// journal.
func TestLostRecordStopsTheRun(t *testing.T) {
	for name, statement := range map[string]string{
		"object": `DELETE FROM objects WHERE "key"='7'`, "claim": `DELETE FROM claims WHERE "key"='7'`,
	} {
		t.Run(name, func(t *testing.T) {
			whole := newWorld(t, newFakeSource(2, 20, 60))
			whole.mustRun(whole.plan)

			w := newWorld(t, newFakeSource(2, 20, 60))
			w.wrap = func(x migration.Target) migration.Target {
				stop := &stopAt{Target: x}
				stop.left.Store(40)
				return stop
			}
			if _, err := w.process(t.Context(), w.plan); !errors.Is(err, errKilled) {
				t.Fatalf("the first run ends with %v", err)
			}
			w.wrap = nil
			w.spoil(statement)
			w.fail = func(string) error { return nil } // closing says that it is damaged, too
			_, err := w.process(t.Context(), nil)
			if !errors.Is(err, journal.ErrDamaged) || migration.HintOf(err).ID != "hint.journal.damaged" {
				t.Fatalf("the run ends with %v and hint %v", err, migration.HintOf(err))
			}
			if s := w.session(); s == migration.StateUploaded {
				t.Errorf("the target says %s", s)
			}
			if _, err := journal.Open(t.Context(), w.state, testKey, journal.Options{AuditFrom: 1}); !errors.Is(err, journal.ErrDamaged) {
				t.Fatalf("the next start: %v", err)
			}
			if _, err := journal.SetAside(w.state, testKey, journal.Options{}); err != nil {
				t.Fatal(err)
			}
			w.mustRun(w.plan)
			if got, want := contents(w.fingerprint()), contents(whole.fingerprint()); len(got) != len(want) {
				t.Errorf("%d entries, want %d", len(got), len(want))
			} else {
				for k, v := range want {
					if got[k] != v {
						t.Errorf("%s:\n got %s\nwant %s", k, got[k], v)
					}
				}
			}
		})
	}
}

// TestUploadedWaitsForTheAudit: a run that is done with everything says so only after
// the whole journal was read, however long that takes. In a world where time passes
// when all wait, the check begins after the run has nothing else left to do.
func TestUploadedWaitsForTheAudit(t *testing.T) {
	for name, spoiled := range map[string]bool{"whole": false, "damaged": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newFakeSource(2, 20, 60))
				w.wrap = func(x migration.Target) migration.Target {
					stop := &stopAt{Target: x}
					stop.left.Store(40)
					return stop
				}
				if _, err := w.process(t.Context(), w.plan); !errors.Is(err, errKilled) {
					t.Fatalf("the first run ends with %v", err)
				}
				if spoiled {
					w.spoil(`DELETE FROM objects WHERE "key"='7'`)
					w.fail = func(string) error { return nil } // closing says that it is damaged, too
				}
				begin := time.Now()
				var atAudit migration.State
				w.audit = func() {
					time.Sleep(time.Hour)
					atAudit = w.session()
				}
				w.wrap = nil
				_, err := w.process(t.Context(), nil)
				if errors.Is(err, journal.ErrDamaged) != spoiled || !spoiled && err != nil {
					t.Fatalf("the run ends with %v", err)
				}
				if atAudit != migration.StateUploading || time.Since(begin) < time.Hour {
					t.Errorf("the target said %s before the check, after %v", atAudit, time.Since(begin))
				}
				if now := w.session(); (now == migration.StateUploaded) == spoiled {
					t.Errorf("the target says %s", now)
				}
			})
		})
	}
}
