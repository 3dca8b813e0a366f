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
// so that no click can be meant for another customer. Names too long for the
// line end in an ellipsis; the whole ones stand among the facts and in the title.
func header(o Options) fyne.CanvasObject {
	mark := canvas.NewImageFromResource(icon("app"))
	mark.FillMode = canvas.ImageFillContain
	mark.SetMinSize(fyne.NewSize(24, 24))
	left := container.NewHBox(mark, bold(say(migration.Msg("app.name"))))
	if o.Ticket == nil {
		none := muted(say(migration.Msg("header.noticket")))
		return newBox(theme.ColorNameOverlayBackground, margin, 8, container.NewHBox(left, none))
	}
	t := o.Ticket
	company := bold(clean(t.Company))
	company.Truncation = fyne.TextTruncateEllipsis
	serial := line(clean(t.Serial))
	tenant := line(say(migration.Msg("header.tenant", "Tenant", t.Tenant, "Environment", t.Environment)))
	right := container.NewVBox(layout.NewSpacer(), badge(o.Mode), layout.NewSpacer())
	return newBox(theme.ColorNameOverlayBackground, margin, 8,
		container.NewBorder(nil, nil, left, right, container.New(shares{}, company, serial, tenant)))
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

func bold(text string) *widget.Label {
	return widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
}
