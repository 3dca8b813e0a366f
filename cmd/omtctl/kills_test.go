//go:build !race

package main

// kills is how often a run is killed, and how many of the kills must fall
// between the first and the last part or document. mended: every bad input is
// put right afterwards and the command given again.
const (
	kills       = 20
	killsWithin = 16
	mended      = true
)
