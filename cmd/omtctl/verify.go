package main

import (
	"context"
	"fmt"
	"time"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// verifyCommand compares the target with its manifest. It ends with 0 if all is
// equal, with 3 if something differs, and with 1 if that could not be found out.
func verifyCommand(ctx context.Context, args []string, c console) error {
	f := flags("verify", c)
	var o wiring.Options
	f.StringVar(&o.Ticket, "ticket", "", assets.Text("flag.ticket", nil))
	f.StringVar(&o.Target, "to", "", assets.Text("flag.to", nil))
	f.StringVar(&o.CA, "ca", "", assets.Text("flag.ca", nil))
	full := f.Bool("full", false, assets.Text("flag.full", nil))
	asJSON := f.Bool("json", false, assets.Text("flag.json", nil))
	every := f.Duration("progress", time.Second, assets.Text("flag.progress", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	p := printer{c, *asJSON}
	last := time.Now()
	r, err := wiring.Verify(ctx, o, *full, func(r migration.VerifyResult) {
		if time.Since(last) >= *every {
			last = time.Now()
			p.verifying(r)
		}
	})
	if err != nil {
		return err
	}
	p.verified(r)
	if r.Total > 0 {
		return migration.Fail("verify", r.Run, migration.ErrDiffers, migration.Msg("hint.verify.differs", "Count", r.Total))
	}
	return nil
}

func (p printer) verifying(r migration.VerifyResult) {
	if p.json {
		r.Findings = nil
		writeLine(p.c.out, event{Event: "verifying", Data: r})
		return
	}
	fmt.Fprintln(p.c.err, assets.Text("cli.verifying", map[string]any{"Objects": r.ByMD5 + r.ByReading, "Rows": r.Rows}))
}

// verified says what was compared and what differs.
func (p printer) verified(r *migration.VerifyResult) {
	if p.json {
		writeLine(p.c.out, event{Event: "data", Data: r})
		return
	}
	for i, f := range r.Findings {
		if i == shownFindings {
			fmt.Fprintln(p.c.out, assets.Text("cli.more", map[string]any{"Count": r.Total - shownFindings}))
			break
		}
		fmt.Fprintf(p.c.out, "%s: %s\n", f.Object, assets.Text(f.What.ID, f.What.Args))
	}
	fmt.Fprintln(p.c.out, assets.Text("cli.verified", map[string]any{
		"Listed": r.ByMD5, "Read": r.ByReading, "Tables": r.Tables, "Rows": r.Rows, "Differ": r.Total, "Manifest": r.Manifest,
	}))
	for i, path := range r.UnnamedPaths {
		if i == shownFindings {
			fmt.Fprintln(p.c.out, assets.Text("cli.more", map[string]any{"Count": r.Unnamed - shownFindings}))
			break
		}
		fmt.Fprintln(p.c.out, assets.Text("cli.verified.unnamed", map[string]any{"Path": path}))
	}
	if r.Undigest > 0 {
		fmt.Fprintln(p.c.out, assets.Text("cli.verified.counted", map[string]any{"Count": r.Undigest}))
	}
}

// shownFindings is how many differences a terminal gets to see; --json has more.
const shownFindings = 50
