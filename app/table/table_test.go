package table_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"go.uber.org/goleak"

	"omt/app/table"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// seen is what a table told, and asked for.
type seen struct {
	table  *table.Table
	window fyne.Window
	asked  map[int]bool // rows
	told   []string
}

func show(t testing.TB, rows int) *seen {
	test.NewTempApp(t)
	s := &seen{asked: map[int]bool{}}
	tell := func(f string, args ...any) { s.told = append(s.told, fmt.Sprintf(f, args...)) }
	s.table = table.New([]table.Column{{Title: "Id", Width: 60}, {Title: "Name", Width: 200, Edit: true}, {Title: "Sign", Width: 300, Fixed: true}},
		table.Words{Wider: "Wider", Narrower: "Narrower", Fit: "Fit"}, table.Source{
			Cell: func(row, col int) table.Cell {
				s.asked[row] = true
				return table.Cell{Text: fmt.Sprintf("r%dc%d", row, col), Menu: col == 1}
			},
			Describe: func(row int) string { return fmt.Sprint("row ", row) },
			Selected: func(row int) { tell("selected %d", row) },
			Edit:     func(row int, typed rune) { tell("edit %d %q", row, typed) },
			Menu:     func(row int, _ fyne.Position) { tell("menu %d", row) },
			Sort:     func(col int, down bool) { tell("sort %d %v", col, down) },
			Key:      func(e *fyne.KeyEvent) { tell("key %s", e.Name) },
			Shortcut: func(sc fyne.Shortcut) { tell("%s", sc.ShortcutName()) },
		})
	s.window = test.NewTempWindow(t, s.table)
	s.window.SetPadded(false)
	s.window.Resize(fyne.NewSize(400, table.RowHeight*11))
	s.table.SetLength(rows)
	s.table.FocusRows()
	s.told = nil
	return s
}

func (s *seen) key(names ...fyne.KeyName) {
	for _, n := range names {
		s.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func (s *seen) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(s.told, ", "); got != strings.Join(want, ", ") {
		t.Errorf("told %q, want %q", got, strings.Join(want, ", "))
	}
	s.told = nil
}

// visible are the texts that are drawn, by their place.
func (s *seen) visible() map[string]fyne.Position {
	out := map[string]fyne.Position{}
	var walk func(fyne.CanvasObject, fyne.Position)
	walk = func(o fyne.CanvasObject, at fyne.Position) {
		at = at.Add(o.Position())
		switch o := o.(type) {
		case *canvas.Text:
			out[o.Text] = at
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c, at)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c, at)
			}
		}
	}
	walk(s.table, fyne.Position{})
	return out
}

// TestOnlyWhatIsSeenIsDrawn: twenty thousand rows cost what ten cost.
func TestOnlyWhatIsSeenIsDrawn(t *testing.T) {
	s := show(t, 20000)
	if len(s.asked) > 12 {
		t.Fatalf("%d rows were asked for", len(s.asked))
	}
	s.key(fyne.KeyEnd)
	if s.table.Current() != 19999 || !s.asked[19999] || len(s.asked) > 25 {
		t.Errorf("at the end: row %d, asked for %d", s.table.Current(), len(s.asked))
	}
	at, ok := s.visible()["r19999c1"]
	if !ok || at.Y < 0 || at.Y > s.table.Size().Height {
		t.Errorf("the last row is drawn at %v", at)
	}
}

func TestKeys(t *testing.T) {
	s := show(t, 100)
	s.key(fyne.KeyDown, fyne.KeyPageDown, fyne.KeyUp, fyne.KeyHome, fyne.KeyUp, fyne.KeyReturn, fyne.KeyF2, desktop.KeyMenu)
	s.expect(t, "selected 1", "selected 10", "selected 9", "selected 0", `edit 0 '\x00'`, `edit 0 '\x00'`, "menu 0")
	s.window.Canvas().Focused().TypedRune('x')
	s.window.Canvas().Focused().TypedRune(' ')
	s.expect(t, "edit 0 'x'", "menu 0")
	s.window.Canvas().Focused().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutUndo{})
	s.key(fyne.KeyF1)
	s.window.Canvas().FocusPrevious()
	s.key(fyne.KeyEscape)
	s.expect(t, "Undo", "key F1", "key Escape")
}

