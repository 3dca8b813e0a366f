package onsite

import (
	"os"
	"path/filepath"
	"slices"
)

// usualPlaces are the folders below which the installers put clients and
// servers. A 32-bit program sees the 64-bit folder by its third name.
func usualPlaces() ([]string, []DSNLookup) {
	var out []string
	for _, name := range []string{"ProgramFiles(x86)", "ProgramW6432", "ProgramFiles"} {
		if root := os.Getenv(name); root != "" {
			if dir := filepath.Join(root, "SuperOffice"); !slices.Contains(out, dir) {
				out = append(out, dir)
			}
		}
	}
	return out, nil
}
