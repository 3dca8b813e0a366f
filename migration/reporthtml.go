package migration

import (
	"bytes"
	_ "embed" // the template and the style
	"fmt"
	"html/template"
	"reflect"

	"omt/assets"
)

//go:embed report.html
var reportHTML string

// pageCSS is the style of all pages for people, on the screen and on paper.
//
//go:embed page.css
var pageCSS string

func style() template.CSS { return template.CSS(pageCSS) }

// HTML renders the report for people, in one file without scripts or links to
// anything outside it. Everything from the database is escaped by html/template.
func (r *Report) HTML(lang string) ([]byte, error) {
	texts := assets.For(lang)
	t, err := template.New("report").Funcs(template.FuncMap{
		"text":        func(id string) string { return texts.Text(id, nil) },
		"local":       texts.Local,
		"message":     func(m Message) string { return texts.Text(m.ID, m.Args) },
		"mode":        func(m Mode) string { return texts.Text("mode."+string(m), nil) },
		"choice":      func(c RecoveryChoice) string { return texts.Text("report.recovery."+string(c), nil) },
		"consistency": func(c string) string { return texts.Text("consistency."+c, nil) },
		"outcome":     func(o Outcome) string { return texts.Text("outcome."+string(o), nil) },
		"kind":        func(k string) string { return texts.Text("kind."+k, nil) },
		"scripttype":  func(t string) string { return texts.Text("script."+t, nil) },
		"check":       func(o CheckOutcome) string { return texts.Text("check."+string(o.ID)+".title", nil) },
		"answer":      func(a Answer) string { return texts.Text("report.answer."+string(a), nil) },
		"state":       func(s CheckState) string { return texts.Text("check.state."+string(s), nil) },
		"bytes":       texts.Bytes,
		"number":      func(n any) string { return texts.Number(reflect.ValueOf(n).Int()) },
		"time":        texts.MomentUTC,
		"lang":        texts.Language,
		"style":       style,
		"more": func(shown int, total int64) string {
			if int64(shown) >= total {
				return ""
			}
			return texts.Text("check.more", map[string]any{"Shown": texts.Number(int64(shown)), "Total": texts.Number(total)})
		},
	}).Parse(reportHTML)
	if err != nil {
		return nil, fmt.Errorf("parse report template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return b.Bytes(), nil
}
