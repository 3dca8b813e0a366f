//go:build !race

package migration_test

const cutStep = 1

// simSeeds is how many worlds are lived through.
const simSeeds = 500

// drillDeaths is how many processes die at a write of their journal.
const drillDeaths = 60

// machineChecks is how many histories of a migration are lived through.
const machineChecks = 60
