package app

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"omt/migration"
)

// networkSize is that of the dialog; it has room for one card with its words.
var networkSize = fyne.NewSize(720, 520)

// networkButton tests the connections that ticket and installation need.
func networkButton(h host) fyne.CanvasObject {
	return newPressable(h, say(migration.Msg("button.network")), func() { testNetwork(h) })
}

func testNetwork(h host) {
	g, l := h.guide(), h.flow().location
	h.work(migration.Msg("doing.network"), func(ctx context.Context) (func(), error) {
		r, err := g.TestNetwork(ctx, l)
		if err != nil {
			return nil, err
		}
		k := g.Kept(ctx, l)
		return func() { showNetwork(h, r, newProxyForm(h, r, k, false)) }, nil
	}, nil)
}

// showNetwork has a card for each connection: what was found, what to do, and
// behind a button each step. Above them the proxy's account is asked for, if it
// is wanted: form is nil otherwise.
func showNetwork(h host, r *migration.CheckReport, form *proxyForm) {
	body := container.New(stacked{})
	if form != nil {
		body.Add(form.object)
	}
	for _, c := range r.Checks {
		words := []string{say(c.Found)}
		if !c.Todo.IsZero() && !(form != nil && asksProxyLogin(c)) {
			words = append(words, say(c.Todo))
		}
		name := map[migration.CheckState]string{migration.CheckPassed: "check", migration.CheckWarning: "warning", migration.CheckFailed: "cross"}[c.State]
		body.Add(notice(noKeys{}, name, say(c.Title), words, networkSteps(c)))
	}
	d := dialog.NewCustomWithoutButtons(say(migration.Msg("network.title")), container.NewVScroll(body), h.window())
	again := newPressable(h, say(migration.Msg("button.network.again")), func() { d.Hide(); testNetwork(h) })
	d.SetButtons([]fyne.CanvasObject{leaving(newPressable(noKeys{}, say(migration.Msg("button.close")), d.Hide)), again})
	d.Resize(networkSize)
	d.Show()
	if form == nil {
		h.window().Canvas().Focus(again)
		return
	}
	form.close = d.Hide
	h.window().Canvas().Focus(form.first())
}

// networkSteps are the rows of a result, a line each.
func networkSteps(c migration.CheckResult) string {
	lines := make([]string, 0, len(c.Rows))
	for _, row := range c.Rows {
		cells := make([]string, 0, len(row))
		for _, cell := range row {
			if cell.Message != nil {
				cells = append(cells, say(*cell.Message))
			} else {
				cells = append(cells, clean(cell.Text))
			}
		}
		lines = append(lines, strings.Join(cells, ": "))
	}
	return strings.Join(lines, "\n")
}
