package migration_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"omt/migration"
)

// A new run does not start unless the checks passed or their warnings were
// acknowledged, and nothing is left behind; put right, it starts.
func TestChecksCloseTheUpload(t *testing.T) {
	failed, warned := passed(), passed()
	failed.Outcomes[0].State = migration.CheckFailed
	warned.Acknowledged, warned.AcknowledgedBy = nil, ""
	for _, tc := range []struct {
		name   string
		checks *migration.CheckRecord
		err    error
		hint   string
	}{
		{"none", nil, migration.ErrUnchecked, "hint.check.none"},
		{"empty", &migration.CheckRecord{}, migration.ErrUnchecked, "hint.check.none"},
		{"failed although acknowledged", failed, migration.ErrChecksFailed, "hint.check.closed"},
		{"not acknowledged", warned, migration.ErrNotAcknowledged, "hint.check.warnings"},
	} {
		w := newWorld(t, newFakeSource(1, 3, 1))
		w.checks = tc.checks
		if _, err := w.process(t.Context(), w.plan); !errors.Is(err, tc.err) || migration.HintOf(err).ID != tc.hint {
			t.Errorf("%s: %v", tc.name, err)
		}
		if _, err := os.Stat(filepath.Join(w.target, "session.json")); err == nil {
			t.Errorf("%s: something was sent", tc.name)
		}
		w.checks = passed()
		if res := w.mustRun(w.plan); res.Begin != migration.BeginInitial {
			t.Errorf("%s: then begin = %s", tc.name, res.Begin)
		}
	}
}

// The acknowledgement is with the run: a resume neither wants checks nor takes
// others, and the report says what the first start said.
func TestResumeKeepsChecks(t *testing.T) {
	w := newWorld(t, newFakeSource(2, 40, 3))
	ctx, cancel := context.WithCancel(t.Context())
	w.src.onRow = func(string, int64) error { cancel(); return ctx.Err() }
	if _, err := w.process(ctx, w.plan); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	w.src.onRow = nil
	w.checks = nil
	res := w.mustRun(nil)
	if res.Begin != migration.BeginResume || !reflect.DeepEqual(res.Report.Checks, passed()) {
		t.Errorf("%s: %+v", res.Begin, res.Report.Checks)
	}
	b, err := os.ReadFile(filepath.Join(w.target, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rep migration.Report
	if err := json.Unmarshal(b, &rep); err != nil || !reflect.DeepEqual(rep.Checks, passed()) {
		t.Errorf("report.json has %+v, %v", rep.Checks, err)
	}
	page, err := os.ReadFile(filepath.Join(w.target, "report.html"))
	if err != nil || !strings.Contains(string(page), "warnings acknowledged by: ADM, 1970-01-01 00:00:03 UTC") {
		t.Errorf("report.html does not say who acknowledged: %v", err)
	}
}

func TestAcknowledge(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.FixedZone("", 3600))
	r := &migration.CheckReport{Checks: []migration.CheckResult{{ID: "a", State: migration.CheckPassed}}}
	if rec := r.Acknowledge("ADM", at); rec.Acknowledged != nil || rec.AcknowledgedBy != "" {
		t.Errorf("nothing was to acknowledge: %+v", rec)
	}
	r.Checks = append(r.Checks, migration.CheckResult{ID: "b", State: migration.CheckWarning, Total: 3, Rows: [][]migration.Cell{{{Text: "Kari"}}}})
	if rec := r.Acknowledge("", at); rec.Acknowledged != nil {
		t.Errorf("nobody acknowledged: %+v", rec)
	}
	rec := r.Acknowledge("ADM", at)
	b, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"taken":"0001-01-01T00:00:00Z","outcomes":[{"id":"a","state":"passed","total":0},{"id":"b","state":"warning","total":3}],"acknowledgedBy":"ADM","acknowledged":"2026-11-22T07:00:00Z"}`
	if string(b) != want {
		t.Errorf("recorded is\n%s\nwant\n%s", b, want)
	}
}
