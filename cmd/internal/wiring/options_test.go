package wiring

import (
	"testing"

	"github.com/BurntSushi/toml"
)

// TestVersion: a plain build carries the version that a release is made of.
func TestVersion(t *testing.T) {
	var file struct{ Details struct{ Version string } }
	if _, err := toml.DecodeFile("../../../FyneApp.toml", &file); err != nil {
		t.Fatal(err)
	}
	if Version != file.Details.Version {
		t.Errorf("the program is version %q, FyneApp.toml says %q", Version, file.Details.Version)
	}
}
