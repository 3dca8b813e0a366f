package azure_test

import (
	"testing"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/uploadtest"
)

// TestConformsToDialect runs the suite against the scripted server, which needs
// nothing but Go.
func TestConformsToDialect(t *testing.T) {
	s := uploadtest.NewBlobServer(uploadtest.BlobOptions{})
	base, n := s.Serve(t), 0
	uploadtest.Suite(t,
		func(t *testing.T) migration.Target {
			n++
			return open(t, s.Address(base, string(rune('a'+n/26))+string(rune('a'+n%26)), "rcwl"), azure.Options{})
		},
		uploadtest.Reopen(func(t *testing.T, old migration.Target) migration.Target {
			name := old.Describe()[len(base)+1:]
			return open(t, s.Address(base, name, "rcwl"), azure.Options{})
		}))
}
