package app

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// allChecks is a result of each check, all passed.
func allChecks() *migration.CheckReport {
	r := &migration.CheckReport{Taken: today}
	for _, id := range migration.CheckIDs() {
		at := "check." + string(id) + "."
		r.Checks = append(r.Checks, migration.CheckResult{
			ID: id, Group: id.Group(), State: migration.CheckPassed, Title: migration.Msg(at + "title"), Why: migration.Msg(at + "why"),
			Found: migration.Msg(at+"passed", "Count", 2, "User", "KK", "Version", "8.5", "Tables", 412, "Folders", 4, "Free", "400 GB", "Need", "8 GB", "Target", `folder D:\courier`,
				"Volume", `D:\`, "Files", "1,200,000", "Bytes", "50 GB", "Database", "8 GB", "Begin", "21:30", "Least", "2 h 10 min", "Most", "5 h 15 min", "From", "23:40", "To", "2026-03-15 02:45"),
		})
	}
	return r
}

// spoil gives a check a state and so many rows, as a real one would.
func spoil(r *migration.CheckReport, id migration.CheckID, s migration.CheckState, listed int, total int64, row func(int) []migration.Cell) {
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.ID != id {
			continue
		}
		at := "check." + string(id) + "."
		c.State, c.Total = s, total
		c.Found = migration.Msg(at+"found", "Count", total, "Tables", "CRM7.oldtable")
		c.Todo = migration.Msg(at + "todo")
		for n := range listed {
			c.Rows = append(c.Rows, row(n))
		}
	}
}

func columnsOf(ids ...string) []migration.Message {
	var out []migration.Message
	for _, id := range ids {
		out = append(out, migration.Msg("check.column."+id))
	}
	return out
}

func user(n int) []migration.Cell {
	return []migration.Cell{{Text: fmt.Sprint(100 + n)}, {Text: fmt.Sprintf("U%d", n)}, {Text: fmt.Sprintf("Person number %d", n)}}
}

func openChecks(h *fakeHost) *checksView {
	v := newChecksView(h).(*checksView)
	h.page(v)
	return v
}

// TestEachResultIsShownAsItEnds watches the checks from inside.
func TestEachResultIsShownAsItEnds(t *testing.T) {
	h := newFakeHost(t)
	var v *checksView
	h.g.checkFn = func(_ context.Context, found func(migration.CheckResult), _ ...migration.CheckID) (*migration.CheckReport, error) {
		r := allChecks()
		for i, c := range r.Checks {
			if got := h.f.checking.current(); got != c.ID {
				t.Errorf("being carried out is %q, want %q", got, c.ID)
			}
			if row := v.rows[c.ID]; row.words.Text != "Running" {
				t.Errorf("%s reads %q before it has ended", c.ID, row.words.Text)
			}
			found(c)
			if row := v.rows[c.ID]; row.words.Text == "Running" {
				t.Errorf("%s still runs after result %d", c.ID, i)
			}
		}
		return r, nil
	}
	h.hold = true
	v = openChecks(h)
	if !v.again.Disabled() || !v.csv.Disabled() {
		t.Error("while the checks run they can be started or written")
	}
	h.release(t.Context())
	if v.again.Disabled() || v.csv.Disabled() || h.f.checks == nil {
		t.Error("after the checks the buttons are closed")
	}
}

// TestAcknowledgement: it is closed while something failed, and it holds only for
// the warnings that were seen.
func TestAcknowledgement(t *testing.T) {
	h := newFakeHost(t)
	h.f.checks = allChecks()
	spoil(h.f.checks, migration.CheckLicences, migration.CheckWarning, 2, 2, user)
	spoil(h.f.checks, migration.CheckAddons, migration.CheckFailed, 1, 1, user)
	v := openChecks(h)
	if v.accepts.Hidden || !v.accept.Disabled() || v.why.Text != say(migration.Msg("checks.closed.failed", "Count", 1)) {
		t.Errorf("with a failed check: hidden %v, closed %v, because %q", v.accepts.Hidden, v.accept.Disabled(), v.why.Text)
	}
	again := allChecks()
	h.g.checkFn = func(_ context.Context, _ func(migration.CheckResult), only ...migration.CheckID) (*migration.CheckReport, error) {
		r := &migration.CheckReport{}
		for _, c := range again.Checks {
			if slices.Contains(only, c.ID) {
				r.Checks = append(r.Checks, c)
			}
		}
		return r, nil
	}
	v.choose(migration.CheckAddons)
	test.Tap(v.detail.again)
	if len(h.f.checks.Checks) != len(again.Checks) || h.f.checks.Count(migration.CheckFailed) != 0 {
		t.Fatal("the check that was carried out again did not replace its result")
	}
	test.Tap(v.accept)
	if !h.f.accepted || !h.f.closedByChecks().IsZero() {
		t.Fatalf("accepted %v, closed by %q", h.f.accepted, h.f.closedByChecks().ID)
	}
	v.choose(migration.CheckVersion)
	test.Tap(v.detail.again)
	if !h.f.accepted {
		t.Error("the same warnings ask for another acknowledgement")
	}
	spoil(again, migration.CheckLicences, migration.CheckWarning, 3, 3, user)
	v.choose(migration.CheckLicences)
	test.Tap(v.detail.again)
	if h.f.accepted || v.accept.Checked {
		t.Error("a warning with other rows is acknowledged already")
	}
}

func TestExportOfChecks(t *testing.T) {
	h := newFakeHost(t)
	h.f.checks = allChecks()
	v := openChecks(h)
	var proposed []string
	v.save = func(name string, done func(string)) {
		proposed = append(proposed, name)
		done("/tmp/chosen-" + name)
	}
	test.Tap(v.csv)
	test.Tap(v.html)
	if want := []string{"checks.csv", "checks.html"}; !slices.Equal(proposed, want) {
		t.Errorf("proposed %v", proposed)
	}
	got := h.g.called("ExportChecks")
	if len(got) != 2 || got[1][0] != "/tmp/chosen-checks.html" || got[1][1] != h.f.checks {
		t.Errorf("written %v", got)
	}
	h.g.fail["ExportChecks"] = errSample
	test.Tap(v.csv)
	if len(h.errs) != 1 {
		t.Errorf("a file that cannot be written is told as %v", h.errs)
	}
}

// TestARowIsShownWhole: whatever is cut off in the table can be read below it.
func TestARowIsShownWhole(t *testing.T) {
	h := newFakeHost(t)
	h.f.checks = allChecks()
	spoil(h.f.checks, migration.CheckLicences, migration.CheckWarning, 3, 3, func(int) []migration.Cell {
		return []migration.Cell{{Text: "7"}, {Text: "safe\u202Egpj.exe"}, {Text: long}}
	})
	for i := range h.f.checks.Checks {
		if h.f.checks.Checks[i].ID == migration.CheckLicences {
			h.f.checks.Checks[i].Columns = columnsOf("id", "user", "name")
		}
	}
	v := openChecks(h)
	v.detail.table.table.Select(widget.TableCellID{Row: 1, Col: 0})
	if want := "Id: 7\nUser: safegpj.exe\nName: " + long; v.detail.table.whole.Text != want {
		t.Errorf("the row reads %q, want %q", v.detail.table.whole.Text, want)
	}
}

func TestColumnsShareTheWidth(t *testing.T) {
	for _, c := range []struct {
		wants []float32
		total float32
		want  []float32
	}{
		{[]float32{50, 100}, 400, []float32{50, 350}},
		{[]float32{50, 900, 900}, 450, []float32{50, 200, 200}},
		{[]float32{300, 10}, 200, []float32{190, 10}},
		{[]float32{300, 300}, 20, []float32{40, 40}},
		{nil, 100, []float32{}},
	} {
		if got := shareOut(c.wants, c.total); !slices.Equal(got, c.want) {
			t.Errorf("%v in %v gives %v, want %v", c.wants, c.total, got, c.want)
		}
	}
}

func checksStates() []pageState {
	// headed gives the checks the columns that real ones have.
	headed := func(r *migration.CheckReport) *migration.CheckReport {
		for i := range r.Checks {
			switch c := &r.Checks[i]; c.ID {
			case migration.CheckDictionary:
				c.Columns = columnsOf("table")
			case migration.CheckLicences:
				c.Columns = columnsOf("id", "user", "name")
			case migration.CheckCustomisations:
				c.Columns = columnsOf("kind", "name", "ask")
			}
		}
		return r
	}
	return []pageState{
		{"screen-checks", placeChecks, func(_ *testing.T, f *flow, _ *fakeGuide) { f.checks = sampleChecks() }, nil},
		{"checks-waiting", placeChecks, func(_ *testing.T, f *flow, _ *fakeGuide) { f.checking.begun = true }, nil},
		{"checks-running", placeChecks, func(_ *testing.T, f *flow, _ *fakeGuide) {
			f.checking = checkRun{running: true, begun: true, wanted: migration.CheckIDs(), found: allChecks().Checks[:5]}
		}, nil},
		{"checks-passed", placeChecks, func(_ *testing.T, f *flow, _ *fakeGuide) { f.checks = headed(allChecks()) }, nil},
		{"checks-failed", placeChecks, func(_ *testing.T, f *flow, _ *fakeGuide) {
			f.checks = headed(allChecks())
			spoil(f.checks, migration.CheckDictionary, migration.CheckFailed, 1, 1, func(int) []migration.Cell { return []migration.Cell{{Text: "CRM7.oldtable"}} })
			spoil(f.checks, migration.CheckLicences, migration.CheckWarning, 40, 40, user)
		}, nil},
		{"checks-warnings-long", placeChecks, func(_ *testing.T, f *flow, _ *fakeGuide) {
			f.checks = headed(allChecks())
			spoil(f.checks, migration.CheckCustomisations, migration.CheckWarning, 1000, 2345, func(n int) []migration.Cell {
				kind, ask := migration.Msg("check.custom.script"), migration.Msg("check.ask.script")
				return []migration.Cell{{Message: &kind}, {Text: fmt.Sprintf("%d %s", n, long)}, {Message: &ask}}
			})
		}, on(func(v *checksView) { v.detail.table.table.Select(widget.TableCellID{Row: 2, Col: 1}) })},
	}
}
