//go:build !windows

package main

// tell does nothing where a program without a window is started from a terminal.
func tell(string, bool) {}

// allowFront does nothing: other window systems let a program come to the front.
func allowFront() {}
