package assets_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"omt/assets"
)

// TestBaseWordsAreFynes holds the words of fyne's own dialogs against the English
// file of the fyne that the module is built with: each is there in every
// language, and none that fyne does not ask for.
func TestBaseWordsAreFynes(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "fyne.io/fyne/v2").Output()
	if err != nil {
		t.Fatalf("find fyne: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "lang", "translations", "base.en.json"))
	if err != nil {
		t.Fatal(err)
	}
	var fyne map[string]any
	if err := json.Unmarshal(data, &fyne); err != nil {
		t.Fatal(err)
	}
	if len(fyne) < 30 {
		t.Fatalf("fyne has only %d words", len(fyne))
	}
	for _, c := range assets.All() {
		data, err := c.BaseWords()
		if err != nil {
			t.Error(err)
			continue
		}
		var words map[string]string
		if err := json.Unmarshal(data, &words); err != nil {
			t.Errorf("%s: %v", c.Language(), err)
		}
		for id := range fyne {
			if strings.TrimSpace(words[id]) == "" {
				t.Errorf("%s lacks fyne's %q", c.Language(), id)
			}
		}
		for id := range words {
			if fyne[id] == nil {
				t.Errorf("%s has %q, which fyne does not ask for", c.Language(), id)
			}
		}
	}
}
