package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/app/clip"
	"omt/app/ring"
	"omt/migration"
)

// bindKeys makes the keys of the frame work wherever nothing has the focus, and
// Alt+Left everywhere outside text fields.
func (w *Window) bindKeys() {
	w.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { w.key(ev) })
	back := &desktop.CustomShortcut{KeyName: fyne.KeyLeft, Modifier: fyne.KeyModifierAlt}
	w.win.Canvas().AddShortcut(back, func(fyne.Shortcut) { w.footer.press(w.footer.now.back) })
}

// key is described at host.
func (w *Window) key(ev *fyne.KeyEvent) bool {
	if w.win.Canvas().Overlays().Top() != nil {
		return ev.Name == fyne.KeyEscape && escape(w.win.Canvas()) // the dialog in front has its own buttons
	}
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		return w.footer.press(w.footer.now.next)
	case fyne.KeyEscape:
		return w.footer.press(w.footer.now.back)
	case fyne.KeyF1:
		w.help()
		return true
	}
	return false
}

// keys is what the own widgets of the frame ask first when a key comes.
type keys interface{ key(*fyne.KeyEvent) bool }

// pressable is a button on which Enter presses too, and where the keys of the
// frame work: fyne gives keys to the widget with the focus alone.
type pressable struct {
	widget.Button
	keys    keys
	spoken  string // for a button without words
	leaves  bool   // a dialog, as it was
	focused bool
}

// AccessibilityLabel is what stands on it.
func (b *pressable) AccessibilityLabel() string {
	if b.spoken != "" {
		return b.spoken
	}
	return b.Text
}

func newPressable(k keys, text string, tapped func()) *pressable {
	b := &pressable{keys: k}
	b.Text, b.OnTapped = text, tapped
	b.ExtendBaseWidget(b)
	return b
}

// CreateRenderer draws the button with the ring. Fyne's own tint of a button with
// the focus is left out: nobody sees it on the main button.
func (b *pressable) CreateRenderer() fyne.WidgetRenderer {
	edge := newEdged(b.Button.CreateRenderer(), b.Theme, colorNameOutline)
	edge.without = func() bool { return b.Importance == widget.LowImportance } // it has no ground either
	return ring.Around(b, edge, func() bool { return b.focused })
}

// FocusGained shows the ring.
func (b *pressable) FocusGained() { b.focused = true; b.Refresh() }

// FocusLost takes it away.
func (b *pressable) FocusLost() { b.focused = false; b.Refresh() }

// TypedKey presses on Enter and Space; other keys are those of the frame.
func (b *pressable) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if !b.Disabled() && b.OnTapped != nil {
			b.OnTapped()
		}
	case fyne.KeySpace:
		b.Button.TypedKey(ev)
	default:
		b.keys.key(ev)
	}
}

// field is a line to type into in which Enter means Next, Esc Back and F1 Help.
type field struct {
	widget.Entry
	keys    keys
	name    string // what stands beside it
	focused bool
}

func newField(k keys, name migration.Message, changed func(string)) *field {
	f := &field{keys: k, name: say(name)}
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip) // one line, as NewEntry has it
	f.OnChanged = changed
	f.ExtendBaseWidget(f)
	return f
}

func newSecretField(k keys, name migration.Message, changed func(string)) *field {
	f := newField(k, name, changed)
	f.Password = true
	return f
}

// CreateRenderer draws the field with the ring: fyne's own edge is thin.
func (f *field) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(f, f.Entry.CreateRenderer(), func() bool { return f.focused })
}

// FocusGained shows the ring.
func (f *field) FocusGained() { f.focused = true; f.Entry.FocusGained() }

// FocusLost takes it away.
func (f *field) FocusLost() { f.focused = false; f.Entry.FocusLost() }

// AccessibilityLabel says the name and what was typed, unless that is a secret.
func (f *field) AccessibilityLabel() string {
	if f.Password || f.Text == "" {
		return f.name
	}
	return f.name + ": " + clean(f.Text)
}

// AccessibilityRole is that of a text: fyne knows none for a field.
func (f *field) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// TypedKey gives the keys of the frame to it and all others to the text.
func (f *field) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape, fyne.KeyF1:
		if f.keys.key(ev) {
			return
		}
	}
	f.Entry.TypedKey(ev)
}

// TypedShortcut lets Alt+Left go back from a text field as from elsewhere.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && c.KeyName == fyne.KeyLeft && c.Modifier == fyne.KeyModifierAlt {
		f.keys.key(&fyne.KeyEvent{Name: fyne.KeyEscape})
		return
	}
	f.Entry.TypedShortcut(clip.Bound(s, f.Text))
}

// tick is a check box where the keys of the frame work.
type tick struct {
	widget.Check
	keys    keys
	focused bool
}

func newTick(k keys, text string, changed func(bool)) *tick {
	c := &tick{keys: k}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer draws box and words with the ring; the empty rest of the line
// belongs to neither.
func (c *tick) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(c, c.Check.CreateRenderer(), func() bool { return c.focused }).AtMost(func() fyne.Size { return c.MinSize().AddWidthHeight(labelPad, 0) })
}

