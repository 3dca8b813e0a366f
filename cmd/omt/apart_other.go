//go:build !windows

package main

import "syscall"

// apart lets a program outlive the terminal of this one.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
