//go:build !windows

package main

// elevation is nil: elsewhere no system asks for an administrator's rights in
// the middle of a session.
func elevation(options) func(string) error { return nil }
