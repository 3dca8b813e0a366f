//go:build !race

package main

// kills is how often a run is killed, and how many of the kills must fall
// between the first and the last part or document.
const (
	kills       = 20
	killsWithin = 16
	underRace   = false
)
