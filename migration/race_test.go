//go:build race

package migration_test

// cutStep leaves out cuts under the race detector: the same goroutines run in
// each of them, and all cuts are gone through without it.
const cutStep = 7

// simSeeds is how many worlds are lived through.
const simSeeds = 40

// drillDeaths is how many processes die at a write of their journal.
const drillDeaths = 6

// machineChecks is how many histories of a migration are lived through.
const machineChecks = 5
