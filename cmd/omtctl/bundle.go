package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"omt/assets"
	"omt/cmd/internal/wiring"
	"omt/migration"
)

// bundleCommand writes what support needs into one file. Nobody signs in and no
// database is asked: it must work when nothing else does.
func bundleCommand(ctx context.Context, args []string, c console) error {
	f := flags("bundle", c)
	var o common
	f.StringVar(&o.Ticket, "ticket", "", assets.Text("flag.ticket", nil))
	f.StringVar(&o.Config, "config", "", assets.Text("flag.config", nil))
	f.StringVar(&o.State, "state", "", assets.Text("flag.state", nil))
	f.BoolVar(&o.json, "json", false, assets.Text("flag.json", nil))
	out := f.String("out", "", assets.Text("flag.bundle.out", nil))
	preview := f.Bool("preview", false, assets.Text("flag.bundle.preview", nil))
	unmasked := f.Bool("unmasked", false, assets.Text("flag.bundle.unmasked", nil))
	yes := f.Bool("yes", false, assets.Text("flag.bundle.yes", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	if *out == "" && !*preview {
		fmt.Fprintln(c.err, assets.Text("cli.bundle.out", nil))
		return errUsage
	}
	p := printer{c, o.json}
	if *unmasked && !*preview && !*yes && !p.agree("bundle.unmasked") {
		fmt.Fprintln(c.err, assets.Text("cli.bundle.yes", nil))
		return errUsage
	}
	b, err := wiring.NewSession(o.Options).Bundle(ctx, !*unmasked)
	if err != nil {
		return err
	}
	if *preview {
		p.bundle(b)
		return nil
	}
	if err := wiring.WriteBundle(*out, b, "en"); err != nil {
		return err
	}
	p.data(map[string]any{"bundle": *out, "masked": b.Masked, "files": len(b.Files)}, assets.Text("cli.bundled", map[string]any{"Path": *out}))
	return nil
}

// agree shows what is given away and waits for a yes. Where nobody can be asked
// the answer is no.
func (p printer) agree(id string) bool {
	f, ok := p.c.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false
	}
	fmt.Fprintln(p.c.err, assets.Text(id, nil))
	fmt.Fprint(p.c.err, assets.Text("cli.bundle.ask", nil), " ")
	answer, err := bufio.NewReader(f).ReadString('\n')
	return err == nil && strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// bundle shows what would be written: each file, and how it begins.
func (p printer) bundle(b *migration.Bundle) {
	if p.json {
		writeLine(p.c.out, event{Event: "data", Data: b})
		return
	}
	texts := assets.Spoken()
	id := "bundle.masked"
	if !b.Masked {
		id = "bundle.unmasked"
	}
	fmt.Fprintln(p.c.out, texts.Text(id, nil))
	for _, f := range b.Files {
		fmt.Fprintf(p.c.out, "\n%s (%s) %s\n", f.Name, texts.Bytes(f.Size), texts.Text(f.About.ID, f.About.Args))
		for line := range strings.Lines(f.Head) {
			fmt.Fprintf(p.c.out, "  %s\n", strings.TrimRight(line, "\n"))
		}
	}
}
