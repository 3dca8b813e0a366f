package app

import (
	"context"
	"fmt"
	"html"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"

	"omt/assets"
	"omt/migration"
)

// screens are all pages in their frame, in the states that matter.
func screens() []pageCase {
	all := pageCases()
	at := func(name string, p place, set func(t *testing.T, f *flow, g *fakeGuide), then func(t *testing.T, w *Window, q *queue)) {
		all = append(all, pageCase{name, nil, func(t *testing.T, w *Window, q *queue) {
			w.shared = *sampleFlow()
			g := w.runs.Guide.(*fakeGuide)
			if set != nil {
				set(t, &w.shared, g)
			}
			w.visit(p)
			q.settle()
			if then != nil {
				then(t, w, q)
			}
		}})
	}
	ready := func(t *testing.T, f *flow, _ *fakeGuide) {
		f.checks, f.accepted = passedChecks(), true
		f.draft = readyDraft(t, sampleTicket())
	}
	at("screen-checklist", placeChecklist, nil, nil)
	at("screen-checklist-done", placeChecklist, ready, nil)
	at("screen-checks", placeChecks, func(_ *testing.T, f *flow, _ *fakeGuide) { f.checks = sampleChecks() }, nil)
	at("screen-plans", placePlans, func(t *testing.T, f *flow, g *fakeGuide) {
		f.draft = planCase{users: 40}.draft()
		withPictures(t, g)
	}, nil)
	at("screen-plans-none", placePlans, func(_ *testing.T, f *flow, _ *fakeGuide) { f.draft = planCase{}.draft() }, nil)
	at("screen-plans-2000", placePlans, func(_ *testing.T, f *flow, _ *fakeGuide) { f.draft = planCase{users: 2000}.draft() }, nil)
	for _, c := range planCases() {
		if c.then == nil {
			continue // an ordinary board, which is drawn above
		}
		at(c.name+"-framed", placePlans, func(_ *testing.T, f *flow, _ *fakeGuide) { f.draft = c.draft() },
			func(_ *testing.T, w *Window, _ *queue) {
				v := w.pages[placePlans].view.(*plansView)
				c.then(v)
				v.board.Refresh()
			})
	}
	at("screen-names", placeNames, ready, nil)
	at("screen-notifications", placeNotifications, nil, nil)
	at("screen-mailboxes", placeMailboxes, nil, nil)
	at("screen-recovery", placeRecovery, func(_ *testing.T, f *flow, _ *fakeGuide) {
		f.start.Earlier = earlier(migration.RecoverMissing, migration.RecoverOverwrite)
	}, nil)
	at("screen-preview", placeUpload, func(_ *testing.T, f *flow, g *fakeGuide) {
		f.recovery, f.draft = migration.RecoverMissing, nil
		g.previewFn = func(context.Context) (*migration.RecoveryPreview, error) {
			p := samplePreview()
			p.Candidates = sampleCandidates()
			return p, nil
		}
	}, nil)
	running := func(t *testing.T, f *flow, g *fakeGuide) {
		ready(t, f, g)
		g.block["Run"] = make(chan struct{})
	}
	show := func(p *migration.Progress, s migration.Status) func(*testing.T, *Window, *queue) {
		return func(_ *testing.T, w *Window, _ *queue) {
			reading := p.Snapshot()
			reading.Status = s
			w.pages[placeUpload].view.(*uploadView).progress.show(reading)
		}
	}
	at("screen-upload", placeUpload, running, show(half(), migration.Status{Bottleneck: migration.Msg("bottleneck.line", "Percent", 80)}))
	at("screen-upload-failed", placeUpload, func(t *testing.T, f *flow, g *fakeGuide) {
		ready(t, f, g)
		g.fail["Run"] = migration.Fail("read table", "CRM7.contact", migration.ErrNoSpace, migration.Msg("error.nospace"))
	}, show(half(), migration.Status{}))
	at("screen-complete", placeComplete, func(_ *testing.T, f *flow, _ *fakeGuide) {
		f.result = &migration.Result{Mode: migration.ModeTest, Report: fullReport()}
	}, nil)
	return all
}

// readyDraft is a draft in which all has been confirmed.
func readyDraft(t *testing.T, _ *migration.Ticket) *migration.Draft {
	t.Helper()
	h := &fakeHost{t: t, g: newFakeGuide(t), f: sampleFlow()}
	confirm(t, assigned(h), h.f.draft.Topics()...)
	return h.f.draft
}

// screenLanguages are those of the catalogue.
func screenLanguages() []string {
	var out []string
	for _, c := range assets.All() {
		out = append(out, c.Language())
	}
	return out
}

// speak makes a language that of the computer until the test ends.
func speak(t *testing.T, language string) {
	t.Helper()
	t.Setenv("LC_ALL", language)
	t.Setenv("LANGUAGE", "")
	assets.Speak(assets.For(language))
	t.Cleanup(func() { assets.Speak(nil) })
}

// TestScreens writes every page in every language and appearance, and larger
// ones, into the folder OMT_SCREENS with a contact sheet: make screens. With
// OMT_SCREENS_LANGUAGES only those are drawn, with OMT_SCREENS_ONLY only the
// pages whose names contain it.
func TestScreens(t *testing.T) {
	dir := os.Getenv("OMT_SCREENS")
	if dir == "" {
		t.Skip("OMT_SCREENS names no folder for the pictures")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	chosen := screenLanguages()
	if l := os.Getenv("OMT_SCREENS_LANGUAGES"); l != "" {
		chosen = strings.Split(l, ",")
	}
	sheet := &strings.Builder{}
	for _, language := range chosen {
		t.Run(language, func(t *testing.T) {
			speak(t, language)
			for _, c := range screens() {
				if strings.Contains(c.name, os.Getenv("OMT_SCREENS_ONLY")) {
					drawScreens(t, dir, language, c, sheet)
				}
			}
		})
	}
	page := "<!doctype html><meta charset=utf-8><title>omt</title><style>figure{display:inline-block;margin:8px;font:12px sans-serif}img{width:300px;border:1px solid #999}</style>\n" + sheet.String()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}

// drawScreens draws one page in all appearances, and in light in larger windows.
func drawScreens(t *testing.T, dir, language string, c pageCase, sheet *strings.Builder) {
	synctest.Test(t, func(t *testing.T) {
		w, q := openCase(t, c, AppearanceLight)
		draw := func(kind string) {
			file := fmt.Sprintf("%s-%s-%s.png", c.name, language, kind)
			out, err := os.Create(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			coder := png.Encoder{CompressionLevel: png.BestSpeed}
			if err := coder.Encode(out, w.win.Canvas().Capture()); err != nil {
				t.Fatal(err)
			}
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(sheet, "<figure><a href=%[1]q><img loading=lazy src=%[1]q></a><figcaption>%[2]s</figcaption></figure>\n", file, html.EscapeString(file))
		}
		for _, a := range Appearances() {
			fyne.CurrentApp().Settings().SetTheme(newLook(a))
			draw(string(a))
		}
		fyne.CurrentApp().Settings().SetTheme(newLook(AppearanceLight))
		w.win.Resize(fyne.NewSize(1280, 900))
		draw("1280")
		if language == "en" {
			w.win.Resize(fyne.NewSize(1920, 1080))
			draw("1920")
			fillScreen(w)
			draw("4k")
		}
		end(w, q)
	})
}