func TestNoRows(t *testing.T) {
	s := show(t, 0)
	s.key(fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnd, fyne.KeyPageUp, desktop.KeyMenu)
	s.window.Canvas().Focused().TypedRune('x')
	if s.expect(t); s.table.Current() != -1 {
		t.Errorf("row %d of none", s.table.Current())
	}
	s.table.SetLength(1)
	s.key(fyne.KeyDown)
	s.expect(t, "selected 0")
	s.table.SetLength(0)
	if s.table.Current() != -1 {
		t.Error("the current row is gone and still current")
	}
}

// TestClicks: one click edits where that can be done, opens the menu on its
// mark, and only selects elsewhere.
func TestClicks(t *testing.T) {
	s := show(t, 100)
	y := table.RowHeight*3 + 5 // titles, then rows 0, 1, 2
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(20, y))
	s.expect(t, "selected 2")
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(80, y+table.RowHeight))
	s.expect(t, "selected 3", `edit 3 '\x00'`)
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(250, y+table.RowHeight))
	s.expect(t, "menu 3")
}

func TestSortByClickAndKey(t *testing.T) {
	s := show(t, 10)
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(30, 10))
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(30, 10))
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(100, 10))
	test.TapCanvas(s.window.Canvas(), fyne.NewPos(350, 10)) // fixed
	s.expect(t, "sort 0 false", "sort 0 true", "sort 1 false")
	s.window.Canvas().FocusNext()
	s.window.Canvas().FocusPrevious()
	s.key(fyne.KeyLeft, fyne.KeyLeft, fyne.KeyRight, fyne.KeyReturn)
	s.window.Canvas().Focused().TypedRune(' ')
	s.expect(t, "sort 1 true", "sort 1 false")
}

// TestResize: by drag, by keys and by the menu of clicks.
// TestRowsAreAsWideAsTheWindow: on a window that has grown wider than the columns
// their ground goes on to its edge, as the frame of the current row does.
func TestRowsAreAsWideAsTheWindow(t *testing.T) {
	s := show(t, 10)
	s.window.Resize(fyne.NewSize(900, table.RowHeight*11))
	wide := 0
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if r, ok := o.(*canvas.Rectangle); ok && r.FillColor != nil && r.Size() == fyne.NewSize(900, table.RowHeight) {
			wide++
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	walk(s.window.Content())
	if wide != 11 { // the titles too
		t.Errorf("%d of 10 rows and the titles are as wide as the window", wide)
	}
}

func TestResize(t *testing.T) {
	s := show(t, 10)
	left := func() float32 { return s.visible()["Name"].X }
	before := left()
	s.drag(60, 100)
	if got := left(); got != before+40 {
		t.Errorf("dragged from %v to %v", before, got)
	}
	s.drag(100, -500)
	if got := left(); got >= before || got < 32 {
		t.Errorf("a column became %v wide", got)
	}
	s.window.Canvas().FocusPrevious()
	narrow := left()
	s.window.Canvas().Focused().TypedRune('+')
	wide := left()
	s.window.Canvas().Focused().TypedRune('-')
	if wide <= narrow || left() != narrow {
		t.Errorf("keys: %v, %v, %v", narrow, wide, left())
	}
	s.key(desktop.KeyMenu)
	menu, ok := s.window.Canvas().Overlays().Top().(fyne.Widget)
	if !ok {
		t.Fatal("there is no menu")
	}
	test.TapCanvas(s.window.Canvas(), fyne.CurrentApp().Driver().AbsolutePositionForObject(menu).AddXY(20, 50))
	if left() <= narrow {
		t.Errorf("the menu left it %v wide", left())
	}
}

// drag moves the border at x of the titles, in steps as the window system does.
func (s *seen) drag(from, to float32) {
	var head fyne.Draggable
	var find func(fyne.CanvasObject)
	find = func(o fyne.CanvasObject) {
		if d, ok := o.(fyne.Draggable); ok && head == nil {
			if _, scroll := o.(*container.Scroll); !scroll {
				head = d
			}
		}
		if w, ok := o.(fyne.Widget); ok {
			for _, c := range test.WidgetRenderer(w).Objects() {
				find(c)
			}
		}
	}
	find(s.table)
	step := (to - from) / 4
	for i := 1; i <= 4; i++ {
		at := fyne.NewPos(from+float32(i)*step, 10)
		head.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at}, Dragged: fyne.NewDelta(step, 0)})
	}
	head.DragEnd()
}

