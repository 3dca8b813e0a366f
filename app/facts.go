package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"omt/migration"
)

// dateFormat is read the same way in every language.
const dateFormat = "2006-01-02 15:04"

// facts shows the ticket on the left and the installation on the right, so that
// a difference between the two is seen before anything is sent. It needs a
// ticket.
func facts(o Options) fyne.CanvasObject {
	t := o.Ticket
	ticket := pairs(
		migration.Msg("fact.company"), t.Company,
		migration.Msg("fact.serial"), t.Serial,
		migration.Msg("fact.tenant"), say(migration.Msg("header.tenant", "Tenant", t.Tenant, "Environment", t.Environment)),
		migration.Msg("fact.target"), o.Target,
		migration.Msg("fact.expires"), t.Expires.In(o.Now().Location()).Format(dateFormat),
	)
	id := o.Identity
	installation := pairs(
		migration.Msg("fact.company"), id.Company,
		migration.Msg("fact.serial"), id.Serial,
		migration.Msg("fact.version"), id.Version,
		migration.Msg("fact.database"), id.Database,
		migration.Msg("fact.server"), id.Server,
	)
	return container.NewGridWithColumns(2,
		group(migration.Msg("group.ticket"), ticket),
		group(migration.Msg("group.installation"), installation))
}

// group puts a section's name over its content.
func group(title migration.Message, content fyne.CanvasObject) fyne.CanvasObject {
	return container.New(stacked{}, bold(say(title)), content)
}

// pairs lays out message, value, message, value as two columns. An unknown
// value is said to be unknown rather than left empty.
func pairs(items ...any) fyne.CanvasObject {
	rows := container.New(stacked{})
	for i := 0; i+1 < len(items); i += 2 {
		value := clean(items[i+1].(string))
		if value == "" {
			value = say(migration.Msg("fact.unknown"))
		}
		name := muted(say(items[i].(migration.Message)))
		name.Truncation = fyne.TextTruncateEllipsis
		rows.Add(container.NewBorder(nil, nil, column(120, name), nil, line(value)))
	}
	return rows
}
