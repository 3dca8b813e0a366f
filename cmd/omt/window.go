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
	"omt/migration"
	"omt/onsite/sample"
)

// options are the flags of the program.
type options struct {
	wiring.Options
	demo       bool
	dir        string
	appearance string
	trace      bool
	after      int
}

// errFlags: the flags do not go together, or there is a word besides them.
var errFlags = errors.New("command line is not usable")

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("omt", flag.ContinueOnError)
	f.StringVar(&o.Ticket, "ticket", "", assets.Text("flag.ticket", nil))
	f.StringVar(&o.Config, "config", "", assets.Text("flag.config", nil))
	f.StringVar(&o.State, "state", "", assets.Text("flag.state", nil))
	f.StringVar(&o.CA, "ca", "", assets.Text("flag.ca", nil))
	f.BoolVar(&o.demo, "demo", false, assets.Text("flag.demo", nil))
	f.StringVar(&o.dir, "dir", "", assets.Text("flag.dir.demo", nil))
	f.StringVar(&o.appearance, "appearance", "", assets.Text("flag.appearance", nil))
	f.BoolVar(&o.trace, "trace", false, assets.Text("flag.trace", nil))
	f.IntVar(&o.after, "after", 0, assets.Text("flag.after", nil))
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, migration.Fail("read", f.Arg(0), errFlags, migration.Msg("cli.extra", "Argument", f.Arg(0)))
	}
	// The demo has an installation, a ticket and folders of its own: a customer's
	// would be left out without a word.
	if o.demo && (o.Ticket != "" || o.Config != "" || o.State != "") {
		return o, migration.Fail("read", "--demo", errFlags, migration.Msg("hint.flags.demo"))
	}
	if o.dir != "" && !o.demo {
		return o, migration.Fail("read", "--dir", errFlags, migration.Msg("hint.flags.dir"))
	}
	return o, nil
}

// guide is that of a customer's installation, or of the sample.
func (o options) guide() (*guide, error) {
	if !o.demo {
		return newGuide(o.Options), nil
	}
	dir := o.dir
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "omt-demo-"); err != nil {
			return nil, fmt.Errorf("make demo folder: %w", err)
		}
	}
	return newDemo(dir, sample.Options{})
}

// run opens the window and closes after it what it has opened.
func run(ctx context.Context, args []string) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.after != 0 {
		awaitEnd(o.after)
	}
	g, err := o.guide()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	opts := app.Options{Guide: g, Ticket: o.Ticket, Now: time.Now, Appearance: app.Appearance(o.appearance), Version: wiring.Version}
	if !o.demo {
		opts.Elevate = elevation(o)
	}
	if o.trace {
		opts.Trace = os.Stdout
	}
	return app.Run(ctx, opts)
}
