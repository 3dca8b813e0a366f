package app

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// looks compares a page with what was looked at when it was drawn. With
// OMT_PICTURES naming a folder it also writes the page there as a picture, light
// and dark, to be looked at again.
func (h *fakeHost) looks(t *testing.T, name string) {
	t.Helper()
	c := h.win.Canvas()
	c.Content().Refresh()
	test.AssertRendersToMarkup(t, name+".xml", c)
	dir := os.Getenv("OMT_PICTURES")
	if dir == "" {
		return
	}
	for _, a := range []Appearance{AppearanceLight, AppearanceDark} {
		fyne.CurrentApp().Settings().SetTheme(newLook(a))
		f, err := os.Create(filepath.Join(dir, name+"-"+string(a)+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, c.Capture()); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
