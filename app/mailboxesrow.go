package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// mailboxRow is one address: sign, old address, choice, new local part, domain.
// The list reuses it for other addresses.
type mailboxRow struct {
	widget.BaseWidget
	mark    *widget.Icon
	old     *widget.Label
	choice  *picker
	local   *field
	domain  *widget.Label
	explain migration.Message // what is wrong; zero if nothing is
	chosen  func(choice string)
	named   func(local string)
}

func newMailboxRow(k keys) *mailboxRow {
	r := &mailboxRow{
		mark: widget.NewIcon(nil), old: line(""), local: newField(k, migration.Msg("mailboxes.new"), nil), domain: line(""),
	}
	r.choice = newPicker(k, choices(), nil)
	r.ExtendBaseWidget(r)
	return r
}

// choices are the words for MailboxKeep and MailboxNew, in this order.
func choices() []string {
	return []string{say(migration.Msg("mailboxes.keep")), say(migration.Msg("mailboxes.use"))}
}

// show binds an address. Callbacks are off meanwhile: it is no change.
func (r *mailboxRow) show(m migration.Mailbox, domain string, bad bool) {
	r.choice.OnChanged, r.local.OnChanged = nil, nil
	r.explain = migration.Message{}
	mark := "check"
	if bad {
		mark = "warning"
	}
	r.mark.SetResource(sign(mark))
	setText(r.old, clean(m.Old))
	words := choices()
	switch m.Choice {
	case migration.MailboxKeep:
		r.choice.SetSelected(words[0])
	case migration.MailboxNew:
		r.choice.SetSelected(words[1])
	default:
		r.choice.ClearSelected()
	}
	local, of := m.New, ""
	if at := strings.LastIndex(m.New, "@"); at >= 0 {
		local, of = m.New[:at], m.New[at+1:]
	}
	if r.local.Text != local {
		r.local.SetText(local)
	}
	if of != "" {
		domain = of
	}
	setText(r.domain, "@"+clean(domain))
	r.choice.OnChanged = func(word string) {
		if word == words[0] {
			r.chosen(migration.MailboxKeep)
			return
		}
		r.chosen(migration.MailboxNew)
	}
	r.local.OnChanged = func(text string) { r.named(text) }
}

// CreateRenderer lays the row out in the columns of the headings.
func (r *mailboxRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(&mailboxColumns{}, r.mark, r.old, r.choice, r.local, r.domain))
}

// AccessibilityLabel says the row as a sentence, with what is wrong.
func (r *mailboxRow) AccessibilityLabel() string {
	text := say(migration.Msg("mailboxes.mail.line", "Old", r.old.Text, "New", r.local.Text+r.domain.Text)) + ", " + r.choice.Selected
	if !r.explain.IsZero() {
		text += ": " + say(r.explain)
	}
	return text
}

// AccessibilityRole says that it holds controls.
func (r *mailboxRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// mailboxColumns gives headings and rows the same columns: sign, then old
// address, choice, local part and domain by fixed shares of the width.
type mailboxColumns struct{}

const markWidth = 20

var mailboxShares = [4]float32{0.27, 0.28, 0.17, 0.28}

func (*mailboxColumns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	height := float32(0)
	for _, o := range objects {
		height = max(height, o.MinSize().Height)
	}
	return fyne.NewSize(400, height)
}

func (*mailboxColumns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const gap = 6
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(markWidth, size.Height))
	x, rest := float32(markWidth+gap), size.Width-markWidth-4*gap
	for i, o := range objects[1:] {
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(rest*mailboxShares[i], size.Height))
		x += rest*mailboxShares[i] + gap
	}
}
