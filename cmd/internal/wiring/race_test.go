//go:build race

package wiring

// underRace: processes that are killed at every step are gone through without
// the race detector; each of them takes ten times as long with it.
const underRace = true
