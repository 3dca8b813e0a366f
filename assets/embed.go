package assets

import "embed"

// Files is everything embedded: TextsDir with one JSON file a language, BaseDir
// with another for fyne's own words, and icons.
//
//go:embed texts/*.json base/*.json icons/*.svg
var Files embed.FS

// TextsDir is the folder of the catalogue inside Files.
const TextsDir = "texts"

// BaseDir is the folder inside Files of the words that fyne puts into its own
// dialogs and menus, such as Cancel and Paste: fyne itself has them in some of
// our languages only.
const BaseDir = "base"

// BaseWords returns those words in the language of the catalogue, as JSON by
// fyne's own ids.
func (c *Catalog) BaseWords() ([]byte, error) {
	return Files.ReadFile(BaseDir + "/" + c.Language() + ".json")
}

// Icon returns the SVG of the icon, for example "check", or nil if there is
// none. The shapes are filled, never stroked: fyne recolours only fills.
func Icon(name string) []byte {
	data, err := Files.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil
	}
	return data
}
