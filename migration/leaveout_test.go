package migration_test

import (
	"errors"
	"reflect"
	"testing"

	"omt/migration"
)

func TestLeave(t *testing.T) {
	c := shop()
	line := &migration.Table{Schema: "s", Name: "Line", Columns: []migration.Column{{Name: "n", Type: "int"}, {Name: "place", Type: "geography"}},
		ForeignKeys: []migration.ForeignKey{{Name: "FK_line", Columns: []string{"n"}, RefSchema: "s", RefTable: "Order", Referenced: []string{"n"}}}}
	c.Tables = append(c.Tables, line)
	before := *c.Tables[0]
	out, left, err := c.Leave([]migration.PlanColumn{{"s", "Order", "n"}, {"s", "Line", "place"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []migration.LeftColumn{
		{PlanColumn: migration.PlanColumn{Schema: "s", Table: "Order", Column: "n"}, Type: "int", With: []string{
			"s.Order.twice", "s.Order.rebate", "s.Order.IX_rebate", "s.Order.UQ__1", "s.Order.CK_f", "s.Order.CK_n", "s.Order.CK_old", "s.Order.CK__off",
			"s.Order.FK_ok", "s.Order.FK]odd", "s.Line.FK_line",
		}},
		{PlanColumn: migration.PlanColumn{Schema: "s", Table: "Line", Column: "place"}, Type: "geography"},
	}
	if !reflect.DeepEqual(left, want) {
		t.Errorf("left out\n%+v\nwant\n%+v", left, want)
	}
	if got := out.Tables[0]; len(got.Columns) != 2 || len(got.Indexes) != 1 || len(got.Checks) != 1 || len(got.ForeignKeys) != 0 {
		t.Errorf("table is %+v", got)
	}
	if len(out.Tables[1].Columns) != 1 || len(out.Tables[1].ForeignKeys) != 0 {
		t.Errorf("table is %+v", out.Tables[1])
	}
	if !reflect.DeepEqual(*c.Tables[0], before) || len(line.Columns) != 2 || len(line.ForeignKeys) != 1 {
		t.Error("the catalogue itself was changed")
	}
	if same, none, err := c.Leave(nil); same != c || none != nil || err != nil {
		t.Errorf("nothing to leave out gives %v %v", none, err)
	}
	for _, p := range []migration.PlanColumn{
		{"s", "Order", "N"}, {"s", "order", "n"}, {"x", "Order", "n"}, {"s", "Order", "twice"},
	} {
		if _, _, err := c.Leave([]migration.PlanColumn{p}); !errors.Is(err, migration.ErrNoColumn) || migration.HintOf(err).ID != "plan.leaveout.unknown" {
			t.Errorf("%v: %v", p, err)
		}
	}
	if _, _, err := c.Leave([]migration.PlanColumn{{"s", "Line", "n"}, {"s", "Line", "place"}}); !errors.Is(err, migration.ErrNoColumn) {
		t.Errorf("the last column was left out: %v", err)
	}
}
