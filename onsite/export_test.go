package onsite

// SetBatch makes the batches of document and attachment rows small, so that a
// small installation has many of them.
func (in *Installation) SetBatch(rows int) { in.batch = rows }
