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
func notice(signName, title string, words []string, details string) fyne.CanvasObject {
	heading := bold(title)
	heading.SizeName = theme.SizeNameSubHeadingText
	heading.Wrapping = fyne.TextWrapWord
	body := container.NewVBox(heading)
	for _, w := range words {
		body.Add(wrapped(w))
	}
	if details != "" {
		body.Add(more(details))
	}
	mark := container.NewVBox(container.NewPadded(widget.NewIcon(sign(signName))))
	return inset(labelPad, newBox(theme.ColorNameOverlayBackground, 8, 4, container.NewBorder(nil, nil, mark, nil, body)))
}

// more hides codes and details behind a button; they can be selected to be
// copied into a mail.
func more(details string) fyne.CanvasObject {
	text := wrapped(details)
	text.Selectable = true
	text.TextStyle.Monospace = true
	text.Hide()
	button := widget.NewButton(say(migration.Msg("button.more")), nil)
	button.OnTapped = func() {
		if text.Visible() {
			text.Hide()
			button.SetText(say(migration.Msg("button.more")))
			return
		}
		text.Show()
		button.SetText(say(migration.Msg("button.less")))
	}
	return container.NewVBox(container.NewHBox(button), text)
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
func detail(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.Join(lines, "\n")
}

// outcome is the card for the end of a run, or for what keeps it from starting;
// nil where there is nothing to say.
func outcome(s State, err error, summary []migration.Message) fyne.CanvasObject {
	switch s {
	case StateNoTicket:
		if err == nil {
			return notice("warning", say(migration.Msg("notice.noticket")), []string{say(migration.Msg("ticket.none.help"))}, "")
		}
		return notice("cross", say(migration.Msg("notice.blocked")), []string{say(hint(err))}, detail(err))
	case StateBlocked:
		if err == nil {
			return nil
		}
		return notice("cross", say(migration.Msg("notice.blocked")), []string{say(hint(err))}, detail(err))
	case StateFailed:
		return notice("cross", say(migration.Msg("notice.failed")), []string{say(hint(err))}, detail(err))
	case StateStopped:
		return notice("warning", say(migration.Msg("notice.stopped")), nil, "")
	case StateFinished:
		words := make([]string, 0, len(summary))
		for _, m := range summary {
			words = append(words, say(m))
		}
		return notice("check", say(migration.Msg("notice.finished")), words, "")
	}
	return nil
}
