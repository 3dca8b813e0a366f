package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// leaving marks the button of a dialog that leaves everything as it was.
func leaving(b *pressable) *pressable {
	b.leaves = true
	return b
}

// escape presses that button of the dialog in front, and tells whether it has one.
func escape(c fyne.Canvas) bool {
	top := c.Overlays().Top()
	if top == nil {
		return false
	}
	b := leaverIn(inside(top, "Content"))
	if b == nil || b.Disabled() || b.OnTapped == nil {
		return false
	}
	b.OnTapped()
	return true
}

func leaverIn(o fyne.CanvasObject) *pressable {
	if o == nil || !o.Visible() {
		return nil
	}
	switch o := o.(type) {
	case *pressable:
		if o.leaves {
			return o
		}
	case *fyne.Container:
		for _, c := range o.Objects {
			if b := leaverIn(c); b != nil {
				return b
			}
		}
	case *widget.PopUp:
		return leaverIn(o.Content)
	case *container.ThemeOverride:
		return leaverIn(o.Content)
	}
	return nil
}

// noKeys is for dialogs: keys do not reach the page below, and Esc leaves.
type noKeys struct{}

func (noKeys) key(ev *fyne.KeyEvent) bool {
	if ev.Name != fyne.KeyEscape {
		return false
	}
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if escape(w.Canvas()) {
			return true
		}
	}
	return false
}
