package app

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"omt/assets"
)

var (
	placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)
	// together is a number with all its groups, and what it counts if that is a unit.
	together = regexp.MustCompile(`\d([\d.,]|[\x{a0}\x{202f}]\d)*( (TB|GB|MB|KB|B|h|t|tim|u|min|s|%)(/s)?([^\pL]|$))?`)
)

// numbered is a text of the catalogue with large numbers and sizes in it by turns;
// one without any is left out.
func numbered(c *assets.Catalog, id, raw string, figure int) (string, bool) {
	args := map[string]any{}
	for i, m := range placeholder.FindAllStringSubmatch(raw, -1) {
		args[m[1]] = []string{c.Number(2345678 + int64(i)), c.Bytes(12_600_000 + int64(i)), c.Number(98765)}[(figure+i)%3]
	}
	return c.Text(id, args), len(args) > 0
}

// TestNoLineEndsInsideANumber lays out every text of the catalogue that tells
// something, with numbers and sizes in it, in labels of many widths: no line ends
// inside a number, nor between a number and its unit, unless that is wider than
// the label. The lines are those that are drawn.
func TestNoLineEndsInsideANumber(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(newLook(AppearanceLight))
	w := test.NewTempWindow(t, container.NewWithoutLayout())
	broken, seen := 0, 0
	for _, c := range assets.All() {
		raw := map[string]string{}
		if data, err := assets.Files.ReadFile(assets.TextsDir + "/" + c.Language() + ".json"); err != nil || json.Unmarshal(data, &raw) != nil {
			t.Fatal("the texts cannot be read", err)
		}
		for n, id := range c.IDs() {
			text, some := numbered(c, id, raw[id], n)
			if !some {
				continue
			}
			p := wrapped(text)
			w.SetContent(container.NewWithoutLayout(p))
			for width := float32(150 + n%7*9); width < 640; width += 97 {
				p.Resize(fyne.NewSize(width, 400))
				lines := drawnLines(p)
				if fault := torn(text, lines, width-2*labelPad); fault != "" {
					t.Errorf("%s %s, %.0f wide: %s in %q", c.Language(), id, width, fault, lines)
				}
				broken += len(lines) - 1
			}
			if p.Text != text || p.AccessibilityLabel() != text {
				t.Errorf("%s %s: the text became %q", c.Language(), id, p.Text)
			}
			seen++
		}
	}
	if seen < 1000 || broken < 10000 {
		t.Errorf("only %d texts with %d breaks", seen, broken)
	}
}

// drawnLines are the lines of a label as they are drawn.
func drawnLines(o fyne.CanvasObject) (out []string) {
	walk(o, func(o fyne.CanvasObject) {
		if l, ok := o.(*canvas.Text); ok {
			out = append(out, l.Text)
		}
	})
	return out
}

// torn finds a number that two lines have a part of, and any letter that got lost.
func torn(text string, lines []string, width float32) string {
	var ends []int // in the text, of each line
	at := 0
	for _, l := range lines {
		rest := text[at:]
		skipped := strings.Index(rest, l)
		if skipped < 0 || strings.TrimSpace(strings.Trim(rest[:skipped], "\u00a0\u202f")) != "" {
			return "lost letters before " + l
		}
		at += skipped + len(l)
		ends = append(ends, at)
	}
	if strings.TrimSpace(text[at:]) != "" {
		return "lost letters at the end"
	}
	for _, m := range together.FindAllStringIndex(text, -1) {
		for m[1] > 0 && !unicode.IsLetter(rune(text[m[1]-1])) && text[m[1]-1] != '%' && !unicode.IsDigit(rune(text[m[1]-1])) {
			m[1]-- // what ended the unit or the sentence
		}
		if fyne.MeasureText(text[m[0]:m[1]], theme.Size(theme.SizeNameText), fyne.TextStyle{}).Width > width {
			continue
		}
		if slices.ContainsFunc(ends, func(end int) bool { return end > m[0] && end < m[1] }) {
			return "torn " + text[m[0]:m[1]]
		}
	}
	return ""
}

// TestParagraphTakesAnotherText: what a label said before leaves nothing behind,
// and it wraps anew after a text, a size or the look has changed.
func TestParagraphTakesAnotherText(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(newLook(AppearanceLight))
	p := wrapped("Hele 2\u00a0345\u00a0678 dokumenter ble sendt")
	test.NewTempWindow(t, container.NewWithoutLayout(p))
	p.Resize(fyne.NewSize(100, 200))
	want := []string{"Hele", "2\u00a0345\u00a0678", "dokumenter", "ble sendt"}
	if got := drawnLines(p); !slices.Equal(got, want) {
		t.Errorf("drawn %q, want %q", got, want)
	}
	high := p.MinSize().Height
	p.Resize(fyne.NewSize(600, 200))
	if got := drawnLines(p); !slices.Equal(got, []string{p.Text}) || p.MinSize().Height >= high {
		t.Errorf("with room drawn %q, %v high of %v", got, p.MinSize().Height, high)
	}
	p.Resize(fyne.NewSize(100, 200))
	p.SetText("Nå 12 MB")
	if got := drawnLines(p); !slices.Equal(got, []string{"Nå 12 MB"}) {
		t.Errorf("another text is drawn %q", got)
	}
	p.TextStyle.Bold = true
	p.SizeName = theme.SizeNameHeadingText
	p.Refresh()
	if got := drawnLines(p); !slices.Equal(got, []string{"Nå", "12 MB"}) {
		t.Errorf("larger, it is drawn %q", got)
	}
}
