package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// TestSelectedTextIsCopied: with the mouse a part is taken, without one the whole
// text, and neither has the ends of the lines in it that the window made.
func TestSelectedTextIsCopied(t *testing.T) {
	h := newFakeHost(t)
	k := &noted{}
	p := selectable(k, "Hele 2\u00a0345\u00a0678 dokumenter ble sendt")
	h.win.SetContent(p)
	p.Resize(fyne.NewSize(100, 200))
	if len(drawnLines(p)) != 4 {
		t.Fatalf("drawn %q", drawnLines(p))
	}
	c := h.win.Canvas()
	c.FocusNext()
	s, ok := c.Focused().(*selection)
	if !ok {
		t.Fatalf("the focus is on %T", c.Focused())
	}
	clip := fyne.CurrentApp().Clipboard()
	s.TypedShortcut(&fyne.ShortcutCopy{})
	if got := clip.Content(); got != p.Text {
		t.Errorf("copied %q", got)
	}
	c.Unfocus()
	s.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	for _, to := range []fyne.Position{fyne.NewPos(2, 10), fyne.NewPos(95, 30)} {
		s.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}})
	}
	s.DragEnd()
	s.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	if len(test.WidgetRenderer(s).Objects()) < 3 {
		t.Error("what is selected is not drawn")
	}
	s.TypedShortcut(&fyne.ShortcutCopy{})
	if got := clip.Content(); got != "Hele 2\u00a0345\u00a0678" {
		t.Errorf("copied %q", got)
	}
	s.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyLeft, Modifier: fyne.KeyModifierAlt})
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(k.got) != 2 || k.got[0] != fyne.KeyEscape {
		t.Errorf("the frame got %v", k.got)
	}
}
