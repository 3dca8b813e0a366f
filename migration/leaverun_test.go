package migration_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omt/migration"
)

// TestUncarriableColumn: it stops the run before anything is sent, named; left
// out by the plan the run goes through and report and plan say so.
func TestUncarriableColumn(t *testing.T) {
	src := newFakeSource(2, 30, 0)
	for _, table := range src.tables {
		table.Columns = append(table.Columns, migration.Column{Name: "place", Type: "geography", Nullable: true})
		table.Indexes = append(table.Indexes, migration.Index{Name: "IX_place", Kind: migration.PlainIndex, Columns: []migration.IndexColumn{{Name: "place"}}})
	}
	w := newWorld(t, src)
	_, err := w.process(context.Background(), w.plan)
	if !errors.Is(err, migration.ErrUncarriable) || !strings.Contains(err.Error(), "CRM7.table00.place") {
		t.Fatalf("run ended with %v", err)
	}
	if _, err := os.Stat(filepath.Join(w.target, "session.json")); err == nil {
		t.Error("something was sent")
	}
	w.plan.LeaveOut = []migration.PlanColumn{{Schema: "CRM7", Table: "table00", Column: "place"}, {Schema: "CRM7", Table: "table01", Column: "Place"}}
	if _, err := w.process(context.Background(), w.plan); !errors.Is(err, migration.ErrNoColumn) {
		t.Fatalf("a column that is not there: %v", err)
	}
	w.plan.LeaveOut[1].Column = "place"
	res := w.mustRun(w.plan)
	left := res.Report.Database.LeftColumns
	if len(left) != 2 || left[0].FullName() != "CRM7.table00.place" || left[0].Type != "geography" || len(left[0].With) != 1 {
		t.Errorf("report has %+v", left)
	}
	warned := 0
	for _, m := range res.Report.Warnings {
		if m.ID == "warn.column.left" {
			warned++
		}
	}
	if warned != 2 {
		t.Errorf("%d warnings of 2 columns", warned)
	}
	b, err := os.ReadFile(filepath.Join(w.target, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p migration.Plan
	if err := json.Unmarshal(b, &p); err != nil || len(p.LeaveOut) != 2 {
		t.Errorf("plan at the target leaves out %v, %v", p.LeaveOut, err)
	}
}

// TestLeaveOutTwice: the plan names each column once and in full.
func TestLeaveOutTwice(t *testing.T) {
	w := newWorld(t, newFakeSource(1, 1, 0))
	c := migration.PlanColumn{Schema: "a", Table: "b", Column: "c"}
	w.plan.LeaveOut = []migration.PlanColumn{c, c, {Schema: "a", Table: "b"}}
	faults := w.plan.Validate(worldTicket(), w.src.users)
	n := 0
	for _, f := range faults {
		if f.ID == "plan.leaveout.invalid" {
			n++
		}
	}
	if n != 2 || len(faults) != 2 {
		t.Errorf("faults are %v", faults)
	}
}

// TestCheckOfColumns: the check asks for no column that the plan leaves out.
func TestCheckOfColumns(t *testing.T) {
	c, src, _ := checker(t)
	src.tables[1].Columns = append(src.tables[1].Columns, migration.Column{Name: "place", Type: "geography"})
	if r := one(t, c, migration.CheckColumns); r.State != migration.CheckFailed || len(r.Rows) != 1 {
		t.Errorf("%+v", r)
	}
	c.LeaveOut = []migration.PlanColumn{{Schema: "CRM7", Table: "table01", Column: "place"}}
	if r := one(t, c, migration.CheckColumns); r.State != migration.CheckPassed || len(r.Rows) != 0 {
		t.Errorf("left out: %+v", r)
	}
	c.LeaveOut[0].Column = "plaza"
	if r := one(t, c, migration.CheckColumns); r.State != migration.CheckFailed || r.Todo.ID != "plan.leaveout.unknown" {
		t.Errorf("unknown: %+v", r)
	}
}