// FocusGained shows the ring.
func (c *tick) FocusGained() { c.focused = true; c.Refresh() }

// FocusLost takes it away.
func (c *tick) FocusLost() { c.focused = false; c.Refresh() }

// Hide gives the focus away, or keys would go where nobody sees them.
func (c *tick) Hide() {
	if on := fyne.CurrentApp().Driver().CanvasForObject(c); c.focused && on != nil {
		on.Unfocus()
	}
	c.Check.Hide()
}

// AccessibilityLabel says whether it is ticked.
func (c *tick) AccessibilityLabel() string {
	if c.Checked {
		return say(migration.Msg("spoken.ticked", "Name", c.Text))
	}
	return say(migration.Msg("spoken.unticked", "Name", c.Text))
}

// AccessibilityRole says that it can be pressed.
func (c *tick) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// TypedKey gives the keys of the frame to it.
func (c *tick) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeySpace || !c.keys.key(ev) {
		c.Check.TypedKey(ev)
	}
}

// picker is a list to choose one of where the keys of the frame work; Space and
// the arrows are its own.
type picker struct {
	widget.Select
	keys    keys
	focused bool
}

func newPicker(k keys, options []string, changed func(string)) *picker {
	p := &picker{keys: k}
	p.Options, p.OnChanged = options, changed
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer draws the choice with the edge of a field, which fyne's has not,
// and with the ring.
func (p *picker) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(p, newEdged(p.Select.CreateRenderer(), p.Theme, theme.ColorNameInputBorder), func() bool { return p.focused })
}

// FocusGained shows the ring.
func (p *picker) FocusGained() { p.focused = true; p.Refresh() }

// FocusLost takes it away.
func (p *picker) FocusLost() { p.focused = false; p.Refresh() }

// AccessibilityLabel says what is chosen, or that nothing is.
func (p *picker) AccessibilityLabel() string {
	if p.Selected == "" {
		return p.PlaceHolder
	}
	return p.Selected
}

// AccessibilityRole says that it can be pressed.
func (p *picker) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// TypedKey gives the keys of the frame to it.
func (p *picker) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape, fyne.KeyF1:
		if p.keys.key(ev) {
			return
		}
	}
	p.Select.TypedKey(ev)
}

// choiceField is a line to type into with values to choose from, where the keys
// of the frame work.
type choiceField struct {
	widget.SelectEntry
	options []string
	keys    keys
	focused bool
}

func newChoiceField(k keys, name migration.Message, changed func(string)) *choiceField {
	e := &choiceField{keys: k}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.SetPlaceHolder(say(name))
	e.OnChanged = changed
	e.ExtendBaseWidget(e)
	// Fyne's own arrow keeps the keys to itself.
	arrow := newPressable(k, "", e.choose)
	arrow.spoken = say(migration.Msg("spoken.choices", "Name", say(name)))
	arrow.Icon, arrow.Importance = theme.MenuDropDownIcon(), widget.LowImportance
	e.ActionItem = arrow
	return e
}

// SetOptions sets what can be chosen.
func (e *choiceField) SetOptions(options []string) {
	e.options = options
	e.SelectEntry.SetOptions(options)
}

// choose opens the list of the values below the field.
func (e *choiceField) choose() {
	c := fyne.CurrentApp().Driver().CanvasForObject(e)
	if c == nil || len(e.options) == 0 {
		return
	}
	var items []*fyne.MenuItem
	for _, o := range e.options {
		items = append(items, fyne.NewMenuItem(o, func() { e.SetText(o) }))
	}
	m := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	m.ShowAtRelativePosition(fyne.NewPos(0, e.Size().Height), e)
	m.Resize(fyne.NewSize(e.Size().Width, m.MinSize().Height))
	c.Focus(m)
}

// CreateRenderer draws the field with the ring.
func (e *choiceField) CreateRenderer() fyne.WidgetRenderer {
	return ring.Around(e, e.SelectEntry.CreateRenderer(), func() bool { return e.focused })
}

// FocusGained shows the ring.
func (e *choiceField) FocusGained() { e.focused = true; e.SelectEntry.FocusGained() }

// FocusLost takes it away.
func (e *choiceField) FocusLost() { e.focused = false; e.SelectEntry.FocusLost() }

// AccessibilityLabel says the name and what was typed.
func (e *choiceField) AccessibilityLabel() string {
	if e.Text == "" {
		return e.PlaceHolder
	}
	return e.PlaceHolder + ": " + clean(e.Text)
}

// AccessibilityRole is that of a text, as of a field.
func (e *choiceField) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// TypedShortcut bounds what is pasted, and lets Alt+Left go back.
func (e *choiceField) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && c.KeyName == fyne.KeyLeft && c.Modifier == fyne.KeyModifierAlt {
		e.keys.key(&fyne.KeyEvent{Name: fyne.KeyEscape})
		return
	}
	e.SelectEntry.TypedShortcut(clip.Bound(s, e.Text))
}

// TypedKey gives the keys of the frame to it and all others to the text.
func (e *choiceField) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape, fyne.KeyF1:
		if e.keys.key(ev) {
			return
		}
	}
	e.SelectEntry.TypedKey(ev)
}
