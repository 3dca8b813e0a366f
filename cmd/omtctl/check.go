package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// checkCommand carries out the checks of a migration, with or without a
// ticket. It ends with 0 if all passed or only warn, with 1 if one failed.
func checkCommand(ctx context.Context, args []string, c console) (err error) {
	f := flags("check", c)
	var o common
	o.register(f)
	f.StringVar(&o.Target, "to", "", assets.Text("flag.to", nil))
	var only []migration.CheckID
	f.Func("only", assets.Text("flag.only", map[string]any{"Checks": checkNames()}), func(v string) error {
		only = append(only, migration.CheckID(v))
		return nil
	})
	f.DurationVar(&o.Counting, "counting", 0, assets.Text("flag.counting", nil))
	network := f.Bool("network", false, assets.Text("flag.network", nil))
	csv := f.String("csv", "", assets.Text("flag.csv", nil))
	html := f.String("html", "", assets.Text("flag.html", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	sec, err := o.secrets(c)
	if err != nil {
		return err
	}
	if *network {
		return checkNetwork(ctx, &o, sec, c, *csv, *html)
	}
	s, err := wiring.OpenChecks(ctx, o.Options, sec)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r, err := s.RunChecks(ctx, only...)
	if err != nil {
		return err
	}
	if err := exportChecks(r, *csv, *html); err != nil {
		return err
	}
	printer{c, o.json}.checks(r)
	return r.Err()
}

// checkNetwork tests the connections alone, before anybody signs in.
func checkNetwork(ctx context.Context, o *common, sec wiring.Secrets, c console, csv, html string) error {
	r, notes, err := wiring.TestNetwork(ctx, o.Options, sec)
	p := printer{c, o.json}
	p.few(notes)
	if err != nil {
		return err
	}
	if err := exportChecks(r, csv, html); err != nil {
		return err
	}
	p.checks(r)
	return r.Err()
}

func checkNames() string {
	var names []string
	for _, id := range migration.CheckIDs() {
		names = append(names, string(id))
	}
	return strings.Join(names, ", ")
}

// exportChecks writes the lists that were asked for. They name people, so only
// whoever runs the program may read them.
func exportChecks(r *migration.CheckReport, csv, html string) error {
	if csv != "" {
		var b bytes.Buffer
		if err := r.CSV(&b, assets.Spoken().Language()); err != nil {
			return err
		}
		if err := os.WriteFile(csv, b.Bytes(), 0o600); err != nil {
			return migration.Fail("write list of checks", csv, err, migration.Msg("hint.check.export", "Path", csv))
		}
	}
	if html != "" {
		b, err := r.HTML(assets.Spoken().Language())
		if err != nil {
			return err
		}
		if err := os.WriteFile(html, b, 0o600); err != nil {
			return migration.Fail("write list of checks", html, err, migration.Msg("hint.check.export", "Path", html))
		}
	}
	return nil
}

// checks shows all results; as words, what is not well comes with its first rows.
func (p printer) checks(r *migration.CheckReport) {
	if p.json {
		writeLine(p.c.out, event{Event: "data", Data: r})
		return
	}
	say := func(m migration.Message) string { return assets.Text(m.ID, m.Args) }
	for _, k := range r.Checks {
		fmt.Fprintf(p.c.out, "%-8s %s: %s\n", assets.Text("check.state."+string(k.State), nil), say(k.Title), say(k.Found))
		if k.State == migration.CheckPassed {
			continue
		}
		for i, row := range k.Rows {
			if i == shownMessages {
				fmt.Fprintf(p.c.out, "           %s\n", assets.Text("cli.more", map[string]any{"Count": k.Total - int64(i)}))
				break
			}
			var cells []string
			for _, cell := range row {
				if text := cell.Text; cell.Message != nil {
					cells = append(cells, say(*cell.Message))
				} else {
					cells = append(cells, text)
				}
			}
			fmt.Fprintf(p.c.out, "           %s\n", strings.Join(cells, " | "))
		}
		if !k.Todo.IsZero() {
			fmt.Fprintf(p.c.out, "         %s\n", say(k.Todo))
		}
	}
	fmt.Fprintln(p.c.out, assets.Text("cli.checked", map[string]any{
		"Passed": r.Count(migration.CheckPassed), "Warnings": r.Count(migration.CheckWarning), "Failed": r.Count(migration.CheckFailed),
	}))
}

// check carries out the checks, or those of only, before a new run and takes them
// into it. A
// failed one ends the command; warnings are shown, and without acknowledge the
// run does not start.
func (o *common) check(ctx context.Context, s *wiring.Session, p printer, acknowledge bool, only ...migration.CheckID) error {
	r, err := s.RunChecks(ctx, only...)
	if err != nil {
		return err
	}
	for _, k := range r.Checks {
		// How long it will take is said, too.
		if k.State != migration.CheckPassed || k.Forecast != nil {
			p.message(k.Found)
		}
	}
	s.Acknowledge(r, acknowledge)
	return r.Err()
}
