package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// findCommand tells what the program finds of SuperOffice and where it stands,
// without connecting to anything.
func findCommand(ctx context.Context, args []string, c console) error {
	f := flags("find", c)
	config := f.String("config", "", assets.Text("flag.config", nil))
	asJSON := f.Bool("json", false, assets.Text("flag.json", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	found, notes, err := wiring.FindAll(ctx, *config)
	p := printer{c, *asJSON}
	p.few(notes)
	if err != nil {
		return err
	}
	if *asJSON {
		p.data(map[string]any{"installations": found}, "")
		return nil
	}
	for _, l := range found {
		fmt.Fprintln(c.out, assets.Text("cli.found", map[string]any{
			"Database": l.Database, "Server": l.Server, "Archive": strings.Join(slices.DeleteFunc(l.ArchivePaths[:], func(s string) bool { return s == "" }), ", "),
			"Service": l.ServiceBase, "NetServer": l.NetServer, "Password": l.HasPassword, "Files": strings.Join(l.Files(), "\n                  "),
		}))
	}
	return nil
}

// forgetCommand removes from the keyring what --remember has put there.
func forgetCommand(ctx context.Context, args []string, c console) error {
	f := flags("forget", c)
	var o common
	f.StringVar(&o.Config, "config", "", assets.Text("flag.config", nil))
	f.StringVar(&o.Server, "server", "", assets.Text("flag.server", nil))
	f.StringVar(&o.Database, "database", "", assets.Text("flag.database", nil))
	f.StringVar(&o.DBUser, "db-user", "", assets.Text("flag.dbuser", nil))
	f.StringVar(&o.NetServer, "netserver", "", assets.Text("flag.netserver", nil))
	f.BoolVar(&o.json, "json", false, assets.Text("flag.json", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	l, err := wiring.Forget(ctx, o.Options)
	if err != nil {
		return err
	}
	printer{c, o.json}.message(migration.Msg("cli.forgotten", "Database", l.Database, "Server", l.Server))
	return nil
}
