package app

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// notice is a card with a sign, a title, words and, behind "More", details.
func notice(k keys, signName, title string, words []string, details string) fyne.CanvasObject {
	heading := wrapped(title)
	heading.TextStyle.Bold = true
	heading.SizeName = theme.SizeNameSubHeadingText
	body := container.NewVBox(heading)
	for _, w := range words {
		body.Add(wrapped(w))
	}
	if details != "" {
		body.Add(more(k, details))
	}
	mark := container.NewVBox(container.NewPadded(widget.NewIcon(sign(signName))))
	return newBox(theme.ColorNameHeaderBackground, 8, 4, container.NewBorder(nil, nil, mark, nil, body))
}

// offering puts a way on below the words of a notice, on the same card.
func offering(card, way fyne.CanvasObject) fyne.CanvasObject {
	const words = 40 // where the words begin, right of the sign
	return newBox(theme.ColorNameHeaderBackground, 0, 8, container.New(stacked{}, card, inset(words, way)))
}

// more hides codes and details behind a button; they can be selected to be
// copied into a mail.
func more(k keys, details string) fyne.CanvasObject {
	text := selectable(k, details)
	text.TextStyle.Monospace = true
	text.Hide()
	button := newPressable(k, say(migration.Msg("button.more")), nil)
	line := container.NewHBox(button)
	button.OnTapped = func() {
		label := migration.Msg("button.more")
		if text.Hidden {
			label = migration.Msg("button.less")
		}
		reveal(text, text.Hidden)
		button.SetText(say(label))
		line.Refresh() // the other word may be longer
	}
	return container.NewVBox(inset(labelPad, line), text)
}

// hint is what people are told about an error: its own hint, else that of the
// sentinel behind it, else that omt has no words for it.
func hint(err error) migration.Message {
	if m := migration.HintOf(err); !m.IsZero() {
		return m
	}
	switch {
	case errors.Is(err, migration.ErrExpired):
		return migration.Msg("error.expired")
	case errors.Is(err, migration.ErrCompanyChanged):
		return migration.Msg("error.company")
	case errors.Is(err, migration.ErrBadCredentials):
		return migration.Msg("error.credentials")
	case errors.Is(err, migration.ErrNotAdministrator):
		return migration.Msg("error.administrator")
	case errors.Is(err, migration.ErrNoNetServer):
		return migration.Msg("error.netserver")
	case errors.Is(err, migration.ErrLeaseHeld):
		return migration.Msg("error.leaseheld")
	case errors.Is(err, migration.ErrLeaseLost):
		return migration.Msg("error.leaselost")
	case errors.Is(err, migration.ErrNoSpace):
		return migration.Msg("error.nospace")
	case errors.Is(err, migration.ErrForbidden):
		return migration.Msg("error.forbidden")
	}
	return migration.Msg("error.unknown")
}

// detail is the technical text of an error, line by line harmless.
func detail(err error) string { return cleanLines(err.Error()) }

// cleanLines is clean for texts of several lines.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.Join(lines, "\n")
}

// notify is described at host.
func (w *Window) notify(kind noticeKind, m ...migration.Message) {
	if len(m) == 0 {
		return
	}
	words := make([]string, 0, len(m))
	for _, one := range m {
		words = append(words, say(one))
	}
	name := map[noticeKind]string{noticeInfo: "check", noticeWarning: "warning", noticeError: "cross", noticeEnded: "warning"}[kind]
	card, told := notice(w, name, words[0], words[1:], ""), strings.Join(words, "\n")
	if old := w.told[told]; old != nil {
		w.notices.Remove(old) // the same file saved twice is no news: one card, the last one
	}
	w.told[told] = card
	if kind == noticeError || kind == noticeEnded {
		w.errors = append(w.errors, card)
	}
	w.notices.Add(card)
	w.body.Refresh()
}

// showError says that something did not work and what can be done.
func (w *Window) showError(doing migration.Message, err error) {
	card := notice(w, "cross", say(migration.Msg("notice.error", "Doing", say(doing))), []string{say(hint(err))}, detail(err))
	for _, way := range []fyne.CanvasObject{w.elevation(err), w.proxyWay(err)} {
		if way != nil {
			card = offering(card, way)
		}
	}
	w.errors = append(w.errors, card)
	w.notices.Add(card)
	w.body.Refresh()
}

// forget takes all notices away.
func (w *Window) forget() {
	w.notices.RemoveAll()
	w.errors, w.told = nil, map[string]fyne.CanvasObject{}
}

// dropErrors takes the errors of earlier attempts away: what is tried now will
// say anew what is wrong.
func (w *Window) dropErrors() {
	for _, card := range w.errors {
		w.notices.Remove(card)
	}
	w.errors = nil
	w.body.Refresh()
}

// noticesFirst gives the notices, the first object, the height that they need,
// at most two fifths, and the page the rest.
type noticesFirst struct{}

func (noticesFirst) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[1].MinSize() }

func (noticesFirst) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	scroll := objects[0].(*container.Scroll)
	scroll.Resize(fyne.NewSize(size.Width, 0)) // wrapped words need the width first
	h := min(scroll.Content.MinSize().Height, size.Height*2/5)
	scroll.Resize(fyne.NewSize(size.Width, h))
	scroll.Move(fyne.NewPos(0, 0))
	objects[1].Move(fyne.NewPos(0, h))
	objects[1].Resize(fyne.NewSize(size.Width, size.Height-h))
}
