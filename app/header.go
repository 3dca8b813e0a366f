package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// header is the line that always says whose data goes where and in which mode,
// so that no click can be meant for another customer, and in a demo the banner
// below it. Names too long for the line end in an ellipsis; the whole ones
// stand on Welcome and in the title of the window.
func header(f *flow) []fyne.CanvasObject {
	mark := canvas.NewImageFromResource(icon("app"))
	mark.FillMode = canvas.ImageFillContain
	mark.SetMinSize(fyne.NewSize(24, 24))
	left := container.NewHBox(mark, bold(say(migration.Msg("app.name"))))
	t := f.start.Ticket
	if t == nil {
		none := muted(say(migration.Msg("header.noticket")))
		return []fyne.CanvasObject{newBox(theme.ColorNameHeaderBackground, margin, 8, container.NewHBox(left, none))}
	}
	company := bold(clean(t.Company))
	company.Truncation = fyne.TextTruncateEllipsis
	serial := line(clean(t.Serial))
	tenant := line(say(migration.Msg("header.tenant", "Tenant", t.Tenant, "Environment", t.Environment)))
	right := container.NewVBox(layout.NewSpacer(), badge(modeOf(f)), layout.NewSpacer())
	out := []fyne.CanvasObject{newBox(theme.ColorNameHeaderBackground, margin, 8,
		container.NewBorder(nil, nil, left, right, container.New(shares{}, company, serial, tenant)))}
	if t.Demo {
		out = append(out, banner())
	}
	return out
}

// modeOf is the mode that is certain by now: the chosen one, that of the run
// that goes on, or the only one that the ticket allows. Empty if it is open.
func modeOf(f *flow) migration.Mode {
	switch t := f.start.Ticket; {
	case f.mode != "":
		return f.mode
	case f.start.Earlier.Begin == migration.BeginResume && f.start.Earlier.Mode != "":
		return f.start.Earlier.Mode
	case t != nil && len(t.Modes) == 1:
		return t.Modes[0]
	}
	return ""
}

// badge names the mode. Live stands on the colour of danger: what it sends
// replaces what the customer works with.
func badge(m migration.Mode) fyne.CanvasObject {
	text, fill, ink := migration.Msg("header.mode.open"), theme.ColorNameSelection, theme.ColorNameForeground
	switch m {
	case migration.ModeTest:
		text = migration.Msg("header.mode.test")
	case migration.ModeLive:
		text, fill, ink = migration.Msg("header.mode.live"), theme.ColorNameError, theme.ColorNameForegroundOnError
	}
	return newBox(fill, 4, 0, inked(say(text), ink, true))
}

// banner says on every page that this is the sample installation.
func banner() fyne.CanvasObject {
	text := inked(say(migration.Msg("banner.demo")), theme.ColorNameForegroundOnWarning, true)
	text.Truncation = fyne.TextTruncateEllipsis
	return newBox(theme.ColorNameWarning, margin-labelPad, 0, text)
}

// pageHeading is the title of a page, with what the page wants at the right of it,
// and the sentence that says what it is for.
func pageHeading(title, lead migration.Message, corner fyne.CanvasObject) fyne.CanvasObject {
	heading := bold(say(title))
	heading.SizeName = theme.SizeNameHeadingText
	heading.Truncation = fyne.TextTruncateEllipsis
	lines := container.New(stacked{}, heading)
	if !lead.IsZero() {
		lines.Add(wrapped(say(lead)))
	}
	content := fyne.CanvasObject(container.New(layout.NewCustomPaddedLayout(headingTop, 0, 0, 0), lines))
	if corner != nil {
		content = container.NewBorder(nil, nil, nil, corner, content)
	}
	return newBox(theme.ColorNameBackground, margin-labelPad, 0, content)
}

// headingTop keeps the title away from the steps.
const headingTop = 8

func bold(text string) *widget.Label {
	return widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
}
