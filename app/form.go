package app

import (
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

const (
	// labelWidth is the width of the names at the left of facts and fields,
	// wideLabel where the names are longer.
	labelWidth = 134
	wideLabel  = 190
	// groupGap is the room between groups.
	groupGap = 16
)

// groups puts cards below each other.
func groups(o ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(groupGap), o...)
}

// halves puts two objects side by side at their own heights.
type halves struct{}

func twoColumns(left, right fyne.CanvasObject) *fyne.Container {
	return container.New(halves{}, left, right)
}

func (halves) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(2*max(a.Width, b.Width)+groupGap, max(a.Height, b.Height))
}

func (halves) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := (size.Width - groupGap) / 2
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i)*(width+groupGap), 0))
		o.Resize(fyne.NewSize(width, size.Height))
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
	}
}

// group puts a section's name over its content, both on a card.
func group(title migration.Message, content ...fyne.CanvasObject) fyne.CanvasObject {
	heading := bold(say(title))
	heading.SizeName = theme.SizeNameSubHeadingText
	heading.Truncation = fyne.TextTruncateEllipsis
	inside := container.NewVBox(heading)
	for _, o := range content {
		inside.Add(o)
	}
	return newBox(theme.ColorNameHeaderBackground, 10, 8, inside)
}

// pairs lays out message, value, message, value as two columns. An unknown
// value is said to be unknown rather than left empty. A long value takes more
// lines: where these are shown, the whole name is wanted.
func pairs(items ...any) *fyne.Container {
	rows := container.New(stacked{})
	for i := 0; i+1 < len(items); i += 2 {
		value := clean(items[i+1].(string))
		if value == "" {
			value = say(migration.Msg("fact.unknown"))
		}
		text := wrapped(value)
		if !strings.Contains(value, " ") || longest(value) > 32 {
			text.Wrapping = fyne.TextWrapBreak
		}
		rows.Add(named(items[i].(migration.Message), text))
	}
	return rows
}

// longest is the length of the longest word: what cannot be wrapped between
// words is broken inside one.
func longest(s string) (n int) {
	for _, w := range strings.Fields(s) {
		n = max(n, len([]rune(w)))
	}
	return n
}

// named puts a name to the left of a fact or a field.
func named(name migration.Message, o fyne.CanvasObject) fyne.CanvasObject {
	return namedAt(labelWidth, name, o)
}

func namedAt(width float32, name migration.Message, o fyne.CanvasObject) fyne.CanvasObject {
	label := muted(say(name))
	label.Truncation = fyne.TextTruncateEllipsis
	return container.NewBorder(nil, nil, container.NewVBox(column(width, label)), nil, o)
}

// fault is the line below a field that says what is wrong with it; it takes no
// room while there is nothing to say.
type fault struct {
	object *fyne.Container
	text   *paragraph
}

func newFault() *fault {
	f := &fault{text: wrapped("")}
	f.text.Importance = widget.DangerImportance
	f.object = container.NewBorder(nil, nil, container.NewVBox(container.NewPadded(widget.NewIcon(sign("cross")))), nil, f.text)
	f.object.Hide()
	return f
}

func (f *fault) show(m migration.Message) {
	if m.IsZero() {
		f.object.Hide()
		return
	}
	f.text.SetText(say(m))
	f.object.Show()
}

// pageScroll is the content of a page that may be longer than the window.
func pageScroll(o fyne.CanvasObject) *container.Scroll {
	return container.NewVScroll(newBox(theme.ColorNameBackground, margin, 8, o))
}

// buttons puts buttons side by side at their own width.
func buttons(o ...fyne.CanvasObject) fyne.CanvasObject {
	return inset(labelPad, container.NewHBox(o...))
}

// browseFile lets the person choose a file and gives its path; extensions limit
// what is listed.
func browseFile(w fyne.Window, chosen func(string), extensions ...string) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			return // cancelled, or fyne has shown that it cannot be opened
		}
		path := r.URI().Path()
		// Only the path is wanted: the guide opens the file itself.
		_ = r.Close()
		chosen(filepath.FromSlash(path))
	}, w)
	if len(extensions) > 0 {
		d.SetFilter(storage.NewExtensionFileFilter(extensions))
	}
	d.Resize(dialogSize(w))
	d.Show()
}

// browseFolder lets the person choose a folder and gives its path.
func browseFolder(w fyne.Window, chosen func(string)) {
	d := dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
		if err == nil && u != nil {
			chosen(filepath.FromSlash(u.Path()))
		}
	}, w)
	d.Resize(dialogSize(w))
	d.Show()
}

// dialogSize is as large as the window lets a dialog be, within reason.
func dialogSize(w fyne.Window) fyne.Size {
	s := w.Canvas().Size()
	return fyne.NewSize(min(s.Width-48, 1100), min(s.Height-48, 720))
}
