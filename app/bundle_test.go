package app

import (
	"testing"

	"fyne.io/fyne/v2"
)

func TestBundleIsShownBeforeItIsWritten(t *testing.T) {
	inWindow(t, func(t *testing.T, g *fakeGuide, w *Window, q *queue) {
		w.showFiles()
		press(t, w.win, "Save support bundle...")
		q.settle()
		if !seen(w.win, "versions.json (240 B)") || len(g.called("Bundle")) > 0 {
			t.Fatalf("window shows %q, wrote %v", allTexts(w.win), g.called("Bundle"))
		}
		each(w.win, func(o fyne.CanvasObject) {
			if c, ok := o.(*tick); ok && c.Text == "Keep names, addresses and paths" {
				c.SetChecked(true)
			}
		})
		q.settle()
		calls := g.called("BundlePreview")
		if len(calls) != 2 || calls[0][0] != true || calls[1][0] != false {
			t.Errorf("previews are %v", calls)
		}
		w.saveBundle("/tmp/bundle.zip", false)
		q.settle()
		if calls := g.called("Bundle"); len(calls) != 1 || calls[0][0] != "/tmp/bundle.zip" || calls[0][1] != false {
			t.Errorf("written %v", calls)
		}
		if !seen(w.win, "The support bundle is in /tmp/bundle.zip.") {
			t.Errorf("window shows %q", allTexts(w.win))
		}
	})
}
