//go:build !linux && !windows

package journal

// refuseRemote knows no portable way to ask here; the program is delivered for
// Windows and Linux.
func refuseRemote(string) error { return nil }
