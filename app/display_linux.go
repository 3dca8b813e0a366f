package app

import (
	"os"

	"omt/migration"
)

// display refuses to start where there is no window system at all: fyne would
// end in a panic.
func display() error {
	if os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" {
		return nil
	}
	return migration.Fail("open window", "", ErrNoWindow, migration.Msg("hint.window.display"))
}
