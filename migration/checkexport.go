package migration

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"omt/assets"
)

// size writes bytes for a message, whose arguments are already words.
func size(n int64) string { return assets.For("en").Bytes(n) }

// csvColumns is the width of the exported list: check, group, state, kind of
// line, and what the line says.
const csvColumns = 8

// CSV writes the results as a list for a spreadsheet, in UTF-8 with a mark, by
// which Excel recognises it. Each check has a line "result" (title, finding,
// what to do, number of rows) and, if it has rows, a line "heading" and one
// "row" each.
func (r *CheckReport) CSV(w io.Writer, lang string) error {
	texts := assets.For(lang)
	say := func(m Message) string {
		if m.IsZero() {
			return ""
		}
		return texts.Text(m.ID, m.Args)
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write list of checks: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, c := range r.Checks {
		line := func(kind string, cells ...string) error {
			all := append([]string{string(c.ID), texts.Text("check.group."+c.Group, nil), texts.Text("check.state."+string(c.State), nil), texts.Text("check.line."+kind, nil)}, cells...)
			return out.Write(csvLine(all))
		}
		err := line("result", say(c.Title), say(c.Found), say(c.Todo), strconv.FormatInt(c.Total, 10))
		if err == nil && len(c.Rows) > 0 {
			var heads []string
			for _, h := range c.Columns {
				heads = append(heads, say(h))
			}
			err = line("heading", heads...)
		}
		for i := 0; err == nil && i < len(c.Rows); i++ {
			var cells []string
			for _, cell := range c.Rows[i] {
				cells = append(cells, cell.in(texts))
			}
			err = line("row", cells...)
		}
		if err != nil {
			return fmt.Errorf("write list of checks: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write list of checks: %w", err)
	}
	return nil
}

func (c Cell) in(texts *assets.Catalog) string {
	if c.Message != nil {
		return texts.Text(c.Message.ID, c.Message.Args)
	}
	return c.Text
}

// csvLine quotes every cell that a spreadsheet would take for a formula: names
// in the database are chosen by anybody, and a formula can send data away when
// the list is opened. All lines have the same number of cells.
func csvLine(cells []string) []string {
	out := make([]string, max(csvColumns, len(cells)))
	for i, c := range cells {
		out[i] = plainCell(c)
	}
	return out
}

// formulaStart are the characters with which spreadsheets let a formula begin,
// also in full width as Japanese input methods write them.
const formulaStart = "=+-@\t\r\n＝＋－＠"

func plainCell(s string) string {
	// Leading blanks do not stop every spreadsheet.
	if strings.ContainsAny(firstRune(strings.TrimLeft(s, " \u00a0\u3000")), formulaStart) {
		return "'" + s
	}
	return s
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

//go:embed check.html
var checkHTML string

// HTML renders the results for people, in one file without scripts or links to
// anything outside it. Everything from the database is escaped by html/template.
func (r *CheckReport) HTML(lang string) ([]byte, error) {
	texts := assets.For(lang)
	t, err := template.New("checks").Funcs(template.FuncMap{
		"text":    func(id string) string { return texts.Text(id, nil) },
		"group":   func(g string) string { return texts.Text("check.group."+g, nil) },
		"state":   func(s CheckState) string { return texts.Text("check.state."+string(s), nil) },
		"message": func(m Message) string { return texts.Text(m.ID, m.Args) },
		"cell":    func(c Cell) string { return c.in(texts) },
		"more": func(c CheckResult) string {
			return texts.Text("check.more", map[string]any{"Shown": len(c.Rows), "Total": texts.Number(c.Total)})
		},
		"cut":   func(c CheckResult) bool { return c.Total > int64(len(c.Rows)) },
		"time":  texts.MomentUTC,
		"local": texts.Local,
		"lang":  texts.Language,
		"style": style,
	}).Parse(checkHTML)
	if err != nil {
		return nil, fmt.Errorf("parse template of checks: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		return nil, fmt.Errorf("write checks: %w", err)
	}
	return b.Bytes(), nil
}
