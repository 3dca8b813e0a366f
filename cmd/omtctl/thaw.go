package main

import (
	"context"
	"errors"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// thawCommand lets the users of a frozen installation in again. An installation
// that is not frozen is no fault: the command may be given twice.
func thawCommand(ctx context.Context, args []string, c console) (err error) {
	f := flags("thaw", c)
	var o common
	f.StringVar(&o.Ticket, "ticket", "", assets.Text("flag.ticket", nil))
	f.StringVar(&o.Config, "config", "", assets.Text("flag.config", nil))
	f.StringVar(&o.Server, "server", "", assets.Text("flag.server", nil))
	f.StringVar(&o.Database, "database", "", assets.Text("flag.database", nil))
	f.StringVar(&o.DBUser, "db-user", "", assets.Text("flag.dbuser", nil))
	f.StringVar(&o.Fingerprint, "trust-certificate", "", assets.Text("flag.trust", nil))
	f.BoolVar(&o.OldTLS, "allow-old-tls", false, assets.Text("flag.oldtls", nil))
	f.StringVar(&o.State, "state", "", assets.Text("flag.state", nil))
	f.BoolVar(&o.stdin, "secrets-stdin", false, assets.Text("flag.secrets", nil))
	f.BoolVar(&o.json, "json", false, assets.Text("flag.json", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	var sec wiring.Secrets
	if o.stdin {
		if sec, err = readSecrets(c, true); err != nil {
			return err
		}
	}
	s, err := wiring.OpenThaw(ctx, o.Options, sec)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return thaw(ctx, s.Freezing(), printer{c, o.json})
}

func thaw(ctx context.Context, f *migration.Freezing, p printer) error {
	state, err := f.State(ctx)
	if err != nil {
		return err
	}
	if !state.Found {
		p.data(map[string]any{"thawed": false}, assets.Text("cli.thaw.nothing", nil))
		return nil
	}
	p.few(state.Messages())
	notes, err := f.Thaw(ctx)
	p.few(notes)
	if err != nil {
		return err
	}
	p.data(map[string]any{"thawed": true, "run": state.Record.Run}, assets.Text("cli.thawed", nil))
	return nil
}
