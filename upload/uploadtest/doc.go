// Package uploadtest is the conformance suite of migration.Target, a target in
// memory and a scripted blob server for tests of what stands above them.
//
// Suite turns each sentence of the contract in migration/target.go into a check
// that every implementation passes: folder, blob container, and Memory itself.
// Memory orders blocks at Commit, as a blob container does, and fails on
// demand. BlobServer is what a client of a storage service sees on the wire:
// its faults are those of a line and of a service, and its log tells what was
// really sent. Nothing here is part of the program, and nothing here may know an
// implementation.
package uploadtest
