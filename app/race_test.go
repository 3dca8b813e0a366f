//go:build race

package app

// underRace: pages that are only built and drawn, all by one goroutine, are
// looked at without the race detector; it takes minutes for them and can find
// nothing there.
const underRace = true
