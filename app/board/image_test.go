package board_test

import (
	"image"
	"image/color"
	"runtime"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"omt/app/board"
)

// TestDragInImages compares what is seen while two cards are dragged, dot by dot,
// with what was looked at: the ghost with their number, the line where they would
// land, the sum; and the column that has no room for them.
func TestDragInImages(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors round the edges of letters in another way")
	}
	photo := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			photo.Set(x, y, color.NRGBA{uint8(x * 4), uint8(y * 4), 128, 255})
		}
	}
	start := map[int64]board.State{101: {Column: 1, Ticked: true}, 104: {Column: 2}, 105: {Column: 2}}
	s := open(t, board.New(columns, people(7), start, 2), fyne.NewSize(1000, 420))
	s.Board = board.NewBoard(s.model, board.Config{Words: words, Crown: theme.AccountIcon(), Warn: theme.WarningIcon(),
		Picture: func(id int64) image.Image {
			if id%2 == 0 {
				return photo
			}
			return nil
		}})
	s.win.SetContent(s.Object)
	s.model.Select(100)
	s.model.Flip(102)
	s.Refresh()
	for name, column := range map[string]int{"drag-fits": 1, "drag-refused": 2} {
		s.dragTo(t, "A person 0", middle(column), func() {
			test.AssertImageMatches(t, name+".png", s.win.Canvas().Capture())
			s.Leave()
		})
	}
}
