package main

import "golang.org/x/sys/windows"

// tell shows a message of Windows itself, which needs no OpenGL.
func tell(text string, failed bool) {
	body, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return // a text with a zero byte; standard error has it as well
	}
	title, err := windows.UTF16PtrFromString("omt")
	if err != nil {
		return
	}
	sign := uint32(windows.MB_ICONINFORMATION)
	if failed {
		sign = windows.MB_ICONERROR
	}
	// What was pressed does not matter: there is one button.
	_, _ = windows.MessageBox(0, body, title, windows.MB_OK|sign|windows.MB_SETFOREGROUND)
}

var allowSetForegroundWindow = windows.NewLazySystemDLL("user32.dll").NewProc("AllowSetForegroundWindow")

// allowFront lets the first start take the front, which Windows grants only to
// the program that the person uses, and that is the second start.
func allowFront() {
	const anyProcess = 0xFFFFFFFF
	// Refused, the button on the task bar blinks instead.
	_, _, _ = allowSetForegroundWindow.Call(anyProcess)
}
