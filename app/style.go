package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// colour looks a colour up in the theme that is in force for the widget.
func colour(w interface{ Theme() fyne.Theme }, name fyne.ThemeColorName) color.Color {
	return w.Theme().Color(name, fyne.CurrentApp().Settings().ThemeVariant())
}

const (
	// margin is the free space at the sides of every page.
	margin = 24
	// labelPad is the space that fyne's labels keep around themselves; boxes
	// around labels are narrower by it, so that all text begins at margin.
	labelPad = 6
)

// inset keeps an object away from the sides by so many units.
func inset(sides float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, sides, sides), o)
}

// column gives an object a fixed width and the height of one line.
func column(width float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewGridWrapLayout(fyne.NewSize(width, o.MinSize().Height)), o)
}

// line is a label that never takes more than one line: names are cut with an
// ellipsis rather than pushing others out of the window.
func line(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// muted is a label for what explains something else.
func muted(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Importance = widget.LowImportance
	return l
}

// inked is a text in a colour of the theme, for coloured boxes.
func inked(text string, ink fyne.ThemeColorName, bold bool) *widget.RichText {
	return widget.NewRichText(&widget.TextSegment{Text: text, Style: widget.RichTextStyle{
		ColorName: ink, Inline: true, TextStyle: fyne.TextStyle{Bold: bold},
	}})
}

// sign returns an icon in the colour of its meaning. Every state has its own
// shape, so that colour is never the only difference.
func sign(name string) fyne.Resource {
	switch name {
	case "check":
		return theme.NewSuccessThemedResource(icon(name))
	case "warning", "crown":
		return theme.NewWarningThemedResource(icon(name))
	case "cross":
		return theme.NewErrorThemedResource(icon(name))
	case "running":
		return theme.NewPrimaryThemedResource(icon(name))
	}
	return theme.NewDisabledResource(icon(name))
}
