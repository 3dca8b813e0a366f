package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// recoverCommand goes on after an uploaded migration: it sends files that were
// missing, or replaces a test migration.
func recoverCommand(ctx context.Context, args []string, c console) error {
	f := flags("recover", c)
	var o common
	o.register(f)
	o.registerRun(f)
	way := f.String("mode", "", assets.Text("flag.recover.mode", nil))
	preview := f.Bool("preview", false, assets.Text("flag.recover.preview", nil))
	f.Func("changed", assets.Text("flag.recover.changed", nil), func(v string) error {
		for _, id := range strings.Split(v, ",") {
			if id = strings.TrimSpace(id); id != "" {
				o.changed = append(o.changed, id)
			}
		}
		return nil
	})
	take := f.String("take", "", assets.Text("flag.recover.take", nil))
	w := overwrite{common: &o, c: c}
	f.StringVar(&w.plan, "plan", "", assets.Text("flag.plan", nil))
	f.StringVar(&w.as, "as", "", assets.Text("flag.recover.as", nil))
	f.BoolVar(&w.accept, "accept-terms", false, assets.Text("flag.accept", nil))
	f.BoolVar(&w.acknowledge, "acknowledge-warnings", false, assets.Text("flag.acknowledge", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	o.recovery = migration.RecoveryChoice(*way)
	missing := o.recovery == migration.RecoverMissing
	if missing && !*preview {
		var err error
		if o.confirmed, err = readTake(*take); err != nil {
			return err
		}
	}
	switch {
	case *take != "" && (*preview || !missing):
		fmt.Fprintln(c.err, assets.Text("cli.recover.take", nil))
		return errUsage
	case !missing && o.recovery != migration.RecoverOverwrite:
		fmt.Fprintln(c.err, assets.Text("cli.recover.mode", nil))
		return errUsage
	case *preview && !missing:
		fmt.Fprintln(c.err, assets.Text("cli.recover.preview", nil))
		return errUsage
	case missing && (w.plan != "" || w.as != "" || w.accept || w.acknowledge):
		fmt.Fprintln(c.err, assets.Text("cli.recover.plan", nil))
		return errUsage
	case *preview:
		return o.preview(ctx, c)
	case missing:
		return o.migrate(ctx, c, keepPlan)
	}
	return o.migrate(ctx, c, w.planner)
}

// keepPlan is the planner of a recovery of missing files: the plan stays.
func keepPlan(context.Context, *wiring.Session, migration.Earlier) (*migration.Plan, error) {
	return nil, nil
}

// overwrite are the flags of a migration that takes the place of a test.
type overwrite struct {
	*common
	c                   console
	plan, as            string
	accept, acknowledge bool
}

// planner gives the plan of an overwrite, with checks as for a new run. Where
// the overwrite is not possible the engine says why, before anything is asked.
func (w *overwrite) planner(ctx context.Context, s *wiring.Session, e migration.Earlier) (*migration.Plan, error) {
	begins := slices.Contains(e.Choices, migration.RecoverOverwrite) || e.Begin == migration.BeginInitial && e.Elsewhere
	if !begins && w.plan == "" {
		return nil, nil
	}
	p := printer{w.c, w.json}
	plan, err := readOrSuggest(ctx, s, w.plan, migration.Mode(w.as), p)
	if err != nil {
		return nil, err
	}
	if w.accept {
		plan.Accept(s.Ticket.TermsURL, time.Now())
	}
	if begins {
		err = w.check(ctx, s, p, w.acknowledge)
	}
	return plan, err
}

// preview shows what a recovery of missing files would send.
func (o *common) preview(ctx context.Context, c console) (err error) {
	s, err := o.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.OpenTarget(ctx); err != nil {
		return err
	}
	p := printer{c, o.json}
	p.few(s.Notes)
	r, err := s.Migration(migration.ModeTest, nil, migration.NewProgress(time.Now)).Preview(ctx)
	if err != nil {
		return err
	}
	p.preview(r)
	return nil
}

// preview lists what was found and what has changed.
func (p printer) preview(r *migration.RecoveryPreview) {
	if p.json {
		writeLine(p.c.out, event{Event: "data", Data: r})
		return
	}
	texts := assets.Spoken()
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }
	fmt.Fprintln(p.c.out, texts.Text("cli.preview", map[string]any{
		"When": at(r.Ended), "Missing": r.Missing, "Found": r.FoundTotal, "Bytes": texts.Bytes(r.FoundBytes), "Changed": r.ChangedTotal, "Newer": r.Newer,
	}))
	for _, it := range r.Found {
		fmt.Fprintf(p.c.out, "  %-8s %-20s %10s  %s\n", texts.Text("cli.preview.found", nil), it.ID, texts.Bytes(it.Size), it.Source)
	}
	for _, it := range r.Changed {
		sent := ""
		if !it.Sent.IsZero() {
			sent = at(it.Sent)
		}
		fmt.Fprintf(p.c.out, "  %-8s %-20s %10s  %s > %s  %s\n", texts.Text("cli.preview.changed", nil), it.ID, texts.Bytes(it.Size), sent, at(it.Modified), it.Source)
	}
	if more := r.FoundTotal + r.ChangedTotal - int64(len(r.Found)+len(r.Changed)); more > 0 {
		fmt.Fprintln(p.c.out, texts.Text("cli.more", map[string]any{"Count": more}))
	}
}
