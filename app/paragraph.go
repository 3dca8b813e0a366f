package app

import (
	"slices"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// paragraph is a label of as many lines as it needs, none of which ends inside a
// number or between a number and its unit. Fyne breaks lines at every space, at
// the no-break one too, so that "2 345 documents" could end a line with 2.
type paragraph struct {
	widget.Label
	keys keys // of one whose text can be selected
	r    *paragraphRenderer
}

// wrapped is a paragraph of a text.
func wrapped(text string) *paragraph {
	p := &paragraph{}
	p.Text, p.Wrapping = text, fyne.TextWrapWord
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer draws the label with its lines ended where they may end.
func (p *paragraph) CreateRenderer() fyne.WidgetRenderer {
	r := p.Label.CreateRenderer()
	objects := r.Objects()
	p.r = &paragraphRenderer{WidgetRenderer: r, p: p, lines: objects[len(objects)-1].(*widget.RichText)}
	if p.Selectable {
		p.r.selection = newSelection(p, objects[0].(selects))
	}
	return p.r
}

// ended is the text with the ends of its lines.
func (p *paragraph) ended() string {
	if p.r == nil {
		return p.Text
	}
	return p.r.lines.Segments[0].(*widget.TextSegment).Text
}

type paragraphRenderer struct {
	fyne.WidgetRenderer
	p         *paragraph
	lines     *widget.RichText // what the label draws its text with
	selection *selection       // nil if its text cannot be selected
}

// Objects are those of the label, with our own selection in the place of fyne's.
func (r *paragraphRenderer) Objects() []fyne.CanvasObject {
	if r.selection == nil {
		return []fyne.CanvasObject{r.lines}
	}
	return []fyne.CanvasObject{r.selection, r.lines}
}

// Layout ends the lines anew: another width, other lines.
func (r *paragraphRenderer) Layout(size fyne.Size) {
	if r.end(size.Width) && r.lines.Size() == size {
		r.lines.Refresh()
	}
	r.WidgetRenderer.Layout(size)
	if r.selection != nil {
		r.selection.Resize(size)
	}
}

// Refresh ends the lines of what may be another text by now.
func (r *paragraphRenderer) Refresh() {
	r.end(r.p.Size().Width)
	r.WidgetRenderer.Refresh()
	if r.selection != nil {
		r.selection.Refresh()
	}
}

// end gives the lines their ends and tells whether they are others than before.
// The text of the label itself stays whole for whoever reads it.
func (r *paragraphRenderer) end(width float32) bool {
	p, s := r.p, r.lines.Segments[0].(*widget.TextSegment)
	text := p.Text
	if p.Wrapping == fyne.TextWrapWord {
		name := p.SizeName
		if name == "" {
			name = theme.SizeNameText
		}
		size := p.Theme().Size(name)
		text = unbroken(text, width-2*p.Theme().Size(theme.SizeNameInnerPadding), func(part []rune) float32 {
			return fyne.MeasureText(string(part), size, p.TextStyle).Width
		})
	}
	if text == s.Text {
		return false
	}
	s.Text = text
	return true
}

// unbroken ends a line by itself, where fyne would end it at a space that must
// not end one. All other lines are left to fyne.
func unbroken(text string, width float32, measure func([]rune) float32) string {
	runes := []rune(text)
	kept := keeps(runes)
	if width <= 0 || !slices.Contains(kept, true) {
		return text
	}
	low := 0
	for low < len(runes) {
		high := len(runes)
		if next := slices.Index(runes[low:], '\n'); next >= 0 {
			high = low + next
		}
		fit := fitting(runes[low:high], width, measure)
		if low+fit >= high {
			low = high + 1
			continue
		}
		// Fyne goes back to the last space from the first letter that is too much.
		spaces, ends := -1, -1
		for i := low; i <= low+fit; i++ {
			if unicode.IsSpace(runes[i]) {
				spaces = i
				if !kept[i] && i > low {
					ends = i
				}
			}
		}
		switch {
		case spaces < 0:
			low += max(1, fit) // a word that is longer than the line
		case ends < 0 || ends == spaces:
			low = spaces + 1 // nowhere else to end the line, or nothing to mend
		default:
			runes[ends] = '\n'
			low = ends + 1
		}
	}
	return string(runes)
}

// fitting is how many letters are at most as wide as that.
func fitting(part []rune, width float32, measure func([]rune) float32) int {
	least, most := 0, len(part)
	for least < most {
		if half := (least + most + 1) / 2; measure(part[:half]) <= width {
			least = half
		} else {
			most = half - 1
		}
	}
	return least
}

// units are what stands behind a number and belongs to it: sizes as the catalogue
// writes them, hours, minutes and seconds in its languages, shares.
var units = []string{"B", "KB", "MB", "GB", "TB", "h", "t", "tim", "u", "uur", "min", "s", "%"}

// keeps tells for each letter whether it is a space that must not end a line: a
// no-break one, or the one between a number and its unit.
func keeps(text []rune) []bool {
	out := make([]bool, len(text))
	for i, r := range text {
		switch {
		case r == '\u00a0' || r == '\u202f':
			out[i] = true
		case r == ' ' && i > 0 && unicode.IsDigit(text[i-1]):
			out[i] = slices.Contains(units, unitAt(text[i+1:]))
		}
	}
	return out
}

// unitAt is the word that a text begins with, without what may follow on a unit:
// MB of "MB/s,".
func unitAt(text []rune) string {
	end := slices.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '%' })
	switch {
	case end < 0:
		end = len(text)
	case text[end] == '-':
		return "" // a part of a longer word
	}
	return string(text[:end])
}

// written is a label, of whichever kind.
type written interface {
	SetText(string)
	AccessibilityLabel() string // the whole text
}
