package filter_test

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"omt/app/filter"
)

func TestEntry(t *testing.T) {
	test.NewTempApp(t)
	var last filter.Query
	e := filter.NewEntry(filter.Words{Placeholder: "Filter", Clear: "Clear", Count: func(n, all int) string { return fmt.Sprint(n, " of ", all) }},
		func(q filter.Query) { last = q })
	test.NewTempWindow(t, e.Object)
	test.Type(e.Input(), "hugo")
	if last.Empty() || !last.Match(hugo) || e.Text() != "hugo" {
		t.Errorf("typed hugo: %q, matches %v", e.Text(), last.Match(hugo))
	}
	e.Input().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !last.Empty() || e.Text() != "" {
		t.Errorf("Escape left %q", e.Text())
	}
}