// TestRoomLeftOverIsShared among the wide columns, until somebody has said how wide
// one shall be.
func TestRoomLeftOverIsShared(t *testing.T) {
	test.NewTempApp(t)
	tb := table.New([]table.Column{{Title: "Id", Width: 60}, {Title: "Name", Width: 200, Wide: true}, {Title: "Role", Width: 100, Wide: true}, {Title: "Sign", Width: 40}},
		table.Words{}, table.Source{Cell: func(int, int) table.Cell { return table.Cell{Text: "x"} }})
	w := test.NewTempWindow(t, tb)
	w.SetPadded(false)
	tb.SetLength(3)
	lefts := func(width float32) (out []float32) {
		w.Resize(fyne.NewSize(width, 200))
		for col := range 4 {
			out = append(out, tb.CellPosition(0, col).X)
		}
		return out
	}
	for _, c := range []struct {
		width float32
		want  []float32
	}{{400, []float32{0, 60, 260, 360}}, {300, []float32{0, 60, 260, 360}}, {601, []float32{0, 60, 360, 560}}, {400, []float32{0, 60, 260, 360}}} {
		if got := lefts(c.width); !slices.Equal(got, c.want) {
			t.Errorf("in %v columns begin at %v, want %v", c.width, got, c.want)
		}
	}
	tb.FocusRows()
	w.Canvas().FocusPrevious() // the titles
	w.Canvas().Focused().TypedRune('+')
	if got, want := lefts(900), []float32{0, 76, 276, 376}; !slices.Equal(got, want) {
		t.Errorf("after the first column was made wider they begin at %v, want %v", got, want)
	}
}

// TestTheEditorStaysWithItsCell when the table is scrolled.
func TestTheEditorStaysWithItsCell(t *testing.T) {
	s := show(t, 100)
	e := widget.NewEntry()
	s.table.OpenEditor(50, 1, e)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(e)
	cell := s.table.CellPosition(50, 1)
	// It may be higher than the row, and lies over its middle then.
	top := func() float32 {
		return s.table.CellPosition(50, 1).Y - table.RowHeight/2 - max(table.RowHeight, e.MinSize().Height)/2
	}
	if at.X != cell.X || at.Y != top() || at.Y < 0 || at.Y > s.table.Size().Height {
		t.Fatalf("the editor is at %v, its cell ends at %v", at, cell)
	}
	s.table.Select(45)
	s.key(fyne.KeyPageUp)
	if after := fyne.CurrentApp().Driver().AbsolutePositionForObject(e); after.Y != top() || after == at {
		t.Errorf("after scrolling it is at %v", after)
	}
	s.table.CloseEditor()
	for text := range s.visible() {
		if strings.Contains(text, "entry") {
			t.Error("the editor is still there")
		}
	}
}

// TestLongTextsEndInAnEllipsis: they never run into the next column.
func TestLongTextsEndInAnEllipsis(t *testing.T) {
	test.NewTempApp(t)
	long := strings.Repeat("Donaudampfschifffahrtsgesellschaft", 100)
	tb := table.New([]table.Column{{Title: long, Width: 120}, {Title: "x", Width: 40}}, table.Words{}, table.Source{
		Cell: func(int, int) table.Cell { return table.Cell{Text: long} },
	})
	w := test.NewTempWindow(t, tb)
	w.Resize(fyne.NewSize(400, 200))
	tb.SetLength(1)
	s := &seen{table: tb, window: w}
	n := 0
	for text, at := range s.visible() {
		if strings.HasSuffix(text, "…") {
			n++
			if width := fyne.MeasureText(text, 14, fyne.TextStyle{Bold: true}).Width; at.X+width > 160 {
				t.Errorf("%q begins at %v and is %v wide", text, at.X, width)
			}
		}
	}
	if n < 3 { // a title and two cells
		t.Errorf("only %d texts were cut", n)
	}
}
