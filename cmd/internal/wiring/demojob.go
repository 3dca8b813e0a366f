package wiring

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"omt/migration"
	"omt/onsite/sample"
)

// Demo migrates the sample installation in one folder: sample, state and
// target lie in it side by side.
type Demo struct {
	Sample  *Sample
	Session *Session
	Begin   migration.Begin
	Notes   []migration.Message
	plan    *migration.Plan
}

// OpenDemo builds and serves the sample in dir and opens everything, up to the
// moment before the first byte is sent.
func OpenDemo(ctx context.Context, dir string, build sample.Options) (*Demo, error) {
	return openDemo(ctx, dir, build, sample.ServeOptions{})
}

func openDemo(ctx context.Context, dir string, build sample.Options, serve sample.ServeOptions) (_ *Demo, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find demo folder: %w", err)
	}
	d := &Demo{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if d.Sample, err = ServeSample(ctx, filepath.Join(dir, "sample"), build, serve); err != nil {
		return nil, err
	}
	opts, sec := d.Sample.Options(filepath.Join(dir, "target"), filepath.Join(dir, "state"))
	if d.Session, err = OpenSource(ctx, opts, sec); err != nil {
		return nil, err
	}
	if err := d.Session.OpenTarget(ctx); err != nil {
		return nil, err
	}
	if d.Begin, _, err = migration.Detect(ctx, d.Session.Journal); err != nil {
		return nil, err
	}
	if d.Begin == migration.BeginInitial {
		if d.plan, d.Notes, err = d.Session.Suggest(ctx, migration.ModeTest); err != nil {
			return nil, err
		}
		// The person who starts the demo agrees to nothing but a demo.
		d.plan.Accept(d.Session.Ticket.TermsURL, time.Now())
		checked, err := d.Session.RunChecks(ctx)
		if err != nil {
			return nil, err
		}
		d.Session.Acknowledge(checked, true)
	}
	return d, nil
}

// Run migrates; p is read meanwhile by whoever shows progress.
func (d *Demo) Run(ctx context.Context, p *migration.Progress) (*migration.Result, error) {
	mode := migration.ModeTest
	if d.plan != nil {
		mode = d.plan.Mode
	}
	return d.Session.Migration(mode, d.plan, p).Run(ctx)
}

// Close ends session and sample.
func (d *Demo) Close() error {
	var errs []error
	if d.Session != nil {
		errs = append(errs, d.Session.Close())
	}
	if d.Sample != nil {
		errs = append(errs, d.Sample.Close())
	}
	return errors.Join(errs...)
}
