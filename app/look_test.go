package app

import (
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"omt/assets"
)

// stretch makes every text longer, as German does, until the test ends.
func stretch(t *testing.T, factor float64) {
	t.Helper()
	if factor == 1 {
		return
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
	assets.Speak(assets.New("en", all))
	t.Cleanup(func() { assets.Speak(nil) })
}

// TestBoxesAreDrawnInTheColourOfEdges: cards and rows show these icons as they
// are, so one without a colour of the theme is black on black in high contrast.
func TestBoxesAreDrawnInTheColourOfEdges(t *testing.T) {
	a := test.NewTempApp(t)
	for appearance, p := range map[Appearance]palette{AppearanceLight: light, AppearanceDark: dark, AppearanceContrast: highContrast, AppearancePlain: plain} {
		a.Settings().SetTheme(newLook(appearance))
		want := fmt.Sprintf("#%02x%02x%02x", p.edge.R, p.edge.G, p.edge.B)
		for name, r := range map[string]fyne.Resource{"box": theme.CheckButtonIcon(), "radio": theme.RadioButtonIcon()} {
			if drawn := strings.ToLower(string(r.Content())); !strings.Contains(drawn, want) {
				t.Errorf("%s: the %s is not %s: %s", appearance, name, want, drawn)
			}
		}
	}
}

// TestContrast computes WCAG 2.2's contrast ratio for each pair of colours that
// carries text; 4.5 is its level AA for text of normal size.
func TestContrast(t *testing.T) {
	for name, p := range map[string]palette{"light": light, "dark": dark, "contrast": highContrast, "plain": plain} {
		grounds := []color.NRGBA{p.background, p.surface, p.field, p.overlay, p.menu}
		for _, ink := range []color.NRGBA{p.text, p.muted, p.primary, p.good, p.warning, p.failure} {
			for _, g := range grounds {
				if r := contrast(ink, g); r < 4.5 {
					t.Errorf("%s: %v on %v has only %.1f", name, ink, g, r)
				}
			}
		}
		for _, g := range grounds {
			for _, mark := range []color.NRGBA{p.edge, p.primary} { // of a field, and of the ring around what has the focus
				if r := contrast(mark, g); r < 3 {
					t.Errorf("%s: the edge %v on %v has only %.1f", name, mark, g, r)
				}
			}
		}
		// The box of a card that is selected.
		if r := contrast(p.edge, p.selection); r < 3 {
			t.Errorf("%s: the edge %v on what is selected has only %.1f", name, p.edge, r)
		}
		// The ring has two lines, of which one must stand out from each button.
		for _, fill := range []color.NRGBA{p.button, p.primary, p.failure, p.surface} {
			if r := max(contrast(p.primary, fill), contrast(p.surface, fill)); r < 3 {
				t.Errorf("%s: the ring on %v has only %.1f", name, fill, r)
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
