//go:build !windows

package main

// tell does nothing where a program without a window is started from a terminal.
func tell(string) {}
