//go:build race

package main

// With the race detector each process takes ten times as long, and what is
// looked for is another thing: the full number of kills is made without it.
const (
	kills       = 3
	killsWithin = 1
	mended      = false
)
