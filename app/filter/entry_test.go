package filter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"omt/app/clip"
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

// TestEntryByKey: the keys of the page work in the field and on its button, Enter
// empties it there, and the focus does not go with the button.
func TestEntryByKey(t *testing.T) {
	test.NewTempApp(t)
	var got []fyne.KeyName
	e := filter.NewEntry(filter.Words{Clear: "Clear", Count: func(int, int) string { return "" }, Key: func(k *fyne.KeyEvent) { got = append(got, k.Name) }},
		func(filter.Query) {})
	c := test.NewTempWindow(t, e.Object).Canvas()
	c.Focus(e.Input())
	test.Type(e.Input(), "hugo")
	for range 2 {
		c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
		c.FocusNext()
	}
	c.Focus(e.Input())
	c.FocusNext()
	e.Input().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyLeft, Modifier: fyne.KeyModifierAlt})
	if want := []fyne.KeyName{fyne.KeyF1, fyne.KeyF1, fyne.KeyEscape}; !slices.Equal(got, want) {
		t.Errorf("the page got %v, want %v", got, want)
	}
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if e.Text() != "" || c.Focused() != e.Input() {
		t.Errorf("Enter on Clear leaves %q, and the focus on %T", e.Text(), c.Focused())
	}
}

// TestEntryTakesNoBook: a document that is pasted by mistake is cut.
func TestEntryTakesNoBook(t *testing.T) {
	a := test.NewTempApp(t)
	e := filter.NewEntry(filter.Words{Count: func(int, int) string { return "" }}, func(filter.Query) {})
	test.NewTempWindow(t, e.Object)
	a.Clipboard().SetContent(strings.Repeat("å", 10000))
	for range 2 {
		e.Input().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutPaste{Clipboard: a.Clipboard()})
	}
	if got := e.Text(); got != strings.Repeat("å", clip.Longest) {
		t.Errorf("it holds %d letters", len([]rune(got)))
	}
	a.Clipboard().SetContent("hugo")
	e.SetText("a")
	e.Input().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	e.Input().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutPaste{Clipboard: a.Clipboard()})
	if e.Text() != "ahugo" {
		t.Errorf("a short text became %q", e.Text())
	}
}
