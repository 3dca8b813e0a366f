package board

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"
)

// TestMiddle: what is left of a name fits, keeps beginning and end, and loses no
// more than it must.
func TestMiddle(t *testing.T) {
	test.NewTempApp(t)
	style := fyne.TextStyle{Bold: true}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune("abcÅØßil-W日 ")), 1, 60, -1).Draw(t, "name")
		width := rapid.Float32Range(40, 400).Draw(t, "width")
		got := []rune(middle(name, width, 14, style))
		runes := []rune(name)
		if fyne.MeasureText(string(got), 14, style).Width > width {
			t.Fatalf("%q is wider than %.0f", string(got), width)
		}
		if string(got) == name {
			return
		}
		n := len(got) - 1
		head, tail := n-n/2, n/2
		if string(got) != string(runes[:head])+"…"+string(runes[len(runes)-tail:]) {
			t.Fatalf("%q is not beginning and end of %q", string(got), name)
		}
	})
	if got := middle("SalesPREM-ServicePREM-Marketing", 180, 14, style); got[:5] != "Sales" || got[len(got)-5:] != "eting" {
		t.Errorf("cut to %q", got)
	}
}
