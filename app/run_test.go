package app

import (
	"bytes"
	"os"
	"testing"

	"github.com/BurntSushi/toml"
)

// TestMetadata holds what the program says of itself against FyneApp.toml.
func TestMetadata(t *testing.T) {
	var file struct {
		Details    struct{ Icon, Name, ID, Version string }
		Migrations map[string]bool
	}
	if _, err := toml.DecodeFile("../FyneApp.toml", &file); err != nil {
		t.Fatal(err)
	}
	got := metadata(Options{Version: file.Details.Version})
	if got.ID != file.Details.ID || got.Name != file.Details.Name || got.Migrations["fyneDo"] != file.Migrations["fyneDo"] {
		t.Errorf("the program says %+v, FyneApp.toml %+v", got, file)
	}
	want, err := os.ReadFile("../" + file.Details.Icon)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Icon.Content(), want) {
		t.Error("the icon is another one than that of FyneApp.toml")
	}
}
