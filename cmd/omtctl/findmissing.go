package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"omt/assets"
	"omt/migration"
)

// findMissingCommand looks through the archive for files that may be those of
// rows that the uploaded migration missed. It sends nothing: a person marks the
// right ones in the list, and recover --take sends those.
func findMissingCommand(ctx context.Context, args []string, c console) (err error) {
	f := flags("find-missing", c)
	var o common
	o.register(f)
	o.registerRun(f)
	csv := f.String("csv", "", assets.Text("flag.missing.csv", nil))
	html := f.String("html", "", assets.Text("flag.missing.html", nil))
	if err := parse(f, args); err != nil {
		return err
	}
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
	pr := migration.NewProgress(time.Now)
	m := s.Migration(migration.ModeTest, nil, pr)
	stop := p.watch(pr, max(o.every, 10*time.Millisecond))
	r, err := m.FindMissing(ctx)
	stop()
	if err != nil {
		return err
	}
	if err := exportMissing(ctx, m, r, *csv, *html); err != nil {
		return err
	}
	p.candidates(r)
	return nil
}

// exportMissing writes the lists that were asked for.
func exportMissing(ctx context.Context, m *migration.Migration, r *migration.RecoveryPreview, csv, html string) error {
	write := func(path string, make func(w io.Writer) error) error {
		if path == "" {
			return nil
		}
		var b bytes.Buffer
		if err := make(&b); err != nil {
			return err
		}
		err := os.WriteFile(path, b.Bytes(), 0o600) // it names people
		return migration.Fail("write list of missing files", path, err, migration.Msg("hint.check.export", "Path", path))
	}
	err := write(csv, func(w io.Writer) error { return m.MissingCSV(ctx, w, r, assets.Spoken().Language()) })
	if err != nil {
		return err
	}
	return write(html, func(w io.Writer) error {
		page, err := m.MissingHTML(ctx, r, assets.Spoken().Language())
		if err != nil {
			return err
		}
		_, err = w.Write(page)
		return err
	})
}

// candidates shows what was found; a terminal gets the first rows only.
func (p printer) candidates(r *migration.RecoveryPreview) {
	if p.json {
		writeLine(p.c.out, event{Event: "data", Data: r})
		return
	}
	texts := assets.Spoken()
	fmt.Fprintln(p.c.out, texts.Text("cli.missing.found", map[string]any{
		"Missing": r.Missing, "Found": r.FoundTotal, "Looked": texts.Number(r.Looked), "Rows": len(r.Candidates),
	}))
	for i, row := range r.Candidates {
		if i == shownRows {
			fmt.Fprintln(p.c.out, texts.Text("cli.more", map[string]any{"Count": len(r.Candidates) - i}))
			break
		}
		fmt.Fprintf(p.c.out, "%s  %s\n", row.ID, row.Target)
		for _, k := range row.Candidates {
			var fits []string
			for _, f := range k.Fits {
				fits = append(fits, texts.Text("fit."+string(f), nil))
			}
			fmt.Fprintf(p.c.out, "  %10s  %s  %s  (%s)\n", texts.Bytes(k.Size), k.Modified.UTC().Format("2006-01-02 15:04:05"), k.Source, strings.Join(fits, ", "))
		}
	}
	if r.Unsearched > 0 {
		fmt.Fprintln(p.c.out, texts.Text("missing.unsearched", map[string]any{"Count": texts.Number(r.Unsearched)}))
	}
}

// shownRows is how many rows with candidates a terminal gets to see.
const shownRows = 200

// readTake reads the list of confirmed files; none without a path.
func readTake(path string) (_ map[string]string, err error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, migration.Fail("open list of files", path, err, migration.Msg("hint.take.list", "Path", path))
	}
	defer f.Close()
	taken, err := migration.ReadTake(f)
	if err == nil && len(taken) == 0 {
		err = migration.Fail("read list of files", path, migration.ErrTakeFile, migration.Msg("hint.take.none", "Path", path))
	}
	return taken, err
}
