//go:build !linux && !windows

package folder

import "omt/migration"

// volumeOf knows no way to ask.
func volumeOf(dir string) migration.Volume { return unknownVolume(dir) }
