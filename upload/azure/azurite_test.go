package azure_test

import (
	"testing"
	"time"

	"omt/migration"
	"omt/upload/azure"
	"omt/upload/azure/azuretest"
	"omt/upload/uploadtest"
)

func tomorrow() time.Time { return time.Now().Add(24 * time.Hour) }

func open(t *testing.T, address string, o azure.Options) *azure.Target {
	t.Helper()
	x, err := azure.Open(address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func TestConforms(t *testing.T) {
	a := azuretest.Start(t)
	uploadtest.Suite(t,
		func(t *testing.T) migration.Target {
			return open(t, a.Signed(t, a.Container(t), "rcwl", tomorrow()), azure.Options{})
		},
		uploadtest.Reopen(func(t *testing.T, old migration.Target) migration.Target {
			return open(t, a.Signed(t, old.Describe(), "rcwl", tomorrow()), azure.Options{})
		}))
}
