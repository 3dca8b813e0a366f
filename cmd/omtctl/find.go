package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"omt/assets"
	"omt/cmd/internal/wiring"
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
