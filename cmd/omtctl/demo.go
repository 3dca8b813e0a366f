package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
	"omt/onsite/sample"
)

// sampleFlags are those that scale the sample installation.
func sampleFlags(f interface {
	IntVar(*int, string, int, string)
	Int64Var(*int64, string, int64, string)
}, o *sample.Options) {
	f.IntVar(&o.Users, "users", 0, assets.Text("flag.users", nil))
	f.IntVar(&o.Documents, "documents", 0, assets.Text("flag.documents", nil))
	f.Int64Var(&o.Rows, "rows", 0, assets.Text("flag.rows", nil))
	f.IntVar(&o.Missing, "missing", 0, assets.Text("flag.missing", nil))
	f.Int64Var(&o.Seed, "seed", 0, assets.Text("flag.seed", nil))
}

// demoCommand migrates the sample installation from beginning to end.
func demoCommand(ctx context.Context, args []string, c console) (err error) {
	f := flags("demo", c)
	var build sample.Options
	dir := f.String("dir", "", assets.Text("flag.dir.demo", nil))
	asJSON := f.Bool("json", false, assets.Text("flag.json", nil))
	mode := f.String("mode", string(migration.ModeTest), assets.Text("flag.mode", nil))
	sampleFlags(f, &build)
	if err := parse(f, args); err != nil {
		return err
	}
	if *dir == "" {
		if *dir, err = os.MkdirTemp("", "omt-demo-"); err != nil {
			return fmt.Errorf("make demo folder: %w", err)
		}
	}
	p := printer{c, *asJSON}
	p.message(migration.Msg("demo.banner"))
	p.message(migration.Msg("demo.building", "Path", *dir))
	d, err := wiring.OpenDemo(ctx, *dir, build)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	p.few(d.Notes)
	d.SetMode(migration.Mode(*mode))
	if d.Begin == migration.BeginInitial && migration.Mode(*mode) == migration.ModeLive {
		p.few(migration.Stops(d.Session.Ticket))
	}
	pr := migration.NewProgress(time.Now)
	stop := p.watch(pr, time.Second)
	res, err := d.Run(ctx, pr)
	stop()
	if err != nil {
		return err
	}
	p.result(res, d.Session.Target.Describe())
	return nil
}

// sampleCommand builds a sample installation and serves it until interrupted.
func sampleCommand(ctx context.Context, args []string, c console) (err error) {
	f := flags("sample", c)
	var build sample.Options
	var serve sample.ServeOptions
	dir := f.String("dir", "", assets.Text("flag.dir.sample", nil))
	asJSON := f.Bool("json", false, assets.Text("flag.json", nil))
	f.Func("deny", assets.Text("flag.deny", nil), func(v string) error {
		serve.Denied = append(serve.Denied, v)
		return nil
	})
	f.Func("defect", assets.Text("flag.defect", map[string]any{"Names": strings.Join(sample.DefectNames(), ", ")}), func(v string) error {
		d, err := sample.ParseDefect(v)
		build.Defects |= d
		return err
	})
	sampleFlags(f, &build)
	if err := parse(f, args); err != nil {
		return err
	}
	if *dir == "" {
		fmt.Fprintln(c.err, assets.Text("cli.nodir", nil))
		return errUsage
	}
	s, err := wiring.ServeSample(ctx, *dir, build, serve)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p := printer{c, *asJSON}
	p.data(map[string]any{
		"server": s.Running.SQLAddr, "database": s.Installation.Database, "schema": s.Installation.Schema,
		"dbUser": s.Installation.DBLogin, "dbPassword": s.Installation.DBPassword, "certificate": s.Running.Fingerprint,
		"netServer": s.Running.NetServerURL, "config": s.Running.ConfigDir, "ticket": s.Ticket,
		"user": s.Installation.AdminName, "password": s.Installation.AdminPassword, "logins": s.Installation.Logins,
	}, assets.Text("cli.serving", map[string]any{
		"Server": s.Running.SQLAddr, "Database": s.Installation.Database, "DBUser": s.Installation.DBLogin, "DBPassword": s.Installation.DBPassword,
		"Certificate": s.Running.Fingerprint, "NetServer": s.Running.NetServerURL, "Config": s.Running.ConfigDir, "Ticket": s.Ticket,
		"User": s.Installation.AdminName, "Password": s.Installation.AdminPassword,
	}))
	<-ctx.Done()
	return nil
}
