package app

import (
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"

	"omt/assets"
	"omt/migration"
)

// TestStatesLookAsDrawn compares every state of the window with what was looked
// at when it was drawn.
func TestStatesLookAsDrawn(t *testing.T) {
	cases := []struct {
		name string
		set  func(*Options)
		then func(*Window)
	}{
		{"no-ticket", func(o *Options) { *o = Options{Appearance: o.Appearance, Now: now} }, nil},
		{"ticket-not-found", func(o *Options) { *o = Options{Appearance: o.Appearance, Now: now, Problem: errTicket} }, nil},
		{"expired", func(o *Options) { o.Problem = migration.ErrExpired }, nil},
		{"no-installation", func(o *Options) { o.Job, o.Identity = nil, migration.Identity{} }, nil},
		{"ready-demo", func(o *Options) { o.Banner = true }, nil},
		{"long-names", func(o *Options) {
			o.Ticket.Company = strings.Repeat("Donaudampfschifffahrtsgesellschaft ", 8)
			o.Ticket.Tenant, o.Target = strings.Repeat("Cust12345", 20), strings.Repeat("W", 400)
		}, nil},
		{"running-live", func(o *Options) { o.Mode = migration.ModeLive }, func(w *Window) {
			w.progress.show(half().Snapshot())
			w.enter(StateRunning)
		}},
		{"asking", func(*Options) {}, func(w *Window) { w.enter(StateRunning); w.ask(true) }},
		{"stopping", func(*Options) {}, func(w *Window) { w.enter(StateStopping) }},
		{"stopped", func(*Options) {}, func(w *Window) { w.progress.show(half().Snapshot()); w.enter(StateStopped) }},
		{"failed", func(*Options) {}, func(w *Window) { w.err = errReset; w.enter(StateFailed) }},
		{"finished", func(*Options) {}, func(w *Window) { w.summary = newFakeJob().Summary(); w.enter(StateFinished) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := sampleOptions()
			c.set(&o)
			w := open(t, o)
			if c.then != nil {
				c.then(w)
			}
			test.AssertRendersToMarkup(t, c.name+".xml", w.win.Canvas())
		})
	}
}

// TestNothingIsPushedOut: neither endless names nor the longer words of another
// language may make the window wider or taller than it opens.
func TestNothingIsPushedOut(t *testing.T) {
	long := strings.Repeat("Donaudampfschifffahrtsgesellschaft ", 8)
	endless := strings.Repeat("W", 400)
	cases := map[string]func(*Options){
		"long company":     func(o *Options) { o.Ticket.Company, o.Identity.Company = long, endless },
		"long identifiers": func(o *Options) { o.Ticket.Tenant, o.Ticket.Environment, o.Ticket.Serial = long, long, long },
		"long target":      func(o *Options) { o.Target, o.Identity.Database = endless, endless },
		"long problem": func(o *Options) {
			o.Problem = migration.Fail("open", endless, migration.ErrForbidden, migration.Message{})
		},
	}
	for name, set := range cases {
		for _, words := range []float64{1, 1.6} {
			t.Run(fmt.Sprintf("%s, words times %.1f", name, words), func(t *testing.T) {
				stretch(t, words)
				o := sampleOptions()
				set(&o)
				w := open(t, o)
				m := w.win.Content().MinSize()
				if m.Width > size.Width || m.Height > size.Height {
					t.Errorf("the window needs %v, it opens with %v", m, size)
				}
			})
		}
	}
}

// stretch makes every text longer, as German does, until the test ends.
func stretch(t *testing.T, factor float64) {
	t.Helper()
	if factor == 1 {
		return
	}
	if err := loadTexts(); err != nil {
		t.Fatal(err)
	}
	data, err := assets.Files.ReadFile(assets.TextsDir + "/en.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for id, text := range all {
		// What is a code or consists of names alone is not translated.
		if strings.ContainsRune(text, ' ') && !strings.HasPrefix(text, "{{") || strings.HasPrefix(id, "phase.") || strings.HasPrefix(id, "fact.") {
			all[id] = text + strings.Repeat("m", int(float64(len(text))*(factor-1)))
		}
	}
	longer, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	english := fyne.Locale("en")
	if err := lang.AddTranslationsForLocale(longer, english); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lang.AddTranslationsForLocale(data, english); err != nil {
			t.Error(err)
		}
	})
}

// TestContrast computes WCAG 2.2's contrast ratio for each pair of colours that
// carries text; 4.5 is its level AA for text of normal size.
func TestContrast(t *testing.T) {
	for name, p := range map[string]palette{"light": light, "dark": dark} {
		grounds := []color.NRGBA{p.background, p.surface}
		for _, ink := range []color.NRGBA{p.text, p.muted, p.primary, p.good, p.warning, p.failure} {
			for _, g := range grounds {
				if r := contrast(ink, g); r < 4.5 {
					t.Errorf("%s: %v on %v has only %.1f", name, ink, g, r)
				}
			}
		}
		for _, pair := range [][2]color.NRGBA{
			{p.onPrimary, p.primary}, {p.onState, p.warning}, {p.onState, p.failure}, {p.onState, p.good},
			{p.text, p.selection}, {p.text, p.button}, {p.muted, p.button},
		} {
			if r := contrast(pair[0], pair[1]); r < 4.5 {
				t.Errorf("%s: %v on %v has only %.1f", name, pair[0], pair[1], r)
			}
		}
	}
	if r := contrast(rgb(0), rgb(0xFFFFFF)); math.Abs(r-21) > 0.01 {
		t.Fatalf("black on white must be 21, got %.2f", r)
	}
}

// contrast is (L1+0.05)/(L2+0.05) of the relative luminances.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	channel := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(c.R) + 0.7152*channel(c.G) + 0.0722*channel(c.B)
}
