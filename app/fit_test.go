package app

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// TestEveryTextFits opens every page in every language in the smallest window:
// nothing may need more room than there is or stand outside of what it lies in,
// and no text may be cut off. What the screens with long names show is cut off
// on purpose.
func TestEveryTextFits(t *testing.T) {
	drawn(t)
	inOneApp(t)
	for _, language := range screenLanguages() {
		t.Run(language, func(t *testing.T) {
			speak(t, language)
			for _, c := range screens() {
				t.Run(c.name, func(t *testing.T) { fits(t, c) })
			}
		})
	}
}

// fits opens a page and looks for what does not fit.
func fits(t *testing.T, c pageCase) {
	synctest.Test(t, func(t *testing.T) {
		w, q := openCase(t, c, AppearanceLight)
		needsNoMore(t, w)
		for _, fault := range faults(w.win, cutOffUnasked(c)) {
			t.Error(fault)
		}
		end(w, q)
	})
}

// needsNoMore holds page and dialogs against the smallest window.
func needsNoMore(t *testing.T, w *Window) {
	t.Helper()
	if m := w.win.Content().MinSize(); m.Width > size.Width || m.Height > size.Height {
		t.Errorf("the page needs %v", m)
	}
	for _, o := range w.win.Canvas().Overlays().List() {
		if m := o.MinSize(); m.Width > size.Width || m.Height > size.Height {
			t.Errorf("the dialog needs %v", m)
		}
	}
}

// cutOffUnasked tells whether a text that is cut off is a fault of this page:
// where names are as long as names get, it is not.
func cutOffUnasked(c pageCase) bool {
	return !strings.Contains(c.name, "long") && !strings.Contains(c.name, "several")
}

// faults lists texts that lack an argument, stand outside of the window or, if
// asked for, are cut off. What a scroll hides can be scrolled to, but not sideways.
func faults(w fyne.Window, cut bool) (out []string) {
	var walk func(o fyne.CanvasObject, left, right float32)
	walk = func(o fyne.CanvasObject, left, right float32) {
		if !o.Visible() {
			return
		}
		x := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).X
		text := ""
		switch o := o.(type) {
		case *paragraph:
			text = o.Text
			if cut && o.Truncation == fyne.TextTruncateEllipsis && o.SizeName == "" && natural(o) > o.Size().Width+1.5 {
				out = append(out, fmt.Sprintf("%q needs %.0f and has %.0f", text, natural(o), o.Size().Width))
			}
		case *widget.Label:
			text = o.Text
			if cut && o.Truncation == fyne.TextTruncateEllipsis && o.SizeName == "" && natural(o) > o.Size().Width+1.5 {
				out = append(out, fmt.Sprintf("%q needs %.0f and has %.0f", text, natural(o), o.Size().Width))
			}
		case *picker:
			// The text, the arrow and the space around both.
			if need := fyne.MeasureText(o.Selected, o.Theme().Size(theme.SizeNameText), fyne.TextStyle{}).Width + 20 + 4*o.Theme().Size(theme.SizeNameInnerPadding); cut && need > o.Size().Width+0.5 {
				out = append(out, fmt.Sprintf("choice %q needs %.0f and has %.0f", o.Selected, need, o.Size().Width))
			}
		case *pressable:
			text = o.Text
			if o.MinSize().Width > o.Size().Width+0.5 {
				out = append(out, fmt.Sprintf("button %q needs %.0f and has %.0f", text, o.MinSize().Width, o.Size().Width))
			}
		}
		if t, ok := o.(*canvas.Text); ok {
			text = t.Text
		}
		if hint, ok := placeholderOf(o); ok && cut && fyne.MeasureText(hint, theme.TextSize(), fyne.TextStyle{}).Width > o.Size().Width-2*theme.InnerPadding()+0.5 {
			out = append(out, fmt.Sprintf("the field has no room for its hint %q", hint))
		}
		if strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
			out = append(out, fmt.Sprintf("%q lacks an argument", text))
		}
		if _, free := o.(*canvas.Text); !free && text != "" && (x < left-0.5 || x+o.Size().Width > right+0.5) {
			out = append(out, fmt.Sprintf("%q stands at %.0f to %.0f, outside of %.0f to %.0f", text, x, x+o.Size().Width, left, right))
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c, left, right)
			}
		case *container.Scroll:
			if o.Direction == container.ScrollVerticalOnly {
				walk(o.Content, max(left, x), min(right, x+o.Size().Width))
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c, left, right)
			}
		}
	}
	wide := w.Canvas().Size().Width
	walk(w.Content(), 0, wide)
	for _, o := range w.Canvas().Overlays().List() {
		walk(o, 0, wide)
	}
	return out
}

// placeholderOf is what an empty filter shows; other fields have their names
// beside them. The type is of another package.
func placeholderOf(o fyne.CanvasObject) (string, bool) {
	if fmt.Sprintf("%T", o) != "*filter.input" {
		return "", false
	}
	e := reflect.ValueOf(o).Elem().FieldByName("Entry").Addr().Interface().(*widget.Entry)
	return e.PlaceHolder, e.Text == ""
}
