//go:build race

package main

// underRace: the same goroutines run in every whole migration; the race
// detector, which makes them several times as slow, sees one that is resumed
// and one that is recovered.
const underRace = true
