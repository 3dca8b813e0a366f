// Package assets holds what people see and read: the one catalogue of texts for
// window, report and command line, and the icons. Everything is embedded.
//
// A small reader that knows nothing of the window lives here, so that report and
// command line say the same as the window. No sentence for people may stand
// anywhere else, and nothing in this package may import fyne. All images were
// drawn for omt; no vendor's mark is among them.
package assets
