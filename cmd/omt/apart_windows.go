package main

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// apart lets a program run without a console window and without the signals of
// this one.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
}
