//go:build race

package main

// With the race detector each process takes ten times as long, and what is
// looked for is another thing: all kills and all bad input are gone through
// without it.
const (
	kills       = 3
	killsWithin = 1
	underRace   = true
)
