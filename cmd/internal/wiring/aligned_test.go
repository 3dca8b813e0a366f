package wiring

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omt/migration"
	"omt/onsite/sample"
	"omt/upload/uploadtest"
)

// TestAlignedMigration: a whole migration of a database that allows snapshot
// isolation is of one moment by itself, and brings what a live one brings.
func TestAlignedMigration(t *testing.T) {
	slow(t)
	var targets []map[string]string
	dir := t.TempDir()
	for _, allow := range []bool{false, true} {
		d, err := openDemo(t.Context(), dir, sample.Options{Users: 40, Documents: 60, Rows: 6000, Missing: 5}, sample.ServeOptions{AllowSnapshot: allow})
		if err != nil {
			t.Fatal(err)
		}
		target := d.Session.Target.Describe()
		res, err := d.Run(t.Context(), migration.NewProgress(time.Now))
		if err != nil {
			t.Fatal(err)
		}
		class := map[bool]string{false: "live", true: "aligned"}[allow]
		if c := res.Report.Consistency; c.Class != class || !c.Proved {
			t.Errorf("%s: consistency %+v", target, c)
		}
		rows := int64(0)
		for _, n := range d.Sample.Installation.Expect().Rows {
			rows += n
		}
		if res.Report.Database.Rows != rows {
			t.Errorf("%d rows of %d", res.Report.Database.Rows, rows)
		}
		f, err := uploadtest.Fingerprint(filepath.Join(dir, "target"))
		if err != nil {
			t.Fatal(err)
		}
		targets = append(targets, f)
		closed(t, d)
		for _, folder := range []string{"target", "state"} {
			if err := os.RemoveAll(filepath.Join(dir, folder)); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Plan and report differ: in the time of the consent, and in the class.
	same := 0
	for k, v := range targets[0] {
		if !strings.Contains(k, "database") && !strings.HasPrefix(k, "manifest part") {
			continue
		}
		if same++; targets[1][k] != v {
			t.Errorf("%s: %s, aligned %s", k, v, targets[1][k])
		}
	}
	if same < 440 {
		t.Errorf("only %d objects and parts were compared", same)
	}
}
