package app

import (
	"net/url"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// completeView says what became of the migration, and what comes next.
type completeView struct {
	h      host
	open   func(*url.URL) error // shows a file with the program of this computer
	page   *fyne.Container
	tools  *fyne.Container
	path   *paragraph    // of the report
	copied *widget.Label // stands in its place once the summary was copied
	report string
}

func newCompleteView(h host) view {
	return &completeView{h: h, open: func(u *url.URL) error { return fyne.CurrentApp().OpenURL(u) }}
}

func (v *completeView) heading() (title, lead migration.Message) {
	return migration.Msg("complete.title"), completeLead(v.h.flow())
}

// completeLead says in one sentence what happened, and to what.
func completeLead(f *flow) migration.Message {
	switch {
	case onlyMissing(f):
		return migration.Msg("complete.lead.missing")
	case f.result != nil && f.result.Mode == migration.ModeLive:
		return migration.Msg("complete.lead.live")
	}
	return migration.Msg("complete.lead.test")
}

func (v *completeView) build() fyne.CanvasObject {
	v.page = container.New(layout.NewCustomPaddedVBoxLayout(8))
	v.copied = muted("")
	v.copied.Truncation = fyne.TextTruncateEllipsis
	v.path = selectable(v.h, "")
	v.path.Importance = widget.LowImportance
	v.path.Wrapping, v.path.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
	v.tools = container.NewStack()
	return container.NewBorder(margined(margin, v.tools), nil, nil, nil, container.NewVScroll(margined(margin, v.page)))
}

func (v *completeView) entered() {
	f := v.h.flow()
	v.report = v.h.guide().Paths().Report
	v.page.RemoveAll()
	if f.result != nil && f.result.Report != nil {
		v.page.Add(outcomeCard(f.result.Report))
	}
	parts := completeParts(f)
	for _, p := range parts {
		v.page.Add(p.draw())
	}
	v.tools.RemoveAll()
	v.tools.Add(v.buttons(parts))
	v.page.Refresh()
}

func (v *completeView) left() {}

// buttons open the report and copy what stands below.
func (v *completeView) buttons(parts []completePart) fyne.CanvasObject {
	setText(v.copied, "")
	copyAll := newPressable(v.h, say(migration.Msg("complete.copy")), func() {
		fyne.CurrentApp().Clipboard().SetContent(summaryText(v.h.flow(), parts))
		v.path.Hide()
		v.copied.SetText(say(migration.Msg("complete.copied")))
	})
	forget := container.NewHBox()
	if v.h.flow().kept.any() {
		forget.Add(forgetButton(v.h, func() { forget.Objects[0].Hide() }))
	}
	if drop := ticketButton(v.h, func() { forget.Objects[len(forget.Objects)-1].Hide() }); drop != nil {
		forget.Add(drop)
	}
	if v.report == "" {
		v.copied.SetText(say(migration.Msg("complete.report.target")))
		return container.NewBorder(nil, nil, copyAll, forget, v.copied)
	}
	open := newPressable(v.h, say(migration.Msg("complete.report.open")), v.openReport)
	v.path.SetText(clean(v.report))
	v.path.Show()
	return container.NewBorder(nil, nil, container.NewHBox(open, copyAll), forget, container.NewStack(v.path, v.copied))
}

func (v *completeView) openReport() {
	if err := v.open(fileURL(v.report)); err != nil {
		v.h.notify(noticeWarning, migration.Msg("complete.report.failed", "Path", v.report))
	}
}

// fileURL is the address of a file of this computer: with three slashes before
// a drive letter, and with the computer's name as host for a share.
func fileURL(path string) *url.URL {
	p := filepath.ToSlash(strings.ReplaceAll(path, `\`, "/"))
	if share, ok := strings.CutPrefix(p, "//"); ok {
		name, rest, _ := strings.Cut(share, "/")
		return &url.URL{Scheme: "file", Host: name, Path: "/" + rest}
	}
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return &url.URL{Scheme: "file", Path: p}
}

func (v *completeView) next() action {
	return action{label: migration.Msg("button.close"), run: v.h.quit}
}

func (v *completeView) back() action { return action{} }

// completePart is a titled list of lines, each with a sign.
type completePart struct {
	title migration.Message
	lines []completeLine
}

type completeLine struct {
	sign string // of the icons; empty is none
	text string
}

func (p *completePart) add(sign string, m migration.Message) {
	p.lines = append(p.lines, completeLine{sign, say(m)})
}

// addIf adds a line with the sign of whether it is well.
func (p *completePart) addIf(well bool, m migration.Message) {
	if well {
		p.add("check", m)
		return
	}
	p.add("warning", m)
}

func (p completePart) draw() fyne.CanvasObject {
	// Labels keep a space around themselves; between the lines of one list half
	// of it is enough.
	list := container.New(layout.NewCustomPaddedVBoxLayout(-labelPad), bold(say(p.title)))
	for _, l := range p.lines {
		mark := fyne.CanvasObject(column(28, line("")))
		if l.sign != "" {
			mark = container.NewVBox(container.NewPadded(widget.NewIcon(sign(l.sign))))
		}
		list.Add(container.NewBorder(nil, nil, mark, nil, wrapped(l.text)))
	}
	return newBox(theme.ColorNameHeaderBackground, 8, 4, list)
}

// outcomeCard says in one line, with a large sign, whether all was sent.
func outcomeCard(r *migration.Report) fyne.CanvasObject {
	name, words := "check", outcomeWords(r)
	if leftOut(r) > 0 {
		name = "warning"
	}
	mark := canvas.NewImageFromResource(sign(name))
	mark.FillMode = canvas.ImageFillContain
	mark.SetMinSize(fyne.NewSize(40, 40))
	title := wrapped(say(words))
	title.SizeName = theme.SizeNameSubHeadingText
	title.TextStyle.Bold = true
	return newBox(theme.ColorNameHeaderBackground, 16, 8, container.NewBorder(nil, nil, centred(mark), nil,
		container.NewVBox(layout.NewSpacer(), title, layout.NewSpacer())))
}

// outcomeWords say the same as the summary's first line.
func outcomeWords(r *migration.Report) migration.Message {
	if n := leftOut(r); n > 0 {
		return migration.Msg("complete.outcome.left", "Count", figures().Number(n))
	}
	return migration.Msg("complete.outcome.all")
}

// summaryText is what a consultant pastes into a mail.
func summaryText(f *flow, parts []completePart) string {
	var b strings.Builder
	b.WriteString(say(completeLead(f)) + "\n")
	if t := f.start.Ticket; t != nil {
		b.WriteString(say(migration.Msg("complete.of", "Company", t.Company, "Serial", t.Serial, "Tenant", t.Tenant, "Target", f.target.Name)) + "\n")
	}
	if f.result != nil && f.result.Report != nil {
		b.WriteString(say(outcomeWords(f.result.Report)) + "\n")
	}
	for _, p := range parts {
		b.WriteString("\n" + say(p.title) + "\n")
		for _, l := range p.lines {
			b.WriteString("- " + l.text + "\n")
		}
	}
	return b.String()
}
