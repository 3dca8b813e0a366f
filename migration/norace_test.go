//go:build !race

package migration_test

const cutStep = 1

// simSeeds is how many worlds are lived through.
const simSeeds = 500

// drillDeaths is how many processes die at a write of their journal.
const drillDeaths = 60
