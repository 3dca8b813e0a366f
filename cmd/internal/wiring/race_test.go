//go:build race

package wiring

// underRace leaves out what slow names.
const underRace = true
