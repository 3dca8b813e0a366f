//go:build race

package main

// underRace: the same goroutines run in every whole migration; the race
// detector, which makes them five times as slow, sees one to its end, one
// resumed and one recovered.
const underRace = true
