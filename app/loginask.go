package app

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// askCertificate shows the certificate of a server that nobody vouches for.
func askCertificate(w fyne.Window, q *CertificateQuestion, yes func()) {
	print := selectable(noKeys{}, fingerprint(q.Fingerprint))
	print.TextStyle.Monospace = true
	askSafely(w, migration.Msg("certificate.title"), migration.Msg("certificate.trust"), yes,
		wrapped(say(migration.Msg("certificate.text", "Server", q.Server))),
		pairs(migration.Msg("certificate.subject"), q.Subject),
		bold(say(migration.Msg("certificate.fingerprint"))), print)
}

// askOldTLS asks before an outdated encryption is used.
func askOldTLS(w fyne.Window, q *OldTLSQuestion, yes func()) {
	askSafely(w, migration.Msg("oldtls.title"), migration.Msg("oldtls.allow"), yes,
		wrapped(say(migration.Msg("oldtls.text", "Server", q.Server))), wrapped(say(migration.Msg("oldtls.more"))))
}

// askAccess asks what an error of Guide.Connect asks, if it asks something. The
// answer goes into a before again is called; title, which may be nil, is told
// what the question is about.
func askAccess(w fyne.Window, err error, a *Access, title func(migration.Message), again func()) bool {
	var cert *CertificateQuestion
	var old *OldTLSQuestion
	if title == nil {
		title = func(migration.Message) {}
	}
	switch {
	case errors.As(err, &cert):
		title(migration.Msg("certificate.title"))
		askCertificate(w, cert, func() { a.Trust = cert.Fingerprint; again() })
	case errors.As(err, &old):
		title(migration.Msg("oldtls.title"))
		askOldTLS(w, old, func() { a.OldTLS = true; again() })
	default:
		return false
	}
	return true
}

// fingerprint writes a fingerprint in groups of four, eight of them a line, as
// two people read it to each other.
func fingerprint(s string) string {
	plain := strings.Map(func(r rune) rune {
		if r == ':' || r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(clean(s)))
	var b strings.Builder
	for i, r := range []rune(plain) {
		switch {
		case i > 0 && i%32 == 0:
			b.WriteByte('\n')
		case i > 0 && i%4 == 0:
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// askPlain asks before a password goes over a connection that others can read.
func askPlain(w fyne.Window, q *PlainQuestion, yes func()) {
	askSafely(w, migration.Msg("plain.title"), migration.Msg("plain.send"), yes,
		wrapped(say(migration.Msg("plain.text", "Address", q.Address))))
}

// askAsserted asks whether to go on although nobody can prove who signs in.
func askAsserted(w fyne.Window, user string, why migration.Message, yes func()) {
	askSafely(w, migration.Msg("asserted.title"), migration.Msg("asserted.accept"), yes,
		wrapped(say(why)), wrapped(say(migration.Msg("asserted.text", "User", user))))
}

// askSafely asks a question whose safe answer, to leave it, has the focus.
func askSafely(w fyne.Window, title, act migration.Message, yes func(), body ...fyne.CanvasObject) {
	d := dialog.NewCustomWithoutButtons(say(title), container.NewVScroll(container.NewVBox(body...)), w)
	no := leaving(newPressable(noKeys{}, say(migration.Msg("button.cancel")), d.Hide))
	no.Importance = widget.HighImportance
	d.SetButtons([]fyne.CanvasObject{container.NewHBox(
		newPressable(noKeys{}, say(act), func() { d.Hide(); yes() }), no)})
	d.Resize(fyne.NewSize(min(600, w.Canvas().Size().Width-40), 360))
	d.Show()
	w.Canvas().Focus(no)
}
