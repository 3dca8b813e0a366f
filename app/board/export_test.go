package board_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func textOf(o fyne.CanvasObject) (string, bool) {
	t, ok := o.(*canvas.Text)
	if !ok {
		return "", false
	}
	return t.Text, true
}
