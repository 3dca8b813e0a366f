package app

import (
	"context"

	"fyne.io/fyne/v2"

	"omt/migration"
)

// ticketButton offers to delete the ticket's file, which opens the container to
// whoever has it; nil in a demo.
func ticketButton(h host, done func()) fyne.CanvasObject {
	path := h.flow().start.Path
	if path == "" || h.flow().start.Demo != nil {
		return nil
	}
	return newPressable(h, say(migration.Msg("button.ticket.drop")), func() {
		askSafely(h.window(), migration.Msg("ticket.drop.title"), migration.Msg("ticket.drop"), func() { dropTicket(h, path, done) },
			wrapped(say(migration.Msg("ticket.drop.text"))), wrapped(clean(path)))
	})
}

func dropTicket(h host, path string, done func()) {
	g := h.guide()
	h.work(migration.Msg("doing.ticket.drop"), func(ctx context.Context) (func(), error) {
		if err := g.DropTicket(ctx, path); err != nil {
			return nil, err
		}
		return func() {
			done()
			h.notify(noticeInfo, migration.Msg("ticket.dropped"))
		}, nil
	}, nil)
}
