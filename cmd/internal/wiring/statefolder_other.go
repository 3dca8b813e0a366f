//go:build !windows

package wiring

import "os"

// makeState makes the folder with those above it.
func makeState(dir string) error { return os.MkdirAll(dir, 0o700) }
