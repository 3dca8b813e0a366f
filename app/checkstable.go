package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omt/migration"
)

// measuredRows is how many rows decide the widths of the columns: enough to
// know what they hold, few enough to cost nothing.
const measuredRows = 50

// checkTable lists the rows that a check concerns. Only what is seen exists as
// widgets. The chosen row is written out below, so that nothing stays cut off.
type checkTable struct {
	object fyne.CanvasObject
	table  *grid
	more   *widget.Label
	whole  *paragraph
	result *migration.CheckResult
	wants  []float32 // width that each column would take by itself
}

func newCheckTable(k keys) *checkTable {
	t := &checkTable{more: muted(""), whole: selectable(k, "")}
	t.more.Truncation = fyne.TextTruncateEllipsis
	t.table = newGrid(k, t.size, func() fyne.CanvasObject { return line("") }, t.cell)
	t.table.ShowHeaderRow = true
	t.table.CreateHeader = func() fyne.CanvasObject {
		l := bold("")
		l.Truncation = fyne.TextTruncateEllipsis
		return l
	}
	t.table.UpdateHeader = func(id widget.TableCellID, o fyne.CanvasObject) {
		if id.Col >= 0 && t.result != nil && id.Col < len(t.result.Columns) {
			o.(*widget.Label).SetText(say(t.result.Columns[id.Col]))
		}
	}
	t.table.OnSelected = func(id widget.TableCellID) { t.write(id.Row) }
	t.object = container.NewBorder(t.more, t.whole, nil, nil, container.New(&columns{t}, t.table))
	return t
}

func (t *checkTable) size() (rows, cols int) {
	if t.result == nil {
		return 0, 0
	}
	return len(t.result.Rows), len(t.result.Columns)
}

func (t *checkTable) cell(id widget.TableCellID, o fyne.CanvasObject) {
	text := ""
	if row := t.result.Rows[id.Row]; id.Col < len(row) {
		text = cellText(row[id.Col])
	}
	setText(o.(*widget.Label), text)
}

// cellText is a value of the installation, made harmless, or words of ours.
func cellText(c migration.Cell) string {
	if c.Message != nil {
		return say(*c.Message)
	}
	return clean(c.Text)
}

// show lists the rows of a result; nil or a result without rows shows nothing.
func (t *checkTable) show(r *migration.CheckResult) {
	if t.result == r && r != nil {
		return
	}
	t.result = r
	t.table.UnselectAll()
	t.whole.Hide()
	t.object.(*fyne.Container).Hidden = r == nil || len(r.Rows) == 0
	if r == nil || len(r.Rows) == 0 {
		return
	}
	n := figures()
	words := migration.Msg("checks.rows", "Count", n.Number(r.Total))
	if int64(len(r.Rows)) < r.Total {
		words = migration.Msg("check.more", "Shown", n.Number(int64(len(r.Rows))), "Total", n.Number(r.Total))
	}
	setText(t.more, say(words))
	t.measure()
	t.widths(t.table.Size().Width)
	t.table.ScrollToTop()
	t.table.Refresh()
}

// measure finds how wide each column would like to be.
func (t *checkTable) measure() {
	th := t.table.Theme()
	pad := 2*th.Size(theme.SizeNameInnerPadding) + 2
	width := func(text string, bold bool) float32 {
		return fyne.MeasureText(text, th.Size(theme.SizeNameText), fyne.TextStyle{Bold: bold}).Width + pad
	}
	t.wants = make([]float32, len(t.result.Columns))
	for i, c := range t.result.Columns {
		t.wants[i] = width(say(c), true)
	}
	for _, row := range t.result.Rows[:min(len(t.result.Rows), measuredRows)] {
		for i := range min(len(row), len(t.wants)) {
			t.wants[i] = max(t.wants[i], width(cellText(row[i]), false))
		}
	}
}

// widths shares a width among the columns: narrow ones get what they want, wide
// ones share the rest, and what is over goes to the last.
func (t *checkTable) widths(total float32) {
	gap := t.table.Theme().Size(theme.SizeNamePadding)
	for i, w := range shareOut(t.wants, total-gap*float32(max(len(t.wants)-1, 0))) {
		t.table.SetColumnWidth(i, w)
	}
}

// shareOut gives each what it wants as long as there is enough for equal shares
// of what remains.
func shareOut(wants []float32, total float32) []float32 {
	out := make([]float32, len(wants))
	left, open := total, len(wants)
	for open > 0 {
		share, settled := left/float32(open), false
		for i, w := range wants {
			if out[i] == 0 && w <= share {
				out[i], settled = max(w, 1), true
				left -= out[i]
				open--
			}
		}
		if settled {
			continue
		}
		for i := range wants {
			if out[i] == 0 {
				out[i] = max(share, 40)
			}
		}
		return out
	}
	if n := len(out); n > 0 && left > 0 {
		out[n-1] += left
	}
	return out
}

// write shows a row whole.
func (t *checkTable) write(row int) {
	if t.result == nil || row < 0 || row >= len(t.result.Rows) {
		return
	}
	var parts []string
	for i, c := range t.result.Rows[row] {
		if i < len(t.result.Columns) {
			parts = append(parts, say(migration.Msg("checks.value", "Column", say(t.result.Columns[i]), "Value", cellText(c))))
		}
	}
	t.whole.SetText(strings.Join(parts, "\n"))
	t.whole.Show()
	t.object.Refresh()
}

// columns lays the table out and shares its width among the columns.
type columns struct{ table *checkTable }

// tableHeight holds the headings and two rows; a larger window shows more.
const tableHeight = 100

func (c *columns) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, tableHeight) }

func (c *columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
	c.table.widths(size.Width)
}

// sideBySide gives the first object a fixed width and the second the rest.
type sideBySide struct{ width, gap float32 }

func (l *sideBySide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	height := float32(0)
	for _, o := range objects {
		height = max(height, o.MinSize().Height)
	}
	return fyne.NewSize(l.width+l.gap+200, height)
}

func (l *sideBySide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(l.width, size.Height))
	objects[1].Move(fyne.NewPos(l.width+l.gap, 0))
	objects[1].Resize(fyne.NewSize(max(size.Width-l.width-l.gap, 0), size.Height))
}
