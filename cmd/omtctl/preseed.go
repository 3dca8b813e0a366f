package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"omt/assets"
	"omt/migration"
)

// steered makes the progress of a run with the limits that were asked for.
func (o *common) steered() (*migration.Progress, error) {
	pr := migration.NewProgress(time.Now)
	switch {
	case o.limit != "" && o.timetable != "":
		return nil, migration.Fail("limit bandwidth", "", migration.ErrTimetable, migration.Msg("hint.limit.both"))
	case o.limit != "":
		n, err := migration.ParseLimit(assets.Spoken().TimetableRead(o.limit))
		if err != nil {
			return nil, err
		}
		if n == migration.LimitNothing {
			pr.Control().Pause()
			return pr, nil
		}
		pr.Control().SetLimit(n)
	case o.timetable != "":
		t, err := migration.ParseTimetable(assets.Spoken().TimetableRead(o.timetable))
		if err != nil {
			return nil, err
		}
		pr.Control().SetTimetable(t)
	}
	return pr, nil
}

// preseedCommand sends the files days before the database. Given again it sends
// what has changed since; run sends the rest.
func preseedCommand(ctx context.Context, args []string, c console) (err error) {
	f := flags("preseed", c)
	var o common
	o.register(f)
	o.registerRun(f)
	acknowledge := f.Bool("acknowledge-warnings", false, assets.Text("flag.acknowledge", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	pr, err := o.steered()
	if err != nil {
		return err
	}
	s, err := o.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Source.CheckPaths(ctx); err != nil {
		return err
	}
	if err := s.OpenTarget(ctx); err != nil {
		return err
	}
	p := printer{c, o.json}
	p.few(s.Notes)
	// The files alone are enough to be careful with a disk.
	if err := o.check(ctx, s, p, *acknowledge, migration.CheckVolume); err != nil {
		return err
	}
	stop := p.watch(pr, max(o.every, 10*time.Millisecond))
	m := s.Migration("", nil, pr)
	m.Seed = true
	res, err := m.Run(ctx)
	stop()
	if err != nil {
		return err
	}
	p.seeded(res, s.Target.Describe())
	return nil
}

// seeded tells what was sent ahead.
func (p printer) seeded(r *migration.Result, target string) {
	if p.json {
		writeLine(p.c.out, event{Event: "done", Result: r})
		return
	}
	p.kinds(r.Seed)
	fmt.Fprintln(p.c.out, assets.Text("cli.seeded", map[string]any{"Sent": r.Counts.Sent, "Unchanged": r.Counts.Unchanged + r.Counts.Skipped, "Target": target}))
}
