//go:build !race

package wiring

const underRace = false
