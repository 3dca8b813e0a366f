package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"omt/app"
	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
	"omt/onsite/sample"
)

// run opens the window on the ticket, or on the sample installation.
func run(ctx context.Context, args []string) (err error) {
	f := flag.NewFlagSet("omt", flag.ContinueOnError)
	ticket := f.String("ticket", "", assets.Text("flag.ticket", nil))
	demo := f.Bool("demo", false, assets.Text("flag.demo", nil))
	dir := f.String("dir", "", assets.Text("flag.dir.demo", nil))
	auto := f.Bool("auto-start", false, assets.Text("flag.autostart", nil))
	look := f.String("appearance", "", assets.Text("flag.appearance", nil))
	if err := f.Parse(args); err != nil {
		return err
	}
	opts := app.Options{
		Now: time.Now, AutoStart: *auto, Appearance: app.Appearance(*look), Version: wiring.Version,
		OnState: func(s app.State) { fmt.Fprintf(os.Stderr, "omt: %s\n", s) },
	}
	if !*demo {
		opts.Ticket, opts.Problem = wiring.LoadTicket(*ticket)
		return app.Run(ctx, opts)
	}
	d, err := openDemo(ctx, *dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	opts.Ticket, opts.Identity, opts.Mode = d.Session.Ticket, d.Session.Identity, migration.ModeTest
	opts.Target, opts.Banner, opts.Job = d.Session.Target.Describe(), true, &demoJob{demo: d}
	return app.Run(ctx, opts)
}

func openDemo(ctx context.Context, dir string) (*wiring.Demo, error) {
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "omt-demo-"); err != nil {
			return nil, fmt.Errorf("make demo folder: %w", err)
		}
	}
	fmt.Fprintln(os.Stderr, assets.Text("demo.building", map[string]any{"Path": dir}))
	return wiring.OpenDemo(ctx, dir, sample.Options{})
}

// demoJob lets the window start and watch the demo.
type demoJob struct {
	demo     *wiring.Demo
	progress atomic.Pointer[migration.Progress]
	result   *migration.Result
}

// Start runs the migration, or goes on with it.
func (j *demoJob) Start(ctx context.Context) (err error) {
	p := migration.NewProgress(time.Now)
	j.progress.Store(p)
	j.result, err = j.demo.Run(ctx, p)
	return err
}

func (j *demoJob) Progress() *migration.Progress { return j.progress.Load() }

// Summary says what was sent and what was not.
func (j *demoJob) Summary() []migration.Message {
	r := j.result.Report
	texts := assets.For("en")
	out := []migration.Message{migration.Msg("cli.done",
		"Tables", r.Database.Tables, "Rows", texts.Number(r.Database.Rows), "Bytes", texts.Bytes(r.Database.Bytes))}
	sent, left := int64(0), int64(0)
	for _, k := range migration.ItemKinds() {
		for o, t := range r.Kinds[string(k)] {
			if o == migration.Uploaded || o == migration.Unchanged {
				sent += t.Count
			} else {
				left += t.Count
			}
		}
	}
	return append(out,
		migration.Msg("summary.files", "Sent", texts.Number(sent), "Left", texts.Number(left)),
		migration.Msg("cli.where", "Target", j.demo.Session.Target.Describe()))
}
