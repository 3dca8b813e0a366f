package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// palette is one set of colours. Text keeps a contrast of at least 4.5:1 on
// background and surface (WCAG 2.2, 1.4.3), the edge of what can be filled in one
// of 3:1 (1.4.11); the package's test computes it.
type palette struct {
	background, surface, text, muted, line color.NRGBA
	edge                                   color.NRGBA // of fields and boxes to tick
	field, overlay, menu, shade            color.NRGBA // shade is no colour where there are no shadows
	primary, onPrimary                     color.NRGBA
	good, warning, failure, onState        color.NRGBA
	selection, button, outline             color.NRGBA // outline of a button; no colour where its own tells it from dialogs
}

var light = palette{
	background: rgb(0xF6F7F9), surface: rgb(0xFFFFFF), text: rgb(0x1B2430), muted: rgb(0x556070), line: rgb(0xC9D0D9), edge: rgb(0x76828F),
	field: rgb(0xF6F7F9), overlay: rgb(0xFFFFFF), menu: rgb(0xFFFFFF), shade: color.NRGBA{A: 0x44},
	primary: rgb(0x1F5FA8), onPrimary: rgb(0xFFFFFF),
	good: rgb(0x1E7A46), warning: rgb(0x8A5A00), failure: rgb(0xB3261E), onState: rgb(0xFFFFFF),
	selection: rgb(0xDCE9F8), button: rgb(0xE7EBF0),
}

var dark = palette{
	background: rgb(0x14181F), surface: rgb(0x1D232C), text: rgb(0xE8ECF1), muted: rgb(0xA3AFBD), line: rgb(0x3A4552), edge: rgb(0x808D9B),
	field: rgb(0x14181F), overlay: rgb(0x1D232C), menu: rgb(0x2A323D), shade: color.NRGBA{A: 0x77},
	primary: rgb(0x6FB1F2), onPrimary: rgb(0x0B1622),
	good: rgb(0x5CC98B), warning: rgb(0xF0B84A), failure: rgb(0xFF8A80), onState: rgb(0x0B1622),
	selection: rgb(0x24405E), button: rgb(0x2A323D),
}

// highContrast is black and white: signs and words alone tell states apart. What
// is selected or can be pressed is grey, because its letters stay white.
var highContrast = palette{
	background: rgb(0x000000), surface: rgb(0x000000), text: rgb(0xFFFFFF), muted: rgb(0xBFBFBF), line: rgb(0x7F7F7F), edge: rgb(0xBFBFBF),
	field: rgb(0x333333), overlay: rgb(0x262626), menu: rgb(0x262626), shade: color.NRGBA{A: 0xB0},
	primary: rgb(0xFFFFFF), onPrimary: rgb(0x000000),
	good: rgb(0xFFFFFF), warning: rgb(0xFFFFFF), failure: rgb(0xFFFFFF), onState: rgb(0x000000),
	selection: rgb(0x404040), button: rgb(0x4D4D4D),
}

// plain is light without shadows, each of which is one more layer over the whole
// window. A colour of their own tells dialogs and menus from the page below,
// which nothing dims.
var plain = func() palette {
	p := light
	p.overlay, p.menu, p.shade = p.selection, p.selection, color.NRGBA{}
	p.outline = rgb(0x8C9BAE) // a grey button would be lost on that colour
	p.button, p.good, p.edge = rgb(0xD3DEEB), rgb(0x18683B), rgb(0x6B7785)
	return p
}()

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xFF}
}

// colorNameOutline is the line around a button.
const colorNameOutline fyne.ThemeColorName = "omt-outline"

// look is the theme: calm colours, square corners, an 8-unit grid. Corners are
// square because rounded ones are the costliest thing to draw where there is
// no graphics card, which is where the program runs.
type look struct {
	fyne.Theme
	appearance Appearance
}

func newLook(a Appearance) fyne.Theme { return &look{Theme: theme.DefaultTheme(), appearance: a} }

func (l *look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	p := l.palette(variant)
	switch name {
	case theme.ColorNameBackground:
		return p.background
	case theme.ColorNameHeaderBackground:
		return p.surface // cards, columns, header and footer
	case theme.ColorNameInputBackground:
		return p.field
	case theme.ColorNameOverlayBackground:
		return p.overlay
	case theme.ColorNameMenuBackground:
		return p.menu
	case theme.ColorNameShadow:
		return p.shade
	case theme.ColorNameForeground:
		return p.text
	case theme.ColorNameDisabled, theme.ColorNamePlaceHolder:
		return p.muted
	case theme.ColorNameSeparator, theme.ColorNameScrollBar:
		return p.line
	case theme.ColorNameInputBorder:
		return p.edge
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return p.primary
	case theme.ColorNameForegroundOnPrimary:
		return p.onPrimary
	case theme.ColorNameSuccess:
		return p.good
	case theme.ColorNameWarning:
		return p.warning
	case theme.ColorNameError:
		return p.failure
	case theme.ColorNameForegroundOnSuccess, theme.ColorNameForegroundOnWarning, theme.ColorNameForegroundOnError:
		return p.onState
	case theme.ColorNameSelection:
		return p.selection
	case theme.ColorNameButton, theme.ColorNameDisabledButton:
		return p.button
	case colorNameOutline:
		return p.outline
	}
	return l.blend(name, p)
}

// Icon draws what can be ticked or chosen with a line twice as strong as fyne's,
// which is thinner than a dot of a common screen and so loses half of its contrast.
func (l *look) Icon(name fyne.ThemeIconName) fyne.Resource {
	switch name {
	case theme.IconNameCheckButton:
		return theme.NewColoredResource(icon("box"), theme.ColorNameInputBorder)
	case theme.IconNameRadioButton:
		return theme.NewColoredResource(icon("radio"), theme.ColorNameInputBorder)
	}
	return l.Theme.Icon(name)
}

// palette is the set of colours of the appearance.
func (l *look) palette(variant fyne.ThemeVariant) *palette {
	switch {
	case l.appearance == AppearanceContrast:
		return &highContrast
	case l.appearance == AppearancePlain:
		return &plain
	case l.appearance == AppearanceDark, l.appearance == AppearanceSystem && variant == theme.VariantDark:
		return &dark
	}
	return &light
}

// blend gives the colours that fyne lays over others, so they let these through.
func (l *look) blend(name fyne.ThemeColorName, p *palette) color.Color {
	switch name {
	case theme.ColorNameFocus:
		c := p.primary
		c.A = 0x60
		if p == &highContrast {
			c.A = 0x30 // white letters have to be read on it
		}
		return c
	case theme.ColorNameHover:
		// Opaque, it would hide the colour of the main button behind its letters.
		c := p.text
		c.A = 0x1C
		return c
	case theme.ColorNamePressed:
		c := p.text
		c.A = 0x30
		return c
	}
	variant := theme.VariantLight
	if p != &light && p != &plain {
		variant = theme.VariantDark
	}
	return l.Theme.Color(name, variant)
}

func (l *look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameHeadingText:
		return 24
	case theme.SizeNameSubHeadingText:
		return 16
	case theme.SizeNameText:
		return 14
	case theme.SizeNameCaptionText:
		return 12
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInnerPadding:
		return labelPad
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius, theme.SizeNameScrollBarRadius,
		theme.SizeNameButtonRadius, theme.SizeNameCardRadius, theme.SizeNameDialogRadius,
		theme.SizeNamePopupRadius, theme.SizeNameMenuRadius, theme.SizeNameInnerWindowRadius,
		theme.SizeNameModalBlurRadius:
		return 0
	}
	return l.Theme.Size(name)
}
