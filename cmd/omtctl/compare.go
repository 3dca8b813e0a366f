package main

import (
	"context"
	"errors"
	"fmt"

	"omt/assets"
	"omt/migration"
)

// compareCommand says what has changed since the last test migration.
func compareCommand(ctx context.Context, args []string, c console) (err error) {
	f := flags("compare", c)
	var o common
	o.register(f)
	f.StringVar(&o.State, "state", "", assets.Text("flag.state", nil))
	if err := parse(f, args); err != nil {
		return err
	}
	s, err := o.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r, err := s.Compare(ctx)
	if err != nil {
		return err
	}
	printer{c, o.json}.comparison(r)
	return nil
}

func (p printer) comparison(r *migration.Comparison) {
	if p.json {
		writeLine(p.c.out, event{Event: "data", Data: r})
		return
	}
	for i, m := range append([]migration.Message{r.Summary()}, r.Messages()...) {
		if i > 0 {
			fmt.Fprint(p.c.out, "  ")
		}
		fmt.Fprintln(p.c.out, assets.Text(m.ID, m.Args))
	}
	if more := r.UserTotal + r.TableTotal - len(r.Users) - len(r.Tables); more > 0 {
		fmt.Fprintln(p.c.out, assets.Text("cli.more", map[string]any{"Count": more}))
	}
}
