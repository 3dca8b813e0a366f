package migration

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"omt/assets"
	"omt/migration/journal"
)

// leftOutcomes are the reasons of the lists, in their order.
var leftOutcomes = []Outcome{Missing, Unreadable, ChangedOnRead, WithoutPath, OtherProvider}

// leftRow is one row or file that the uploaded run did not send.
type leftRow struct {
	ID, Kind, Target, Owner string
	Reason                  Message
	Candidates              []Candidate
}

// eachLeft yields what the uploaded run left out for one reason, by kind and
// row, with the candidates of a search.
func (m *Migration) eachLeft(ctx context.Context, p *RecoveryPreview, o Outcome, yield func(leftRow) error) error {
	found := map[string][]Candidate{}
	for _, r := range p.Candidates {
		found[r.ID] = r.Candidates
	}
	for _, k := range ItemKinds() {
		err := m.Journal.Objects(ctx, string(k), func(x journal.Object) error {
			if Outcome(x.Outcome) != o {
				return nil
			}
			id := itemID(x.Kind, x.Key)
			row := leftRow{ID: id, Kind: x.Kind, Target: x.Target, Owner: x.Owner, Candidates: found[id]}
			if len(x.Reason) > 0 {
				if err := json.Unmarshal(x.Reason, &row.Reason); err != nil {
					return fmt.Errorf("read reason of %s: %w", id, err)
				}
			}
			return yield(row)
		})
		if err != nil {
			return fmt.Errorf("list %ss of journal: %w", k, err)
		}
	}
	return nil
}

// takeColumns are the headings of the list: names of a format that ReadTake
// reads again, the same in every language.
var takeColumns = []string{"take", "id", "source", "size", "modified", "fits", "outcome", "kind", "owner", "target", "reason"}

// MissingCSV writes all that the uploaded run left out, by reason: a line for
// each candidate of p, which is what FindMissing returned, or one without a
// source. A person marks the column take and gives the list to ReadTake. Cells
// that a spreadsheet would take for a formula are quoted.
func (m *Migration) MissingCSV(ctx context.Context, w io.Writer, p *RecoveryPreview, lang string) error {
	texts := assets.For(lang)
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write list of missing files: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	err := out.Write(takeColumns)
	for _, o := range leftOutcomes {
		if err != nil {
			break
		}
		err = m.eachLeft(ctx, p, o, func(r leftRow) error {
			rest := []string{texts.Text("outcome."+string(o), nil), texts.Text("kind."+r.Kind, nil), r.Owner, r.Target, reasonWords(texts, r.Reason)}
			candidates := r.Candidates
			if len(candidates) == 0 {
				return out.Write(plainCells(append([]string{"", r.ID, "", "", "", ""}, rest...)))
			}
			for _, c := range candidates {
				line := append([]string{"", r.ID, c.Source, fmt.Sprint(c.Size), utc(c.Modified), fitWords(texts, c.Fits)}, rest...)
				if err := out.Write(plainCells(line)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("write list of missing files: %w", err)
	}
	return nil
}

func plainCells(cells []string) []string {
	for i, c := range cells {
		cells[i] = plainCell(c)
	}
	return cells
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// reasonWords says a reason, which a manifest of another program may lack.
func reasonWords(texts *assets.Catalog, m Message) string {
	if m.IsZero() {
		return ""
	}
	return texts.Text(m.ID, m.Args)
}

// fitWords joins the reasons of a candidate.
func fitWords(texts *assets.Catalog, fits []Fit) string {
	words := make([]string, len(fits))
	for i, f := range fits {
		words[i] = texts.Text("fit."+string(f), nil)
	}
	return strings.Join(words, ", ")
}

// leftList is one reason of the page.
type leftList struct {
	Outcome Outcome
	Total   int64
	Rows    []leftRow // at most maxListed
}

//go:embed missing.html
var missingHTML string

// MissingHTML renders the lists of MissingCSV for people, at most 1000 rows for
// each reason, in one file without scripts or links to anything outside it.
func (m *Migration) MissingHTML(ctx context.Context, p *RecoveryPreview, lang string) ([]byte, error) {
	texts := assets.For(lang)
	page := struct {
		Company, Serial, Tool string
		Taken                 time.Time
		Preview               *RecoveryPreview
		Lists                 []leftList
	}{m.Ticket.Company, m.Ticket.Serial, m.Tool, m.Now(), p, nil}
	for _, o := range leftOutcomes {
		l := leftList{Outcome: o}
		err := m.eachLeft(ctx, p, o, func(r leftRow) error {
			if l.Total++; len(l.Rows) < maxListed {
				l.Rows = append(l.Rows, r)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		page.Lists = append(page.Lists, l)
	}
	t, err := template.New("missing").Funcs(template.FuncMap{
		"text":    func(id string) string { return texts.Text(id, nil) },
		"outcome": func(o Outcome) string { return texts.Text("outcome."+string(o), nil) },
		"kind":    func(k string) string { return texts.Text("kind."+k, nil) },
		"message": func(m Message) string { return reasonWords(texts, m) },
		"fits":    func(f []Fit) string { return fitWords(texts, f) },
		"bytes":   texts.Bytes,
		"number":  texts.Number,
		"time":    texts.MomentUTC,
		"lang":    texts.Language,
		"style":   style,
		"more": func(l leftList) string {
			return texts.Text("check.more", map[string]any{"Shown": len(l.Rows), "Total": texts.Number(l.Total)})
		},
		"cut": func(l leftList) bool { return l.Total > int64(len(l.Rows)) },
		"lead": func() string {
			return texts.Text("missing.lead", map[string]any{"When": utc(p.Ended), "Found": texts.Number(p.FoundTotal)})
		},
	}).Parse(missingHTML)
	if err != nil {
		return nil, fmt.Errorf("parse template of missing files: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, page); err != nil {
		return nil, fmt.Errorf("write missing files: %w", err)
	}
	return b.Bytes(), nil
}
