package assets

import "embed"

// Files is everything embedded: TextsDir with one JSON file a language, and
// icons. The window hands it to lang.AddTranslationsFS, which wants the
// embed.FS itself.
//
//go:embed texts/*.json icons/*.svg
var Files embed.FS

// TextsDir is the folder of the catalogue inside Files.
const TextsDir = "texts"

// Icon returns the SVG of the icon, for example "check", or nil if there is
// none. The shapes are filled, never stroked: fyne recolours only fills.
func Icon(name string) []byte {
	data, err := Files.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil
	}
	return data
}
