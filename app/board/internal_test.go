package board

// Turn lets the time of a drag go on: share is how much of the second of its
// animation has passed. The driver of tests carries out no animations. After a
// drag there is none, and what is left of the one before is turned.
func (b *Board) Turn(share float32) {
	if b.drag != nil {
		turned = b.drag.scrolling.Tick
	}
	turned(share)
}

var turned func(float32)

// Offset is how far a column is scrolled.
func (b *Board) Offset(column int) float32 { return b.columns[column].list.GetScrollOffset() }

// Aside is how far the board is scrolled to the right.
func (b *Board) Aside() float32 { return b.scroll.Offset.X }

// Line is where in its column the line of the drop stands, and whether it is seen.
func (b *Board) Line(column int) (y float32, seen bool) {
	l := b.columns[column].line
	return l.Position().Y, l.Visible()
}
