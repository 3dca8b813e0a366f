// Package uploadtest is the conformance suite of migration.Target and a target
// in memory for tests of what stands above it.
//
// Suite turns each sentence of the contract in migration/target.go into a check
// that every implementation passes: folder, blob container, and Memory itself.
// Memory orders blocks at Commit, as a blob container does, and fails on
// demand. Nothing here is part of the program, and nothing here may know an
// implementation.
package uploadtest
