package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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
	language   string // empty: that of the last window, else of the computer
}

// errFlags: the flags do not go together, or there is a word besides them.
var errFlags = errors.New("command line is not usable")

func parse(args []string) (options, error) {
	var o options
	var err error
	if o.language, args, err = wiring.TakeLanguage(args); err != nil {
		return o, err
	}
	app.Speak(o.language) // in which the flags are explained
	f := flag.NewFlagSet("omt", flag.ContinueOnError)
	f.StringVar(&o.Ticket, "ticket", "", assets.Text("flag.ticket", nil))
	f.StringVar(&o.Config, "config", "", assets.Text("flag.config", nil))
	f.StringVar(&o.State, "state", "", assets.Text("flag.state", nil))
	f.StringVar(&o.CA, "ca", "", assets.Text("flag.ca", nil))
	f.BoolVar(&o.demo, "demo", false, assets.Text("flag.demo", nil))
	f.StringVar(&o.dir, "dir", "", assets.Text("flag.dir.demo", nil))
	f.StringVar(&o.appearance, "appearance", "", assets.Text("flag.appearance", nil))
	f.StringVar(&o.language, "language", o.language, assets.Text("flag.language", nil))
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
	if a := app.Appearance(o.appearance); a != app.AppearanceSystem && !slices.Contains(app.Appearances(), a) {
		return o, migration.Fail("read", "--appearance", errFlags, migration.Msg("hint.flags.appearance", "Appearance", o.appearance))
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

// stateDir is where a crash and the messages of a run without a window go. A
// demo keeps them with all else that it makes.
func (o options) stateDir(g *guide) (string, error) {
	switch {
	case g.demo != nil:
		return filepath.Join(g.demo.dir, "state"), nil
	case o.State != "":
		return o.State, nil
	}
	return wiring.DefaultState()
}

// place is where a second start of the same words finds this one.
func (o options) place() (*single, error) {
	path, err := socketPath(o.Ticket, o.Config, o.State, strconv.FormatBool(o.demo), o.dir)
	if err != nil {
		return nil, err
	}
	return takePlace(path)
}

// run opens the window and closes after it what it has opened. What keeps a
// crash from being written or second starts from finding this one is said and
// stops nothing.
func run(ctx context.Context, args []string) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	// Started anew as administrator: the one before must be gone, or it would be
	// taken for a first start that this one brings to the front.
	if o.after != 0 {
		awaitEnd(o.after)
	}
	place, err := o.place()
	if errors.Is(err, errShown) {
		return nil
	}
	if err != nil {
		say(err)
	}
	g, err := o.guide()
	if err != nil {
		return errors.Join(err, place.leave())
	}
	dir, err := o.stateDir(g)
	if err != nil {
		return errors.Join(err, g.Close(), place.leave())
	}
	opts := app.Options{
		Guide: g, Ticket: o.Ticket, Now: time.Now, Appearance: app.Appearance(o.appearance), Language: o.language, Version: wiring.Version,
		HandOver: !o.demo, // the sample lives in this process
	}
	if place != nil {
		opts.Front = place.front
	}
	if opts.Crashed, err = crashes(dir); err != nil {
		say(err)
	}
	if !o.demo {
		opts.Elevate = elevation(o)
	}
	if o.trace {
		opts.Trace = os.Stdout
	}
	err = app.Run(ctx, opts)
	ended := errors.Join(g.Close(), calm(dir), place.leave())
	if errors.Is(err, app.ErrHandOver) {
		return errors.Join(g.goOn(dir), ended)
	}
	return errors.Join(err, ended)
}

// goOn starts omtctl with what this window knew, after everything was closed: the
// journal lets only one work on a migration.
func (g *guide) goOn(dir string) error {
	program, err := besides()
	if err != nil {
		return err
	}
	log, err := g.hand.begin(program, dir)
	if err != nil {
		tell(words(err), true)
		return err
	}
	tell(assets.Text("cli.handover", map[string]any{"Path": log}), false)
	return nil
}
