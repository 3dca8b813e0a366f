package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"omt/app"
	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/onsite/sample"
)

// run opens the window on a customer's installation, or on the sample.
func run(ctx context.Context, args []string) (err error) {
	f := flag.NewFlagSet("omt", flag.ContinueOnError)
	ticket := f.String("ticket", "", assets.Text("flag.ticket", nil))
	demo := f.Bool("demo", false, assets.Text("flag.demo", nil))
	dir := f.String("dir", "", assets.Text("flag.dir.demo", nil))
	look := f.String("appearance", "", assets.Text("flag.appearance", nil))
	trace := f.Bool("trace", false, assets.Text("flag.trace", nil))
	if err := f.Parse(args); err != nil {
		return err
	}
	g := newGuide(wiring.Options{})
	if *demo {
		if *dir == "" {
			if *dir, err = os.MkdirTemp("", "omt-demo-"); err != nil {
				return fmt.Errorf("make demo folder: %w", err)
			}
		}
		g = newDemo(*dir, sample.Options{})
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	opts := app.Options{
		Guide: g, Ticket: *ticket, Now: time.Now, Appearance: app.Appearance(*look), Version: wiring.Version,
	}
	if *trace {
		opts.Trace = os.Stderr
	}
	return app.Run(ctx, opts)
}
